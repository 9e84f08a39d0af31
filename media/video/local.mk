# media/video: a call as a video, made here.
libmedia_a_SOURCES += \
	media/video/canvas.c media/video/canvas.h \
	media/video/captions.c media/video/captions_ass.c media/video/captions_vtt.c media/video/captions.h \
	media/video/ffmpeg.c media/video/ffmpeg.h \
	media/video/mp4.c media/video/mp4.h \
	media/video/picture.c media/video/picture.h \
	media/video/reel.c media/video/reel.h \
	media/video/video.c media/video/video.h

UNIT_TESTS += tests/unit/captions_test tests/unit/mp4_test tests/unit/picture_test \
	tests/unit/plain_test tests/unit/reel_test
tests_unit_captions_test_SOURCES = tests/unit/captions_test.c tests/unit/unit.h
tests_unit_captions_test_LDADD = libmedia.a $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_mp4_test_SOURCES = tests/unit/mp4_test.c tests/unit/unit.h
tests_unit_mp4_test_LDADD = libmedia.a $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_picture_test_SOURCES = tests/unit/picture_test.c tests/unit/unit.h
tests_unit_picture_test_LDADD = libmedia.a $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_reel_test_SOURCES = tests/unit/reel_test.c tests/unit/unit.h
tests_unit_reel_test_LDADD = libmedia.a $(PROTO_LIBS) $(CMOCKA_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_captions tests/fuzz/fuzz_mp4
tests_fuzz_fuzz_mp4_SOURCES = tests/fuzz/fuzz_mp4.c $(FUZZ_MAIN)
tests_fuzz_fuzz_mp4_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_mp4_LDADD = libmedia.a $(PROTO_LIBS)
tests_fuzz_fuzz_captions_SOURCES = tests/fuzz/fuzz_captions.c $(FUZZ_MAIN)
tests_fuzz_fuzz_captions_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_captions_LDADD = libmedia.a $(PROTO_LIBS)

# The step alone, for tests.
TEST_PROGS += tests/media/render
tests_media_render_SOURCES = tests/media/render.c
tests_media_render_LDADD = libmedia.a $(DB_LIBS) $(PROTO_LIBS)
SYSTEM_TESTS += tests/system/video.sh
EXTRA_DIST += tests/system/video.py
