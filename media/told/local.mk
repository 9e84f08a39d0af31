# media/told: what people are told of a call: summary, notification.
libmedia_a_SOURCES += \
	media/told/hook_post.c media/told/hook_post.h \
	media/told/mail.c media/told/mail.h \
	media/told/moment.c media/told/moment.h \
	media/told/summary.c media/told/summary.h \
	media/told/tidings.h media/told/tidings_json.c media/told/tidings_text.c
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
