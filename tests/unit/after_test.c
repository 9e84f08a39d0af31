#include "tests/unit/unit.h"

#include "fcgi/after.h"

static const struct row {
	const char *what;
	const char *dial, *call;
	bool is_recorded;
	enum call_status status;
	enum end_reason reason;
	enum after without_fallback, with_fallback;
} rows[] = {
	{ "the database knows nothing", "", "in-progress", false, CALL_RINGING, END_NONE, AFTER_APOLOGISE, AFTER_DIAL },
	{ "the stream never came", "", "in-progress", true, CALL_RINGING, END_NONE, AFTER_APOLOGISE, AFTER_DIAL },
	{ "the relay died", "", "in-progress", true, CALL_LIVE, END_NONE, AFTER_APOLOGISE, AFTER_DIAL },
	{ "the receptionist said goodbye", "", "in-progress", true, CALL_ENDED, END_RECEPTIONIST_HUNG_UP,
		AFTER_HANG_UP, AFTER_HANG_UP },
	{ "Grok was lost", "", "in-progress", true, CALL_ENDED, END_GROK_CLOSED, AFTER_APOLOGISE, AFTER_DIAL },
	{ "no CallStatus at all", "", "", true, CALL_ENDED, END_GROK_CLOSED, AFTER_APOLOGISE, AFTER_DIAL },
	{ "the caller is gone", "", "completed", true, CALL_LIVE, END_NONE, AFTER_HANG_UP, AFTER_HANG_UP },
	{ "the caller is gone after a fault", "", "completed", true, CALL_ENDED, END_GROK_CLOSED,
		AFTER_HANG_UP, AFTER_HANG_UP },
	{ "the caller gave up", "", "canceled", false, CALL_RINGING, END_NONE, AFTER_HANG_UP, AFTER_HANG_UP },
	{ "a person was reached", "completed", "in-progress", true, CALL_ENDED, END_GROK_CLOSED,
		AFTER_HANG_UP, AFTER_HANG_UP },
	{ "a person was reached through a queue", "answered", "in-progress", true, CALL_ENDED, END_GROK_CLOSED,
		AFTER_HANG_UP, AFTER_HANG_UP },
	{ "nobody picked up", "no-answer", "in-progress", true, CALL_ENDED, END_GROK_CLOSED,
		AFTER_APOLOGISE, AFTER_APOLOGISE },
	{ "the person was busy", "busy", "in-progress", false, CALL_RINGING, END_NONE,
		AFTER_APOLOGISE, AFTER_APOLOGISE },
	{ "the number was wrong", "failed", "in-progress", true, CALL_RINGING, END_NONE,
		AFTER_APOLOGISE, AFTER_APOLOGISE },
};

/* A call that is transferring: each answer of a <Dial>, before and after, for each wish of the merchant. */
static const struct transfer_row {
	const char *what;
	const char *dial, *call;
	bool was_dialled;
	enum after ai, voicemail, apology;
	bool ends;
} transfer_rows[] = {
	{ "the stream is over, the person is rung", "", "in-progress", false, AFTER_TRANSFER, AFTER_TRANSFER,
		AFTER_TRANSFER, false },
	{ "they talked", "completed", "in-progress", false, AFTER_HANG_UP, AFTER_HANG_UP, AFTER_HANG_UP, true },
	{ "they talked through a queue", "answered", "in-progress", false, AFTER_HANG_UP, AFTER_HANG_UP, AFTER_HANG_UP,
		true },
	{ "they talked and the caller hung up", "completed", "completed", false, AFTER_HANG_UP, AFTER_HANG_UP,
		AFTER_HANG_UP, true },
	{ "nobody picked up", "no-answer", "in-progress", false, AFTER_RESUME, AFTER_VOICEMAIL, AFTER_APOLOGISE,
		true },
	{ "the person was busy", "busy", "in-progress", false, AFTER_RESUME, AFTER_VOICEMAIL, AFTER_APOLOGISE, true },
	{ "the number was wrong", "failed", "in-progress", false, AFTER_RESUME, AFTER_VOICEMAIL, AFTER_APOLOGISE,
		true },
	{ "Twilio asks again", "no-answer", "in-progress", true, AFTER_RESUME, AFTER_VOICEMAIL, AFTER_APOLOGISE, true },
	{ "the caller gave up meanwhile", "canceled", "completed", false, AFTER_HANG_UP, AFTER_HANG_UP, AFTER_HANG_UP,
		true },
	{ "the caller was gone before", "", "completed", false, AFTER_HANG_UP, AFTER_HANG_UP, AFTER_HANG_UP, true },
	{ "the receptionist could not come back", "", "in-progress", true, AFTER_DIAL, AFTER_DIAL, AFTER_DIAL, true },
};

static void each_transfer_goes_on_as_the_merchant_chose(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof transfer_rows / sizeof transfer_rows[0]; i++) {
		const struct transfer_row *row = &transfer_rows[i];
		struct after_facts facts = {
			.dial_status = slice_of(row->dial),
			.call_status = slice_of(row->call),
			.is_recorded = true,
			.recorded_status = CALL_TRANSFERRING,
			.was_dialled = row->was_dialled,
			.has_fallback = true,
		};

		print_message("# %s\n", row->what);
		facts.transfer_fallback = TRANSFER_FALLBACK_AI;
		assert_int_equal(after_decide(&facts), row->ai);
		assert_int_equal(after_ends_transfer(&facts, row->ai), row->ends && row->ai != AFTER_RESUME);
		facts.transfer_fallback = TRANSFER_FALLBACK_VOICEMAIL;
		assert_int_equal(after_decide(&facts), row->voicemail);
		assert_int_equal(after_ends_transfer(&facts, row->voicemail), row->ends);
		facts.transfer_fallback = TRANSFER_FALLBACK_APOLOGY;
		assert_int_equal(after_decide(&facts), row->apology);
		assert_int_equal(after_ends_transfer(&facts, row->apology), row->ends);
	}
}

static void a_merchant_with_voicemail_takes_one_instead_of_an_apology(void **state)
{
	struct after_facts facts = {
		.call_status = SLICE("in-progress"),
		.is_recorded = true,
		.recorded_status = CALL_LIVE,
		.transfer_fallback = TRANSFER_FALLBACK_VOICEMAIL,
	};

	(void)state;
	assert_int_equal(after_decide(&facts), AFTER_VOICEMAIL);
	assert_false(after_ends_transfer(&facts, AFTER_VOICEMAIL));
	facts.has_fallback = true;
	assert_int_equal(after_decide(&facts), AFTER_DIAL);
	facts.dial_status = SLICE("busy");
	assert_int_equal(after_decide(&facts), AFTER_VOICEMAIL);
	facts.is_recorded = false;
	assert_int_equal(after_decide(&facts), AFTER_APOLOGISE);
}

static void who_was_let_in_before_the_limit_has_heard_a_goodbye(void **state)
{
	struct after_facts facts = {
		.call_status = SLICE("in-progress"),
		.is_recorded = true,
		.recorded_status = CALL_ENDED,
		.end_reason = END_OVER_LIMIT,
		.has_fallback = true,
	};

	(void)state;
	assert_int_equal(after_decide(&facts), AFTER_DIAL);
	facts.was_answered = true;
	assert_int_equal(after_decide(&facts), AFTER_HANG_UP);
}

static void a_breath_is_no_message(void **state)
{
	(void)state;
	assert_false(voicemail_counts(0));
	assert_false(voicemail_counts(1000));
	assert_true(voicemail_counts(2000));
	assert_true(voicemail_counts(-1));
}

static enum after decide(const struct row *row, bool has_fallback)
{
	struct after_facts facts = {
		.dial_status = slice_of(row->dial),
		.call_status = slice_of(row->call),
		.is_recorded = row->is_recorded,
		.recorded_status = row->status,
		.end_reason = row->reason,
		.has_fallback = has_fallback,
		.transfer_fallback = TRANSFER_FALLBACK_APOLOGY,
	};

	return after_decide(&facts);
}

static void each_ending_has_its_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		print_message("# %s\n", rows[i].what);
		assert_int_equal(decide(&rows[i], false), rows[i].without_fallback);
		assert_int_equal(decide(&rows[i], true), rows[i].with_fallback);
	}
}

static void every_end_reason_hangs_up_or_looks_for_a_person_as_the_table_says(void **state)
{
	struct row row = { "", "", "in-progress", true, CALL_ENDED, END_NONE, 0, 0 };

	(void)state;
	for (int reason = END_NONE + 1; reason < END_REASON_COUNT; reason++) {
		row.reason = (enum end_reason)reason;
		bool is_fault = end_reason_is_fault(row.reason) || row.reason == END_OVER_LIMIT;

		assert_int_equal(decide(&row, true), is_fault ? AFTER_DIAL : AFTER_HANG_UP);
		assert_int_equal(decide(&row, false), is_fault ? AFTER_APOLOGISE : AFTER_HANG_UP);
	}
}

static void a_dial_never_leads_to_another_dial(void **state)
{
	static const char *const statuses[] = { "completed", "answered", "busy", "no-answer", "failed", "canceled",
		"?" };

	(void)state;
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
		struct row row = { "", statuses[i], "in-progress", true, CALL_ENDED, END_GROK_CLOSED, 0, 0 };

		assert_int_not_equal(decide(&row, true), AFTER_DIAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_ending_has_its_answer),
		cmocka_unit_test(every_end_reason_hangs_up_or_looks_for_a_person_as_the_table_says),
		cmocka_unit_test(a_dial_never_leads_to_another_dial),
		cmocka_unit_test(each_transfer_goes_on_as_the_merchant_chose),
		cmocka_unit_test(a_merchant_with_voicemail_takes_one_instead_of_an_apology),
		cmocka_unit_test(who_was_let_in_before_the_limit_has_heard_a_goodbye),
		cmocka_unit_test(a_breath_is_no_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
