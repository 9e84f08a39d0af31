/* A real file of each older version, with rows, becomes what a new file is. */
#include "tests/unit/db_fixture.h"

#include "db/migrate.h"
#include "db/migrations.h"

static const char objects[] =
	"SELECT group_concat(type || ' ' || name || char(10) || coalesce(sql, ''), char(10)) FROM"
	" (SELECT * FROM sqlite_schema ORDER BY type, name)";

static void load_version(struct fixture *f, int version)
{
	static char sql[100000];
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/tests/db/version_%d.sql",
		getenv("srcdir") ? getenv("srcdir") : ".", version);
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	const size_t len = fread(sql, 1, sizeof(sql) - 1, file);

	assert_int_equal(fclose(file), 0);
	assert_true(len < sizeof(sql) - 1);
	sql[len] = '\0';
	open_plain(f);
	run_sql(f, sql);
}

/* Rows that both versions can hold. */
static void fill(struct fixture *f)
{
	run_sql(f, "INSERT INTO voices(name) VALUES('mine');"
		   "INSERT INTO merchants(name, phone_number, greeting, voice, time_zone, "
		   "transfer_number)"
		   " VALUES('Bella''s', '+15550100', 'Ciao!', 'mine', 'Europe/Rome', '+15550123'),"
		   " ('Carl', '+15550101', NULL, NULL, 'UTC', NULL);"
		   "INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, "
		   "created_ms) VALUES"
		   " ('CA3', 1, '+14155550123', '+15550100', 5), ('CA1', 1, '+14155550124', "
		   "'+15550100', 5),"
		   " ('CA2', 2, 'anonymous', '+15550101', 6);"
		   "UPDATE calls SET status = 'ended', started_ms = 6, ended_ms = 9, end_reason = "
		   "'grok-closed', heard_ms = 3"
		   " WHERE call_sid = 'CA1';"
		   "INSERT INTO turns(call_sid, position, role, text, start_ms, end_ms, final, cut)"
		   " VALUES('CA1', 0, 'receptionist', 'Ciao!', 0, 2, 1, 0), "
		   "('CA1', 1, 'caller', 'Hi', 2, 3, 1, 1);"
		   "INSERT INTO stream_events VALUES('CA1', 'MZ1', 'stream-started', '', 7);"
		   "PRAGMA journal_mode = WAL");
}

static void open_newest(struct fixture *f, enum db_mode mode)
{
	char why[DB_WHY_BYTES_MAX] = "";

	if (db_open(&f->db, f->path, mode, 200, why, sizeof(why)) != DB_OK)
		fail_msg("%s", why);
}

static void becomes_what_a_new_file_is(struct fixture *f, int version)
{
	static char upgraded[200000];
	sqlite3 *fresh;
	sqlite3_stmt *statement;

	load_version(f, version);
	fill(f);
	open_newest(f, DB_WRITE);
	sqlite3_close(f->plain);
	open_plain(f);
	assert_int_equal(sqlite3_prepare_v2(f->plain, objects, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	(void)snprintf(upgraded, sizeof(upgraded), "%s", sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	assert_int_equal(sqlite3_open(":memory:", &fresh), SQLITE_OK);
	assert_int_equal(sqlite3_exec(fresh, db_schema_sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(fresh, objects, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	assert_string_equal(upgraded, (const char *)sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	sqlite3_close(fresh);
	assert_string_equal(ask_text(f, "PRAGMA integrity_check"), "ok");
	assert_int_equal(ask_number(f, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
	assert_int_equal(ask_number(f, "PRAGMA user_version"), DB_VERSION);
}

static void a_file_of_version_1_becomes_what_a_new_file_is(void **state)
{
	becomes_what_a_new_file_is(*state, 1);
}

static void a_file_of_version_2_becomes_what_a_new_file_is(void **state)
{
	becomes_what_a_new_file_is(*state, 2);
}

static void a_file_of_version_3_becomes_what_a_new_file_is(void **state)
{
	becomes_what_a_new_file_is(*state, 3);
}

static void has_lost_nothing(struct fixture *f, int version)
{
	struct merchant m;
	struct call_record call;

	load_version(f, version);
	fill(f);
	open_newest(f, DB_WRITE);
	assert_int_equal(db_merchant_by_number(f->db, SLICE("+15550100"), &m), DB_OK);
	assert_string_equal(m.voice, "mine");
	assert_string_equal(m.greeting, "Ciao!");
	assert_string_equal(m.time_zone, "Europe/Rome");
	assert_string_equal(m.transfer_number, "+15550123");
	assert_int_equal(m.calls_max, MERCHANT_NO_LIMIT);
	assert_int_equal(m.micro_dollars_month_max, MERCHANT_NO_LIMIT);
	assert_true(m.protect_disclosure);
	assert_true(m.vad_threshold > 0.849 && m.vad_threshold < 0.851);
	assert_int_equal(db_call_by_sid(f->db, SLICE("CA1"), &call), DB_OK);
	assert_int_equal(call.end_reason, END_GROK_CLOSED);
	assert_int_equal(call.ended_ms, 9);
	assert_false(call.is_outbound || call.is_complete);
	assert_true(m.summary);
	assert_int_equal(m.video, VIDEO_LOCAL);
	assert_int_equal(m.recording_consent, CONSENT_NONE);
	assert_string_equal(m.notify_email, "");
	assert_int_equal(m.fal_micro_dollars_call_max, MERCHANT_NO_LIMIT);
	assert_string_equal(
		ask_text(f,
			"SELECT group_concat(call_sid) FROM (SELECT * FROM calls ORDER BY rowid)"),
		"CA3,CA1,CA2");
	assert_string_equal(
		ask_text(f, "SELECT group_concat(text || cut) FROM turns"), "Ciao!0,Hi1");
	assert_int_equal(ask_number(f, "SELECT count(*) FROM stream_events"), 1);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM voices"), 11);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM end_reasons"), END_REASON_COUNT - 1);
	run_sql(f, "DELETE FROM calls WHERE call_sid = 'CA1'");
	assert_int_equal(ask_number(f, "SELECT count(*) FROM turns"), 0);
}

static void a_file_of_version_1_has_lost_nothing(void **state)
{
	has_lost_nothing(*state, 1);
}

static void a_file_of_version_2_has_lost_nothing(void **state)
{
	struct fixture *f = *state;

	has_lost_nothing(f, 2);
	run_sql(f, "UPDATE merchants SET calls_max = 3 WHERE id = 1");
	assert_int_equal(ask_number(f, "SELECT count(*) FROM forgotten_calls"), 1);
}

/* What only version 3 could hold: jobs, summaries, messages, a deleted call. */
static void a_file_of_version_3_has_lost_nothing(void **state)
{
	struct fixture *f = *state;

	has_lost_nothing(f, 3);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM forgotten_calls"), 1);
	assert_string_equal(ask_text(f, "SELECT after_hours || memory || memory_days || anonymous || attestation"
					" || caller_calls_hour_max FROM merchants WHERE id = 1"),
		"ai090acceptany30");
	assert_int_equal(ask_number(f, "SELECT count(*) FROM merchants WHERE retention_days IS NULL"
				       " AND calls_hour_max IS NULL AND after_hours_number IS NULL"), 2);
}

static void what_follows_a_call_survives_the_upgrade(void **state)
{
	struct fixture *f = *state;

	load_version(f, 3);
	fill(f);
	run_sql(f, "INSERT INTO messages(call_sid, merchant_id, kind, source_id, recording_url, created_ms)"
		   " VALUES('CA2', 2, 'voicemail', 'RE1', 'https://api.twilio.com/RE1', 8);"
		   "INSERT INTO job_errors(job_id, attempt, at_ms, error) VALUES(1, 1, 9, 'no');"
		   "INSERT INTO summaries(call_sid, summary, model, created_ms) VALUES('CA2', 'Nothing.', 'm', 9);"
		   "DELETE FROM calls WHERE call_sid = 'CA3'");
	open_newest(f, DB_WRITE);
	assert_string_equal(ask_text(f, "SELECT group_concat(kind || recording_url) FROM messages"),
		"voicemailhttps://api.twilio.com/RE1");
	assert_int_equal(ask_number(f, "SELECT count(*) FROM jobs JOIN job_errors ON job_id = jobs.id"), 1);
	assert_string_equal(ask_text(f, "SELECT summary FROM summaries"), "Nothing.");
	assert_string_equal(ask_text(f, "SELECT call_sid FROM forgotten_calls"), "CA3");
	run_sql(f, "UPDATE messages SET twilio_url = recording_url");
	assert_string_equal(ask_text(f, "SELECT group_concat(kind) FROM (SELECT kind FROM jobs ORDER BY id)"),
		"summary,voicemail");
}

static void a_reader_of_an_older_file_is_told_what_it_needs(void **state)
{
	struct fixture *f = *state;
	char why[DB_WHY_BYTES_MAX];

	load_version(f, 1);
	fill(f);
	assert_int_equal(db_open(&f->db, f->path, DB_READ, 200, why, sizeof(why)), DB_BROKEN);
	assert_non_null(
		strstr(why, "the database has version 1, this program needs 4 and may not write"));
	assert_int_equal(ask_number(f, "PRAGMA user_version"), 1);
}

static void rows_that_break_a_new_rule_leave_the_file_as_it_was(void **state)
{
	struct fixture *f = *state;
	char why[DB_WHY_BYTES_MAX];

	load_version(f, 1);
	fill(f);
	run_sql(f, "PRAGMA ignore_check_constraints = ON; UPDATE turns SET role = 'robot' WHERE "
		   "position = 1");
	assert_int_equal(db_open(&f->db, f->path, DB_WRITE, 200, why, sizeof(why)), DB_REFUSED);
	assert_non_null(strstr(why, "role is caller or receptionist"));
	assert_int_equal(ask_number(f, "PRAGMA user_version"), 1);
	assert_int_equal(
		ask_number(f, "SELECT count(*) FROM turns JOIN calls USING (call_sid)"), 2);
	run_sql(f, "UPDATE merchants SET greeting = 'Salve!'");
}

static void numbers_that_lead_in_circles_are_kept_and_keep_nobody_from_pausing(void **state)
{
	struct fixture *f = *state;

	load_version(f, 3);
	fill(f);
	run_sql(f, "UPDATE merchants SET fallback_number = iif(id = 1, '+15550101', '+15550100');"
		   "INSERT INTO merchant_keys VALUES(1, '5', 'transfer', '+15550100')");
	open_newest(f, DB_WRITE);
	sqlite3_close(f->plain);
	open_plain(f);
	run_sql(f, "UPDATE merchants SET active = 0; UPDATE merchants SET greeting = 'Salve!' WHERE id = 1");
	assert_int_equal(ask_number(f, "SELECT count(*) FROM merchants WHERE fallback_number NOT NULL"), 2);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM merchant_keys WHERE number = '+15550100'"), 1);
}

#define FOLDER_CASE(name) cmocka_unit_test_setup_teardown(name, set_up_folder, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_CASE(a_file_of_version_1_becomes_what_a_new_file_is),
		FOLDER_CASE(a_file_of_version_2_becomes_what_a_new_file_is),
		FOLDER_CASE(a_file_of_version_1_has_lost_nothing),
		FOLDER_CASE(a_file_of_version_2_has_lost_nothing),
		FOLDER_CASE(a_file_of_version_3_becomes_what_a_new_file_is),
		FOLDER_CASE(a_file_of_version_3_has_lost_nothing),
		FOLDER_CASE(numbers_that_lead_in_circles_are_kept_and_keep_nobody_from_pausing),
		FOLDER_CASE(what_follows_a_call_survives_the_upgrade),
		FOLDER_CASE(a_reader_of_an_older_file_is_told_what_it_needs),
		FOLDER_CASE(rows_that_break_a_new_rule_leave_the_file_as_it_was),
	};

	return cmocka_run_group_tests_name("upgrade_db", tests, NULL, NULL);
}
