# media: the post-call worker. Knows db, proto and base.
sbin_PROGRAMS += receptionai-worker
noinst_LIBRARIES += libmedia.a
libmedia_a_SOURCES = \
	media/back_off.c media/back_off.h \
	media/clean.c media/clean.h \
	media/commands.c media/commands.h \
	media/finder.c media/finder.h \
	media/forget.c media/forget.h \
	media/found.c media/found.h \
	media/made.c media/made.h \
	media/owner.c media/owner.h \
	media/step.c media/step.h media/step_host.h \
	media/stop.c media/stop.h \
	media/work.c media/work.h
receptionai_worker_SOURCES = media/main.c
receptionai_worker_LDADD = libmedia.a libcrew.a $(DB_LIBS) $(PROTO_LIBS) $(CURL_LIBS)
dist_man_MANS += man/receptionai-worker.8

EXTRA_DIST += tests/media/kills.py tests/media/worker_lab.py tests/media/sqlite_faults.c
SYSTEM_TESTS += tests/media/kills.sh tests/media/relay_kills.sh
EXTRA_DIST += tests/media/relay_kills.py
dist_check_SCRIPTS += tests/media/worker.sh
EXTRA_DIST += tests/media/worker.py
UNIT_TESTS += tests/unit/worker_test
tests_unit_worker_test_SOURCES = tests/unit/worker_test.c tests/unit/unit.h
tests_unit_worker_test_LDADD = libmedia.a $(PROTO_LIBS) $(CMOCKA_LIBS)
check_DATA += tests/media/sqlite_faults.so
CLEANFILES += tests/media/sqlite_faults.so
tests/media/sqlite_faults.so: $(top_srcdir)/tests/media/sqlite_faults.c
	$(AM_V_GEN)$(MKDIR_P) tests/media && $(CC) -O2 -Wall -Wextra -shared -fPIC $(SQLITE_CFLAGS) -o $@ \
		$(top_srcdir)/tests/media/sqlite_faults.c $(SQLITE_LIBS)

# --- summary and notification ----------------------------------------------------------------------
libmedia_a_SOURCES += \
	media/hook_post.c media/hook_post.h \
	media/mail.c media/mail.h \
	media/moment.c media/moment.h \
	media/step_notify.c \
	media/step_summary.c \
	media/summary.c media/summary.h \
	media/tidings.h media/tidings_json.c media/tidings_text.c
UNIT_TESTS += tests/unit/moment_test tests/unit/summary_test
tests_unit_moment_test_SOURCES = tests/unit/moment_test.c tests/unit/unit.h
tests_unit_moment_test_LDADD = libmedia.a $(STORE_LIBS) $(DB_LIBS) $(CMOCKA_LIBS)
tests_unit_summary_test_SOURCES = tests/unit/summary_test.c tests/unit/unit.h
tests_unit_summary_test_LDADD = libmedia.a $(PROTO_LIBS) $(CMOCKA_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_summary
tests_fuzz_fuzz_summary_SOURCES = tests/fuzz/fuzz_summary.c $(FUZZ_MAIN)
tests_fuzz_fuzz_summary_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_summary_LDADD = libmedia.a $(PROTO_LIBS)
dist_check_SCRIPTS += tests/media/told.sh
EXTRA_DIST += tests/media/chat_stub.py tests/media/sendmail_stub.py tests/media/told.py

# --- video -----------------------------------------------------------------------------------------
libmedia_a_SOURCES += \
	media/canvas.c media/canvas.h \
	media/captions.c media/captions_ass.c media/captions_vtt.c media/captions.h \
	media/child.c media/child.h \
	media/ffmpeg.c media/ffmpeg.h \
	media/mp4.c media/mp4.h \
	media/picture.c media/picture.h \
	media/plain.c media/plain.h \
	media/reel.c media/reel.h \
	media/step_video.c \
	media/video.c media/video.h

UNIT_TESTS += tests/unit/captions_test tests/unit/child_test tests/unit/mp4_test tests/unit/picture_test \
	tests/unit/plain_test tests/unit/reel_test
tests_unit_captions_test_SOURCES = tests/unit/captions_test.c tests/unit/unit.h
tests_unit_captions_test_LDADD = libmedia.a $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_child_test_SOURCES = tests/unit/child_test.c tests/unit/unit.h
tests_unit_child_test_LDADD = libmedia.a $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_mp4_test_SOURCES = tests/unit/mp4_test.c tests/unit/unit.h
tests_unit_mp4_test_LDADD = libmedia.a $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_picture_test_SOURCES = tests/unit/picture_test.c tests/unit/unit.h
tests_unit_picture_test_LDADD = libmedia.a $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_plain_test_SOURCES = tests/unit/plain_test.c tests/unit/unit.h
tests_unit_plain_test_LDADD = libmedia.a $(PROTO_LIBS) $(CMOCKA_LIBS)
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

# --- requests and where files go -------------------------------------------------------------------
libmedia_a_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS)
libmedia_a_SOURCES += \
	media/http.c media/http.h \
	media/link.c media/link.h \
	media/s3_place.c media/s3_place.h \
	media/s3_verdict.c media/s3_verdict.h \
	media/step_upload.c \
	media/store.c media/store.h \
	media/store_folder.c \
	media/store_s3.c
STORE_LIBS = libmedia.a $(PROTO_LIBS) $(CURL_LIBS)

# The store alone, for tests.
TEST_PROGS += tests/media/store_tool
tests_media_store_tool_SOURCES = tests/media/store_tool.c
tests_media_store_tool_LDADD = $(STORE_LIBS)
dist_check_SCRIPTS += tests/media/store.sh tests/media/upload.sh
SYSTEM_TESTS += tests/system/store.sh
EXTRA_DIST += tests/media/s3_stub.py tests/slow/swift.sh tests/system/s3_boto3.py

UNIT_TESTS += tests/unit/s3_place_test tests/unit/s3_verdict_test tests/unit/store_folder_test \
	tests/unit/worker_http_test
tests_unit_s3_place_test_SOURCES = tests/unit/s3_place_test.c tests/unit/unit.h
tests_unit_s3_place_test_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)
tests_unit_s3_verdict_test_SOURCES = tests/unit/s3_verdict_test.c tests/unit/unit.h
tests_unit_s3_verdict_test_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)
tests_unit_store_folder_test_SOURCES = tests/unit/store_folder_test.c tests/unit/unit.h
tests_unit_store_folder_test_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)
tests_unit_worker_http_test_SOURCES = tests/unit/worker_http_test.c tests/unit/unit.h
tests_unit_worker_http_test_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)

# --- fal.ai ----------------------------------------------------------------------------------------
libmedia_a_SOURCES += \
	media/fal_books.c media/fal_books.h \
	media/fal_desk.c media/fal_desk.h \
	media/fal_fate.c media/fal_fate.h \
	media/fal_input.c media/fal_input.h \
	media/fal_models.c media/fal_models.h \
	media/fal_note.c media/fal_note.h \
	media/video_fal.c media/video_fal.h \
	media/voice16.c media/voice16.h
dist_check_SCRIPTS += tests/media/fal.sh
SYSTEM_TESTS += tests/system/fal_faults.sh tests/system/fal_kills.sh
EXTRA_DIST += tests/media/fal.py tests/media/fal_kills.py tests/media/fal_lab.py
UNIT_TESTS += tests/unit/fal_media_test
tests_unit_fal_media_test_SOURCES = tests/unit/fal_media_test.c tests/unit/unit.h
tests_unit_fal_media_test_LDADD = libmedia.a $(PROTO_LIBS) $(CMOCKA_LIBS) -lm

# --- sound: decoding, mixing, files ----------------------------------------------------------------
libmedia_a_SOURCES += \
	media/mix.c media/mix.h \
	media/pcmu.c media/pcmu.h \
	media/pcmu_wide.c media/pcmu_wide.h \
	media/peaks.c media/peaks.h \
	media/sounds.c media/sounds.h \
	media/vector.h \
	media/wav_file.c media/wav_file.h \
	media/write_all.c media/write_all.h
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

# --- both sides of a call, from the spool -----------------------------------------------------------
libmedia_a_SOURCES += \
	media/assemble.c media/assemble.h media/step_assemble.c \
	media/caller_track.c media/caller_track.h \
	media/placement.c media/placement.h \
	media/stream_clock.c media/stream_clock.h \
	media/timeline.c media/timeline.h \
	media/tracks.c media/tracks.h \
	media/voice_solve.c media/voice_track.c media/voice_track.h
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
