/* Who may stop the receptionist, when, and what the two peers are told then. */
#include "tests/unit/unit.h"

#include "tests/relay/kit.h"

enum { LOUD = 0x10, QUIET = 0xFF };

static int open_kit(void **state)
{
	*state = kit_open();
	return 0;
}

static int close_kit(void **state)
{
	kit_close(*state);
	return 0;
}

static void speech(struct kit *k, const char *what)
{
	char json[200];

	snprintf(json, sizeof json, "{\"type\":\"input_audio_buffer.speech_%s\",\"item_id\":\"u1\"}", what);
	kit_grok(k, json);
}

/* The caller's line for so long; each frame comes when it is due. */
static void line(struct kit *k, uint8_t byte, unsigned ms)
{
	for (unsigned at = 0; at < ms; at += 20) {
		kit_pass(k, 20);
		kit_caller(k, byte, ULAW_FRAME_BYTES);
	}
}

/* What was said, without the caller's audio and the marks. */
static const char *said(struct kit *k)
{
	static char kept[4096];
	size_t len = 0;

	kept[0] = '\0';
	for (const char *from = kit_said(k); *from;) {
		size_t n = strcspn(from, "\n") + 1;

		if (strncmp(from, "model append", 12) != 0 && strncmp(from, "phone mark", 10) != 0 &&
			strncmp(from, "phone media", 11) != 0)
			len += (size_t)snprintf(kept + len, sizeof kept - len, "%.*s", (int)n, from);
		from += n;
	}
	return kept;
}

/* A whole answer of so many ms is sent, and not heard yet. */
static void answer(struct kit *k, const char *response, const char *item, unsigned ms)
{
	kit_response(k, response);
	for (; ms > 1000; ms -= 1000)
		kit_delta(k, response, item, 1, 8000);
	kit_delta(k, response, item, 1, (size_t)ms * ULAW_BYTES_PER_MS);
	kit_done(k, response);
	said(k);
}

static void all_heard(struct kit *k)
{
	kit_pass(k, 10000);
	kit_marks_back(k, k->mark_count);
	said(k);
}

static void talk(struct kit *k, struct bridge_manners manners)
{
	k->manners = manners;
	kit_talk(k, "Hi.");
	answer(k, "r0", "a0", 200);
	all_heard(k);
}

/* --- the first words ------------------------------------------------------------------------------- */

static void the_disclosure_is_spoken_first_then_the_greeting(void **state)
{
	struct kit *k = *state;

	k->disclosure = "This call is recorded.";
	k->manners.protect_disclosure = true;
	kit_merchant(k, "Hello.");
	kit_start(k);
	kit_ready(k);
	assert_string_equal(said(k), "model update\nmodel say \"This call is recorded.\"\n");
	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 8000);
	kit_pass(k, 100);
	assert_string_equal(said(k), "");       /* two at a time would cancel the first */
	kit_done(k, "r1");
	assert_string_equal(said(k), "model say \"Hello.\"\n");
	kit_response(k, "r2");
	kit_done(k, "r2");
	kit_pass(k, 20000);
	assert_string_equal(said(k), "");
}

static void after_the_disclosure_grok_may_find_its_own_words(void **state)
{
	struct kit *k = *state;

	k->disclosure = "This call is recorded.";
	kit_merchant(k, "");
	kit_start(k);
	kit_ready(k);
	assert_string_equal(said(k), "model update\nmodel say \"This call is recorded.\"\n");
	answer(k, "r1", "a1", 200);
	kit_pass(k, 1);
	assert_int_equal(k->bridge.say.lines[0].state, SAY_ASKED);
}

static void the_caller_is_withheld_from_grok_until_it_is_complete(void **state)
{
	struct kit *k = *state;

	k->disclosure = "This call is recorded.";
	k->manners.protect_disclosure = true;
	kit_talk(k, "Hello.");
	kit_response(k, "r1");
	line(k, LOUD, 600);
	assert_int_equal(k->forwarded_bytes, 0);
	kit_delta(k, "r1", "a1", 1, 8000);
	kit_done(k, "r1");
	kit_pass(k, 1);
	assert_int_equal(k->forwarded_bytes, 600 * ULAW_BYTES_PER_MS);
	line(k, LOUD, 20);
	assert_int_equal(k->forwarded_bytes, 620 * ULAW_BYTES_PER_MS);
}

static void a_disclosure_that_was_cancelled_is_said_again_so_that_it_can_not_be(void **state)
{
	struct kit *k = *state;

	k->disclosure = "This call is recorded.";
	k->manners.protect_disclosure = true;
	kit_talk(k, "Hello.");
	kit_response(k, "r1");
	kit_grok(k, "{\"type\":\"response.done\",\"response_id\":\"r1\",\"response\":{\"id\":\"r1\","
		"\"status\":\"cancelled\"}}");
	assert_string_equal(said(k), "model say protected \"This call is recorded.\"\n");
}

static void a_disclosure_that_did_not_begin_is_asked_for_again_before_the_greeting(void **state)
{
	struct kit *k = *state;

	k->disclosure = "This call is recorded.";
	k->manners.protect_disclosure = true;
	kit_merchant(k, "Hello.");
	kit_start(k);
	kit_ready(k);
	said(k);
	kit_pass(k, SAY_ASKED_MS);
	assert_string_equal(said(k), "model say protected \"This call is recorded.\"\n");
}

static void nobody_cuts_off_the_disclosure(void **state)
{
	struct kit *k = *state;

	k->disclosure = "This call is recorded.";
	k->manners = (struct bridge_manners){ .protect_disclosure = true, .local_vad = true };
	kit_merchant(k, "Hello.");
	kit_start(k);
	kit_ready(k);
	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 16000);
	said(k);
	speech(k, "started");                   /* it is being generated */
	kit_done(k, "r1");
	answer(k, "r2", "a2", 1000);            /* the greeting waits behind it */
	line(k, LOUD, 1000);                    /* it is being heard */
	speech(k, "started");
	assert_string_equal(said(k), "");
	speech(k, "stopped");
	kit_pass(k, 3000);
	assert_string_equal(said(k), "");
}

static void who_still_speaks_when_it_was_heard_interrupts_what_follows(void **state)
{
	struct kit *k = *state;

	k->disclosure = "This call is recorded.";
	k->manners.protect_disclosure = true;
	kit_merchant(k, "Hello.");
	kit_start(k);
	kit_ready(k);
	answer(k, "r1", "a1", 2000);
	unsigned marks = k->mark_count;

	answer(k, "r2", "a2", 1000);
	kit_pass(k, 1000);
	speech(k, "started");
	kit_pass(k, 1099);
	assert_string_equal(said(k), "");
	kit_marks_back(k, marks);
	kit_pass(k, 1);
	assert_string_equal(said(k), "phone clear\nmodel truncate a2 at 100\n");
}

static void the_mark_behind_protected_words_is_not_waited_for_for_ever(void **state)
{
	struct kit *k = *state;

	k->disclosure = "This call is recorded.";
	k->manners.protect_disclosure = true;
	kit_merchant(k, "Hello.");
	kit_start(k);
	kit_ready(k);
	answer(k, "r1", "a1", 2000);
	answer(k, "r2", "a2", 5000);
	speech(k, "started");
	kit_pass(k, 2000 + LEDGER_DOUBT_MS - 20);
	assert_string_equal(said(k), "");
	kit_pass(k, 20);
	assert_int_equal(strncmp(said(k), "phone clear\nmodel truncate a2 at ", 33), 0);
}

static void a_greeting_may_be_interrupted_unless_it_is_protected(void **state)
{
	struct kit *k = *state;

	kit_talk(k, "Hello.");
	answer(k, "r1", "a1", 1000);
	speech(k, "started");
	assert_string_equal(said(k), "phone clear\nmodel truncate a1 at 0\n");
}

static void a_protected_greeting_may_not(void **state)
{
	struct kit *k = *state;

	k->manners.protect_greeting = true;
	kit_talk(k, "Hello.");
	answer(k, "r1", "a1", 1000);
	speech(k, "started");
	assert_string_equal(said(k), "");
}

/* --- interruptions --------------------------------------------------------------------------------- */

static void all_answers_that_wait_are_truncated_each_where_it_was_heard(void **state)
{
	struct kit *k = *state;

	talk(k, (struct bridge_manners){ 0 });
	answer(k, "r1", "a1", 1000);
	answer(k, "r2", "a2", 1000);
	speech(k, "started");
	assert_string_equal(said(k), "phone clear\nmodel truncate a1 at 0\nmodel truncate a2 at 0\n");
}

static void a_confirm_window_lets_playback_go_on(void **state)
{
	struct kit *k = *state;

	talk(k, (struct bridge_manners){ .hold_off_ms = 300 });
	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 8000);
	kit_said(k);
	speech(k, "started");
	kit_delta(k, "r1", "a1", 1, 8000);
	assert_non_null(strstr(kit_said(k), "phone media"));
	assert_int_equal(bridge_deadline_ms(&k->bridge), k->now_ms + 300);
	kit_pass(k, 299);
	assert_string_equal(said(k), "");
	kit_pass(k, 1);
	assert_string_equal(said(k), "phone clear\n");
	kit_delta(k, "r1", "a1", 1, 8000);
	assert_string_equal(kit_said(k), "");
}

static void a_cough_changes_nothing(void **state)
{
	struct kit *k = *state;

	talk(k, (struct bridge_manners){ .hold_off_ms = 300, .local_vad = true });
	answer(k, "r1", "a1", 4000);
	line(k, LOUD, 120);
	speech(k, "started");
	line(k, QUIET, 640);
	speech(k, "stopped");
	line(k, QUIET, 1000);
	assert_string_equal(said(k), "");
	assert_int_equal(k->clear_count, 0);
}

/* --- our own ears ---------------------------------------------------------------------------------- */

static void a_voice_that_grok_does_not_hear_interrupts(void **state)
{
	struct kit *k = *state;

	talk(k, (struct bridge_manners){ .local_vad = true });
	answer(k, "r1", "a1", 4000);
	line(k, LOUD, INTERRUPT_LATE_MS - 20);
	assert_string_equal(said(k), "");
	line(k, LOUD, 20);
	const char *text = said(k);

	assert_int_equal(strncmp(text, "phone clear\nmodel truncate a1 at ", 33), 0);
	assert_int_equal(metrics_get(&k->metrics, METRIC_BARGE_INS_BY_EAR), 1);
	speech(k, "started");                   /* late */
	line(k, LOUD, 1000);
	assert_string_equal(said(k), "");
}

static void an_answer_grok_goes_on_with_is_fenced_and_truncated_when_it_is_whole(void **state)
{
	struct kit *k = *state;

	talk(k, (struct bridge_manners){ .local_vad = true });
	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 8000);
	line(k, LOUD, INTERRUPT_LATE_MS);
	assert_string_equal(said(k), "phone clear\n");
	kit_said(k);
	kit_delta(k, "r1", "a1", 1, 8000);
	assert_string_equal(kit_said(k), "");
	kit_done(k, "r1");
	assert_int_equal(strncmp(said(k), "model truncate a1 at ", 21), 0);
}

static void without_it_grok_alone_decides(void **state)
{
	struct kit *k = *state;

	talk(k, (struct bridge_manners){ 0 });
	answer(k, "r1", "a1", 4000);
	line(k, LOUD, 2000);
	assert_string_equal(said(k), "");
}

static void the_session_is_asked_for_with_the_merchants_knobs(void **state)
{
	struct kit *k = *state;

	k->manners = (struct bridge_manners){ .vad_threshold = 0.5, .vad_silence_ms = 900 };
	kit_merchant(k, "Hi.");
	bridge_model_open(&k->bridge, k->now_ms);
	k->bridge.model_spoke = true;
	kit_pass(k, BRIDGE_ASK_MS);
	assert_non_null(strstr(kit_said(k), "model update"));
	assert_true(k->vad_threshold > 0.49 && k->vad_threshold < 0.51);
	assert_int_equal(k->vad_silence_ms, 900);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_kit, close_kit)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_disclosure_is_spoken_first_then_the_greeting),
		TEST(after_the_disclosure_grok_may_find_its_own_words),
		TEST(the_caller_is_withheld_from_grok_until_it_is_complete),
		TEST(a_disclosure_that_was_cancelled_is_said_again_so_that_it_can_not_be),
		TEST(a_disclosure_that_did_not_begin_is_asked_for_again_before_the_greeting),
		TEST(nobody_cuts_off_the_disclosure),
		TEST(who_still_speaks_when_it_was_heard_interrupts_what_follows),
		TEST(the_mark_behind_protected_words_is_not_waited_for_for_ever),
		TEST(a_greeting_may_be_interrupted_unless_it_is_protected),
		TEST(a_protected_greeting_may_not),
		TEST(all_answers_that_wait_are_truncated_each_where_it_was_heard),
		TEST(a_confirm_window_lets_playback_go_on),
		TEST(a_cough_changes_nothing),
		TEST(a_voice_that_grok_does_not_hear_interrupts),
		TEST(an_answer_grok_goes_on_with_is_fenced_and_truncated_when_it_is_whole),
		TEST(without_it_grok_alone_decides),
		TEST(the_session_is_asked_for_with_the_merchants_knobs),
	};

	return cmocka_run_group_tests_name("bridge interrupt", tests, NULL, NULL);
}
