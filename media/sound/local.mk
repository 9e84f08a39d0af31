# media/sound: both sides of a call from its spool, decoded, mixed, in files.
libmedia_a_SOURCES += \
	media/sound/mix.c media/sound/mix.h \
	media/sound/pcmu.c media/sound/pcmu.h media/sound/pcmu_wide.c media/sound/pcmu_wide.h \
	media/sound/peaks.c media/sound/peaks.h \
	media/sound/sounds.c media/sound/sounds.h \
	media/sound/vector.h \
	media/sound/wav_file.c media/sound/wav_file.h
SOUND_LIBS = libmedia.a $(PROTO_LIBS)

UNIT_TESTS += tests/unit/mix_test tests/unit/pcmu_test tests/unit/peaks_test tests/unit/sounds_test \
	tests/unit/wav_file_test
tests_unit_mix_test_SOURCES = tests/unit/mix_test.c tests/unit/chance.h tests/unit/unit.h
tests_unit_mix_test_LDADD = $(SOUND_LIBS) $(CMOCKA_LIBS)
tests_unit_pcmu_test_SOURCES = tests/unit/pcmu_test.c tests/unit/chance.h tests/unit/unit.h
tests_unit_pcmu_test_LDADD = $(SOUND_LIBS) $(CMOCKA_LIBS)
tests_unit_peaks_test_SOURCES = tests/unit/peaks_test.c tests/unit/chance.h tests/unit/unit.h
tests_unit_peaks_test_LDADD = $(SOUND_LIBS) $(CMOCKA_LIBS)
tests_unit_sounds_test_SOURCES = tests/unit/sounds_test.c tests/unit/chance.h tests/unit/unit.h
tests_unit_sounds_test_LDADD = $(SOUND_LIBS) $(CMOCKA_LIBS)
tests_unit_wav_file_test_SOURCES = tests/unit/wav_file_test.c tests/unit/unit.h
tests_unit_wav_file_test_LDADD = $(SOUND_LIBS) $(CMOCKA_LIBS)
dist_check_SCRIPTS += tests/relay/recordings.sh
EXTRA_DIST += tests/relay/recordings.py tests/media/hand_spool.py
EXTRA_DIST += tests/media/bakery-real.frames tests/media/bakery-seed.frames tests/media/make_recordings.py
TEST_PROGS += tests/media/sounds_tool
tests_media_sounds_tool_SOURCES = tests/media/sounds_tool.c
tests_media_sounds_tool_LDADD = $(SOUND_LIBS)
SYSTEM_TESTS += tests/system/sounds.sh
EXTRA_DIST += tests/system/sounds.py


libmedia_a_SOURCES += \
	media/sound/assemble.c media/sound/assemble.h \
	media/sound/caller_track.c media/sound/caller_track.h \
	media/sound/placement.c media/sound/placement.h \
	media/sound/stream_clock.c media/sound/stream_clock.h \
	media/sound/timeline.c media/sound/timeline.h \
	media/sound/tracks.c media/sound/tracks.h \
	media/sound/voice_solve.c \
	media/sound/voice_track.c media/sound/voice_track.h
bin_PROGRAMS += receptionai-replay
receptionai_replay_SOURCES = media/replay.c
receptionai_replay_LDADD = libmedia.a $(PROTO_LIBS)
dist_man_MANS += man/receptionai-replay.1
UNIT_TESTS += tests/unit/timeline_test
tests_unit_timeline_test_SOURCES = tests/unit/timeline_test.c tests/unit/spooled_call.h tests/unit/unit.h tests/unit/way.h
tests_unit_timeline_test_LDADD = libmedia.a $(BRIDGE_LIBS) $(PHONE_LIBS) $(CMOCKA_LIBS) -lm
UNIT_TESTS += tests/unit/caller_track_test tests/unit/placement_test
tests_unit_caller_track_test_SOURCES = tests/unit/caller_track_test.c tests/unit/unit.h
tests_unit_caller_track_test_LDADD = libmedia.a $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_placement_test_SOURCES = tests/unit/placement_test.c tests/unit/chance.h tests/unit/unit.h
tests_unit_placement_test_LDADD = libmedia.a $(PROTO_LIBS) $(CMOCKA_LIBS)
TEST_PROGS += tests/media/spool_tool
tests_media_spool_tool_SOURCES = tests/media/spool_tool.c tests/unit/spooled_call.h tests/unit/way.h
tests_media_spool_tool_LDADD = libmedia.a $(BRIDGE_LIBS) $(PHONE_LIBS)
dist_check_SCRIPTS += tests/media/replay.sh
EXTRA_DIST += tests/media/heard.py tests/system/heard.py
SYSTEM_TESTS += tests/system/heard.sh
FUZZ_TARGETS += tests/fuzz/fuzz_timeline
tests_fuzz_fuzz_timeline_SOURCES = tests/fuzz/fuzz_timeline.c $(FUZZ_MAIN)
tests_fuzz_fuzz_timeline_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_timeline_LDADD = libmedia.a $(PROTO_LIBS)
UNIT_TESTS += tests/unit/tracks_test
tests_unit_tracks_test_SOURCES = tests/unit/tracks_test.c tests/unit/spooled_call.h tests/unit/unit.h tests/unit/way.h
tests_unit_tracks_test_LDADD = libmedia.a $(BRIDGE_LIBS) $(PHONE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/voice_track_test
tests_unit_voice_track_test_SOURCES = tests/unit/voice_track_test.c tests/unit/unit.h
tests_unit_voice_track_test_LDADD = libmedia.a $(PROTO_LIBS) $(CMOCKA_LIBS)
