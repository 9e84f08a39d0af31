# outbound: calls that we place. Knows db, proto and base.
bin_PROGRAMS += receptionai-call
receptionai_call_SOURCES = outbound/main.c outbound/place.c outbound/place.h outbound/rest.c outbound/rest.h
receptionai_call_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS)
receptionai_call_LDADD = $(DB_LIBS) $(PROTO_LIBS) $(CURL_LIBS)
dist_man_MANS += man/receptionai-call.1

UNIT_TESTS += tests/unit/machine_test
tests_unit_machine_test_SOURCES = tests/unit/machine_test.c tests/unit/unit.h
tests_unit_machine_test_LDADD = libwebhook.a $(DB_LIBS) $(CMOCKA_LIBS)
dist_check_SCRIPTS += tests/outbound/call.sh
EXTRA_DIST += tests/outbound/rest_stub.py
