/* Calls that nobody ended, and calls that nobody wrote down. */
#include "tests/unit/db_fixture.h"

#include "db/spooled.h"

static void a_call_that_nobody_ended_is_ended_and_the_relays_word_still_counts(void **state)
{
	struct fixture *f = *state;
	struct call_start start;
	const struct call_end end = { .call_sid = SLICE("CA2"), .reason = END_SHUTDOWN, .now_ms = NOW_MS + 99 };

	begin_call(f, "CA2");
	assert_int_equal(db_call_start(f->db, SLICE("CA2"), SLICE("MZ1"), NOW_MS + 1, &start), DB_OK);
	assert_int_equal(db_call_abandoned(f->db, SLICE("CA2"), NOW_MS + 50), DB_OK);
	assert_int_equal(db_call_abandoned(f->db, SLICE("CA2"), NOW_MS + 60), DB_NONE);
	assert_string_equal(ask_text(f, "SELECT end_reason || (ended_ms - 1700000000000) FROM calls"
		" WHERE call_sid = 'CA2'"), "unreported50");
	assert_int_equal(db_call_end(f->db, &end), DB_OK);
	assert_string_equal(ask_text(f, "SELECT end_reason FROM calls WHERE call_sid = 'CA2'"), "shutdown");
}

static char told[64];

static void note_abandoned(struct slice call_sid)
{
	const size_t len = strlen(told);

	snprintf(told + len, sizeof told - len, "%.*s ", (int)call_sid.len, call_sid.data);
}

static void calls_that_cannot_be_going_on_are_ended_where_their_words_end(void **state)
{
	struct fixture *f = *state;

	run_sql(f, "INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, created_ms, started_ms,"
		" status) VALUES('CAold', 1, '', '', 1000, 2000, 'live'), ('CAring', 1, '', '', 1000, NULL, 'ringing'),"
		" ('CAnew', 1, '', '', 1699990000000, 1699990000000, 'live');"
		"INSERT INTO turns(call_sid, position, role, text, start_ms, end_ms, final, cut)"
		" VALUES('CAold', 0, 'caller', 'hi', 0, 500, 1, 0)");
	told[0] = '\0';
	assert_int_equal(db_calls_abandoned(f->db, NOW_MS, note_abandoned), DB_OK);
	assert_string_equal(told, "CAold CAring ");
	assert_int_equal(db_calls_abandoned(f->db, NOW_MS, note_abandoned), DB_OK);
	assert_string_equal(told, "CAold CAring ");
	assert_string_equal(ask_text(f, "SELECT group_concat(call_sid || end_reason || ended_ms) FROM calls"
		" WHERE ended_ms < 10000"), "CAoldunreported2500,CAringno-stream1000");
}

static void a_call_without_a_row_gets_one_if_there_is_such_a_merchant(void **state)
{
	struct fixture *f = *state;
	struct call_recover r = { .call_sid = SLICE("CA9"), .stream_sid = SLICE("MZ9"), .merchant_id = 1,
		.caller_number = SLICE("+14155550123"), .called_number = SLICE("+15550100"), .started_ms = NOW_MS,
		.ended_ms = NOW_MS + 5, .end_reason = END_UNREPORTED };

	assert_int_equal(db_call_recover(f->db, &r), DB_OK);
	assert_int_equal(db_call_recover(f->db, &r), DB_OK);
	assert_string_equal(ask_text(f, "SELECT status || end_reason || stream_sid FROM calls WHERE call_sid = 'CA9'"),
		"endedunreportedMZ9");
	r.call_sid = SLICE("CA10");
	r.merchant_id = 77;
	assert_int_equal(db_call_recover(f->db, &r), DB_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DB_CASE(a_call_that_nobody_ended_is_ended_and_the_relays_word_still_counts),
		DB_CASE(calls_that_cannot_be_going_on_are_ended_where_their_words_end),
		DB_CASE(a_call_without_a_row_gets_one_if_there_is_such_a_merchant),
	};

	return cmocka_run_group_tests_name("spooled", tests, NULL, NULL);
}
