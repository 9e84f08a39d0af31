# base: bytes, limits, errors, logging, configuration. Knows nobody.
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	base/address.c base/address.h \
	base/beat.c base/beat.h \
	base/buf.c base/buf.h \
	base/check.c base/check.h \
	base/clock.c base/clock.h \
	base/conf.c base/conf.h \
	base/digest.c base/digest.h \
	base/ed25519.c base/ed25519.h \
	base/end_reason.c base/end_reason.h \
	base/limits.h \
	base/log.c base/log.h \
	base/pool.c base/pool.h \
	base/random.c base/random.h \
	base/settings.h \
	base/slice.h \
	base/zone.c base/zone.h \
	base/zone_rule.c base/zone_rule.h
libbase_a_CFLAGS = $(AM_CFLAGS) $(WOLFSSL_CFLAGS)
BASE_LIBS = libbase.a $(WOLFSSL_LIBS)

# Starts processes and speaks to their supervisor, which nothing in libbase.a may.
noinst_LIBRARIES += libcrew.a
libcrew_a_SOURCES = base/crew.c base/crew.h base/notify.c base/notify.h

UNIT_TESTS += tests/unit/crew_test
tests_unit_crew_test_SOURCES = tests/unit/crew_test.c tests/unit/unit.h
tests_unit_crew_test_LDADD = libcrew.a $(BASE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/address_test tests/unit/buf_test tests/unit/conf_test tests/unit/digest_test tests/unit/log_test \
	tests/unit/pool_test tests/unit/zone_test
tests_unit_address_test_SOURCES = tests/unit/address_test.c tests/unit/unit.h
tests_unit_address_test_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)
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
tests_unit_zone_test_SOURCES = tests/unit/zone_test.c tests/unit/unit.h
tests_unit_zone_test_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz_zone
tests_fuzz_fuzz_zone_SOURCES = tests/fuzz/fuzz_zone.c $(FUZZ_MAIN)
tests_fuzz_fuzz_zone_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_zone_LDADD = $(BASE_LIBS)

TEST_PROGS += tests/zone_tool
tests_zone_tool_SOURCES = tests/zone_tool.c
tests_zone_tool_LDADD = $(BASE_LIBS)
dist_check_SCRIPTS += tests/db/zone.sh

dist_man_MANS += man/receptionai.conf.5
