# db: merchants, calls, turns in SQLite. The only folder that speaks SQL. Knows base.
noinst_LIBRARIES += libdb.a
libdb_a_SOURCES = \
	db/allowance.c db/allowance.h \
	db/call.c \
	db/caller.c \
	db/db.c db/db.h \
	db/fal.c db/fal.h \
	db/faq.c \
	db/fallbacks.c db/fallbacks.h \
	db/handled.c db/handled.h \
	db/hours.c db/hours.h \
	db/opening.c \
	db/job_care.c \
	db/job_statements.h \
	db/job_words.h \
	db/jobs.c db/jobs.h \
	db/spooled.c db/spooled.h \
	db/state.c db/state.h \
	db/merchant.c db/merchant.h \
	db/message.c \
	db/outgoing.c db/outgoing.h \
	db/migrate.c db/migrate.h db/migrations.h \
	db/query.c db/query.h \
	db/rebuild.c db/rebuild.h \
	db/report.c db/report.h \
	db/retention.c db/retention.h db/retention_statements.h \
	db/screening.c db/screening.h \
	db/staff.c \
	db/statements.h \
	db/summary.c db/summary.h \
	db/turn.c \
	db/voicemail.c db/voicemail.h
nodist_libdb_a_SOURCES = db/schema_sql.c
libdb_a_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
DB_LIBS = libdb.a $(BASE_LIBS) $(SQLITE_LIBS)

# The programs carry the schema inside.
db/schema_sql.c: $(top_srcdir)/db/schema.sql $(top_srcdir)/db/local.mk
	$(AM_V_GEN)$(MKDIR_P) db && { \
	echo '/* Made from db/schema.sql. */' && \
	echo '#include "db/migrate.h"' && \
	echo 'const char db_schema_sql[] =' && \
	$(SED) -e 's/[\\"]/\\&/g' -e 's/^/"/' -e 's/$$/\\n"/' $(top_srcdir)/db/schema.sql && \
	echo ';'; } >$@.tmp && mv $@.tmp $@
CLEANFILES += db/schema_sql.c
dist_pkgdata_DATA += db/schema.sql

UNIT_TESTS += tests/unit/allowance_test tests/unit/db_call_test tests/unit/db_crash_test \
	tests/unit/db_open_test tests/unit/db_talk_test tests/unit/hours_test tests/unit/jobs_test tests/unit/migrate_test tests/unit/spooled_test tests/unit/upgrade_db_test
tests_unit_allowance_test_SOURCES = tests/unit/allowance_test.c tests/unit/unit.h
tests_unit_allowance_test_LDADD = $(DB_LIBS) $(CMOCKA_LIBS)
tests_unit_db_call_test_SOURCES = tests/unit/db_call_test.c tests/unit/db_fixture.h tests/unit/unit.h
tests_unit_db_call_test_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_db_call_test_LDADD = $(DB_LIBS) $(CMOCKA_LIBS)
tests_unit_db_crash_test_SOURCES = tests/unit/db_crash_test.c tests/unit/db_fixture.h tests/unit/unit.h
tests_unit_db_crash_test_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_db_crash_test_LDADD = $(DB_LIBS) $(CMOCKA_LIBS)
tests_unit_db_open_test_SOURCES = tests/unit/db_open_test.c tests/unit/db_fixture.h tests/unit/unit.h
tests_unit_db_open_test_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_db_open_test_LDADD = $(DB_LIBS) $(CMOCKA_LIBS)
tests_unit_db_talk_test_SOURCES = tests/unit/db_talk_test.c tests/unit/db_fixture.h tests/unit/unit.h
tests_unit_db_talk_test_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_db_talk_test_LDADD = $(DB_LIBS) $(CMOCKA_LIBS)
tests_unit_hours_test_SOURCES = tests/unit/hours_test.c tests/unit/chance.h tests/unit/unit.h
tests_unit_hours_test_LDADD = $(DB_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/db_people_test
tests_unit_db_people_test_SOURCES = tests/unit/db_people_test.c tests/unit/db_fixture.h tests/unit/unit.h
tests_unit_db_people_test_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_db_people_test_LDADD = $(DB_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/any_row_test
tests_unit_any_row_test_SOURCES = tests/unit/any_row_test.c tests/unit/chance.h tests/unit/db_fixture.h tests/unit/unit.h
tests_unit_any_row_test_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_any_row_test_LDADD = $(DB_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/fal_db_test
tests_unit_fal_db_test_SOURCES = tests/unit/fal_db_test.c tests/unit/db_fixture.h tests/unit/unit.h
tests_unit_fal_db_test_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_fal_db_test_LDADD = $(DB_LIBS) $(CMOCKA_LIBS)
tests_unit_jobs_test_SOURCES = tests/unit/jobs_test.c tests/unit/db_fixture.h tests/unit/unit.h
tests_unit_jobs_test_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_jobs_test_LDADD = $(DB_LIBS) $(CMOCKA_LIBS)
tests_unit_migrate_test_SOURCES = tests/unit/migrate_test.c tests/unit/db_fixture.h tests/unit/unit.h
tests_unit_migrate_test_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_migrate_test_LDADD = $(DB_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/retention_test tests/unit/screening_test
tests_unit_retention_test_SOURCES = tests/unit/retention_test.c tests/unit/db_fixture.h tests/unit/unit.h
tests_unit_retention_test_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_retention_test_LDADD = $(DB_LIBS) $(CMOCKA_LIBS)
tests_unit_screening_test_SOURCES = tests/unit/screening_test.c tests/unit/db_fixture.h tests/unit/unit.h
tests_unit_screening_test_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_screening_test_LDADD = $(DB_LIBS) $(CMOCKA_LIBS)
tests_unit_spooled_test_SOURCES = tests/unit/spooled_test.c tests/unit/db_fixture.h tests/unit/unit.h
tests_unit_spooled_test_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_spooled_test_LDADD = $(DB_LIBS) $(CMOCKA_LIBS)
tests_unit_upgrade_db_test_SOURCES = tests/unit/upgrade_db_test.c tests/unit/db_fixture.h tests/unit/unit.h
tests_unit_upgrade_db_test_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_upgrade_db_test_LDADD = $(DB_LIBS) $(CMOCKA_LIBS)

# For people.
bin_SCRIPTS += receptionai-sql
dist_man_MANS += man/receptionai-db.5 man/receptionai-sql.1
EXTRA_DIST += db/receptionai-sql.in db/README.md tests/db/version_1.sql tests/db/version_2.sql tests/db/version_3.sql
CLEANFILES += receptionai-sql
receptionai-sql: $(top_srcdir)/db/receptionai-sql.in Makefile
	$(AM_V_GEN)$(SED) -e 's|@localstatedir[@]|$(localstatedir)|g' -e 's|@sysconfdir[@]|$(sysconfdir)|g' \
		-e 's|@pkgdatadir[@]|$(pkgdatadir)|g' -e 's|@VERSION[@]|$(VERSION)|g' \
		$(top_srcdir)/db/receptionai-sql.in >$@.tmp && chmod +x $@.tmp && mv $@.tmp $@
dist_check_SCRIPTS += tests/db/cookbook.sh tests/db/next_call.sh tests/db/nonsense.sh \
	tests/db/refusals.sh tests/db/shell.sh tests/db/views.sh
TEST_PROGS += tests/hours_tool
tests_hours_tool_SOURCES = tests/hours_tool.c
tests_hours_tool_LDADD = $(DB_LIBS)
dist_check_SCRIPTS += tests/db/hours.sh
