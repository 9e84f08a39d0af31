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

static void starts(struct kit *k, const char *item)
{
	char json[128];

	snprintf(json, sizeof json, "{\"type\":\"input_audio_buffer.speech_started\",\"item_id\":\"%s\"}", item);
	kit_grok(k, json);
}

static void hears(struct kit *k, const char *item, const char *words, const char *status)
{
	char json[512];

	snprintf(json, sizeof json, "{\"type\":\"conversation.item.input_audio_transcription.completed\",\"item_id\":"
		"\"%s\",\"transcript\":\"%s\",\"status\":\"%s\"}", item, words, status);
	kit_grok(k, json);
}

static void piece(struct kit *k, const char *response, const char *words, double start_s)
{
	char json[512];

	snprintf(json, sizeof json, "{\"type\":\"response.output_audio_transcript.delta\",\"response_id\":\"%s\","
		"\"item_id\":\"a1\",\"delta\":\"%s\",\"start_time\":%f}", response, words, start_s);
	kit_grok(k, json);
}

static void stop(struct kit *k)
{
	kit_twilio(k, "{\"event\":\"stop\",\"streamSid\":\"MZ1\",\"stop\":{\"callSid\":\"CA1\"}}");
}

/* Only the lines about turns. */
static const char *turns(struct kit *k)
{
	static char out[4096];
	const char *line = kit_said(k);

	out[0] = '\0';
	for (const char *end; (end = strchr(line, '\n')); line = end + 1)
		if (strncmp(line, "turn ", 5) == 0)
			snprintf(out + strlen(out), sizeof out - strlen(out), "%.*s", (int)(end + 1 - line), line);
	return out;
}

/* --- the caller ------------------------------------------------------------------------------------ */

static void snapshots_replace_each_other_and_leave_when_the_answer_begins(void **state)
{
	struct kit *k = *state;

	starts(k, "u1");
	hears(k, "u1", "Hello, my name is", "in_progress");
	hears(k, "u1", "Hello, my name is Marcelo.", "completed");
	assert_string_equal(turns(k), "");
	kit_response(k, "r1");
	assert_string_equal(turns(k), "");
	kit_delta(k, "r1", "a1", 1, 160);
	assert_string_equal(turns(k), "turn 0 caller \"Hello, my name is Marcelo.\"\n");
}

static void a_stale_snapshot_does_not_undo_a_completed_one(void **state)
{
	struct kit *k = *state;

	starts(k, "u1");
	hears(k, "u1", "A table for two.", "completed");
	hears(k, "u1", "A table", "in_progress");
	kit_grok(k, "{\"type\":\"conversation.item.input_audio_transcription.updated\",\"item_id\":\"u1\","
		"\"transcript\":\"A\"}");
	stop(k);
	assert_string_equal(turns(k), "turn 0 caller final \"A table for two.\"\n");
}

static void a_caller_who_goes_on_after_a_pause_says_one_thing(void **state)
{
	struct kit *k = *state;

	starts(k, "u1");
	hears(k, "u1", "I would like", "completed");
	kit_response(k, "r1");
	starts(k, "u1");
	hears(k, "u1", "I would like a table.", "in_progress");
	hears(k, "u1", "I would like a table, please.", "completed");
	kit_response(k, "r2");
	kit_delta(k, "r2", "a1", 1, 160);
	stop(k);
	assert_string_equal(turns(k), "turn 0 caller \"I would like a table, please.\"\n"
		"turn 0 caller final \"I would like a table, please.\"\n");
}

static void words_that_come_after_the_answer_began_are_put_again(void **state)
{
	struct kit *k = *state;

	starts(k, "u1");
	hears(k, "u1", "When do", "in_progress");
	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 160);
	hears(k, "u1", "When do you open?", "completed");
	starts(k, "u2");
	assert_string_equal(turns(k), "turn 0 caller \"When do\"\nturn 0 caller final \"When do you open?\"\n");
}

static void speech_without_words_is_no_turn(void **state)
{
	struct kit *k = *state;

	starts(k, "u1");
	starts(k, "u2");
	hears(k, "u2", "Hello?", "completed");
	stop(k);
	assert_string_equal(turns(k), "turn 1 caller final \"Hello?\"\n");
}

/* --- the receptionist ------------------------------------------------------------------------------ */

static void an_answer_is_put_when_it_was_played_and_final_when_the_next_begins(void **state)
{
	struct kit *k = *state;

	kit_response(k, "r1");
	piece(k, "r1", "Hello ", 0);
	kit_delta(k, "r1", "a1", 1, 1600);
	piece(k, "r1", "there.", 0.1);
	kit_words(k, "r1", "a1", "Hello there.");
	kit_done(k, "r1");
	assert_string_equal(turns(k), "");
	kit_marks_back(k, k->mark_count);
	assert_string_equal(turns(k), "turn 0 receptionist \"Hello there.\"\n");
	kit_response(k, "r2");
	kit_delta(k, "r2", "a2", 1, 160);
	assert_string_equal(turns(k), "turn 0 receptionist final \"Hello there.\"\n");
}

static void an_interrupted_answer_keeps_only_what_was_heard(void **state)
{
	struct kit *k = *state;

	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 8000);
	piece(k, "r1", "We open at nine ", 0);
	piece(k, "r1", "and close at six ", 0.4);
	piece(k, "r1", "every day.", 0.8);
	kit_words(k, "r1", "a1", "We open at nine and close at six every day.");
	kit_done(k, "r1");
	kit_pass(k, 600);               /* half of the second piece */
	kit_said(k);
	starts(k, "u1");
	assert_string_equal(turns(k), "turn 0 receptionist cut \"We open at nine and\"\n");
	kit_grok(k, "{\"type\":\"conversation.item.truncated\",\"item_id\":\"a1\",\"audio_end_ms\":600,"
		"\"transcript\":\"We open at nine and close\"}");
	assert_string_equal(turns(k), "turn 0 receptionist cut \"We open at nine and close\"\n");
	stop(k);
	assert_string_equal(turns(k), "turn 0 receptionist cut final \"We open at nine and close\"\n");
}

static void words_of_a_fenced_answer_are_not_said(void **state)
{
	struct kit *k = *state;

	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 1600);
	piece(k, "r1", "We open ", 0);
	starts(k, "u1");
	piece(k, "r1", "at nine.", 0.1);
	kit_words(k, "r1", "a1", "We open at nine.");
	stop(k);
	assert_null(strstr(turns(k), "nine"));
}

static void the_end_puts_everything_in_the_order_of_the_conversation(void **state)
{
	struct kit *k = *state;

	starts(k, "u1");
	hears(k, "u1", "Bye.", "completed");
	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 160);
	kit_words(k, "r1", "a1", "Goodbye.");
	kit_said(k);
	stop(k);
	assert_string_equal(turns(k), "turn 0 caller final \"Bye.\"\nturn 1 receptionist final \"Goodbye.\"\n");
}

static void a_text_that_is_too_long_is_cut_at_a_character(void **state)
{
	struct kit *k = *state;
	static char long_text[TRANSCRIPT_BYTES_MAX + 3];
	struct transcript *t = &k->bridge.transcript;

	long_text[0] = 'x';
	for (size_t i = 1; i + 1 < sizeof long_text; i += 2)
		memcpy(long_text + i, "\xC3\xA4", 2);
	transcript_caller_start(t, SLICE("u1"), 0);
	transcript_caller_text(t, SLICE("u1"), (struct slice){ long_text, sizeof long_text }, true, 0);
	assert_int_equal(buf_len(&t->caller.text), TRANSCRIPT_BYTES_MAX - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_kit, close_kit)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(snapshots_replace_each_other_and_leave_when_the_answer_begins),
		TEST(a_stale_snapshot_does_not_undo_a_completed_one),
		TEST(a_caller_who_goes_on_after_a_pause_says_one_thing),
		TEST(words_that_come_after_the_answer_began_are_put_again),
		TEST(speech_without_words_is_no_turn),
		TEST(an_answer_is_put_when_it_was_played_and_final_when_the_next_begins),
		TEST(an_interrupted_answer_keeps_only_what_was_heard),
		TEST(words_of_a_fenced_answer_are_not_said),
		TEST(the_end_puts_everything_in_the_order_of_the_conversation),
		TEST(a_text_that_is_too_long_is_cut_at_a_character),
	};

	return cmocka_run_group_tests_name("transcript", tests, NULL, NULL);
}
