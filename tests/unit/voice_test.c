#include "tests/unit/unit.h"

#include "tests/relay/kit.h"

static int open_kit(void **state)
{
	struct kit *k = kit_open();

	kit_talk(k, "Hi.");
	*state = k;
	return 0;
}

static int close_kit(void **state)
{
	kit_close(*state);
	return 0;
}

static uint64_t counted(const struct kit *k, enum metric metric)
{
	return metrics_get(&k->metrics, metric);
}

static void speech_starts(struct kit *k, const char *item)
{
	char json[128];

	snprintf(json, sizeof json, "{\"type\":\"input_audio_buffer.speech_started\",\"item_id\":\"%s\","
		"\"audio_start_ms\":0}", item);
	kit_grok(k, json);
}

/* --- whole frames, marks --------------------------------------------------------------------------- */

static void a_delta_of_whole_frames_is_copied_as_it_is(void **state)
{
	struct kit *k = *state;

	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 7, 1600);
	kit_delta(k, "r1", "a1", 8, 480);
	assert_string_equal(kit_said(k), "phone media 1600\nphone mark g1:1600\nphone media 480\n");
	assert_int_equal(counted(k, METRIC_VOICE_DELTAS_VERBATIM), 2);
	assert_int_equal(k->heard[1599], 7);
	assert_int_equal(k->heard[1600], 8);
}

static void what_remains_of_a_delta_goes_with_the_next_one(void **state)
{
	struct kit *k = *state;

	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 200);
	kit_delta(k, "r1", "a1", 2, 200);
	assert_string_equal(kit_said(k), "phone media 160\nphone media 160\n");
	for (unsigned i = 0; i < 320; i++)
		assert_int_equal(k->heard[i], i < 200 ? 1 : 2);
}

static void the_tail_of_an_answer_is_filled_up_with_silence_and_marked(void **state)
{
	struct kit *k = *state;

	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 200);
	kit_done(k, "r1");
	assert_string_equal(kit_said(k), "phone media 160\nphone media 160\nphone mark g1:320\n");
	assert_int_equal(k->heard[199], 1);
	assert_int_equal(k->heard[200], ULAW_SILENCE);
	assert_int_equal(k->heard[319], ULAW_SILENCE);
}

static void a_long_delta_is_sent_in_pieces_with_marks_between(void **state)
{
	struct kit *k = *state;

	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 12800);
	assert_string_equal(kit_said(k), "phone media 2400\nphone mark g1:2400\nphone media 2400\n"
		"phone media 2400\nphone media 2400\nphone media 2400\nphone media 800\n");
}

static void a_delta_shorter_than_a_frame_waits(void **state)
{
	struct kit *k = *state;

	kit_response(k, "r1");
	for (unsigned i = 0; i < 20; i++)
		kit_delta(k, "r1", "a1", (uint8_t)i, 8);
	assert_string_equal(kit_said(k), "phone media 160\n");
	for (unsigned i = 0; i < 160; i++)
		assert_int_equal(k->heard[i], i / 8);
}

static void two_items_of_one_answer_are_heard_one_after_the_other(void **state)
{
	struct kit *k = *state;

	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 200);
	kit_delta(k, "r1", "a2", 2, 160);
	kit_done(k, "r1");
	assert_string_equal(kit_said(k), "phone media 160\nphone media 160\nphone mark g1:320\nphone media 160\n"
		"phone mark g1:480\n");
}

/* --- the audio that Grok sends ---------------------------------------------------------------------- */

static void pcm_at_16_khz_never_reaches_the_caller(void **state)
{
	struct kit *k = *state;

	kit_response(k, "r1");
	kit_grok(k, "{\"type\":\"response.output_audio.delta\",\"response_id\":\"r1\",\"item_id\":\"a1\","
		"\"delta\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"audio_duration_ms\":3}");
	assert_string_equal(end_reason_word(k->bridge.reason), "grok-wrong-audio");
	assert_int_equal(k->heard_bytes, 0);
}

static void pcm_at_24_khz_becomes_mu_law(void **state)
{
	struct kit *k = *state;
	/* 24 bytes of base64 are 16 of silence; a half millisecond each. */
	char text[40 * 24 + 1], message[sizeof text + 200];

	memset(text, 'A', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	kit_response(k, "r1");
	snprintf(message, sizeof message, "{\"type\":\"response.output_audio.delta\",\"response_id\":\"r1\","
		"\"item_id\":\"a1\",\"delta\":\"%s\",\"audio_duration_ms\":15}", text);
	for (int i = 0; i < 4; i++)
		kit_grok(k, message);
	/* 4 times 720 bytes are 60 ms; no static. */
	assert_string_equal(kit_said(k), "phone media 160\nphone media 160\nphone media 160\n");
	for (size_t i = 0; i < k->heard_bytes; i++)
		assert_int_equal(k->heard[i], 0xFF);
	assert_int_equal(k->bridge.reason, END_NONE);
}

static void audio_that_is_no_base64_is_dropped(void **state)
{
	struct kit *k = *state;

	kit_response(k, "r1");
	kit_grok(k, "{\"type\":\"response.output_audio.delta\",\"response_id\":\"r1\",\"item_id\":\"a1\","
		"\"delta\":\"A*==\",\"audio_duration_ms\":1}");
	kit_delta(k, "r1", "a1", 3, 160);
	assert_string_equal(kit_said(k), "phone media 160\n");
	assert_int_equal(k->heard[0], 3);
	assert_int_equal(k->bridge.reason, END_NONE);
	assert_int_equal(counted(k, METRIC_MODEL_BAD_MESSAGES) + counted(k, METRIC_VOICE_DELTAS_BAD), 1);
}

static void audio_that_nobody_announced_is_heard_all_the_same(void **state)
{
	struct kit *k = *state;

	kit_delta(k, "r9", "a9", 3, 160);
	assert_string_equal(kit_said(k), "phone media 160\n");
}

/* --- one voice at a time ---------------------------------------------------------------------------- */

static void a_new_answer_fences_the_one_before(void **state)
{
	struct kit *k = *state;

	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 160);
	kit_response(k, "r2");
	kit_said(k);
	kit_delta(k, "r1", "a1", 1, 160);
	assert_string_equal(kit_said(k), "");
	kit_delta(k, "r2", "a2", 2, 160);
	assert_string_equal(kit_said(k), "phone media 160\n");
	assert_int_equal(counted(k, METRIC_VOICE_DELTAS_FENCED), 1);
}

static void audio_after_its_answer_is_done_is_dropped(void **state)
{
	struct kit *k = *state;

	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 160);
	kit_done(k, "r1");
	kit_said(k);
	kit_delta(k, "r1", "a1", 1, 160);
	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 160);
	assert_string_equal(kit_said(k), "");
}

/* --- barge-in --------------------------------------------------------------------------------------- */

static void speech_into_an_answer_that_is_all_sent_clears_and_truncates(void **state)
{
	struct kit *k = *state;

	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 4800);
	kit_done(k, "r1");
	kit_pass(k, 300);
	kit_said(k);
	speech_starts(k, "u1");
	assert_string_equal(kit_said(k), "phone clear\nmodel truncate a1 at 300\n");
	assert_int_equal(k->bridge.ledger.generation, 2);
	assert_int_equal(counted(k, METRIC_BARGE_INS), 1);
}

static void speech_while_the_answer_is_made_fences_it_and_truncates_it_once_it_is_whole(void **state)
{
	struct kit *k = *state;

	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 1640);
	kit_said(k);
	speech_starts(k, "u1");
	kit_delta(k, "r1", "a1", 1, 1600);
	assert_string_equal(kit_said(k), "phone clear\n");
	kit_done(k, "r1");
	assert_string_equal(kit_said(k), "model truncate a1 at 0\n");
	kit_response(k, "r2");
	kit_delta(k, "r2", "a2", 2, 160);
	assert_string_equal(kit_said(k), "phone media 160\n");
	assert_int_equal(k->heard[1600], 2);    /* what r1 had left over is forgotten */
}

static void an_answer_that_was_cancelled_is_gone_and_not_truncated(void **state)
{
	struct kit *k = *state;

	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 1600);
	speech_starts(k, "u1");
	kit_said(k);
	kit_grok(k, "{\"type\":\"response.done\",\"response_id\":\"r1\",\"response\":{\"id\":\"r1\","
		"\"status\":\"cancelled\"}}");
	assert_string_equal(kit_said(k), "");
}

static void speech_into_silence_clears_nothing(void **state)
{
	struct kit *k = *state;

	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 1600);
	kit_done(k, "r1");
	kit_marks_back(k, k->mark_count);
	kit_said(k);
	speech_starts(k, "u1");
	assert_string_equal(kit_said(k), "");
	assert_int_equal(counted(k, METRIC_BARGE_INS), 0);
}

static void speech_that_starts_twice_clears_once(void **state)
{
	struct kit *k = *state;

	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 1600);
	kit_done(k, "r1");
	kit_said(k);
	speech_starts(k, "u1");
	speech_starts(k, "u1");
	assert_string_equal(kit_said(k), "phone clear\nmodel truncate a1 at 0\n");
}

static void an_answer_that_never_spoke_is_fenced_when_the_caller_goes_on(void **state)
{
	struct kit *k = *state;

	speech_starts(k, "u1");
	kit_response(k, "r1");
	speech_starts(k, "u1");
	kit_delta(k, "r1", "a1", 1, 160);
	assert_string_equal(kit_said(k), "");
	kit_response(k, "r2");
	kit_delta(k, "r2", "a2", 2, 160);
	assert_string_equal(kit_said(k), "phone media 160\n");
}

static void marks_that_a_clear_returned_prove_nothing(void **state)
{
	struct kit *k = *state;

	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 4800);
	kit_done(k, "r1");
	speech_starts(k, "u1");
	kit_marks_back(k, k->mark_count);
	assert_int_equal(counted(k, METRIC_MARKS_STALE), 2);
	assert_int_equal(counted(k, METRIC_MARKS_PLAYED), 0);
	assert_int_equal(ledger_heard_ms(&k->bridge.ledger), 0);
}

static void a_mark_that_was_never_sent_is_counted(void **state)
{
	struct kit *k = *state;

	kit_twilio(k, "{\"event\":\"mark\",\"streamSid\":\"MZ1\",\"mark\":{\"name\":\"g1:99999\"}}");
	kit_twilio(k, "{\"event\":\"mark\",\"streamSid\":\"MZ1\",\"mark\":{\"name\":\"hello\"}}");
	assert_int_equal(counted(k, METRIC_MARKS_FOREIGN), 2);
	assert_int_equal(ledger_heard_ms(&k->bridge.ledger), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_kit, close_kit)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_delta_of_whole_frames_is_copied_as_it_is),
		TEST(what_remains_of_a_delta_goes_with_the_next_one),
		TEST(the_tail_of_an_answer_is_filled_up_with_silence_and_marked),
		TEST(a_long_delta_is_sent_in_pieces_with_marks_between),
		TEST(a_delta_shorter_than_a_frame_waits),
		TEST(two_items_of_one_answer_are_heard_one_after_the_other),
		TEST(pcm_at_16_khz_never_reaches_the_caller),
		TEST(pcm_at_24_khz_becomes_mu_law),
		TEST(audio_that_is_no_base64_is_dropped),
		TEST(audio_that_nobody_announced_is_heard_all_the_same),
		TEST(a_new_answer_fences_the_one_before),
		TEST(audio_after_its_answer_is_done_is_dropped),
		TEST(speech_into_an_answer_that_is_all_sent_clears_and_truncates),
		TEST(speech_while_the_answer_is_made_fences_it_and_truncates_it_once_it_is_whole),
		TEST(an_answer_that_was_cancelled_is_gone_and_not_truncated),
		TEST(speech_into_silence_clears_nothing),
		TEST(speech_that_starts_twice_clears_once),
		TEST(an_answer_that_never_spoke_is_fenced_when_the_caller_goes_on),
		TEST(marks_that_a_clear_returned_prove_nothing),
		TEST(a_mark_that_was_never_sent_is_counted),
	};

	return cmocka_run_group_tests_name("voice", tests, NULL, NULL);
}
