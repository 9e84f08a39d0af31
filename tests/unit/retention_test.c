#include "tests/unit/db_fixture.h"

#include "db/retention.h"
#include "db/statements.h"

enum { DAY_MS = 86400000 };

/* A call of that many days ago, with something in every table that hangs on it. NOW_MS is the 14th of November. */
static void call_of(struct fixture *f, const char *sid, int merchant, int days, const char *status)
{
	const bool is_over = strcmp(status, "ended") == 0;
	char sql[4000];

	(void)snprintf(sql, sizeof sql,
		"INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, status, created_ms, started_ms,"
		" ended_ms, end_reason, heard_ms, cost_micro_dollars, media_cost_micro_dollars, recording_url)"
		" VALUES('%s', %d, '+14155550123', '+15550100', '%s', %lld, %lld, %s, %s, 60000, 1000, 500,"
		" 'https://media.example.com/%s.wav');"
		"INSERT INTO turns VALUES('%s', 0, 'caller', 'a secret', 0, 1, 1, 0, NULL);"
		"INSERT INTO stream_events VALUES('%s', 'MZ1', 'stream-started', '', 1);"
		"INSERT INTO messages(call_sid, merchant_id, kind, source_id, text, created_ms)"
		" VALUES('%s', %d, 'spoken', 'x', 'a secret', 1);"
		"INSERT INTO tool_calls VALUES('%s', 'x', 'x', 'ok', 0, 0);"
		"INSERT INTO jobs(call_sid, kind, run_ms, attempts_max, created_ms) VALUES('%s', 'video', 0, 1, 0);"
		"INSERT INTO job_errors(job_id, attempt, at_ms, error) SELECT id, 1, 1, 'x' FROM jobs"
		" WHERE call_sid = '%s';"
		"INSERT INTO summaries(call_sid, summary, model, created_ms) VALUES('%s', 'a secret', 'x', 1);"
		"INSERT INTO notices(call_sid, channel, event_id) VALUES('%s', 'mail', 'x');"
		"INSERT INTO screenings(call_sid, merchant_id, caller_number, called_number, at_ms, verdict, reason)"
		" VALUES('%s', %d, '+14155550123', '+15550100', %lld, 'accept', 'allowed')",
		sid, merchant, status, (long long)(NOW_MS - days * (int64_t)DAY_MS),
		(long long)(NOW_MS - days * (int64_t)DAY_MS), is_over ? "1" : "NULL",
		is_over ? "'caller-hung-up'" : "NULL",
		sid, sid, sid, sid, merchant, sid, sid, sid, sid, sid, sid, merchant,
		(long long)(NOW_MS - days * (int64_t)DAY_MS));
	run_sql(f, sql);
}

static int keep_thirty_days(void **state)
{
	if (set_up(state) != 0)
		return -1;
	run_sql(*state, "UPDATE merchants SET retention_days = 30;"
		"INSERT INTO merchants(name, phone_number) VALUES('Keeper', '+15550101')");
	return 0;
}

#define RETENTION_CASE(name) cmocka_unit_test_setup_teardown(name, keep_thirty_days, tear_down)

static struct retention first_of(struct fixture *f)
{
	struct retention r;

	assert_int_equal(db_retention_next(f->db, 0, NOW_MS, &r), DB_OK);
	return r;
}

static struct retention_counts prune(struct fixture *f, int64_t rows_max)
{
	const struct retention r = first_of(f);
	struct retention_counts c;

	assert_int_equal(db_retention_prune(f->db, &r, rows_max, &c), DB_OK);
	return c;
}

static void expect_nothing_left(struct fixture *f)
{
	struct retention r;

	assert_int_equal(db_retention_next(f->db, 0, NOW_MS, &r), DB_NONE);
}

static int64_t rows_about(struct fixture *f, const char *sid)
{
	static const char *const tables[] = { "calls", "turns", "stream_events", "messages", "tool_calls", "jobs",
		"summaries", "notices", "screenings" };
	int64_t count = ask_number(f, "SELECT count(*) FROM job_errors WHERE job_id NOT IN (SELECT id FROM jobs)");
	char sql[200];

	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		(void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE call_sid = '%s'", tables[i], sid);
		count += ask_number(f, sql);
	}
	return count;
}

static void what_is_young_enough_stays(void **state)
{
	call_of(*state, "CAyoung", 1, 29, "ended");
	expect_nothing_left(*state);
}

static void what_is_too_old_goes_with_all_that_hangs_on_it(void **state)
{
	struct fixture *f = *state;

	call_of(f, "CAold", 1, 31, "ended");
	call_of(f, "CAyoung", 1, 29, "ended");
	assert_int_equal(rows_about(f, "CAold"), 9);
	assert_int_equal(first_of(f).merchant_id, 1);
	assert_string_equal(first_of(f).merchant_name, "Bella's");
	assert_int_equal(prune(f, 50).calls, 1);
	assert_int_equal(rows_about(f, "CAold"), 0);
	assert_int_equal(rows_about(f, "CAyoung"), 9);
	expect_nothing_left(f);
	assert_string_equal(ask_text(f, "SELECT call_sid || '|' || recording_url FROM forgotten_calls"),
		"CAold|https://media.example.com/CAold.wav");
}

static void a_call_that_goes_on_is_never_too_old(void **state)
{
	struct fixture *f = *state;

	call_of(f, "CAlive", 1, 400, "live");
	call_of(f, "CAold", 1, 31, "ended");
	(void)prune(f, 50);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM calls WHERE call_sid = 'CAlive'"), 1);
	expect_nothing_left(f);
}

static void who_keeps_for_ever_keeps_for_ever(void **state)
{
	struct fixture *f = *state;

	call_of(f, "CAkept", 2, 4000, "ended");
	expect_nothing_left(f);
	run_sql(f, "UPDATE merchants SET retention_days = 36500 WHERE id = 2");
	expect_nothing_left(f);
}

static void one_merchant_s_wish_is_no_other_s(void **state)
{
	struct fixture *f = *state;
	struct retention r;

	call_of(f, "CAold", 1, 31, "ended");
	call_of(f, "CAother", 2, 31, "ended");
	run_sql(f, "UPDATE merchants SET retention_days = 31 WHERE id = 2");
	(void)prune(f, 50);
	assert_int_equal(rows_about(f, "CAother"), 9);
	run_sql(f, "UPDATE merchants SET retention_days = 30 WHERE id = 2");
	assert_int_equal(db_retention_next(f->db, 1, NOW_MS, &r), DB_OK);
	assert_int_equal(r.merchant_id, 2);
}

static void a_batch_has_a_bound_and_takes_the_oldest_first(void **state)
{
	struct fixture *f = *state;
	struct retention_counts c, total;
	struct retention r;
	char sid[16];

	for (int i = 0; i < 10; i++) {
		(void)snprintf(sid, sizeof sid, "CA%d", i);
		call_of(f, sid, 1, 40 + i, "ended");
	}
	r = first_of(f);
	assert_int_equal(db_retention_count(f->db, &r, &total), DB_OK);
	assert_int_equal(total.calls, 10);
	assert_int_equal(total.screenings, 0);  /* those of calls go with their calls */
	c = prune(f, 4);
	assert_int_equal(c.calls, 4);
	assert_true(retention_is_left(&c, 4));
	assert_string_equal(ask_text(f, "SELECT group_concat(call_sid)"
		" FROM (SELECT call_sid FROM calls ORDER BY call_sid)"), "CA0,CA1,CA2,CA3,CA4,CA5");
	(void)prune(f, 4);
	c = prune(f, 4);
	assert_int_equal(c.calls, 2);
	assert_false(retention_is_left(&c, 4));
	expect_nothing_left(f);
}

static void what_has_no_call_goes_too(void **state)
{
	struct fixture *f = *state;
	char sql[1000];

	(void)snprintf(sql, sizeof sql,
		"INSERT INTO screenings(call_sid, merchant_id, caller_number, called_number, at_ms, verdict, reason)"
		" VALUES('CAx', 1, 'x', 'x', %lld, 'reject', 'blocked'),"
		" ('CAy', 1, 'x', 'x', %lld, 'reject', 'blocked');"
		"INSERT INTO outgoing_calls(id, merchant_id, number, created_ms)"
		" VALUES('0123456789abcdef0123456789abcdef', 1, '+14155550123', %lld)",
		(long long)(NOW_MS - 31LL * DAY_MS), (long long)(NOW_MS - 29LL * DAY_MS),
		(long long)(NOW_MS - 31LL * DAY_MS));
	run_sql(f, sql);
	const struct retention_counts c = prune(f, 50);

	assert_int_equal(c.screenings, 1);
	assert_int_equal(c.orders, 1);
	assert_string_equal(ask_text(f, "SELECT group_concat(call_sid) FROM screenings"), "CAy");
	expect_nothing_left(f);
}

static void a_caller_who_stays_away_is_forgotten(void **state)
{
	struct fixture *f = *state;
	char sql[1000];

	(void)snprintf(sql, sizeof sql,
		"INSERT INTO caller_memory(merchant_id, number, last_call_sid, last_ms, text)"
		" VALUES(2, '+14155550123', 'CA1', %lld, 'x'), (2, '+14155550124', 'CA2', %lld, 'x')",
		(long long)(NOW_MS - 91LL * DAY_MS), (long long)(NOW_MS - 89LL * DAY_MS));
	run_sql(f, sql);
	assert_int_equal(first_of(f).merchant_id, 2);
	assert_int_equal(prune(f, 50).memories, 1);
	assert_string_equal(ask_text(f, "SELECT group_concat(number) FROM caller_memory"), "+14155550124");
	expect_nothing_left(f);
}

static void what_was_used_this_month_counts_on(void **state)
{
	struct fixture *f = *state;
	struct merchant_month before, after;

	run_sql(f, "UPDATE merchants SET retention_days = 2");
	call_of(f, "CA1", 1, 3, "ended");
	call_of(f, "CA2", 1, 4, "ended");
	call_of(f, "CA3", 1, 5, "ended");
	call_of(f, "CA4", 1, 1, "ended");
	call_of(f, "CA5", 1, 20, "ended");      /* last month */
	assert_int_equal(db_merchant_month(f->db, 1, SLICE(""), NOW_MS, &before), DB_OK);
	assert_int_equal(before.talked_ms, 240000);
	assert_int_equal(before.micro_dollars, 6000);
	for (int i = 0; i < 4; i++)
		(void)prune(f, 1);
	expect_nothing_left(f);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM calls"), 1);
	assert_int_equal(db_merchant_month(f->db, 1, SLICE(""), NOW_MS, &after), DB_OK);
	assert_int_equal(after.talked_ms, before.talked_ms);
	assert_int_equal(after.micro_dollars, before.micro_dollars);
	assert_string_equal(ask_text(f, "SELECT group_concat(merchant_id || '|' || month || '|' || talked_ms || '|'"
		" || micro_dollars) FROM deleted_use"), "1|2023-11|180000|4500");
	/* Another month begins with nothing. */
	assert_int_equal(db_merchant_month(f->db, 1, SLICE(""), NOW_MS + 20LL * DAY_MS, &after), DB_OK);
	assert_int_equal(after.talked_ms, 0);
	assert_int_equal(after.micro_dollars, 0);
}

/* A clock was set back in the middle of it. */
static void a_call_that_ended_before_it_began_goes_like_others(void **state)
{
	struct fixture *f = *state;

	run_sql(f, "UPDATE merchants SET retention_days = 2");
	call_of(f, "CA1", 1, 3, "ended");
	run_sql(f, "UPDATE calls SET heard_ms = NULL, ended_ms = started_ms - 60000");
	assert_int_equal(prune(f, 50).calls, 1);
	assert_int_equal(ask_number(f, "SELECT talked_ms FROM deleted_use"), 0);
}

static void a_batch_that_fails_deletes_nothing_and_counts_nothing(void **state)
{
	struct fixture *f = *state;
	struct retention_counts c;

	run_sql(f, "UPDATE merchants SET retention_days = 2");
	call_of(f, "CA1", 1, 3, "ended");
	run_sql(f, "CREATE TRIGGER no_more BEFORE DELETE ON screenings BEGIN SELECT RAISE(ABORT, 'no'); END");
	const struct retention r = first_of(f);

	assert_int_equal(db_retention_prune(f->db, &r, 50, &c), DB_REFUSED);
	assert_int_equal(rows_about(f, "CA1"), 9);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM deleted_use"), 0);
	run_sql(f, "DROP TRIGGER no_more");
	assert_int_equal(prune(f, 50).calls, 1);
}

/* Whoever has nothing to delete is passed by without a walk through his calls. */
static void every_step_of_each_statement_has_an_index(void **state)
{
	struct fixture *f = *state;
	static const char *const sqls[] = {
#define SQL_OF(name, sql) sql,
		RETENTION_STATEMENTS(SQL_OF)
#undef SQL_OF
	};
	char explain[4000];

	for (size_t i = 0; i < sizeof sqls / sizeof sqls[0]; i++) {
		sqlite3_stmt *statement = NULL;

		(void)snprintf(explain, sizeof explain, "EXPLAIN QUERY PLAN %s", sqls[i]);
		assert_int_equal(sqlite3_prepare_v2(f->plain, explain, -1, &statement, NULL), SQLITE_OK);
		while (sqlite3_step(statement) == SQLITE_ROW) {
			const char *step = (const char *)sqlite3_column_text(statement, 3);

			if (strstr(step, "SCAN calls") || strstr(step, "SCAN screenings")
				|| strstr(step, "SCAN outgoing_calls") || strstr(step, "SCAN caller_memory"))
				fail_msg("%s: %s", sqls[i], step);
		}
		sqlite3_finalize(statement);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RETENTION_CASE(what_is_young_enough_stays),
		RETENTION_CASE(what_is_too_old_goes_with_all_that_hangs_on_it),
		RETENTION_CASE(a_call_that_goes_on_is_never_too_old),
		RETENTION_CASE(who_keeps_for_ever_keeps_for_ever),
		RETENTION_CASE(one_merchant_s_wish_is_no_other_s),
		RETENTION_CASE(a_batch_has_a_bound_and_takes_the_oldest_first),
		RETENTION_CASE(what_has_no_call_goes_too),
		RETENTION_CASE(a_caller_who_stays_away_is_forgotten),
		RETENTION_CASE(what_was_used_this_month_counts_on),
		RETENTION_CASE(a_call_that_ended_before_it_began_goes_like_others),
		RETENTION_CASE(a_batch_that_fails_deletes_nothing_and_counts_nothing),
		RETENTION_CASE(every_step_of_each_statement_has_an_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
