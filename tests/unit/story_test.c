#include "tests/unit/unit.h"

#include "sim/story.h"

static struct story story;

static void begin(void)
{
	story = (struct story){ .count = 0 };
}

/* "rings@0+300 says@300+2000 …" */
static const char *words(void)
{
	static char text[4096];
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < story.count; i++)
		at += (size_t)snprintf(text + at, sizeof text - at, "%s%s@%llu+%llu", i ? " " : "",
			story_word(story.scenes[i].kind), (unsigned long long)story.scenes[i].at_ms,
			(unsigned long long)story.scenes[i].ms);
	return text;
}

static void scenes_stand_in_the_order_of_their_beginnings(void **state)
{
	(void)state;
	begin();
	story_put(&story, STORY_RINGING, 0, 300, "");
	story_put(&story, STORY_CALLER, 2000, 500, "Hello.");
	story_put(&story, STORY_RECEPTIONIST, 300, 1600, "");
	story_put(&story, STORY_BEEP, 2000, 100, "");
	assert_string_equal(words(), "rings@0+300 receptionist@300+1600 caller@2000+500 beep@2000+100");
}

static void a_gap_behind_the_ringing_is_silence(void **state)
{
	(void)state;
	begin();
	story_put(&story, STORY_RINGING, 0, 300, "");
	story_put(&story, STORY_SAY, 5300, 1000, "We are sorry.");
	story_finish(&story, 10000, "twiml-hangup");
	assert_string_equal(words(), "rings@0+300 silence@300+5000 says@5300+1000 silence@6300+3700 ends@10000+0");
	assert_int_equal(story_silence_ms(&story), 5000);
}

static void a_short_gap_is_none(void **state)
{
	(void)state;
	begin();
	story_put(&story, STORY_RINGING, 0, 300, "");
	story_put(&story, STORY_SAY, 300 + STORY_SILENCE_MS - 1, 1000, "");
	story_finish(&story, 300 + STORY_SILENCE_MS + 999, "");
	assert_string_equal(words(), "rings@0+300 says@1799+1000 ends@2799+0");
	assert_int_equal(story_silence_ms(&story), 0);
}

static void what_overlaps_leaves_no_gap(void **state)
{
	(void)state;
	begin();
	story_put(&story, STORY_RINGING, 0, 100, "");
	story_put(&story, STORY_RECEPTIONIST, 100, 9000, "");
	story_put(&story, STORY_CALLER, 2000, 500, "");
	story_finish(&story, 9200, "");
	assert_int_equal(story_silence_ms(&story), 0);
}

static void before_anybody_answers_there_is_no_silence(void **state)
{
	(void)state;
	begin();
	story_finish(&story, 20000, "failed");
	assert_string_equal(words(), "ends@20000+0");
}

static void a_phrase_says_what_was_heard_and_how_long(void **state)
{
	char text[300];

	(void)state;
	begin();
	story_put(&story, STORY_SAY, 0, 1540, "Goodbye.");
	story_put(&story, STORY_RINGBACK, 1, 25000, "+15550199: no-answer");
	story_put(&story, STORY_END, 2, 0, "twiml-hangup");
	assert_string_equal(story_phrase(&story.scenes[0], text, sizeof text), "Twilio's voice: \"Goodbye.\", 1.5 s");
	assert_string_equal(story_phrase(&story.scenes[1], text, sizeof text),
		"it rings at +15550199: no-answer, 25.0 s");
	assert_string_equal(story_phrase(&story.scenes[2], text, sizeof text), "the end: twiml-hangup");
}

static void more_than_it_holds_is_counted_and_a_long_text_is_cut_between_characters(void **state)
{
	char text[3 * STORY_TEXT_BYTES_MAX];

	(void)state;
	begin();
	memset(text, 'x', sizeof text);
	memcpy(text + STORY_TEXT_BYTES_MAX - 1, "\xC3\xA4", 2);
	text[sizeof text - 1] = '\0';
	for (int i = 0; i < STORY_SCENES_MAX + 5; i++)
		story_put(&story, STORY_SAY, (uint64_t)i, 1, text);
	assert_int_equal(story.count, STORY_SCENES_MAX);
	assert_int_equal(story.left_out, 5);
	assert_int_equal(strlen(story.scenes[0].text), STORY_TEXT_BYTES_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scenes_stand_in_the_order_of_their_beginnings),
		cmocka_unit_test(a_gap_behind_the_ringing_is_silence),
		cmocka_unit_test(a_short_gap_is_none),
		cmocka_unit_test(what_overlaps_leaves_no_gap),
		cmocka_unit_test(before_anybody_answers_there_is_no_silence),
		cmocka_unit_test(a_phrase_says_what_was_heard_and_how_long),
		cmocka_unit_test(more_than_it_holds_is_counted_and_a_long_text_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
