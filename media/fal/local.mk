# media/fal: a call's video as fal.ai makes it.
libmedia_a_SOURCES += \
	media/fal/fal_books.c media/fal/fal_books.h \
	media/fal/fal_desk.c media/fal/fal_desk.h \
	media/fal/fal_fate.c media/fal/fal_fate.h \
	media/fal/fal_input.c media/fal/fal_input.h \
	media/fal/fal_models.c media/fal/fal_models.h \
	media/fal/fal_note.c media/fal/fal_note.h \
	media/fal/video_fal.c media/fal/video_fal.h \
	media/sound/voice16.c media/sound/voice16.h
dist_check_SCRIPTS += tests/media/fal.sh
SYSTEM_TESTS += tests/system/fal_faults.sh tests/system/fal_kills.sh
EXTRA_DIST += tests/media/fal.py tests/media/fal_kills.py tests/media/fal_lab.py
UNIT_TESTS += tests/unit/fal_media_test
tests_unit_fal_media_test_SOURCES = tests/unit/fal_media_test.c tests/unit/unit.h
tests_unit_fal_media_test_LDADD = libmedia.a $(PROTO_LIBS) $(CMOCKA_LIBS) -lm
