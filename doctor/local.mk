# doctor: what ails a set-up. Knows base, proto and db; receptionai-webhook-check and the relay have it.
noinst_LIBRARIES += libdoctor.a
libdoctor_a_SOURCES = \
	doctor/account.c doctor/account.h \
	doctor/ask.c doctor/ask.h \
	doctor/database.c doctor/database.h \
	doctor/finding.c doctor/finding.h \
	doctor/host.c doctor/host.h \
	doctor/reach.c doctor/reach.h \
	doctor/relay_url.c doctor/relay_url.h \
	doctor/webhook_url.c doctor/webhook_url.h
libdoctor_a_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS)
DOCTOR_LIBS = libdoctor.a $(DB_LIBS) $(PROTO_LIBS) $(CURL_LIBS)

TEST_PROGS += tests/doctor/without_uring
tests_doctor_without_uring_SOURCES = tests/doctor/without_uring.c
dist_check_SCRIPTS += tests/doctor/check.sh
EXTRA_DIST += tests/doctor/api.py tests/doctor/check.py tests/doctor/front.py
