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
	kit_done(k, "r1");
	kit_pass(k, 20);
	kit_said(k);
	stop(k);
	assert_string_equal(turns(k), "turn 0 caller final \"Bye.\"\nturn 1 receptionist final \"Goodbye.\"\n");
}

static void words_that_come_late_find_their_own_turn(void **state)
{
	struct kit *k = *state;

	starts(k, "u1");
	hears(k, "u1", "A table", "in_progress");
	starts(k, "u2");
	assert_string_equal(turns(k), "");
	hears(k, "u1", "A table for two.", "completed");
	assert_string_equal(turns(k), "turn 0 caller final \"A table for two.\"\n");
	hears(k, "u1", "A stable for two.", "completed");
	hears(k, "u2", "Tonight.", "completed");
	stop(k);
	assert_string_equal(turns(k), "turn 1 caller final \"Tonight.\"\n");
}

static void words_without_a_start_are_a_turn_too(void **state)
{
	struct kit *k = *state;

	hears(k, "u1", "Hello?", "completed");
	hears(k, "u2", "Anyone?", "completed");
	stop(k);
	assert_string_equal(turns(k), "turn 0 caller final \"Hello?\"\nturn 1 caller final \"Anyone?\"\n");
}

static void pieces_of_words_are_joined_and_replaced_by_the_whole(void **state)
{
	struct kit *k = *state;

	starts(k, "u1");
	kit_grok(k, "{\"type\":\"conversation.item.input_audio_transcription.delta\",\"item_id\":\"u1\","
		"\"delta\":\"Wen do \"}");
	kit_grok(k, "{\"type\":\"conversation.item.input_audio_transcription.delta\",\"item_id\":\"u1\","
		"\"delta\":\"you open\"}");
	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 160);
	assert_string_equal(turns(k), "turn 0 caller \"Wen do you open\"\n");
	kit_grok(k, "{\"type\":\"conversation.item.input_audio_transcription.completed\",\"item_id\":\"u1\","
		"\"transcript\":\"When do you open?\"}");
	kit_grok(k, "{\"type\":\"conversation.item.input_audio_transcription.delta\",\"item_id\":\"u1\","
		"\"delta\":\" late\"}");
	stop(k);
	assert_string_equal(turns(k), "turn 0 caller final \"When do you open?\"\n");
}

/* --- cuts ------------------------------------------------------------------------------------------ */

/* An answer of one item: a second of audio, and its words. */
static void answers(struct kit *k, const char *response, const char *item, const char *words)
{
	kit_response(k, response);
	kit_delta(k, response, item, 1, 8000);
	kit_words(k, response, item, words);
	kit_done(k, response);
}

static void the_cut_falls_into_the_answer_that_played_and_the_next_was_never_said(void **state)
{
	struct kit *k = *state;

	answers(k, "r1", "a1", "one two three four five six seven eight nine ten");
	answers(k, "r2", "a2", "eleven twelve thirteen fourteen");
	kit_pass(k, 500);
	kit_said(k);
	starts(k, "u1");
	assert_string_equal(kit_said(k), "turn 0 receptionist cut \"one two three four five\"\nphone clear\n"
		"model truncate a1 at 500\nmodel truncate a2 at 0\n");
	hears(k, "u1", "Stop.", "completed");
	stop(k);
	assert_string_equal(turns(k), "turn 0 receptionist cut final \"one two three four five\"\n"
		"turn 2 caller final \"Stop.\"\n");
}

static void an_answer_that_was_played_is_whole_though_the_next_one_is_cut(void **state)
{
	struct kit *k = *state;

	answers(k, "r1", "a1", "one two three four five six seven eight nine ten");
	answers(k, "r2", "a2", "eleven twelve thirteen fourteen");
	kit_pass(k, 1600);
	kit_said(k);
	starts(k, "u1");
	stop(k);
	assert_string_equal(turns(k), "turn 1 receptionist cut \"eleven twelve\"\n"
		"turn 0 receptionist final \"one two three four five six seven eight nine ten\"\n"
		"turn 1 receptionist cut final \"eleven twelve\"\n");
}

static void who_hangs_up_hears_no_more(void **state)
{
	struct kit *k = *state;

	answers(k, "r1", "a1", "one two three four five six seven eight nine ten");
	kit_pass(k, 500);
	stop(k);
	assert_string_equal(turns(k), "turn 0 receptionist cut \"one two three four five\"\n"
		"turn 0 receptionist cut final \"one two three four five\"\n");
}

static void words_that_are_ahead_of_their_audio_are_not_taken_as_heard(void **state)
{
	struct kit *k = *state;

	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 8000);
	piece(k, "r1", "one two three four five six seven eight nine ten eleven twelve", 0);
	kit_pass(k, 900);
	kit_said(k);
	starts(k, "u1");
	/* 900 ms at 60 ms a letter, not 900 of the 1000 ms that were sent. */
	assert_string_equal(turns(k), "turn 0 receptionist cut \"one two three\"\n");
}

static void pieces_keep_their_time_when_the_whole_text_comes(void **state)
{
	struct kit *k = *state;

	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 16000);
	piece(k, "r1", "Yes.", 0);
	piece(k, "r1", " We open at nine o'clock", 1.0);
	kit_words(k, "r1", "a1", "Yes. We open at 9 o'clock.");
	kit_done(k, "r1");
	kit_pass(k, 1010);
	starts(k, "u1");
	assert_string_equal(turns(k), "turn 0 receptionist cut \"Yes.\"\n");
}

static void words_that_are_not_written_with_spaces_are_cut_between_characters(void **state)
{
	struct kit *k = *state;
	char words[200] = "", expected[300];

	for (unsigned i = 0; i < 40; i++)
		memcpy(words + 3 * i, "\xE4\xBD\xA0", 4);
	answers(k, "r1", "a1", words);
	kit_pass(k, 505);
	kit_said(k);
	starts(k, "u1");
	snprintf(expected, sizeof expected, "turn 0 receptionist cut \"%.60s\"\n", words);
	assert_string_equal(turns(k), expected);
}

static void grok_may_know_better_what_is_left_but_not_that_nothing_is(void **state)
{
	struct kit *k = *state;

	answers(k, "r1", "a1", "one two three four five six seven eight nine ten");
	kit_pass(k, 500);
	starts(k, "u1");
	kit_said(k);
	kit_grok(k, "{\"type\":\"conversation.item.truncated\",\"item_id\":\"a1\",\"transcript\":\"\"}");
	kit_grok(k, "{\"type\":\"conversation.item.truncated\",\"item_id\":\"a9\",\"transcript\":\"x\"}");
	assert_string_equal(turns(k), "");
	kit_grok(k, "{\"type\":\"conversation.item.truncated\",\"item_id\":\"a1\",\"transcript\":\"one two\"}");
	assert_string_equal(turns(k), "turn 0 receptionist cut \"one two\"\n");
}

static void many_answers_at_once_are_all_kept(void **state)
{
	struct kit *k = *state;
	char response[8], item[8], words[16];
	unsigned count = 3 * TRANSCRIPT_OPEN_MAX;

	for (unsigned i = 0; i < count; i++) {
		snprintf(response, sizeof response, "r%u", i);
		snprintf(item, sizeof item, "a%u", i);
		snprintf(words, sizeof words, "answer %u", i);
		answers(k, response, item, words);
	}
	kit_pass(k, 1000 * count);
	stop(k);
	assert_int_equal(k->final_count, count);
}

/* --- bounds ---------------------------------------------------------------------------------------- */

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
	assert_int_equal(buf_len(&t->utterances[0].text), TRANSCRIPT_BYTES_MAX - 1);
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
		TEST(words_that_come_late_find_their_own_turn),
		TEST(words_without_a_start_are_a_turn_too),
		TEST(pieces_of_words_are_joined_and_replaced_by_the_whole),
		TEST(the_cut_falls_into_the_answer_that_played_and_the_next_was_never_said),
		TEST(an_answer_that_was_played_is_whole_though_the_next_one_is_cut),
		TEST(who_hangs_up_hears_no_more),
		TEST(words_that_are_ahead_of_their_audio_are_not_taken_as_heard),
		TEST(pieces_keep_their_time_when_the_whole_text_comes),
		TEST(words_that_are_not_written_with_spaces_are_cut_between_characters),
		TEST(grok_may_know_better_what_is_left_but_not_that_nothing_is),
		TEST(many_answers_at_once_are_all_kept),
		TEST(a_text_that_is_too_long_is_cut_at_a_character),
	};

	return cmocka_run_group_tests_name("transcript", tests, NULL, NULL);
}
