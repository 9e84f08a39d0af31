/* When a merchant is told of a call. */
#include "tests/unit/unit.h"

#include "media/told/moment.h"

static const int64_t ENDED_MS = 1700000000000;
static struct call_record call;
static struct call_report report;
static struct moment moment;

static int set_up(void **state)
{
	(void)state;
	call = (struct call_record){ .ended_ms = ENDED_MS };
	report = (struct call_report){ .is_twilio_over = true };
	moment = (struct moment){ .call = &call, .report = &report, .wait_s = 900 };
	return 0;
}

static bool is_now(int64_t after_ms)
{
	return moment_wait_ms(&moment, ENDED_MS + after_ms) == 0;
}

static void a_call_that_was_not_recorded_is_told_at_once(void **state)
{
	(void)state;
	assert_true(is_now(0));
	assert_int_equal(moment_media(&moment), TIDINGS_NONE);
}

static void a_spool_without_a_job_is_about_to_get_one(void **state)
{
	(void)state;
	moment.has_spool = true;
	assert_false(is_now(1000));
	report.media_count = report.media_open_count = 1;
	assert_false(is_now(1000));
	/* Nothing was in it: the job was cancelled. */
	report.media_open_count = 0;
	assert_true(is_now(1000));
	assert_int_equal(moment_media(&moment), TIDINGS_NONE);
}

static void media_are_waited_for_until_they_are_there(void **state)
{
	(void)state;
	report.media_count = 3;
	report.media_open_count = 1;
	assert_false(is_now(1000));
	assert_false(is_now(899999));
	/* They say themselves when they are there. */
	assert_int_equal(moment_wait_ms(&moment, ENDED_MS + 1000), MOMENT_MEDIA_MS);
	call.is_complete = true;
	report.media_open_count = 0;
	assert_true(is_now(1000));
	assert_int_equal(moment_media(&moment), TIDINGS_COMPLETE);
}

static void a_call_that_will_never_be_complete_is_told_as_it_is(void **state)
{
	(void)state;
	report.media_count = 3;
	report.media_dead_count = 1;
	assert_true(is_now(1000));
	assert_int_equal(moment_media(&moment), TIDINGS_FAILED);
}

static void nobody_waits_longer_than_the_limit(void **state)
{
	(void)state;
	report.media_count = report.media_open_count = 2;
	report.is_twilio_over = false;
	report.is_more_open = true;
	assert_int_equal(moment_wait_ms(&moment, ENDED_MS + 899000), 1000);
	assert_true(is_now(900000));
	assert_int_equal(moment_media(&moment), TIDINGS_LATE);
	moment.wait_s = 0;
	assert_true(is_now(0));
}

static void a_summary_is_waited_for(void **state)
{
	(void)state;
	report.is_more_open = true;
	assert_false(is_now(1000));
	report.is_more_open = false;
	assert_true(is_now(1000));
}

static void twilio_word_is_waited_for_a_while_and_longer_for_a_voicemail(void **state)
{
	(void)state;
	report.is_twilio_over = false;
	assert_false(is_now(MOMENT_SETTLE_MS - 1));
	assert_true(is_now(MOMENT_SETTLE_MS));
	moment.takes_voicemail = true;
	assert_false(is_now(MOMENT_VOICEMAIL_MS - 1));
	assert_true(is_now(MOMENT_VOICEMAIL_MS));
	report.is_twilio_over = true;
	assert_true(is_now(0));
}

/* Whatever is open: the answer is bounded, and never negative. */
static void a_wait_is_never_long(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < 64; bits++) {
		for (int64_t at = -5000; at < 1000000; at += 997) {
			call.is_complete = bits & 1;
			report.media_count = (bits >> 1 & 1) + (bits >> 2 & 1);
			report.media_open_count = bits >> 2 & 1;
			report.is_more_open = bits >> 3 & 1;
			report.is_twilio_over = bits >> 4 & 1;
			moment.has_spool = bits >> 5 & 1;
			const int64_t wait_ms = moment_wait_ms(&moment, ENDED_MS + at);

			assert_true(wait_ms >= 0 && wait_ms <= MOMENT_MEDIA_MS);
			assert_true(at < 900000 || wait_ms == 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_call_that_was_not_recorded_is_told_at_once, set_up),
		cmocka_unit_test_setup(a_spool_without_a_job_is_about_to_get_one, set_up),
		cmocka_unit_test_setup(media_are_waited_for_until_they_are_there, set_up),
		cmocka_unit_test_setup(a_call_that_will_never_be_complete_is_told_as_it_is, set_up),
		cmocka_unit_test_setup(nobody_waits_longer_than_the_limit, set_up),
		cmocka_unit_test_setup(a_summary_is_waited_for, set_up),
		cmocka_unit_test_setup(twilio_word_is_waited_for_a_while_and_longer_for_a_voicemail, set_up),
		cmocka_unit_test_setup(a_wait_is_never_long, set_up),
	};

	return cmocka_run_group_tests_name("moment", tests, NULL, NULL);
}
