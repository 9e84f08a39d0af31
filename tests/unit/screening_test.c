#include "tests/unit/db_fixture.h"

#include "db/screening.h"
#include "db/statements.h"

static const char *const caller = "+14155550123";

static struct screening_facts facts_of(struct fixture *f, const char *number)
{
	struct screening_facts facts;

	assert_int_equal(db_screening_facts(f->db, 1, slice_of(number), NOW_MS, &facts), DB_OK);
	return facts;
}

static void rule(struct fixture *f, const char *merchant, const char *number, const char *word)
{
	char sql[200];

	(void)snprintf(sql, sizeof sql, "INSERT INTO caller_rules(merchant_id, number, rule) VALUES(%s, '%s', '%s')",
		merchant, number, word);
	run_sql(f, sql);
}

static void call_was(struct fixture *f, const char *number, int64_t age_ms, const char *handled, const char *direction)
{
	static int n;
	char sql[400];

	(void)snprintf(sql, sizeof sql,
		"INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, created_ms, handled, direction)"
		" VALUES('CB%d', 1, '%s', '+15550100', %lld, %s, '%s')", n++, number, (long long)(NOW_MS - age_ms),
		handled, direction);
	run_sql(f, sql);
}

static struct screening screening_of(const char *sid, enum screen_verdict verdict, enum screen_reason reason)
{
	return (struct screening){
		.call_sid = slice_of(sid),
		.merchant_id = 1,
		.caller_number = slice_of(caller),
		.called_number = SLICE("+15550100"),
		.at_ms = NOW_MS,
		.verdict = verdict,
		.reason = reason,
		.attestation = SLICE("failed"),
	};
}

/* --- rules ------------------------------------------------------------------------------------------ */

static void without_rules_there_is_none(void **state)
{
	assert_int_equal(facts_of(*state, caller).rule, RULE_NONE);
	assert_int_equal(facts_of(*state, "anonymous").rule, RULE_NONE);
	assert_int_equal(facts_of(*state, "").rule, RULE_NONE);
	assert_int_equal(facts_of(*state, "' OR 1=1 --").rule, RULE_NONE);
}

static void a_rule_is_for_its_number_alone(void **state)
{
	rule(*state, "1", "+14155550123", "block");
	assert_int_equal(facts_of(*state, caller).rule, RULE_BLOCK);
	assert_int_equal(facts_of(*state, "+14155550124").rule, RULE_NONE);
	assert_int_equal(facts_of(*state, "+141555501234").rule, RULE_NONE);
	assert_int_equal(facts_of(*state, "+1415555012").rule, RULE_NONE);
}

static void a_prefix_is_for_all_that_begin_with_it(void **state)
{
	rule(*state, "NULL", "+1900*", "block");
	assert_int_equal(facts_of(*state, "+19005550123").rule, RULE_BLOCK);
	assert_int_equal(facts_of(*state, "+1900").rule, RULE_BLOCK);
	assert_int_equal(facts_of(*state, "+19015550123").rule, RULE_NONE);
	assert_int_equal(facts_of(*state, "+190").rule, RULE_NONE);
	/* The star is no digit. */
	assert_int_equal(facts_of(*state, "+1900*").rule, RULE_BLOCK);
}

static void prefixes_of_every_length_are_found(void **state)
{
	struct fixture *f = *state;
	char number[32], sql[100];

	for (int len = 2; len <= 15; len++) {
		(void)snprintf(number, sizeof number, "%.*s*", len, "+49151234567890123");
		rule(f, "1", number, "block");
		assert_int_equal(facts_of(f, "+491512345678901").rule, RULE_BLOCK);
		(void)snprintf(sql, sizeof sql, "DELETE FROM caller_rules");
		run_sql(f, sql);
	}
}

static void the_longer_prefix_counts(void **state)
{
	rule(*state, "1", "+1*", "block");
	rule(*state, "1", "+1415*", "allow");
	rule(*state, "1", "+1415555*", "block");
	rule(*state, "1", "+14155550123", "allow");
	assert_int_equal(facts_of(*state, "+12025550123").rule, RULE_BLOCK);
	assert_int_equal(facts_of(*state, "+14152220123").rule, RULE_ALLOW);
	assert_int_equal(facts_of(*state, "+14155550199").rule, RULE_BLOCK);
	assert_int_equal(facts_of(*state, caller).rule, RULE_ALLOW);
}

static void a_whole_number_counts_more_than_its_beginning(void **state)
{
	rule(*state, "1", "+14155550123*", "block");
	rule(*state, "NULL", "+14155550123", "allow");
	assert_int_equal(facts_of(*state, caller).rule, RULE_ALLOW);
	assert_int_equal(facts_of(*state, "+141555501234").rule, RULE_BLOCK);
}

static void the_merchant_s_own_rule_counts_more_than_everybody_s(void **state)
{
	rule(*state, "NULL", "+14155550123", "block");
	rule(*state, "1", "+14155550123", "allow");
	rule(*state, "NULL", "+1415*", "allow");
	rule(*state, "1", "+1415*", "block");
	assert_int_equal(facts_of(*state, caller).rule, RULE_ALLOW);
	assert_int_equal(facts_of(*state, "+14155550199").rule, RULE_BLOCK);
}

static void another_merchant_s_rules_are_his(void **state)
{
	struct fixture *f = *state;

	run_sql(f, "INSERT INTO merchants(name, phone_number) VALUES('Other', '+15550101')");
	rule(f, "2", "+14155550123", "block");
	rule(f, "2", "+1*", "block");
	assert_int_equal(facts_of(f, caller).rule, RULE_NONE);
}

static void a_rule_whose_time_is_up_does_not_count(void **state)
{
	struct fixture *f = *state;

	rule(f, "1", "+1415*", "allow");
	rule(f, "1", "+14155550123", "block");
	run_sql(f, "UPDATE caller_rules SET until_ms = 1700000000001 WHERE rule = 'block'");
	assert_int_equal(facts_of(f, caller).rule, RULE_BLOCK);
	run_sql(f, "UPDATE caller_rules SET until_ms = 1700000000000 WHERE rule = 'block'");
	assert_int_equal(facts_of(f, caller).rule, RULE_ALLOW);
}

/* --- rates ------------------------------------------------------------------------------------------ */

static void a_caller_s_rate_counts_an_hour_of_attempts(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(facts_of(f, caller).caller_calls, 0);
	call_was(f, caller, 1000, "NULL", "inbound");
	call_was(f, caller, 3599999, "'rejected'", "inbound");
	call_was(f, caller, 3600000, "NULL", "inbound");        /* too long ago */
	call_was(f, "+14155550124", 1000, "NULL", "inbound");   /* another */
	call_was(f, caller, 1000, "NULL", "outbound");          /* ours */
	assert_int_equal(facts_of(f, caller).caller_calls, 2);
	assert_int_equal(facts_of(f, caller).caller_calls_hour_max, 30);
}

static void a_merchant_s_rate_counts_who_was_let_in(void **state)
{
	struct fixture *f = *state;

	run_sql(f, "UPDATE merchants SET calls_hour_max = 100");
	call_was(f, caller, 1000, "NULL", "inbound");
	call_was(f, "+14155550124", 3599999, "'receptionist'", "inbound");
	call_was(f, "+14155550125", 2000, "'rejected'", "inbound");
	call_was(f, "+14155550126", 3600000, "NULL", "inbound");
	call_was(f, "+14155550127", 1000, "NULL", "outbound");
	assert_int_equal(facts_of(f, caller).merchant_calls, 2);
	assert_int_equal(facts_of(f, caller).calls_hour_max, 100);
}

static void counting_ends_at_the_limit(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 10; i++)
		call_was(f, caller, 1000, "NULL", "inbound");
	run_sql(f, "UPDATE merchants SET caller_calls_hour_max = 3, calls_hour_max = 4");
	assert_int_equal(facts_of(f, caller).caller_calls, 3);
	assert_int_equal(facts_of(f, caller).merchant_calls, 4);
	run_sql(f, "UPDATE merchants SET caller_calls_hour_max = NULL, calls_hour_max = NULL");
	assert_int_equal(facts_of(f, caller).caller_calls, 0);
	assert_int_equal(facts_of(f, caller).merchant_calls, 0);
	assert_int_equal(facts_of(f, caller).caller_calls_hour_max, MERCHANT_NO_LIMIT);
	assert_int_equal(facts_of(f, caller).calls_hour_max, MERCHANT_NO_LIMIT);
}

static void what_the_merchant_wants_is_read(void **state)
{
	struct fixture *f = *state;
	struct screening_facts facts = facts_of(f, caller);

	assert_int_equal(facts.anonymous, ANONYMOUS_ACCEPT);
	assert_int_equal(facts.attestation, ATTESTED_ANY);
	run_sql(f, "UPDATE merchants SET anonymous = 'voicemail', attestation = 'passed'");
	facts = facts_of(f, caller);
	assert_int_equal(facts.anonymous, ANONYMOUS_VOICEMAIL);
	assert_int_equal(facts.attestation, ATTESTED_PASSED);
	run_sql(f, "UPDATE merchants SET anonymous = 'reject', attestation = 'not-failed'");
	facts = facts_of(f, caller);
	assert_int_equal(facts.anonymous, ANONYMOUS_REJECT);
	assert_int_equal(facts.attestation, ATTESTED_NOT_FAILED);
	assert_int_equal(db_screening_facts(f->db, 99, slice_of(caller), NOW_MS, &facts), DB_NONE);
}

static const char *sql_of(enum statement statement)
{
	static const char *const sqls[] = {
#define SQL_OF(name, sql) [STATEMENT_##name] = sql,
		STATEMENTS(SQL_OF)
#undef SQL_OF
	};

	return sqls[statement];
}

/* No step of the plan may walk through a table: its time would grow with a flood. */
static void every_step_of_the_question_has_an_index(void **state)
{
	struct fixture *f = *state;
	sqlite3_stmt *statement = NULL;
	int searches = 0;
	char explain[4000];

	(void)snprintf(explain, sizeof explain, "EXPLAIN QUERY PLAN %s", sql_of(STATEMENT_SCREENING_FACTS));
	assert_int_equal(sqlite3_prepare_v2(f->plain, explain, -1, &statement, NULL), SQLITE_OK);
	while (sqlite3_step(statement) == SQLITE_ROW) {
		const char *step = (const char *)sqlite3_column_text(statement, 3);

		if (strstr(step, "SCAN calls") || strstr(step, "SCAN caller_rules") || strstr(step, "SCAN merchants"))
			fail_msg("%s", step);
		searches += strncmp(step, "SEARCH", 6) == 0;
	}
	sqlite3_finalize(statement);
	assert_true(searches >= 4);
}

/* How many steps SQLite's machine takes for one question: a measure that no load on this host can change. */
static int steps_of(struct fixture *f, enum statement which, const char *text)
{
	sqlite3_stmt *statement = NULL;

	assert_int_equal(sqlite3_prepare_v2(f->plain, sql_of(which), -1, &statement, NULL), SQLITE_OK);
	sqlite3_bind_int64(statement, 1, 1);
	sqlite3_bind_text(statement, 2, text, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 3, NOW_MS);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	const int steps = sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 0);

	sqlite3_finalize(statement);
	return steps;
}

static void ten_thousand_rules_and_a_flood_make_no_question_longer(void **state)
{
	struct fixture *f = *state;

	run_sql(f, "UPDATE merchants SET caller_calls_hour_max = 30, calls_hour_max = 30");
	for (int i = 0; i < 30; i++)
		call_was(f, caller, 1000, "NULL", "inbound");
	rule(f, "1", "+1900*", "block");
	const int quiet = steps_of(f, STATEMENT_SCREENING_FACTS, caller);
	const int month = steps_of(f, STATEMENT_MERCHANT_MONTH, SID);

	/* The rule that bounds the rules counts them, each time. */
	run_sql(f, "DROP TRIGGER caller_rules_insert;"
		"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)"
		" INSERT INTO caller_rules(merchant_id, number, rule) SELECT iif(i % 2, 1, NULL),"
		" '+1' || (2000000000 + i * 77777) || iif(i % 3, '', '*'), 'block' FROM n;"
		"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 19999)"
		" INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, created_ms, handled,"
		" direction)"
		" SELECT 'CF' || i, 1, iif(i % 2, '+14155550123', '+1' || (4000000000 + i)), '+15550100',"
		" 1700000000000 - i, 'rejected', 'inbound' FROM n");
	const int flooded = steps_of(f, STATEMENT_SCREENING_FACTS, caller);
	const int month_after = steps_of(f, STATEMENT_MERCHANT_MONTH, SID);

	print_message("steps: %d in quiet, %d in a flood; for the month's limits %d and %d\n", quiet, flooded, month,
		month_after);
	assert_true(flooded <= quiet + quiet / 4);
	assert_true(steps_of(f, STATEMENT_SCREENING_FACTS, "+12000077777") <= quiet + quiet / 4);
	assert_true(month_after <= month + month / 4);
}

/* --- what was decided ------------------------------------------------------------------------------- */

static void who_is_turned_away_has_a_call_that_is_over(void **state)
{
	struct fixture *f = *state;
	const struct screening s = screening_of(SID, SCREEN_REJECT, SCREEN_ATTESTATION);
	struct screened screened;

	run_sql(f, "UPDATE merchants SET notify_email = 'owner@bellas.example.com'");
	assert_int_equal(db_screening_by_sid(f->db, s.call_sid, &screened), DB_NONE);
	assert_int_equal(db_call_turn_away(f->db, &s), DB_OK);
	assert_string_equal(ask_text(f, "SELECT status || '|' || end_reason || '|' || handled || '|' || attestation"
		" || '|' || ended_ms || '|' || created_ms FROM calls"),
		"ended|rejected|rejected|failed|1700000000000|1700000000000");
	assert_string_equal(ask_text(f, "SELECT call_sid || '|' || merchant_id || '|' || caller_number || '|'"
		" || called_number || '|' || at_ms || '|' || verdict || '|' || reason || '|' || attestation"
		" FROM screenings"),
		SID "|1|+14155550123|+15550100|1700000000000|reject|attestation|failed");
	/* Nobody is told of it, and nothing is summed up. */
	assert_int_equal(ask_number(f, "SELECT count(*) FROM jobs"), 0);
	assert_int_equal(db_screening_by_sid(f->db, s.call_sid, &screened), DB_OK);
	assert_int_equal(screened.verdict, SCREEN_REJECT);
	assert_int_equal(screened.reason, SCREEN_ATTESTATION);
}

static void a_call_that_has_its_row_is_not_turned_away(void **state)
{
	struct fixture *f = *state;
	const struct screening s = screening_of(SID, SCREEN_REJECT, SCREEN_BLOCKED);
	struct screened screened;

	begin_call(f, SID);
	assert_int_equal(db_call_turn_away(f->db, &s), DB_NONE);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM screenings"), 0);
	assert_string_equal(ask_text(f, "SELECT status FROM calls"), "ringing");
	assert_int_equal(db_screening_by_sid(f->db, s.call_sid, &screened), DB_OK);
	assert_int_equal(screened.verdict, SCREEN_ACCEPT);
	assert_int_equal(screened.reason, SCREEN_NOTHING);
	/* The batch is over: the next write is one of its own. */
	assert_int_equal(db_call_answer(f->db, s.call_sid, NOW_MS), DB_OK);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM calls WHERE answered_ms = 1700000000000"), 1);
}

static void the_first_decision_stays(void **state)
{
	struct fixture *f = *state;
	struct screening s = screening_of(SID, SCREEN_VOICEMAIL, SCREEN_ANONYMOUS);
	struct screened screened;

	assert_int_equal(db_screening_put(f->db, &s), DB_OK);
	s.verdict = SCREEN_ACCEPT;
	s.reason = SCREEN_ALLOWED;
	assert_int_equal(db_screening_put(f->db, &s), DB_OK);
	begin_call(f, SID);
	assert_int_equal(db_screening_by_sid(f->db, s.call_sid, &screened), DB_OK);
	assert_int_equal(screened.verdict, SCREEN_VOICEMAIL);
	assert_int_equal(screened.reason, SCREEN_ANONYMOUS);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM screenings"), 1);
}

static void every_word_is_one_that_the_database_takes(void **state)
{
	struct fixture *f = *state;
	char sid[32];

	for (int v = 0; v < SCREEN_VERDICT_COUNT; v++) {
		for (int r = SCREEN_NOTHING + 1; r < SCREEN_REASON_COUNT; r++) {
			(void)snprintf(sid, sizeof sid, "CA%d%d", v, r);
			const struct screening s = screening_of(sid, (enum screen_verdict)v, (enum screen_reason)r);
			struct screened screened;

			assert_int_equal(db_screening_put(f->db, &s), DB_OK);
			assert_int_equal(db_screening_by_sid(f->db, slice_of(sid), &screened), DB_OK);
			assert_int_equal(screened.verdict, v);
			assert_int_equal(screened.reason, r);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DB_CASE(without_rules_there_is_none),
		DB_CASE(a_rule_is_for_its_number_alone),
		DB_CASE(a_prefix_is_for_all_that_begin_with_it),
		DB_CASE(prefixes_of_every_length_are_found),
		DB_CASE(the_longer_prefix_counts),
		DB_CASE(a_whole_number_counts_more_than_its_beginning),
		DB_CASE(the_merchant_s_own_rule_counts_more_than_everybody_s),
		DB_CASE(another_merchant_s_rules_are_his),
		DB_CASE(a_rule_whose_time_is_up_does_not_count),
		DB_CASE(a_caller_s_rate_counts_an_hour_of_attempts),
		DB_CASE(a_merchant_s_rate_counts_who_was_let_in),
		DB_CASE(counting_ends_at_the_limit),
		DB_CASE(what_the_merchant_wants_is_read),
		DB_CASE(every_step_of_the_question_has_an_index),
		DB_CASE(ten_thousand_rules_and_a_flood_make_no_question_longer),
		DB_CASE(who_is_turned_away_has_a_call_that_is_over),
		DB_CASE(a_call_that_has_its_row_is_not_turned_away),
		DB_CASE(the_first_decision_stays),
		DB_CASE(every_word_is_one_that_the_database_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
