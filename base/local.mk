# base: bytes, limits, errors, logging, configuration. Knows nobody.
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	base/buf.c base/buf.h \
	base/check.c base/check.h \
	base/clock.c base/clock.h \
	base/conf.c base/conf.h \
	base/digest.c base/digest.h \
	base/end_reason.c base/end_reason.h \
	base/limits.h \
	base/log.c base/log.h \
	base/pool.c base/pool.h \
	base/random.c base/random.h \
	base/settings.h \
	base/slice.h
libbase_a_CFLAGS = $(AM_CFLAGS) $(WOLFSSL_CFLAGS)
BASE_LIBS = libbase.a $(WOLFSSL_LIBS)

UNIT_TESTS += tests/unit/buf_test tests/unit/conf_test tests/unit/digest_test tests/unit/log_test tests/unit/pool_test
tests_unit_buf_test_SOURCES = tests/unit/buf_test.c tests/unit/unit.h
tests_unit_buf_test_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_conf_test_SOURCES = tests/unit/conf_test.c tests/unit/unit.h
tests_unit_conf_test_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_digest_test_SOURCES = tests/unit/digest_test.c tests/unit/unit.h
tests_unit_digest_test_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_log_test_SOURCES = tests/unit/log_test.c tests/unit/unit.h
tests_unit_log_test_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_pool_test_SOURCES = tests/unit/pool_test.c tests/unit/unit.h
tests_unit_pool_test_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)

dist_man_MANS += man/receptionai.conf.5
