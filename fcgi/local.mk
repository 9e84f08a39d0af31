# fcgi: the webhook. Knows db, proto and base.
sbin_PROGRAMS += receptionai-webhook
noinst_LIBRARIES += libwebhook.a
libwebhook_a_SOURCES = \
	fcgi/answer.c fcgi/answer.h \
	fcgi/call.c \
	fcgi/callback.c \
	fcgi/closed.c fcgi/closed.h \
	fcgi/diagnosis.c fcgi/diagnosis.h \
	fcgi/ended.c \
	fcgi/fal.c \
	fcgi/handlers.h \
	fcgi/machine.c fcgi/machine.h \
	fcgi/known.c fcgi/known.h \
	fcgi/outgoing.c \
	fcgi/listen.c fcgi/listen.h \
	fcgi/next.c fcgi/next.h \
	fcgi/plan.c fcgi/plan.h \
	fcgi/relay_ask.c fcgi/relay_ask.h \
	fcgi/request.c fcgi/request.h \
	fcgi/screen.c fcgi/screen.h \
	fcgi/sentences.c fcgi/sentences.h \
	fcgi/shield.c fcgi/shield.h \
	fcgi/voice.c fcgi/voice.h \
	fcgi/webhook.c fcgi/webhook.h
libwebhook_a_CFLAGS = $(AM_CFLAGS) $(FCGI_CFLAGS)
receptionai_webhook_SOURCES = fcgi/main.c
receptionai_webhook_CFLAGS = $(AM_CFLAGS) $(FCGI_CFLAGS)
receptionai_webhook_CPPFLAGS = $(AM_CPPFLAGS) -DPKG_LIBEXECDIR='"$(pkglibexecdir)"'
receptionai_webhook_LDADD = libwebhook.a libcrew.a $(DB_LIBS) $(PROTO_LIBS) $(FCGI_LIBS)
pkglibexec_PROGRAMS = receptionai-webhook-check
receptionai_webhook_check_SOURCES = fcgi/checker.c
receptionai_webhook_check_LDADD = libwebhook.a $(DOCTOR_LIBS) $(FCGI_LIBS)
dist_man_MANS += man/receptionai-webhook.8

UNIT_TESTS += tests/unit/screen_test
tests_unit_screen_test_SOURCES = tests/unit/screen_test.c tests/unit/unit.h
tests_unit_screen_test_LDADD = libwebhook.a $(DB_LIBS) $(PROTO_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/closed_test tests/unit/plan_test tests/unit/plan_laws_test
tests_unit_closed_test_SOURCES = tests/unit/closed_test.c tests/unit/unit.h
tests_unit_closed_test_LDADD = libwebhook.a $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_plan_test_SOURCES = tests/unit/plan_test.c tests/unit/planned.h tests/unit/unit.h
tests_unit_plan_test_LDADD = libwebhook.a $(DB_LIBS) $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_plan_laws_test_SOURCES = tests/unit/plan_laws_test.c tests/unit/planned.h tests/unit/unit.h
tests_unit_plan_laws_test_LDADD = libwebhook.a $(DB_LIBS) $(PROTO_LIBS) $(CMOCKA_LIBS)
dist_check_SCRIPTS += tests/fcgi/cgi.sh tests/fcgi/fastcgi.sh \
	tests/fcgi/limits.sh tests/fcgi/plan.sh tests/fcgi/shield.sh tests/fcgi/statements.sh tests/fcgi/transfer.sh
check_DATA += tests/fcgi/count_sql.so
CLEANFILES += tests/fcgi/count_sql.so
tests/fcgi/count_sql.so: $(top_srcdir)/tests/fcgi/count_sql.c
	$(AM_V_GEN)$(MKDIR_P) tests/fcgi && $(CC) -O2 -Wall -Wextra -shared -fPIC $(SQLITE_CFLAGS) -o $@ \
		$(top_srcdir)/tests/fcgi/count_sql.c $(SQLITE_LIBS)
EXTRA_DIST += tests/fcgi/count_sql.c tests/twilio_client.py tests/fcgi/flood.py tests/fcgi/lib.sh tests/fcgi/peers.py
SYSTEM_TESTS += tests/system/shield.sh tests/system/webhook_lighttpd.sh tests/system/webhook_apache.sh tests/system/webhook_nginx.sh
EXTRA_DIST += tests/system/webhook_lib.sh tests/system/upgrade_peer.py

TEST_PROGS += tests/oracle_tool
tests_oracle_tool_SOURCES = tests/oracle_tool.c
tests_oracle_tool_LDADD = $(PROTO_LIBS)
SYSTEM_TESTS += tests/system/webhook_twilio_oracle.sh
EXTRA_DIST += tests/system/twilio_oracle.js tests/system/package.json tests/system/package-lock.json
