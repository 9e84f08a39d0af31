/* The desk's thread with a database that somebody else has locked, and what is written once he lets go. */
#include "tests/unit/db_fixture.h"

#include "base/clock.h"
#include "relay/desk.h"

#include <time.h>

enum { PATIENCE_MS = 60000, PAGES = 8 };

static struct metrics metrics;
static struct roll roll;

static void open_desk(struct desk *d, struct fixture *f)
{
	char why[DB_WHY_BYTES_MAX];

	metrics = (struct metrics){ 0 };
	roll_open(&roll);
	assert_true(desk_open(d, f->path, PAGES, &roll, &metrics, why, sizeof why));
}

static void wait_for(enum metric metric, uint64_t count)
{
	const struct timespec moment = { .tv_nsec = 2000000 };
	const uint64_t until_ms = clock_mono_ms() + PATIENCE_MS;

	while (metrics_get(&metrics, metric) != count && clock_mono_ms() < until_ms)
		nanosleep(&moment, NULL);
	assert_int_equal(metrics_get(&metrics, metric), count);
}

static void wait_kept(uint64_t count)
{
	wait_for(METRIC_DESK_KEPT, count);
}

static struct desk_call facts_of(const char *sid, const char *stream_sid)
{
	struct desk_call call = { .merchant_id = 1, .caller_number = "+14155550123", .called_number = "+15550100" };

	snprintf(call.call_sid, sizeof call.call_sid, "%s", sid);
	snprintf(call.stream_sid, sizeof call.stream_sid, "%s", stream_sid);
	return call;
}

static void put_turn(struct desk *d, struct desk_call *call, int position, const char *text)
{
	struct desk_page *page = desk_page_take(d);

	assert_non_null(page);
	page->turn = (struct turn){ .position = position, .role = TURN_CALLER, .start_ms = 100 * position,
		.end_ms = 100 * position + 50, .final = true, .call_sid = slice_of(call->call_sid) };
	page->turn.text = desk_page_keep(page, slice_of(text));
	page->turn.language = desk_page_keep(page, SLICE("en"));
	page->order.kind = DESK_TURN;
	page->order.call = call;
	desk_put(d, &page->order);
}

static void put_transfer(struct desk *d, struct desk_call *call, const char *number)
{
	struct desk_page *page = desk_page_take(d);

	assert_non_null(page);
	page->transfer_number = desk_page_keep(page, slice_of(number));
	page->order.kind = DESK_TRANSFER;
	page->order.call = call;
	desk_put(d, &page->order);
}

static void put_message(struct desk *d, struct desk_call *call, const char *text)
{
	struct desk_page *page = desk_page_take(d);

	assert_non_null(page);
	page->message = (struct message){ .kind = MESSAGE_SPOKEN, .recording_ms = -1, .now_ms = NOW_MS + 3000 };
	page->message.source_id = desk_page_keep(page, SLICE("fc_1"));
	page->message.caller_name = desk_page_keep(page, SLICE("Mary"));
	page->message.callback_number = desk_page_keep(page, SLICE("+14155550123"));
	page->message.text = desk_page_keep(page, slice_of(text));
	page->order.kind = DESK_MESSAGE;
	page->order.call = call;
	desk_put(d, &page->order);
}

static void put_tool_call(struct desk *d, struct desk_call *call)
{
	struct desk_page *page = desk_page_take(d);

	assert_non_null(page);
	page->tool_call = (struct tool_call){ .started_ms = 10, .took_ms = 20 };
	page->tool_call.tool_call_id = desk_page_keep(page, SLICE("fc_1"));
	page->tool_call.name = desk_page_keep(page, SLICE("take_message"));
	page->tool_call.status = desk_page_keep(page, SLICE("ok"));
	page->order.kind = DESK_TOOL_CALL;
	page->order.call = call;
	desk_put(d, &page->order);
}

static void put(struct desk *d, struct desk_order *o, enum desk_kind kind, struct desk_call *call, int64_t at_ms)
{
	*o = (struct desk_order){ .kind = kind, .call = call, .at_ms = at_ms, .reason = END_RECEPTIONIST_HUNG_UP,
		.heard_ms = 1200, .spoken_ms = 3400 };
	desk_put(d, o);
}

/* --- a lock ------------------------------------------------------------------------------------------- */

static void what_a_lock_refuses_is_written_behind_it_in_its_order(void **state)
{
	struct fixture *f = *state;
	struct desk_call call = facts_of(SID, "MZ1"), other = facts_of("CA2", "MZ2");
	struct desk_order start, answer, end, usage;
	struct desk desk;

	open_desk(&desk, f);
	run_sql(f, "BEGIN IMMEDIATE");
	put(&desk, &start, DESK_START, &call, NOW_MS);
	put(&desk, &answer, DESK_ANSWER, &call, NOW_MS + 500);
	put_turn(&desk, &call, 0, "Good day.");
	put_turn(&desk, &call, 1, "Goodbye.");
	put_message(&desk, &call, "Please call me back.");
	wait_kept(5);
	put_tool_call(&desk, &call);
	put(&desk, &end, DESK_END, &call, NOW_MS + 9000);
	put(&desk, &usage, DESK_USAGE, &other, NOW_MS);
	wait_for(METRIC_DESK_FAILED, 1);        /* usage is not kept; the desk has done with what was put before */
	wait_kept(7);
	/* The call's slot is somebody else's by now, and so are its pages. */
	memset(&call, 'x', sizeof call);
	assert_true(roll_has(&roll, SLICE(SID)));
	run_sql(f, "ROLLBACK");
	wait_kept(0);
	assert_false(roll_has(&roll, SLICE(SID)));
	desk_close(&desk);
	assert_string_equal(ask_text(f, "SELECT status || ' ' || end_reason || ' ' || started_ms || ' ' || answered_ms"
		" || ' ' || ended_ms || ' ' || heard_ms || ' ' || spoken_ms FROM calls"),
		"ended receptionist-hung-up 1700000000000 1700000000500 1700000009000 1200 3400");
	assert_string_equal(ask_text(f, "SELECT group_concat(position || text || language) FROM"
		" (SELECT * FROM turns ORDER BY position)"), "0Good day.en,1Goodbye.en");
	assert_string_equal(ask_text(f, "SELECT source_id || caller_name || callback_number || text FROM messages"),
		"fc_1Mary+14155550123Please call me back.");
	assert_int_equal(metrics_get(&metrics, METRIC_DESK_FAILED), 1);
}

static void what_is_new_waits_behind_what_was_kept(void **state)
{
	struct fixture *f = *state;
	struct desk_call call = facts_of(SID, "MZ1"), other = facts_of("CA2", "MZ2");
	struct desk_order start, end, other_start;
	struct desk desk;

	open_desk(&desk, f);
	run_sql(f, "BEGIN IMMEDIATE");
	put(&desk, &start, DESK_START, &call, NOW_MS);
	put_transfer(&desk, &call, "+15550199");
	wait_kept(2);
	run_sql(f, "ROLLBACK");
	/* An end has it tried at once: what was kept, then the end. */
	put(&desk, &end, DESK_END, &call, NOW_MS + 9000);
	put(&desk, &other_start, DESK_START, &other, NOW_MS);
	desk_close(&desk);
	assert_int_equal(end.result, DB_OK);
	assert_false(end.is_kept);
	assert_string_equal(ask_text(f, "SELECT group_concat(call_sid || ' ' || status || ' ' ||"
		" coalesce(transfer_number, '-')) FROM (SELECT * FROM calls ORDER BY call_sid DESC)"),
		"CA2 live -," SID " ended +15550199");
}

static void a_stream_that_follows_another_goes_on_where_that_one_stopped(void **state)
{
	struct fixture *f = *state;
	struct desk_call first = facts_of(SID, "MZ1"), second = facts_of(SID, "MZ2");
	struct desk_order start, again;
	struct desk desk;

	open_desk(&desk, f);
	put(&desk, &start, DESK_START, &first, NOW_MS);
	put_turn(&desk, &first, 0, "one");
	put_turn(&desk, &first, 1, "two");
	desk_close(&desk);
	open_desk(&desk, f);
	run_sql(f, "BEGIN IMMEDIATE");
	put(&desk, &again, DESK_START, &second, NOW_MS + 60000);
	put_turn(&desk, &second, 0, "three");
	wait_kept(2);
	run_sql(f, "ROLLBACK");
	wait_kept(0);
	put_turn(&desk, &second, 1, "four");
	desk_close(&desk);
	assert_string_equal(ask_text(f, "SELECT group_concat(position || text || start_ms) FROM"
		" (SELECT * FROM turns ORDER BY position)"), "0one0,1two100,2three60000,3four60100");
}

/* --- the end of the program -------------------------------------------------------------------------- */

static void closing_tries_once_more(void **state)
{
	struct fixture *f = *state;
	struct desk_call call = facts_of(SID, "MZ1");
	struct desk_order start, end;
	struct desk desk;

	open_desk(&desk, f);
	run_sql(f, "BEGIN IMMEDIATE");
	put(&desk, &start, DESK_START, &call, NOW_MS);
	put(&desk, &end, DESK_END, &call, NOW_MS + 9000);
	wait_kept(2);
	run_sql(f, "ROLLBACK");
	desk_close(&desk);
	assert_string_equal(ask_text(f, "SELECT end_reason FROM calls"), "receptionist-hung-up");
}

static void a_lock_that_stays_does_not_keep_the_program(void **state)
{
	struct fixture *f = *state;
	struct desk_call call = facts_of(SID, "MZ1");
	struct desk_order end;
	struct desk desk;

	open_desk(&desk, f);
	run_sql(f, "BEGIN IMMEDIATE");
	put(&desk, &end, DESK_END, &call, NOW_MS);
	desk_close(&desk);
	run_sql(f, "ROLLBACK");
	assert_int_equal(end.result, DB_BUSY);
	assert_true(end.is_kept);
	assert_int_equal(metrics_get(&metrics, METRIC_DESK_FAILED), 1);
	assert_int_equal(metrics_get(&metrics, METRIC_DESK_KEPT), 0);
	assert_false(roll_has(&roll, SLICE(SID)));
	assert_int_equal(ask_number(f, "SELECT count(*) FROM calls"), 0);
}

/* --- bounds ------------------------------------------------------------------------------------------- */

static void usage_and_merchants_are_not_kept(void **state)
{
	struct fixture *f = *state;
	struct desk_call call = facts_of(SID, "MZ1");
	struct desk_order usage, end;
	struct desk desk;

	open_desk(&desk, f);
	run_sql(f, "BEGIN IMMEDIATE");
	put(&desk, &usage, DESK_USAGE, &call, NOW_MS);
	put(&desk, &end, DESK_END, &call, NOW_MS);
	wait_kept(1);
	run_sql(f, "ROLLBACK");
	desk_close(&desk);
	assert_int_equal(usage.result, DB_BUSY);
	assert_false(usage.is_kept);
	assert_int_equal(metrics_get(&metrics, METRIC_DESK_FAILED), 1);
}

/* Words leave room for ends: the desk keeps an end after it has begun to refuse turns. */
static void what_is_kept_has_a_bound(void **state)
{
	struct fixture *f = *state;
	struct desk_call call = facts_of(SID, "MZ1");
	static char text[TRANSCRIPT_BYTES_MAX + 1];
	struct desk_order end;
	struct desk desk;
	uint64_t turns = 0;

	memset(text, 'a', TRANSCRIPT_BYTES_MAX);
	open_desk(&desk, f);
	run_sql(f, "BEGIN IMMEDIATE");
	while (metrics_get(&metrics, METRIC_DESK_FAILED) == 0) {
		struct desk_page *page = desk_page_take(&desk);

		/* As many as there are pages may wait. */
		if (!page)
			continue;
		desk_page_give(&desk, page);
		put_turn(&desk, &call, (int)turns++, text);
		assert_true(turns < 2 * (DESK_LATE_BYTES_MAX / TRANSCRIPT_BYTES_MAX));
	}
	const uint64_t kept = metrics_get(&metrics, METRIC_DESK_KEPT);

	assert_in_range(kept * TRANSCRIPT_BYTES_MAX, DESK_LATE_WORDS_BYTES_MAX * 9LL / 10, DESK_LATE_WORDS_BYTES_MAX);
	put(&desk, &end, DESK_END, &call, NOW_MS);
	wait_kept(kept + 1);
	run_sql(f, "ROLLBACK");
	desk_close(&desk);
	assert_true(end.is_kept);
	assert_string_equal(ask_text(f, "SELECT end_reason FROM calls"), "receptionist-hung-up");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DB_CASE(what_a_lock_refuses_is_written_behind_it_in_its_order),
		DB_CASE(what_is_new_waits_behind_what_was_kept),
		DB_CASE(a_stream_that_follows_another_goes_on_where_that_one_stopped),
		DB_CASE(closing_tries_once_more),
		DB_CASE(a_lock_that_stays_does_not_keep_the_program),
		DB_CASE(usage_and_merchants_are_not_kept),
		DB_CASE(what_is_kept_has_a_bound),
	};

	return cmocka_run_group_tests_name("desk", tests, NULL, NULL);
}
