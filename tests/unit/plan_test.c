/* What each situation gives, as a table. */
#include "tests/unit/planned.h"

struct row {
	const char *what;
	struct plan_facts facts;
	const char *plan;
	enum handled handled;
	enum end_reason ends_with;
};

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct plan plan = plan_decide(&rows[i].facts);

		print_message("# %s\n", rows[i].what);
		assert_string_equal(word_of(&plan), rows[i].plan);
		assert_string_equal(handled_words[plan.handled], handled_words[rows[i].handled]);
		assert_string_equal(end_reason_word(plan.ends_with), end_reason_word(rows[i].ends_with));
	}
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

#define KNOWN .merchant = PLAN_MERCHANT_KNOWN
#define FALLBACK .has_fallback = true
#define TONE .transfer_fallback = TRANSFER_FALLBACK_VOICEMAIL
#define SORRY .transfer_fallback = TRANSFER_FALLBACK_APOLOGY
#define CLOSED(what) .is_closed = true, .after_hours = AFTER_HOURS_##what
#define DOWN .relay = RELAY_ABSENT
#define ROW(status_) .is_recorded = true, .status = CALL_##status_
#define ENDED(reason) ROW(ENDED), .end_reason = END_##reason
#define MISSED .dial = PLAN_DIAL_MISSED
#define TALKED .dial = PLAN_DIAL_TALKED

static void a_new_call_is_answered_by_merchant_screen_hours_limits_and_relay(void **state)
{
	static const struct row rows[] = {
		{ "nobody can be asked", { .question = PLAN_INCOMING }, "apology", HANDLED_APOLOGY, END_NONE },
		{ "nobody's number", { .merchant = PLAN_MERCHANT_UNKNOWN }, "not-configured", HANDLED_OPEN, END_NONE },
		{ "a paused merchant", { .merchant = PLAN_MERCHANT_PAUSED, FALLBACK }, "not-configured", HANDLED_OPEN,
			END_NONE },
		{ "a merchant from memory", { .merchant = PLAN_MERCHANT_REMEMBERED, FALLBACK }, "ring-fallback",
			HANDLED_OPEN, END_NONE },
		{ "one without a number", { .merchant = PLAN_MERCHANT_REMEMBERED }, "apology", HANDLED_APOLOGY,
			END_NONE },
		{ "all is well", { KNOWN }, "stream", HANDLED_OPEN, END_NONE },
		{ "the relay is up", { KNOWN, .relay = RELAY_UP }, "stream", HANDLED_OPEN, END_NONE },
		{ "the relay is gone", { KNOWN, FALLBACK, DOWN }, "ring-fallback", HANDLED_OPEN, END_NONE },
		{ "the relay is full", { KNOWN, FALLBACK, .relay = RELAY_FULL }, "ring-fallback", HANDLED_OPEN,
			END_NONE },
		{ "the relay is draining", { KNOWN, .relay = RELAY_DRAINING }, "apology", HANDLED_APOLOGY, END_NONE },
		{ "the relay has no provider", { KNOWN, TONE, .relay = RELAY_UNABLE }, "sorry+tone", HANDLED_OPEN,
			END_NONE },
		{ "over a limit", { KNOWN, FALLBACK, .is_over_limit = true }, "ring-fallback", HANDLED_OPEN,
			END_OVER_LIMIT },
		{ "over a limit, nobody to ring", { KNOWN, TONE, .is_over_limit = true }, "sorry+tone", HANDLED_OPEN,
			END_OVER_LIMIT },
		{ "turned away", { KNOWN, .verdict = SCREEN_REJECT }, "reject", HANDLED_REJECTED, END_REJECTED },
		{ "turned away too late", { KNOWN, .verdict = SCREEN_REJECT, .is_picked_up = true }, "hang-up",
			HANDLED_REJECTED, END_REJECTED },
		{ "turned away at night", { KNOWN, CLOSED(CLOSED), .verdict = SCREEN_REJECT }, "reject",
			HANDLED_REJECTED, END_REJECTED },
		{ "may only leave a message", { KNOWN, .verdict = SCREEN_VOICEMAIL }, "sorry+tone", HANDLED_OPEN,
			END_REJECTED },
		{ "gave up already", { KNOWN, .is_gone = true }, "hang-up", HANDLED_OPEN, END_NONE },
		{ "closed: as always", { KNOWN, CLOSED(AI) }, "stream", HANDLED_OPEN, END_NONE },
		{ "closed: takes messages", { KNOWN, CLOSED(MESSAGE) }, "stream", HANDLED_OPEN, END_NONE },
		{ "closed: a tone", { KNOWN, CLOSED(VOICEMAIL) }, "closed+tone", HANDLED_OPEN, END_AFTER_HOURS },
		{ "closed: another number", { KNOWN, CLOSED(FORWARD), .has_after_hours_number = true },
			"ring-after-hours", HANDLED_OPEN, END_AFTER_HOURS },
		{ "closed: another number that is missing", { KNOWN, CLOSED(FORWARD) }, "closed+tone", HANDLED_OPEN,
			END_AFTER_HOURS },
		{ "closed: a notice", { KNOWN, FALLBACK, CLOSED(CLOSED) }, "closed", HANDLED_NOTICE, END_AFTER_HOURS },
		{ "closed and over a limit", { KNOWN, CLOSED(CLOSED), .is_over_limit = true }, "closed",
			HANDLED_NOTICE, END_AFTER_HOURS },
		{ "closed: as always, but the relay is gone", { KNOWN, CLOSED(AI), FALLBACK, DOWN }, "ring-fallback",
			HANDLED_OPEN, END_NONE },
		{ "closed: messages, but the relay is gone", { KNOWN, CLOSED(MESSAGE), FALLBACK, DOWN }, "sorry+tone",
			HANDLED_OPEN, END_NONE },
		{ "closed: messages, over a limit", { KNOWN, CLOSED(MESSAGE), FALLBACK, .is_over_limit = true },
			"sorry+tone", HANDLED_OPEN, END_OVER_LIMIT },
		{ "open: messages are for the night", { KNOWN, FALLBACK, .after_hours = AFTER_HOURS_MESSAGE, DOWN },
			"ring-fallback", HANDLED_OPEN, END_NONE },
		{ "open: what is for the night does not count", { KNOWN, .after_hours = AFTER_HOURS_CLOSED },
			"stream", HANDLED_OPEN, END_NONE },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void a_repeated_question_gets_the_answer_of_the_first(void **state)
{
	static const struct row rows[] = {
		{ "it was let in", { KNOWN, ROW(RINGING) }, "stream", HANDLED_OPEN, END_NONE },
		{ "it closed meanwhile", { KNOWN, ROW(RINGING), CLOSED(CLOSED) }, "stream", HANDLED_OPEN, END_NONE },
		{ "the limit was reached meanwhile", { KNOWN, ROW(RINGING), .is_over_limit = true }, "stream",
			HANDLED_OPEN, END_NONE },
		{ "he is blocked meanwhile", { KNOWN, ROW(RINGING), .verdict = SCREEN_REJECT }, "stream",
			HANDLED_OPEN, END_NONE },
		{ "over a limit", { KNOWN, FALLBACK, ENDED(OVER_LIMIT) }, "ring-fallback", HANDLED_OPEN, END_NONE },
		{ "closed: a notice", { KNOWN, .after_hours = AFTER_HOURS_CLOSED, ENDED(AFTER_HOURS) }, "closed",
			HANDLED_NOTICE, END_NONE },
		{ "closed: a tone", { KNOWN, .after_hours = AFTER_HOURS_VOICEMAIL, ENDED(AFTER_HOURS) },
			"closed+tone", HANDLED_OPEN, END_NONE },
		{ "closed, and changed since", { KNOWN, .after_hours = AFTER_HOURS_AI, ENDED(AFTER_HOURS) }, "closed",
			HANDLED_NOTICE, END_NONE },
		{ "turned away", { KNOWN, .verdict = SCREEN_REJECT, ENDED(REJECTED) }, "reject", HANDLED_REJECTED,
			END_NONE },
		{ "turned away, nobody knows why", { KNOWN, ENDED(REJECTED) }, "reject", HANDLED_REJECTED, END_NONE },
		{ "may only leave a message", { KNOWN, .verdict = SCREEN_VOICEMAIL, ENDED(REJECTED) }, "sorry+tone",
			HANDLED_OPEN, END_NONE },
		{ "it failed meanwhile", { KNOWN, FALLBACK, ENDED(GROK_CLOSED) }, "ring-fallback", HANDLED_OPEN,
			END_NONE },
		{ "it is over", { KNOWN, FALLBACK, ENDED(CALLER_HUNG_UP), .was_answered = true }, "hang-up",
			HANDLED_RECEPTIONIST, END_NONE },
		{ "he has talked with somebody", { KNOWN, FALLBACK, ENDED(OVER_LIMIT), .handled = HANDLED_PERSON },
			"hang-up", HANDLED_OPEN, END_NONE },
	};

	(void)state;
	CHECK_ROWS(rows);
}

#define AFTER .question = PLAN_AFTER, KNOWN

static void what_ends_is_followed_by_what_is_left(void **state)
{
	static const struct row rows[] = {
		{ "nobody knows the call", { .question = PLAN_AFTER }, "apology", HANDLED_APOLOGY, END_NONE },
		{ "the number is remembered", { .question = PLAN_AFTER, .merchant = PLAN_MERCHANT_REMEMBERED, FALLBACK
			}, "ring-fallback", HANDLED_OPEN, END_NONE },
		{ "and was rung", { .question = PLAN_AFTER, .merchant = PLAN_MERCHANT_REMEMBERED, FALLBACK, MISSED },
			"apology", HANDLED_APOLOGY, END_NONE },
		{ "the stream never came", { AFTER, FALLBACK, ROW(RINGING) }, "ring-fallback", HANDLED_OPEN, END_NONE },
		{ "the relay died", { AFTER, FALLBACK, ROW(LIVE) }, "ring-fallback", HANDLED_OPEN, END_NONE },
		{ "the relay died, nobody to ring", { AFTER, ROW(LIVE), .was_answered = true }, "apology",
			HANDLED_APOLOGY, END_NONE },
		{ "the relay died, the merchant has a tone", { AFTER, TONE, ROW(LIVE) }, "sorry+tone", HANDLED_OPEN,
			END_NONE },
		{ "the relay died at night", { AFTER, FALLBACK, CLOSED(MESSAGE), ROW(LIVE) }, "sorry+tone",
			HANDLED_OPEN, END_NONE },
		{ "it closed during the call", { AFTER, FALLBACK, CLOSED(CLOSED), ROW(LIVE) }, "apology",
			HANDLED_APOLOGY, END_NONE },
		{ "she said goodbye", { AFTER, FALLBACK, ENDED(RECEPTIONIST_HUNG_UP), .was_answered = true },
			"hang-up", HANDLED_RECEPTIONIST, END_NONE },
		{ "the caller is gone", { AFTER, FALLBACK, ROW(LIVE), .is_gone = true, .was_answered = true },
			"hang-up", HANDLED_RECEPTIONIST, END_NONE },
		{ "the caller gave up", { AFTER, FALLBACK, ROW(RINGING), .is_gone = true }, "hang-up", HANDLED_NOBODY,
			END_NONE },
		{ "Grok was lost", { AFTER, FALLBACK, ENDED(GROK_CLOSED), .was_answered = true }, "ring-fallback",
			HANDLED_OPEN, END_NONE },
		{ "over a limit in the middle", { AFTER, FALLBACK, ENDED(OVER_LIMIT), .was_answered = true },
			"hang-up", HANDLED_RECEPTIONIST, END_NONE },
		{ "they talked", { AFTER, FALLBACK, ENDED(GROK_CLOSED), TALKED }, "hang-up", HANDLED_PERSON, END_NONE },
		{ "they talked, and he hung up", { AFTER, ENDED(GROK_CLOSED), TALKED, .is_gone = true }, "hang-up",
			HANDLED_PERSON, END_NONE },
		{ "busy", { AFTER, FALLBACK, ENDED(GROK_CLOSED), MISSED }, "apology", HANDLED_APOLOGY, END_NONE },
		{ "busy, the merchant has a tone", { AFTER, FALLBACK, TONE, ROW(RINGING), MISSED }, "sorry+tone",
			HANDLED_OPEN, END_NONE },
		{ "at night nobody picks up", { AFTER, FALLBACK, ENDED(AFTER_HOURS), MISSED }, "sorry+tone",
			HANDLED_OPEN, END_NONE },
		{ "at night, no tones", { AFTER, FALLBACK, SORRY, ENDED(AFTER_HOURS), MISSED }, "apology",
			HANDLED_APOLOGY, END_NONE },
		{ "to be handed over", { AFTER, ROW(TRANSFERRING) }, "ring-transfer", HANDLED_OPEN, END_NONE },
		{ "handed over", { AFTER, ROW(TRANSFERRING), TALKED }, "hang-up", HANDLED_PERSON, END_NONE },
		{ "not reached: she returns", { AFTER, FALLBACK, ROW(TRANSFERRING), MISSED }, "resume", HANDLED_OPEN,
			END_NONE },
		{ "not reached, asked again", { AFTER, ROW(TRANSFERRING), MISSED, .was_dialled = true }, "resume",
			HANDLED_OPEN, END_NONE },
		{ "not reached, no relay", { AFTER, FALLBACK, ROW(TRANSFERRING), MISSED, DOWN }, "sorry+tone",
			HANDLED_OPEN, END_NONE },
		{ "not reached: a tone", { AFTER, FALLBACK, TONE, ROW(TRANSFERRING), MISSED }, "sorry+tone",
			HANDLED_OPEN, END_NONE },
		{ "not reached: sorry", { AFTER, FALLBACK, SORRY, ROW(TRANSFERRING), MISSED }, "apology",
			HANDLED_APOLOGY, END_NONE },
		{ "she could not return", { AFTER, FALLBACK, ROW(TRANSFERRING), .was_dialled = true },
			"ring-fallback", HANDLED_OPEN, END_NONE },
		{ "gave up while it rang", { AFTER, ROW(TRANSFERRING), MISSED, .is_gone = true, .was_answered = true
			}, "hang-up", HANDLED_RECEPTIONIST, END_NONE },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void where_the_row_is_silent_the_relay_is_believed(void **state)
{
#define TOLD(reason) .told_end = END_##reason
	static const struct row rows[] = {
		{ "she said goodbye, and the row is locked", { AFTER, FALLBACK, ROW(LIVE), TOLD(RECEPTIONIST_HUNG_UP) },
			"hang-up", HANDLED_RECEPTIONIST, END_NONE },
		{ "or was never written", { AFTER, FALLBACK, TOLD(RECEPTIONIST_HUNG_UP) }, "hang-up", HANDLED_OPEN,
			END_NONE },
		{ "he said nothing any more", { AFTER, FALLBACK, ROW(LIVE), TOLD(CALLER_SILENT) }, "hang-up",
			HANDLED_NOBODY, END_NONE },
		{ "over a limit, after a talk", { AFTER, FALLBACK, ROW(LIVE), TOLD(OVER_LIMIT), .was_answered = true },
			"hang-up", HANDLED_RECEPTIONIST, END_NONE },
		{ "over a limit, perhaps at once", { AFTER, FALLBACK, TOLD(OVER_LIMIT) }, "ring-fallback", HANDLED_OPEN,
			END_NONE },
		{ "to whom he was to be handed over nobody can read", { AFTER, FALLBACK, ROW(LIVE), TOLD(TRANSFERRED) },
			"ring-fallback", HANDLED_OPEN, END_NONE },
		{ "Grok was lost", { AFTER, FALLBACK, ROW(LIVE), TOLD(GROK_CLOSED) }, "ring-fallback", HANDLED_OPEN,
			END_NONE },
		{ "the row knows better", { AFTER, FALLBACK, ENDED(GROK_CLOSED), TOLD(RECEPTIONIST_HUNG_UP) },
			"ring-fallback", HANDLED_OPEN, END_NONE },
	};
	struct plan_facts f = { AFTER, FALLBACK, ROW(LIVE) };

	(void)state;
	CHECK_ROWS(rows);
	assert_true(plan_wants_end(&f) && plan_decide(&f).is_lost);
	f.told_end = END_GROK_CLOSED;
	assert_false(plan_decide(&f).is_lost);
	f.status = CALL_TRANSFERRING;
	assert_false(plan_wants_end(&f));
	f = (struct plan_facts){ AFTER, ROW(LIVE), MISSED };
	assert_false(plan_wants_end(&f));
	f = (struct plan_facts){ AFTER, ROW(LIVE), .is_gone = true };
	assert_true(plan_wants_end(&f));
	f = (struct plan_facts){ AFTER };
	assert_true(plan_wants_end(&f));
	f = (struct plan_facts){ KNOWN, ROW(LIVE) };
	assert_false(plan_wants_end(&f));
}

static void a_tone_a_status_and_a_call_of_ours_have_their_answers(void **state)
{
	static const struct row rows[] = {
		{ "a message", { .question = PLAN_RECORDED, .recording = PLAN_RECORDING_KEPT }, "thanks",
			HANDLED_VOICEMAIL, END_NONE },
		{ "a message, and gone", { .question = PLAN_RECORDED, .recording = PLAN_RECORDING_KEPT, .is_gone =
			true }, "hang-up", HANDLED_VOICEMAIL, END_NONE },
		{ "a breath", { .question = PLAN_RECORDED, ROW(ENDED) }, "no-message", HANDLED_NOBODY, END_NONE },
		{ "a breath after a talk", { .question = PLAN_RECORDED, ROW(ENDED), .was_answered = true },
			"no-message", HANDLED_RECEPTIONIST, END_NONE },
		{ "a message that cannot be kept", { .question = PLAN_RECORDED, .recording = PLAN_RECORDING_LOST },
			"apology", HANDLED_APOLOGY, END_NONE },
		{ "it rings", { .question = PLAN_STATUS, ROW(RINGING) }, "nothing", HANDLED_OPEN, END_NONE },
		{ "over, nothing happened", { .question = PLAN_STATUS, ROW(RINGING), .is_gone = true }, "nothing",
			HANDLED_NOBODY, END_NONE },
		{ "over, they talked", { .question = PLAN_STATUS, ROW(LIVE), .is_gone = true, .was_answered = true },
			"nothing", HANDLED_RECEPTIONIST, END_NONE },
		{ "over, and settled", { .question = PLAN_STATUS, ENDED(AFTER_HOURS), .is_gone = true, .handled =
			HANDLED_NOTICE }, "nothing", HANDLED_OPEN, END_NONE },
		{ "a person", { .question = PLAN_OUTGOING, KNOWN, ROW(RINGING), .has_opening = true }, "stream",
			HANDLED_OPEN, END_NONE },
		{ "a person, no relay", { .question = PLAN_OUTGOING, KNOWN, ROW(RINGING), .has_opening = true, DOWN },
			"opening", HANDLED_NOTICE, END_NONE },
		{ "a person, no relay, no words", { .question = PLAN_OUTGOING, KNOWN, ROW(RINGING), DOWN }, "apology",
			HANDLED_APOLOGY, END_NONE },
		{ "a person, no row", { .question = PLAN_OUTGOING, KNOWN, .has_opening = true }, "opening",
			HANDLED_NOTICE, END_NONE },
		{ "a person, again", { .question = PLAN_OUTGOING, KNOWN, ENDED(CALLER_HUNG_UP), .handled =
			HANDLED_PERSON }, "hang-up", HANDLED_OPEN, END_NONE },
		{ "a machine that listens", { .question = PLAN_OUTGOING, KNOWN, ROW(RINGING), .has_opening = true,
			.answerer = ANSWERER_LEAVE_MESSAGE }, "opening", HANDLED_NOTICE, END_MACHINE_ANSWERED },
		{ "a machine that listens to nothing", { .question = PLAN_OUTGOING, KNOWN, ROW(RINGING), .answerer =
			ANSWERER_LEAVE_MESSAGE }, "hang-up", HANDLED_NOBODY, END_MACHINE_ANSWERED },
		{ "a machine", { .question = PLAN_OUTGOING, KNOWN, ROW(RINGING), .has_opening = true, .answerer =
			ANSWERER_HANG_UP }, "hang-up", HANDLED_NOBODY, END_MACHINE_ANSWERED },
		{ "never ordered", { .question = PLAN_OUTGOING, .merchant = PLAN_MERCHANT_UNKNOWN }, "hang-up",
			HANDLED_OPEN, END_NONE },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void every_end_reason_hangs_up_or_looks_for_a_person_as_its_table_says(void **state)
{
	(void)state;
	for (int reason = END_NONE + 1; reason < END_REASON_COUNT; reason++) {
		struct plan_facts facts = { AFTER, FALLBACK, ROW(ENDED), .end_reason = (enum end_reason)reason };
		const bool is_fault = end_reason_is_fault(facts.end_reason) || reason == END_OVER_LIMIT;
		struct plan plan = plan_decide(&facts);

		assert_string_equal(word_of(&plan), is_fault ? "ring-fallback" : "hang-up");
		facts.has_fallback = false;
		plan = plan_decide(&facts);
		assert_string_equal(word_of(&plan), is_fault ? "apology" : "hang-up");
	}
}

static void each_plan_has_its_word_in_the_log(void **state)
{
	const struct { struct plan_facts facts; const char *word; } rows[] = {
		{ { KNOWN }, "stream" },
		{ { AFTER, ROW(TRANSFERRING), MISSED }, "resume" },
		{ { AFTER, ROW(TRANSFERRING) }, "transfer" },
		{ { AFTER, FALLBACK }, "dial" },
		{ { KNOWN, CLOSED(FORWARD), .has_after_hours_number = true }, "forward" },
		{ { KNOWN, CLOSED(VOICEMAIL) }, "voicemail" },
		{ { KNOWN, CLOSED(CLOSED) }, "say" },
		{ { KNOWN, DOWN }, "apologise" },
		{ { KNOWN, .verdict = SCREEN_REJECT }, "reject" },
		{ { KNOWN, .is_gone = true }, "hang-up" },
		{ { .question = PLAN_STATUS }, "nothing" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct plan plan = plan_decide(&rows[i].facts);

		assert_string_equal(plan_word(&plan), rows[i].word);
	}
}

static void what_was_rung_goes_with_the_url_and_comes_back(void **state)
{
	static const char *const nothing[] = { "", "rung=", "rung=transfer", "rung=transfer0", "rung=transfer6",
		"rung=transfer11", "rung=fallback1", "id=1", "r", "rung=Fallback", "&rung=fallback" };
	char text[PLAN_RUNG_BYTES_MAX];

	(void)state;
	for (int number = PLAN_NUMBER_NONE; number < PLAN_NUMBER_COUNT; number++) {
		const struct plan_rung rung = { (enum plan_number)number, number == PLAN_NUMBER_TRANSFER ? 5 : 0 };
		struct slice query = plan_rung_write(&rung, text);

		if (query.len)
			query = (struct slice){ query.data + 1, query.len - 1 };
		assert_int_equal(plan_rung_read(query).number, rung.number);
		assert_int_equal(plan_rung_read(query).transfer_count, rung.transfer_count);
	}
	for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++)
		assert_int_equal(plan_rung_read(slice_of(nothing[i])).number, PLAN_NUMBER_NONE);
}

static void what_was_rung_counts_also_without_a_row(void **state)
{
	static const struct row rows[] = {
		{ "the fallback, and the row is stuck", { AFTER, FALLBACK, ROW(TRANSFERRING), MISSED, .rung = {
			PLAN_NUMBER_FALLBACK, 0 } }, "apology", HANDLED_APOLOGY, END_NONE },
		{ "the night's number, and no row", { AFTER, FALLBACK, MISSED, .rung = { PLAN_NUMBER_AFTER_HOURS, 0 }
			}, "sorry+tone", HANDLED_OPEN, END_NONE },
		{ "somebody, once", { AFTER, FALLBACK, ROW(TRANSFERRING), .rung = { PLAN_NUMBER_TRANSFER, 1 } },
			"ring-transfer", HANDLED_OPEN, END_NONE },
		{ "often enough", { AFTER, FALLBACK, ROW(TRANSFERRING), .rung = { PLAN_NUMBER_TRANSFER, 5 } },
			"ring-fallback", HANDLED_OPEN, END_NONE },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void what_a_stream_or_a_transfer_leaves_open_is_closed(void **state)
{
	static const struct {
		const char *what;
		struct plan_facts facts;
		bool is_lost, ends_transfer;
	} rows[] = {
		{ "the stream never came", { AFTER, ROW(RINGING) }, true, false },
		{ "the relay died", { AFTER, ROW(LIVE) }, true, false },
		{ "and the caller is gone", { AFTER, ROW(LIVE), .is_gone = true }, true, false },
		{ "a fallback was busy", { AFTER, ROW(RINGING), MISSED }, false, false },
		{ "there is no row", { AFTER }, false, false },
		{ "it is over", { AFTER, ENDED(GROK_CLOSED) }, false, false },
		{ "somebody is to be rung", { AFTER, ROW(TRANSFERRING) }, false, false },
		{ "they talked", { AFTER, ROW(TRANSFERRING), TALKED }, false, true },
		{ "she returns", { AFTER, ROW(TRANSFERRING), MISSED }, false, false },
		{ "she cannot", { AFTER, ROW(TRANSFERRING), MISSED, DOWN }, false, true },
		{ "she could not", { AFTER, ROW(TRANSFERRING), .was_dialled = true }, false, true },
		{ "the caller is gone meanwhile", { AFTER, ROW(TRANSFERRING), .is_gone = true }, false, true },
		{ "it comes in once more", { KNOWN, ROW(TRANSFERRING) }, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct plan plan = plan_decide(&rows[i].facts);

		print_message("# %s\n", rows[i].what);
		assert_int_equal(plan.is_lost, rows[i].is_lost);
		assert_int_equal(plan.ends_transfer, rows[i].ends_transfer);
	}
}

static void twilios_words_are_understood(void **state)
{
	(void)state;
	assert_int_equal(plan_dial_of(SLICE("")), PLAN_DIAL_NONE);
	assert_int_equal(plan_dial_of(SLICE("completed")), PLAN_DIAL_TALKED);
	assert_int_equal(plan_dial_of(SLICE("answered")), PLAN_DIAL_TALKED);
	assert_int_equal(plan_dial_of(SLICE("busy")), PLAN_DIAL_MISSED);
	assert_int_equal(plan_dial_of(SLICE("no-answer")), PLAN_DIAL_MISSED);
	assert_int_equal(plan_dial_of(SLICE("failed")), PLAN_DIAL_MISSED);
	assert_int_equal(plan_dial_of(SLICE("canceled")), PLAN_DIAL_MISSED);
	assert_int_equal(plan_dial_of(SLICE("?")), PLAN_DIAL_MISSED);
	assert_true(plan_is_over(SLICE("completed")));
	assert_true(plan_is_over(SLICE("canceled")));
	assert_false(plan_is_over(SLICE("in-progress")));
	assert_false(plan_is_over(SLICE("ringing")));
	assert_false(plan_is_over(SLICE("")));
	assert_false(plan_recording_counts(0));
	assert_false(plan_recording_counts(1000));
	assert_true(plan_recording_counts(2000));
	assert_true(plan_recording_counts(-1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_call_is_answered_by_merchant_screen_hours_limits_and_relay),
		cmocka_unit_test(a_repeated_question_gets_the_answer_of_the_first),
		cmocka_unit_test(what_ends_is_followed_by_what_is_left),
		cmocka_unit_test(where_the_row_is_silent_the_relay_is_believed),
		cmocka_unit_test(a_tone_a_status_and_a_call_of_ours_have_their_answers),
		cmocka_unit_test(every_end_reason_hangs_up_or_looks_for_a_person_as_its_table_says),
		cmocka_unit_test(each_plan_has_its_word_in_the_log),
		cmocka_unit_test(what_was_rung_goes_with_the_url_and_comes_back),
		cmocka_unit_test(what_was_rung_counts_also_without_a_row),
		cmocka_unit_test(what_a_stream_or_a_transfer_leaves_open_is_closed),
		cmocka_unit_test(twilios_words_are_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
