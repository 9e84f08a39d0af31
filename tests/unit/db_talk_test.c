/* What a conversation needs: keys, hours, tools, the month's use, transfers, usage, messages. */
#include "tests/unit/db_fixture.h"

#include "base/check.h"

static struct call_start start;

static void keys_come_with_their_numbers(void **state)
{
	struct fixture *f = *state;
	struct merchant_keys keys = { .count = 9 };

	assert_int_equal(db_merchant_keys(f->db, 1, &keys), DB_OK);
	assert_int_equal(keys.count, 0);
	run_sql(f, "INSERT INTO merchant_keys VALUES(1, '*', 'end', NULL), (1, '0', 'transfer', '+15550177'),"
		" (1, '#', 'transfer', NULL), (1, '5', 'message', NULL)");
	assert_int_equal(db_merchant_keys(f->db, 1, &keys), DB_OK);
	assert_int_equal(keys.count, 4);
	assert_int_equal(keys.keys[0].digit, '#');
	assert_int_equal(keys.keys[1].digit, '*');
	assert_int_equal(keys.keys[1].action, KEY_END);
	assert_int_equal(keys.keys[2].action, KEY_TRANSFER);
	assert_string_equal(keys.keys[2].number, "+15550177");
	assert_string_equal(keys.keys[0].number, "");
	assert_int_equal(keys.keys[3].action, KEY_MESSAGE);
}

static void hours_come_in_minutes_in_the_order_of_the_week(void **state)
{
	struct fixture *f = *state;
	struct merchant_hours hours;

	run_sql(f, "INSERT INTO merchant_hours VALUES(1, 4, '17:30', '02:00'), (1, 0, '09:00', '24:00'),"
		" (1, 4, '08:15', '12:00')");
	assert_int_equal(db_merchant_hours(f->db, 1, &hours), DB_OK);
	assert_int_equal(hours.count, 3);
	assert_int_equal(hours.openings[0].weekday, 0);
	assert_int_equal(hours.openings[0].opens_min, 540);
	assert_int_equal(hours.openings[0].closes_min, 1440);
	assert_int_equal(hours.openings[1].opens_min, 8 * 60 + 15);
	assert_int_equal(hours.openings[2].weekday, 4);
	assert_int_equal(hours.openings[2].closes_min, 1440 + 120);
}

static void tools_come_with_all_they_need(void **state)
{
	struct fixture *f = *state;
	struct merchant_tools tools;

	run_sql(f, "INSERT INTO merchant_tools VALUES(1, 'book', 'http', 'Books.', '{\"type\":\"object\"}',"
		" 'https://x/', '0123456789abcdef', 700, 1, 1, 1, NULL, 1)");
	run_sql(f, "INSERT INTO merchant_tools(merchant_id, name, kind, options) VALUES(1, 'a', 'x_search', '{}')");
	run_sql(f, "INSERT INTO merchant_tools(merchant_id, name, kind, active) VALUES(1, 'b', 'web_search', 0)");
	assert_int_equal(db_merchant_tools(f->db, 1, &tools), DB_OK);
	assert_int_equal(tools.count, 2);
	assert_int_equal(tools.tools[0].kind, TOOL_X_SEARCH);
	assert_true(slice_equal(tools.tools[0].options, SLICE("{}")));
	assert_int_equal(tools.tools[0].timeout_ms, 5000);
	assert_int_equal(tools.tools[0].url.len, 0);
	assert_int_equal(tools.tools[1].kind, TOOL_HTTP);
	assert_true(slice_equal(tools.tools[1].name, SLICE("book")));
	assert_true(slice_equal(tools.tools[1].description, SLICE("Books.")));
	assert_true(slice_equal(tools.tools[1].parameters, SLICE("{\"type\":\"object\"}")));
	assert_true(slice_equal(tools.tools[1].url, SLICE("https://x/")));
	assert_true(slice_equal(tools.tools[1].secret, SLICE("0123456789abcdef")));
	assert_true(tools.tools[1].retry && tools.tools[1].allow_private && tools.tools[1].digits);
	assert_int_equal(tools.tools[1].timeout_ms, 700);
}

static void tools_of_all_sizes_fit(void **state)
{
	struct fixture *f = *state;
	struct merchant_tools tools;

	run_sql(f, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 16)"
		" INSERT INTO merchant_tools(merchant_id, name, description, url)"
		" SELECT 1, printf('tool%02d', i), printf('%.*c', 994, 'd'), printf('https://%.*c', 492, 'u') FROM n");
	assert_int_equal(ask_number(f, "SELECT sum(length(name || description || url)) FROM merchant_tools"), 24000);
	assert_int_equal(db_merchant_tools(f->db, 1, &tools), DB_OK);
	assert_int_equal(tools.count, MERCHANT_TOOLS_MAX);
	assert_int_equal(tools.text_bytes, MERCHANT_TOOLS_BYTES_MAX);
	/* More than the schema allows, by somebody who took the schema away. */
	run_sql(f, "DROP TRIGGER merchant_tools_insert; INSERT INTO merchant_tools(merchant_id, name, kind)"
		" VALUES(1, 'more', 'web_search')");
	assert_int_equal(db_merchant_tools(f->db, 1, &tools), DB_BROKEN);
	assert_int_equal(tools.count, 0);
	assert_int_equal(db_health(f->db), DB_OK);
}

static struct merchant_month month_at(struct fixture *f, const char *but, int64_t now_ms)
{
	struct merchant_month month;

	assert_int_equal(db_merchant_month(f->db, 1, slice_of(but), now_ms, &month), DB_OK);
	return month;
}

static void the_month_counts_what_was_used_and_what_goes_on(void **state)
{
	struct fixture *f = *state;
	const int64_t month_start_ms = 1698796800000;           /* 2023-11-01, of NOW_MS 2023-11-14 */
	struct merchant_month month;

	run_sql(f, "INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, created_ms, started_ms,"
		" ended_ms, status, end_reason, heard_ms, cost_micro_dollars) VALUES"
		" ('old', 1, '', '', 1698796799999, 1, 2, 'ended', 'caller-hung-up', 1000, 10),"
		" ('new', 1, '', '', 1698796800000, 1, 2, 'ended', 'caller-hung-up', 2000, 20),"
		" ('lost', 1, '', '', 1698796800001, 1000, 5000, 'ended', 'unreported', NULL, 0)");
	begin_call(f, "live");
	assert_int_equal(db_call_start(f->db, SLICE("live"), SLICE("MZ1"), NOW_MS, &start), DB_OK);
	begin_call(f, "ringing");
	month = month_at(f, "", NOW_MS + 500);
	assert_int_equal(month.call_count, 2);
	assert_int_equal(month.talked_ms, 2000 + 4000 + 500);
	assert_int_equal(month.micro_dollars, 20);
	month = month_at(f, "live", NOW_MS + 500);
	assert_int_equal(month.call_count, 1);
	assert_int_equal(month.talked_ms, 6000);
	assert_int_equal(month_at(f, "", NOW_MS + 121000).call_count, 1);       /* ringing for two minutes is no call */
	assert_int_equal(month_at(f, "", NOW_MS + 86400001).call_count, 0);     /* nor is a day of talking */
	assert_int_equal(month_at(f, "", month_start_ms).talked_ms, 2000 + 4000);
}

static struct call_record read_call(struct fixture *f)
{
	struct call_record call;

	assert_int_equal(db_call_by_sid(f->db, SLICE(SID), &call), DB_OK);
	return call;
}

static enum db_result end_call(struct fixture *f, enum end_reason reason)
{
	const struct call_end end
		= { .call_sid = SLICE(SID), .reason = reason, .now_ms = NOW_MS, .heard_ms = 5000, .spoken_ms = 700 };

	return db_call_end(f->db, &end);
}

static void a_caller_is_handed_over_and_comes_back(void **state)
{
	struct fixture *f = *state;
	const struct turn turn = { .call_sid = SLICE(SID), .position = 3, .text = SLICE("Bye"), .final = true };

	begin_call(f, SID);
	assert_int_equal(db_call_start(f->db, SLICE(SID), SLICE("MZ1"), NOW_MS, &start), DB_OK);
	assert_int_equal(start.next_position, 0);
	assert_int_equal(start.clock_ms, 0);
	assert_int_equal(db_turn_put(f->db, &turn), DB_OK);
	assert_int_equal(db_call_transfer(f->db, SLICE(SID), SLICE("+15550177")), DB_OK);
	assert_int_equal(end_call(f, END_TRANSFERRED), DB_OK);
	assert_int_equal(read_call(f).status, CALL_TRANSFERRING);
	assert_string_equal(read_call(f).transfer_number, "+15550177");
	assert_int_equal(read_call(f).end_reason, END_NONE);
	assert_int_equal(db_call_transferred(f->db, SLICE(SID), SLICE("busy"), false, NOW_MS), DB_OK);
	assert_string_equal(read_call(f).transfer_result, "busy");
	assert_int_equal(db_call_start(f->db, SLICE(SID), SLICE("MZ2"), NOW_MS + 30000, &start), DB_OK);
	assert_int_equal(read_call(f).status, CALL_LIVE);
	assert_int_equal(start.next_position, 4);
	assert_int_equal(start.clock_ms, 30000);
	/* Once more: the result is of the new try. */
	assert_int_equal(db_call_transfer(f->db, SLICE(SID), SLICE("+15550178")), DB_OK);
	assert_string_equal(read_call(f).transfer_result, "");
	assert_int_equal(end_call(f, END_TRANSFERRED), DB_OK);
	assert_int_equal(db_call_transferred(f->db, SLICE(SID), SLICE("completed"), true, NOW_MS + 9), DB_OK);
	assert_int_equal(read_call(f).status, CALL_ENDED);
	assert_int_equal(read_call(f).end_reason, END_TRANSFERRED);
	assert_int_equal(ask_number(f, "SELECT heard_ms FROM calls"), 10000);
	assert_int_equal(db_call_transferred(f->db, SLICE(SID), SLICE("completed"), true, NOW_MS), DB_NONE);
	assert_int_equal(db_call_transfer(f->db, SLICE(SID), SLICE("+15550178")), DB_NONE);
	assert_int_equal(db_call_start(f->db, SLICE(SID), SLICE("MZ3"), NOW_MS, &start), DB_NONE);
}

static void a_transfer_without_a_number_is_an_end(void **state)
{
	struct fixture *f = *state;

	begin_call(f, SID);
	assert_int_equal(end_call(f, END_TRANSFERRED), DB_OK);
	assert_int_equal(read_call(f).status, CALL_ENDED);
	assert_int_equal(read_call(f).end_reason, END_TRANSFERRED);
}

static void the_relays_end_replaces_twilios_in_a_later_stream_too(void **state)
{
	struct fixture *f = *state;

	begin_call(f, SID);
	assert_int_equal(db_call_start(f->db, SLICE(SID), SLICE("MZ1"), NOW_MS, &start), DB_OK);
	assert_int_equal(db_call_transfer(f->db, SLICE(SID), SLICE("+15550177")), DB_OK);
	assert_int_equal(end_call(f, END_TRANSFERRED), DB_OK);
	assert_int_equal(db_call_start(f->db, SLICE(SID), SLICE("MZ2"), NOW_MS, &start), DB_OK);
	assert_int_equal(db_call_twilio_status(f->db, SLICE(SID), SLICE("completed"), 9, NOW_MS), DB_OK);
	assert_int_equal(read_call(f).end_reason, END_UNREPORTED);
	assert_int_equal(end_call(f, END_CALLER_HUNG_UP), DB_OK);
	assert_int_equal(read_call(f).end_reason, END_CALLER_HUNG_UP);
	assert_int_equal(end_call(f, END_GROK_CLOSED), DB_NONE);
}

static void a_call_that_the_relay_lost_is_over_until_the_relay_knows_better(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(db_call_lost(f->db, SLICE(SID), NOW_MS), DB_NONE);
	begin_call(f, SID);
	assert_int_equal(db_call_start(f->db, SLICE(SID), SLICE("MZ1"), NOW_MS, &start), DB_OK);
	assert_int_equal(db_call_lost(f->db, SLICE(SID), NOW_MS), DB_OK);
	assert_int_equal(read_call(f).end_reason, END_UNREPORTED);
	assert_int_equal(db_call_lost(f->db, SLICE(SID), NOW_MS), DB_NONE);
	assert_int_equal(end_call(f, END_GROK_CLOSED), DB_OK);
	assert_int_equal(read_call(f).end_reason, END_GROK_CLOSED);
	assert_int_equal(end_call(f, END_CALLER_HUNG_UP), DB_NONE);
}

static void what_a_call_used_is_replaced_by_what_it_used_later(void **state)
{
	struct fixture *f = *state;
	struct call_usage usage = { .call_sid = SLICE(SID), .input_audio_ms = 5, .output_audio_ms = 6,
		.micro_dollars = 7, .resumed_count = 1 };

	assert_int_equal(db_call_usage(f->db, &usage), DB_NONE);
	begin_call(f, SID);
	assert_int_equal(db_call_usage(f->db, &usage), DB_OK);
	usage.is_fallback = true;
	usage.micro_dollars = 70;
	assert_int_equal(db_call_usage(f->db, &usage), DB_OK);
	assert_string_equal(ask_text(f, "SELECT provider || resumed_count || input_audio_ms || output_audio_ms ||"
		" cost_micro_dollars FROM calls"), "fallback15670");
	assert_int_equal(db_call_start(f->db, SLICE(SID), SLICE("MZ1"), NOW_MS, &start), DB_OK);
	assert_int_equal(start.micro_dollars, 70);
	assert_int_equal(start.resumed_count, 1);
	usage.micro_dollars = -1;
	assert_int_equal(db_call_usage(f->db, &usage), DB_REFUSED);
}

static void a_message_is_there_once_however_often_it_is_put(void **state)
{
	struct fixture *f = *state;
	struct message message = { .call_sid = SLICE(SID), .kind = MESSAGE_SPOKEN, .source_id = SLICE("call_1"),
		.caller_name = SLICE("Ann"), .callback_number = SLICE(""), .text = SLICE("Call back"), .urgent = true,
		.recording_ms = -1, .now_ms = NOW_MS };

	assert_int_equal(db_message_put(f->db, &message), DB_NONE);
	begin_call(f, SID);
	assert_int_equal(db_message_put(f->db, &message), DB_OK);
	assert_int_equal(db_message_put(f->db, &message), DB_OK);
	message.source_id = SLICE("call_2");
	message.urgent = false;
	assert_int_equal(db_message_put(f->db, &message), DB_OK);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM messages"), 2);
	assert_string_equal(ask_text(f, "SELECT caller_name || coalesce(callback_number, '-') || text || urgent ||"
		" coalesce(recording_ms, '-') || merchant_id FROM messages WHERE id = 1"), "Ann-Call back1-1");
	message.text = SLICE("");
	message.source_id = SLICE("call_3");
	assert_int_equal(db_message_put(f->db, &message), DB_REFUSED);
}

static void a_tool_call_is_told_as_it_goes(void **state)
{
	struct fixture *f = *state;
	struct tool_call call = { .call_sid = SLICE(SID), .tool_call_id = SLICE("call_1"), .name = SLICE("book"),
		.status = SLICE("running"), .started_ms = 5, .took_ms = 0 };

	assert_int_equal(db_tool_call_put(f->db, &call), DB_NONE);
	begin_call(f, SID);
	assert_int_equal(db_tool_call_put(f->db, &call), DB_OK);
	call.status = SLICE("ok");
	call.took_ms = 300;
	assert_int_equal(db_tool_call_put(f->db, &call), DB_OK);
	assert_string_equal(ask_text(f, "SELECT group_concat(name || status || took_ms) FROM tool_calls"), "bookok300");
	call.status = SLICE("It went well");
	assert_int_equal(db_tool_call_put(f->db, &call), DB_REFUSED);
}

static void what_was_said_is_read_in_order(void **state)
{
	struct fixture *f = *state;
	struct turn turn = { .call_sid = SLICE(SID), .position = 3, .role = TURN_RECEPTIONIST,
		.text = SLICE("Good day!"), .start_ms = 40, .end_ms = 900, .final = true, .cut = true };
	struct turn_memory memory;
	struct turn read = { .position = 77 };

	begin_call(f, SID);
	assert_int_equal(db_turn_after(f->db, SLICE(SID), -1, &memory, &read), DB_NONE);
	assert_int_equal(read.position, 77);
	assert_int_equal(db_turn_put(f->db, &turn), DB_OK);
	turn = (struct turn){ .call_sid = SLICE(SID), .position = 1, .text = SLICE("Ol\xC3\xA1?"),
		.language = SLICE("pt-BR") };
	assert_int_equal(db_turn_put(f->db, &turn), DB_OK);

	assert_int_equal(db_turn_after(f->db, SLICE(SID), -1, &memory, &read), DB_OK);
	assert_int_equal(read.position, 1);
	assert_int_equal(read.role, TURN_CALLER);
	assert_true(slice_equal(read.text, turn.text) && slice_equal(read.language, turn.language));
	assert_false(read.final || read.cut);
	assert_int_equal(db_turn_after(f->db, SLICE(SID), 1, &memory, &read), DB_OK);
	assert_int_equal(read.position, 3);
	assert_int_equal(read.role, TURN_RECEPTIONIST);
	assert_true(slice_equal(read.text, SLICE("Good day!")) && read.final && read.cut);
	assert_int_equal(read.start_ms, 40);
	assert_int_equal(read.end_ms, 900);
	assert_int_equal(db_turn_after(f->db, SLICE(SID), 3, &memory, &read), DB_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DB_CASE(keys_come_with_their_numbers),
		DB_CASE(hours_come_in_minutes_in_the_order_of_the_week),
		DB_CASE(tools_come_with_all_they_need),
		DB_CASE(tools_of_all_sizes_fit),
		DB_CASE(the_month_counts_what_was_used_and_what_goes_on),
		DB_CASE(a_caller_is_handed_over_and_comes_back),
		DB_CASE(a_transfer_without_a_number_is_an_end),
		DB_CASE(the_relays_end_replaces_twilios_in_a_later_stream_too),
		DB_CASE(a_call_that_the_relay_lost_is_over_until_the_relay_knows_better),
		DB_CASE(what_a_call_used_is_replaced_by_what_it_used_later),
		DB_CASE(a_message_is_there_once_however_often_it_is_put),
		DB_CASE(a_tool_call_is_told_as_it_goes),
		DB_CASE(what_was_said_is_read_in_order),
	};

	return cmocka_run_group_tests_name("db_talk", tests, NULL, NULL);
}
