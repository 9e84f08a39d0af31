/* Merchants, calls, turns: each function, each repetition, each refusal. */
#include "tests/unit/db_fixture.h"

#include "base/check.h"

static struct call_start start;

static void a_name_and_a_number_are_enough_for_a_merchant(void **state)
{
	struct fixture *f = *state;
	struct merchant m;

	assert_int_equal(db_merchant_by_number(f->db, SLICE("+15550100"), &m), DB_OK);
	assert_int_equal(m.id, 1);
	assert_string_equal(m.name, "Bella's");
	assert_true(m.active);
	assert_true(m.recording);
	assert_string_equal(m.time_zone, "UTC");
	assert_string_equal(m.greeting, "");
	assert_string_equal(m.voice, "");
	assert_string_equal(m.fallback_number, "");
}

static void a_merchant_is_read_with_all_its_columns_at_full_length(void **state)
{
	struct fixture *f = *state;
	struct merchant m;

	run_sql(f, "INSERT INTO merchants VALUES(7, printf('%.*c', 200, 'n'), '+49301234567890', 0,"
		" printf('%.*c', 2000, 'g'), printf('%.*c', 16000, 'i'), 'Luna', 'pt-BR', 'Europe/Berlin',"
		" '+4930111111', '+4930222222', 0, printf('%.*c', 2000, 'd'), printf('%.*c', 2000, 'f'), 250, 0, 1, 0,"
		" 0.3, 900, 'secret', 'voicemail', 3, 500, 12.34, 600, 'disclosure', 'fal', 0.5, 0,"
		" 'https://' || printf('%.*c', 992, 'u'), printf('%.*c', 200, 's'),"
		" 'a@b.' || printf('%.*c', 250, 'c'), 'forward', printf('%.*c', 16000, 'a'), '+4930333333',"
		" printf('%.*c', 2000, 'n'), 1, 30, 365, 'voicemail', 'not-failed', NULL, 600)");
	assert_int_equal(db_merchant_by_id(f->db, 7, &m), DB_OK);
	assert_int_equal(m.id, 7);
	assert_false(m.active);
	assert_false(m.recording);
	assert_int_equal(strlen(m.name), 200);
	assert_string_equal(m.phone_number, "+49301234567890");
	assert_int_equal(strspn(m.greeting, "g"), 2000);
	assert_int_equal(strspn(m.instructions, "i"), 16000);
	assert_int_equal(strspn(m.disclosure, "d"), 2000);
	assert_string_equal(m.voice, "Luna");
	assert_string_equal(m.language, "pt-BR");
	assert_string_equal(m.time_zone, "Europe/Berlin");
	assert_string_equal(m.fallback_number, "+4930111111");
	assert_string_equal(m.transfer_number, "+4930222222");
	assert_int_equal(strspn(m.farewell, "f"), 2000);
	assert_int_equal(m.hold_off_ms, 250);
	assert_false(m.protect_disclosure);
	assert_true(m.protect_greeting);
	assert_false(m.local_vad);
	assert_true(m.vad_threshold > 0.29 && m.vad_threshold < 0.31);
	assert_int_equal(m.vad_silence_ms, 900);
	assert_int_equal(m.keypad, KEYPAD_SECRET);
	assert_int_equal(m.transfer_fallback, TRANSFER_FALLBACK_VOICEMAIL);
	assert_int_equal(m.calls_max, 3);
	assert_int_equal(m.minutes_month_max, 500);
	assert_int_equal(m.micro_dollars_month_max, 12340000);
	assert_int_equal(m.call_s_max, 600);
	assert_int_equal(m.recording_consent, CONSENT_DISCLOSURE);
	assert_int_equal(m.video, VIDEO_FAL);
	assert_int_equal(m.fal_micro_dollars_call_max, 500000);
	assert_false(m.summary);
	assert_int_equal(strlen(m.notify_url), MERCHANT_URL_BYTES_MAX);
	assert_int_equal(strspn(m.notify_secret, "s"), MERCHANT_SECRET_BYTES_MAX);
	assert_int_equal(strlen(m.notify_email), MERCHANT_EMAIL_BYTES_MAX);
}

static void an_unknown_merchant_is_none_and_leaves_the_struct_alone(void **state)
{
	struct fixture *f = *state;
	struct merchant m = { .id = 42 };

	assert_int_equal(db_merchant_by_number(f->db, SLICE("+15550199"), &m), DB_NONE);
	assert_int_equal(db_merchant_by_number(f->db, SLICE(""), &m), DB_NONE);
	assert_int_equal(db_merchant_by_id(f->db, 2, &m), DB_NONE);
	assert_int_equal(db_merchant_by_number(f->db, (struct slice){ "+15550100\0x", 11 }, &m), DB_REFUSED);
	assert_int_equal(m.id, 42);
}

static void a_row_that_breaks_the_rules_is_broken_not_cut(void **state)
{
	struct fixture *f = *state;
	struct merchant m = { .id = 42 };

	run_sql(f, "DROP TRIGGER merchants_update");
	run_sql(f, "UPDATE merchants SET name = printf('%.*c', 201, 'n')");
	assert_int_equal(db_merchant_by_id(f->db, 1, &m), DB_BROKEN);
	assert_string_equal(db_why(f->db), "column name holds a text that no rule of the schema allows");
	assert_int_equal(m.id, 42);
}

static void a_call_begins_once_however_often_twilio_asks(void **state)
{
	struct fixture *f = *state;
	struct call_record again;
	const struct call_record first = begin_call(f, SID);
	const struct call_begin retry = {
		.call_sid = SLICE(SID),
		.merchant_id = 1,
		.caller_number = SLICE("anonymous"),
		.called_number = SLICE("+15550100"),
		.now_ms = NOW_MS + 5000,
	};

	assert_string_equal(first.call_sid, SID);
	assert_string_equal(first.caller_number, "+14155550123");
	assert_int_equal(first.merchant_id, 1);
	assert_int_equal(first.status, CALL_RINGING);
	assert_int_equal(first.end_reason, END_NONE);
	assert_int_equal(first.created_ms, NOW_MS);
	assert_int_equal(first.started_ms, 0);
	assert_int_equal(db_call_begin(f->db, &retry, &again), DB_OK);
	assert_string_equal(again.caller_number, "+14155550123");
	assert_int_equal(again.created_ms, NOW_MS);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM calls"), 1);
}

static void a_call_needs_a_merchant_and_a_proper_sid(void **state)
{
	struct fixture *f = *state;
	struct call_record c;
	struct call_begin begin = {
		.call_sid = SLICE(SID),
		.merchant_id = 9,
		.caller_number = SLICE("+14155550123"),
		.called_number = SLICE("+15550100"),
		.now_ms = NOW_MS,
	};
	char long_text[70];

	memset(long_text, 'x', sizeof(long_text));
	assert_int_equal(db_call_begin(f->db, &begin, &c), DB_NONE);
	begin.merchant_id = 1;
	begin.call_sid = (struct slice){ long_text, 65 };
	assert_int_equal(db_call_begin(f->db, &begin, &c), DB_REFUSED);
	begin.call_sid = SLICE("CA'; DROP TABLE calls; --");
	assert_int_equal(db_call_begin(f->db, &begin, &c), DB_REFUSED);
	assert_non_null(strstr(db_why(f->db), "call_sid is 1 to 64 letters, digits, - and _"));
	begin.call_sid = SLICE("");
	assert_int_equal(db_call_begin(f->db, &begin, &c), DB_REFUSED);
	begin.call_sid = SLICE(SID);
	begin.caller_number = (struct slice){ long_text, 65 };
	assert_int_equal(db_call_begin(f->db, &begin, &c), DB_REFUSED);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM calls"), 0);
}

static struct call_record read_call(struct fixture *f)
{
	struct call_record c;

	assert_int_equal(db_call_by_sid(f->db, SLICE(SID), &c), DB_OK);
	return c;
}

static enum db_result end_call(struct fixture *f, enum end_reason reason, int64_t now_ms)
{
	const struct call_end end = {
		.call_sid = SLICE(SID),
		.reason = reason,
		.now_ms = now_ms,
		.heard_ms = 4000,
		.spoken_ms = 2500,
	};

	return db_call_end(f->db, &end);
}

static void what_a_lock_kept_out_of_the_row_is_told_with_the_end(void **state)
{
	struct fixture *f = *state;
	const struct call_end end = { .call_sid = SLICE(SID), .reason = END_CALLER_HUNG_UP, .now_ms = NOW_MS + 6000,
		.started_ms = NOW_MS + 1000, .answered_ms = NOW_MS + 1500 };

	begin_call(f, SID);
	/* Twilio's word was quicker than the relay's. */
	assert_int_equal(db_call_twilio_status(f->db, SLICE(SID), SLICE("completed"), 6, NOW_MS + 5900), DB_OK);
	assert_int_equal(db_call_handled(f->db, SLICE(SID), HANDLED_NOBODY), DB_OK);
	assert_int_equal(db_call_end(f->db, &end), DB_OK);
	const struct call_record c = read_call(f);

	assert_int_equal(c.end_reason, END_CALLER_HUNG_UP);
	assert_int_equal(c.started_ms, NOW_MS + 1000);
	assert_int_equal(c.answered_ms, NOW_MS + 1500);
	assert_int_equal(c.handled, HANDLED_RECEPTIONIST);
}

static void what_the_caller_was_seen_to_get_is_not_concluded_away(void **state)
{
	struct fixture *f = *state;

	begin_call(f, SID);
	assert_int_equal(db_call_handled(f->db, SLICE(SID), HANDLED_PERSON), DB_OK);
	assert_int_equal(db_call_handled(f->db, SLICE(SID), HANDLED_RECEPTIONIST), DB_NONE);
	assert_int_equal(db_call_handled(f->db, SLICE(SID), HANDLED_NOBODY), DB_NONE);
	assert_int_equal(read_call(f).handled, HANDLED_PERSON);
}

static void a_call_rings_lives_answers_and_ends_once(void **state)
{
	struct fixture *f = *state;

	begin_call(f, SID);
	assert_int_equal(db_call_start(f->db, SLICE(SID), SLICE("MZ1"), NOW_MS + 1000, &start), DB_OK);
	assert_int_equal(read_call(f).status, CALL_LIVE);
	assert_string_equal(read_call(f).stream_sid, "MZ1");
	assert_int_equal(db_call_answer(f->db, SLICE(SID), NOW_MS + 1500), DB_OK);
	assert_int_equal(db_call_answer(f->db, SLICE(SID), NOW_MS + 9999), DB_OK);
	assert_int_equal(end_call(f, END_CALLER_HUNG_UP, NOW_MS + 6000), DB_OK);
	assert_int_equal(end_call(f, END_GROK_CLOSED, NOW_MS + 7000), DB_NONE);
	const struct call_record c = read_call(f);

	assert_int_equal(c.status, CALL_ENDED);
	assert_int_equal(c.end_reason, END_CALLER_HUNG_UP);
	assert_int_equal(c.started_ms, NOW_MS + 1000);
	assert_int_equal(c.answered_ms, NOW_MS + 1500);
	assert_int_equal(c.ended_ms, NOW_MS + 6000);
	assert_int_equal(ask_number(f, "SELECT heard_ms * 10000 + spoken_ms FROM calls"), 40002500);
}

static void an_ended_call_does_not_start_again(void **state)
{
	struct fixture *f = *state;

	begin_call(f, SID);
	assert_int_equal(end_call(f, END_GROK_REFUSED, NOW_MS + 1), DB_OK);
	assert_int_equal(db_call_start(f->db, SLICE(SID), SLICE("MZ2"), NOW_MS + 2, &start), DB_NONE);
	assert_int_equal(read_call(f).status, CALL_ENDED);
	assert_string_equal(read_call(f).stream_sid, "");
}

static void what_is_said_of_an_unknown_call_is_none(void **state)
{
	struct fixture *f = *state;
	struct call_record c;
	const struct turn turn = { .call_sid = SLICE(SID), .text = SLICE("hello"), .end_ms = 5 };

	assert_int_equal(db_call_by_sid(f->db, SLICE(SID), &c), DB_NONE);
	assert_int_equal(db_call_start(f->db, SLICE(SID), SLICE("MZ1"), NOW_MS, &start), DB_NONE);
	assert_int_equal(db_call_answer(f->db, SLICE(SID), NOW_MS), DB_NONE);
	assert_int_equal(end_call(f, END_SHUTDOWN, NOW_MS), DB_NONE);
	assert_int_equal(db_call_twilio_status(f->db, SLICE(SID), SLICE("completed"), 3, NOW_MS), DB_NONE);
	assert_int_equal(db_call_twilio_status(f->db, SLICE(SID), SLICE("ringing"), -1, NOW_MS), DB_NONE);
	assert_int_equal(
		db_stream_event(f->db, SLICE(SID), SLICE("MZ1"), SLICE("stream-started"), SLICE(""), NOW_MS), DB_NONE);
	assert_int_equal(db_turn_put(f->db, &turn), DB_NONE);
}

static void a_late_status_callback_never_reopens_a_finished_call(void **state)
{
	struct fixture *f = *state;

	begin_call(f, SID);
	assert_int_equal(db_call_start(f->db, SLICE(SID), SLICE("MZ1"), NOW_MS, &start), DB_OK);
	assert_int_equal(end_call(f, END_RECEPTIONIST_HUNG_UP, NOW_MS + 10), DB_OK);
	assert_int_equal(db_call_twilio_status(f->db, SLICE(SID), SLICE("completed"), 12, NOW_MS + 20), DB_OK);
	assert_int_equal(db_call_twilio_status(f->db, SLICE(SID), SLICE("in-progress"), -1, NOW_MS + 30), DB_OK);
	const struct call_record c = read_call(f);

	assert_int_equal(c.status, CALL_ENDED);
	assert_int_equal(c.end_reason, END_RECEPTIONIST_HUNG_UP);
	assert_int_equal(c.ended_ms, NOW_MS + 10);
	assert_string_equal(ask_text(f, "SELECT twilio_status || twilio_duration_s FROM calls"), "completed12");
}

static void a_final_status_callback_ends_what_the_relay_left_open(void **state)
{
	struct fixture *f = *state;

	begin_call(f, SID);
	assert_int_equal(db_call_twilio_status(f->db, SLICE(SID), SLICE("in-progress"), -1, NOW_MS + 1), DB_OK);
	assert_int_equal(read_call(f).status, CALL_RINGING);
	assert_string_equal(ask_text(f, "SELECT twilio_status FROM calls"), "in-progress");
	assert_int_equal(db_call_twilio_status(f->db, SLICE(SID), SLICE("canceled"), -1, NOW_MS + 2), DB_OK);
	assert_int_equal(read_call(f).status, CALL_ENDED);
	assert_int_equal(read_call(f).end_reason, END_NO_STREAM);
	assert_int_equal(read_call(f).ended_ms, NOW_MS + 2);
	assert_string_equal(ask_text(f, "SELECT twilio_duration_s FROM calls"), "(null)");
}

static void the_relays_word_replaces_the_end_that_only_twilio_reported(void **state)
{
	struct fixture *f = *state;

	begin_call(f, SID);
	assert_int_equal(db_call_start(f->db, SLICE(SID), SLICE("MZ1"), NOW_MS, &start), DB_OK);
	assert_int_equal(db_call_twilio_status(f->db, SLICE(SID), SLICE("completed"), 4, NOW_MS + 2), DB_OK);
	assert_int_equal(read_call(f).end_reason, END_UNREPORTED);
	assert_int_equal(end_call(f, END_CALLER_HUNG_UP, NOW_MS + 3), DB_OK);
	assert_int_equal(read_call(f).end_reason, END_CALLER_HUNG_UP);
	assert_int_equal(end_call(f, END_PHONE_RESET, NOW_MS + 4), DB_NONE);
	assert_int_equal(read_call(f).end_reason, END_CALLER_HUNG_UP);
}

static void a_status_that_is_no_word_is_refused(void **state)
{
	struct fixture *f = *state;

	begin_call(f, SID);
	assert_int_equal(db_call_twilio_status(f->db, SLICE(SID), SLICE("<script>"), -1, NOW_MS), DB_REFUSED);
	assert_int_equal(db_call_twilio_status(f->db, SLICE(SID), SLICE(""), -1, NOW_MS), DB_REFUSED);
}

static void stream_events_are_kept_once_each(void **state)
{
	struct fixture *f = *state;
	struct db *db = f->db;

	begin_call(f, SID);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
			db_stream_event(db, SLICE(SID), SLICE("MZ1"), SLICE("stream-started"), SLICE(""),
				NOW_MS + i), DB_OK);
		assert_int_equal(db_stream_event(db, SLICE(SID), SLICE("MZ1"), SLICE("stream-error"),
			SLICE("31921 closed"), NOW_MS + i), DB_OK);
	}
	assert_int_equal(
		db_stream_event(db, SLICE(SID), SLICE("MZ1"), SLICE("stream-exploded"), SLICE(""), NOW_MS), DB_REFUSED);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM stream_events"), 2);
	assert_string_equal(ask_text(f, "SELECT error FROM stream_events WHERE error <> ''"), "31921 closed");
	assert_int_equal(ask_number(f, "SELECT max(at_ms) FROM stream_events"), NOW_MS);
}

static void a_turn_grows_until_it_is_final(void **state)
{
	struct fixture *f = *state;
	struct turn turn = {
		.call_sid = SLICE(SID),
		.position = 0,
		.role = TURN_RECEPTIONIST,
		.text = SLICE("Hello,"),
		.start_ms = 100,
		.end_ms = 400,
	};

	begin_call(f, SID);
	assert_int_equal(db_turn_put(f->db, &turn), DB_OK);
	turn.text = SLICE("Hello, Bella's.");
	turn.end_ms = 900;
	turn.final = true;
	turn.cut = true;
	assert_int_equal(db_turn_put(f->db, &turn), DB_OK);
	turn.text = SLICE("something else");
	assert_int_equal(db_turn_put(f->db, &turn), DB_OK);
	assert_string_equal(ask_text(f, "SELECT role || '|' || text || '|' || start_ms || '|' || end_ms || '|' || final"
		" || '|' || cut FROM turns"), "receptionist|Hello, Bella's.|100|900|1|1");
	assert_string_equal(ask_text(f, "SELECT at || ' ' || text FROM transcripts"), "0:00.1 Hello, Bella's. [cut]");
}

static void a_turn_that_breaks_a_rule_is_refused(void **state)
{
	struct fixture *f = *state;
	static char text[TRANSCRIPT_BYTES_MAX + 1];
	struct turn turn = { .call_sid = SLICE(SID), .text = { text, TRANSCRIPT_BYTES_MAX }, .end_ms = 5 };

	memset(text, 't', sizeof(text));
	begin_call(f, SID);
	assert_int_equal(db_turn_put(f->db, &turn), DB_OK);
	turn.position = 1;
	turn.text.len++;
	assert_int_equal(db_turn_put(f->db, &turn), DB_REFUSED);
	turn.text = SLICE("hello");
	turn.start_ms = 6;
	assert_int_equal(db_turn_put(f->db, &turn), DB_REFUSED);
	turn.start_ms = -1;
	assert_int_equal(db_turn_put(f->db, &turn), DB_REFUSED);
	turn.start_ms = 0;
	turn.position = -1;
	assert_int_equal(db_turn_put(f->db, &turn), DB_REFUSED);
	turn.position = 1;
	turn.text = (struct slice){ "he\0lo", 5 };
	assert_int_equal(db_turn_put(f->db, &turn), DB_REFUSED);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM turns"), 1);
}

/* The rows of the table, in the form that the loop below writes them. */
static void append_reason(char *list, size_t list_bytes, const char *word, int fault, const char *sentence)
{
	const size_t used = strlen(list);

	(void)snprintf(list + used, list_bytes - used, "%s %d %s\n", word, fault, sentence);
}

static void the_end_reasons_are_the_same_in_code_and_schema(void **state)
{
	struct fixture *f = *state;
	char wanted[4096] = "";
	char got[4096] = "";
	sqlite3_stmt *rows = NULL;

	for (enum end_reason r = END_NONE + 1; r < END_REASON_COUNT; r++) {
		append_reason(wanted, sizeof(wanted), end_reason_word(r), end_reason_is_fault(r),
			end_reason_sentence(r));
		assert_int_equal(end_reason_parse(slice_of(end_reason_word(r))), r);
	}
	assert_int_equal(sqlite3_prepare_v2(f->plain,
		"SELECT word, fault, sentence FROM end_reasons ORDER BY rowid", -1, &rows, NULL), SQLITE_OK);
	while (sqlite3_step(rows) == SQLITE_ROW)
		append_reason(got, sizeof(got), (const char *)sqlite3_column_text(rows, 0),
			sqlite3_column_int(rows, 1), (const char *)sqlite3_column_text(rows, 2));
	sqlite3_finalize(rows);
	assert_string_equal(got, wanted);
	assert_int_equal(end_reason_parse(SLICE("tired")), END_NONE);
	assert_int_equal(end_reason_parse(SLICE("")), END_NONE);
}

static void every_end_reason_can_be_stored_and_read_back(void **state)
{
	struct fixture *f = *state;

	for (enum end_reason r = END_NONE + 1; r < END_REASON_COUNT; r++) {
		begin_call(f, SID);
		assert_int_equal(end_call(f, r, NOW_MS), DB_OK);
		assert_int_equal(read_call(f).end_reason, r);
		assert_int_equal(end_call(f, END_CALLER_HUNG_UP, NOW_MS), DB_NONE);
		run_sql(f, "DELETE FROM calls");
	}
}

static void the_limits_of_the_structs_are_those_of_the_schema(void **state)
{
	(void)state;
	/* The schema's sentences carry the numbers; tests/db/refusals.sh tries each at its edge. */
	assert_int_equal(MERCHANT_NAME_BYTES_MAX, 200);
	assert_int_equal(MERCHANT_SENTENCE_BYTES_MAX, 2000);
	assert_int_equal(MERCHANT_INSTRUCTIONS_BYTES_MAX, 16000);
	assert_int_equal(MERCHANT_WORD_BYTES_MAX, 64);
	assert_int_equal(SID_BYTES_MAX, 64);
	assert_int_equal(PHONE_BYTES_MAX, 64);
	assert_int_equal(TRANSCRIPT_BYTES_MAX, 16384);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DB_CASE(a_name_and_a_number_are_enough_for_a_merchant),
		DB_CASE(a_merchant_is_read_with_all_its_columns_at_full_length),
		DB_CASE(an_unknown_merchant_is_none_and_leaves_the_struct_alone),
		DB_CASE(a_row_that_breaks_the_rules_is_broken_not_cut),
		DB_CASE(a_call_begins_once_however_often_twilio_asks),
		DB_CASE(a_call_needs_a_merchant_and_a_proper_sid),
		DB_CASE(a_call_rings_lives_answers_and_ends_once),
		DB_CASE(what_a_lock_kept_out_of_the_row_is_told_with_the_end),
		DB_CASE(what_the_caller_was_seen_to_get_is_not_concluded_away),
		DB_CASE(an_ended_call_does_not_start_again),
		DB_CASE(what_is_said_of_an_unknown_call_is_none),
		DB_CASE(a_late_status_callback_never_reopens_a_finished_call),
		DB_CASE(a_final_status_callback_ends_what_the_relay_left_open),
		DB_CASE(the_relays_word_replaces_the_end_that_only_twilio_reported),
		DB_CASE(a_status_that_is_no_word_is_refused),
		DB_CASE(stream_events_are_kept_once_each),
		DB_CASE(a_turn_grows_until_it_is_final),
		DB_CASE(a_turn_that_breaks_a_rule_is_refused),
		DB_CASE(the_end_reasons_are_the_same_in_code_and_schema),
		DB_CASE(every_end_reason_can_be_stored_and_read_back),
		cmocka_unit_test(the_limits_of_the_structs_are_those_of_the_schema),
	};

	return cmocka_run_group_tests_name("db_call", tests, NULL, NULL);
}
