# media: the post-call worker: jobs and their steps, and what several rooms use. The rooms: media/*/local.mk, whose
# files are all in one library.
sbin_PROGRAMS += receptionai-worker
noinst_LIBRARIES += libmedia.a
libmedia_a_SOURCES = \
	media/back_off.c media/back_off.h \
	media/child.c media/child.h \
	media/clean.c media/clean.h \
	media/commands.c media/commands.h \
	media/finder.c media/finder.h \
	media/forget.c media/forget.h \
	media/found.c media/found.h \
	media/http.c media/http.h \
	media/link.c media/link.h \
	media/made.c media/made.h \
	media/owner.c media/owner.h \
	media/plain.c media/plain.h \
	media/prune.c media/prune.h \
	media/remember.c media/remember.h \
	media/step.c media/step.h \
	media/step_assemble.c \
	media/step_host.h \
	media/step_notify.c \
	media/step_summary.c \
	media/step_upload.c \
	media/step_video.c \
	media/step_voicemail.c \
	media/stop.c media/stop.h \
	media/sweep.c media/sweep.h \
	media/work.c media/work.h \
	media/write_all.c media/write_all.h
libmedia_a_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS)
STORE_LIBS = libmedia.a $(PROTO_LIBS) $(CURL_LIBS)
receptionai_worker_SOURCES = media/main.c
receptionai_worker_LDADD = libmedia.a libcrew.a $(DB_LIBS) $(PROTO_LIBS) $(CURL_LIBS)
dist_man_MANS += man/receptionai-worker.8 man/receptionai-fal-models.5

EXTRA_DIST += tests/media/kills.py tests/media/worker_lab.py tests/media/sqlite_faults.c
SYSTEM_TESTS += tests/media/kills.sh tests/media/relay_kills.sh
EXTRA_DIST += tests/media/relay_kills.py
dist_check_SCRIPTS += tests/media/memory.sh tests/media/retention.sh tests/media/worker.sh
EXTRA_DIST += tests/media/memory.py tests/media/retention.py tests/media/worker.py
dist_check_SCRIPTS += tests/media/voicemail.sh
EXTRA_DIST += tests/media/voicemail.py
UNIT_TESTS += tests/unit/child_test tests/unit/plain_test tests/unit/worker_http_test tests/unit/worker_test
tests_unit_child_test_SOURCES = tests/unit/child_test.c tests/unit/unit.h
tests_unit_child_test_LDADD = libmedia.a $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_plain_test_SOURCES = tests/unit/plain_test.c tests/unit/unit.h
tests_unit_plain_test_LDADD = libmedia.a $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_worker_http_test_SOURCES = tests/unit/worker_http_test.c tests/unit/unit.h
tests_unit_worker_http_test_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)
tests_unit_worker_test_SOURCES = tests/unit/worker_test.c tests/unit/unit.h
tests_unit_worker_test_LDADD = libmedia.a $(PROTO_LIBS) $(CMOCKA_LIBS)
check_DATA += tests/media/sqlite_faults.so
CLEANFILES += tests/media/sqlite_faults.so
tests/media/sqlite_faults.so: $(top_srcdir)/tests/media/sqlite_faults.c
	$(AM_V_GEN)$(MKDIR_P) tests/media && $(CC) -O2 -Wall -Wextra -shared -fPIC $(SQLITE_CFLAGS) -o $@ \
		$(top_srcdir)/tests/media/sqlite_faults.c $(SQLITE_LIBS)
