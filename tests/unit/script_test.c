#include "tests/unit/unit.h"

#include "sim/ear.h"
#include "sim/script.h"
#include "proto/ulaw.h"

static struct ear ear;
static struct script script;

static int setup(void **state)
{
	(void)state;
	ear_init(&ear, 700);
	script_init(&script, 700, 8000, 2000);
	return 0;
}

static void hear(unsigned ms, int16_t amplitude)
{
	uint8_t audio[160];

	for (size_t i = 0; i < sizeof audio; i++)
		audio[i] = ulaw_encode((int16_t)(i % 2 ? amplitude : -amplitude));
	for (; ms >= 20; ms -= 20)
		ear_hear(&ear, audio, sizeof audio);
}

static void voice(unsigned ms)
{
	hear(ms, 5000);
}

static void quiet(unsigned ms)
{
	hear(ms, 0);
}

static enum script_act turn(bool speaking, size_t expected_line)
{
	size_t line = 99;
	enum script_act act = script_turn(&script, &ear, speaking, &line);

	if (act == SCRIPT_ACT)
		assert_int_equal(line, expected_line);
	return act;
}

static void speech_and_silence_are_told_apart(void **state)
{
	(void)state;
	quiet(500);
	assert_false(ear_hears_voice(&ear));
	voice(300);
	assert_true(ear_hears_voice(&ear));
	assert_int_equal(ear.utterance_count, 1);
	assert_int_equal(ear.utterance_began_ms, 500);
	quiet(600);
	voice(100);
	assert_int_equal(ear.utterance_count, 1);
	quiet(700);
	assert_false(ear_hears_voice(&ear));
	assert_int_equal(ear_silent_ms(&ear), 700);
	voice(20);
	assert_int_equal(ear.utterance_count, 2);
	assert_int_equal(ear.utterance_began_ms, 2200);
	assert_int_equal(ear.voiced_ms, 420);
	hear(1000, 100);
	assert_int_equal(ear.voiced_ms, 420);
}

static void how_the_audio_is_cut_changes_nothing(void **state)
{
	static uint8_t audio[8 * 4000];
	struct ear whole, cut;

	(void)state;
	for (size_t i = 0; i < sizeof audio; i++)
		audio[i] = i / 8000 % 2 ? 0xff : (uint8_t)(i * 31);
	ear_init(&whole, 300);
	ear_init(&cut, 300);
	ear_hear(&whole, audio, sizeof audio);
	for (size_t at = 0, n = 1; at < sizeof audio; at += n, n = n * 13 % 509 + 1)
		ear_hear(&cut, audio + at, at + n > sizeof audio ? sizeof audio - at : n);
	assert_memory_equal(&whole, &cut, sizeof whole);
}

static void a_line_waits_for_the_greeting_and_a_pause(void **state)
{
	(void)state;
	assert_true(script_add(&script, SCRIPT_SAY, "hello", 0));
	assert_int_equal(turn(false, 0), SCRIPT_WAIT);
	quiet(3000);
	assert_int_equal(turn(false, 0), SCRIPT_WAIT);
	voice(1000);
	quiet(680);
	assert_int_equal(turn(false, 0), SCRIPT_WAIT);
	quiet(20);
	assert_int_equal(turn(false, 0), SCRIPT_ACT);
}

static void a_second_line_waits_for_the_answer_to_the_first(void **state)
{
	(void)state;
	script_add(&script, SCRIPT_SAY, "one", 0);
	script_add(&script, SCRIPT_DTMF, "2", 0);
	voice(400);
	quiet(700);
	assert_int_equal(turn(false, 0), SCRIPT_ACT);
	quiet(1500);
	assert_int_equal(turn(true, 0), SCRIPT_WAIT);
	assert_int_equal(turn(false, 0), SCRIPT_WAIT);
	quiet(2000);
	assert_int_equal(turn(false, 0), SCRIPT_WAIT);
	voice(100);
	quiet(700);
	assert_int_equal(turn(false, 0), SCRIPT_WAIT);
	voice(100);
	quiet(700);
	assert_int_equal(turn(false, 1), SCRIPT_ACT);
	assert_int_equal(script.unanswered_count, 0);
}

static void without_any_answer_the_caller_goes_on_after_a_while_and_it_is_counted(void **state)
{
	(void)state;
	script_add(&script, SCRIPT_SAY, "one", 0);
	quiet(7980);
	assert_int_equal(turn(false, 0), SCRIPT_WAIT);
	quiet(20);
	assert_int_equal(turn(false, 0), SCRIPT_ACT);
	assert_int_equal(turn(false, 0), SCRIPT_WAIT);
	quiet(8000);
	assert_int_equal(turn(false, 0), SCRIPT_DONE);
	assert_int_equal(turn(false, 0), SCRIPT_DONE);
	assert_int_equal(script.unanswered_count, 2);
}

static void an_interruption_comes_so_long_into_the_next_utterance(void **state)
{
	(void)state;
	script_add(&script, SCRIPT_SAY, "question", 0);
	script_add(&script, SCRIPT_INTERRUPT, "stop", 1500);
	voice(400);
	quiet(700);
	assert_int_equal(turn(false, 0), SCRIPT_ACT);
	assert_int_equal(turn(false, 0), SCRIPT_WAIT);
	quiet(1000);
	assert_int_equal(turn(false, 0), SCRIPT_WAIT);
	voice(1480);
	assert_int_equal(turn(false, 1), SCRIPT_WAIT);
	voice(20);
	assert_int_equal(turn(false, 1), SCRIPT_ACT);
	voice(400);
	assert_int_equal(turn(true, 1), SCRIPT_WAIT);
	quiet(1000);
	assert_int_equal(turn(false, 1), SCRIPT_WAIT);
	voice(500);
	quiet(1980);
	assert_int_equal(turn(false, 1), SCRIPT_WAIT);
	quiet(20);
	assert_int_equal(turn(false, 1), SCRIPT_DONE);
}

static void the_greeting_can_be_interrupted_too(void **state)
{
	(void)state;
	script_add(&script, SCRIPT_INTERRUPT, "yes yes", 300);
	voice(280);
	assert_int_equal(turn(false, 0), SCRIPT_WAIT);
	voice(20);
	assert_int_equal(turn(false, 0), SCRIPT_ACT);
}

static void a_pause_only_takes_time(void **state)
{
	(void)state;
	script_add(&script, SCRIPT_PAUSE, "", 1000);
	script_add(&script, SCRIPT_SAY, "after", 0);
	voice(400);
	quiet(700);
	assert_int_equal(turn(false, 0), SCRIPT_ACT);
	quiet(1000);
	assert_int_equal(turn(true, 0), SCRIPT_WAIT);
	assert_int_equal(turn(false, 1), SCRIPT_ACT);
}

static void a_caller_without_lines_listens_and_hangs_up(void **state)
{
	(void)state;
	quiet(500);
	voice(1000);
	quiet(1980);
	assert_int_equal(turn(false, 0), SCRIPT_WAIT);
	quiet(20);
	assert_int_equal(turn(false, 0), SCRIPT_DONE);
}

static void the_time_of_an_interruption_stands_behind_the_last_at_sign(void **state)
{
	char good[] = "mail me@home@1500", none[] = "stop", empty[] = "@5", word[] = "a@b",
	     minus[] = "a@-5";
	uint32_t ms = 7;

	(void)state;
	assert_true(script_split_at(good, &ms));
	assert_string_equal(good, "mail me@home");
	assert_int_equal(ms, 1500);
	assert_false(script_split_at(none, &ms));
	assert_false(script_split_at(empty, &ms));
	assert_false(script_split_at(word, &ms));
	assert_false(script_split_at(minus, &ms));
	assert_int_equal(ms, 1500);
}

static void too_many_lines_are_refused(void **state)
{
	(void)state;
	for (int i = 0; i < SCRIPT_LINE_COUNT_MAX; i++)
		assert_true(script_add(&script, SCRIPT_SAY, "x", 0));
	assert_false(script_add(&script, SCRIPT_SAY, "x", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(speech_and_silence_are_told_apart, setup),
		cmocka_unit_test_setup(how_the_audio_is_cut_changes_nothing, setup),
		cmocka_unit_test_setup(a_line_waits_for_the_greeting_and_a_pause, setup),
		cmocka_unit_test_setup(a_second_line_waits_for_the_answer_to_the_first, setup),
		cmocka_unit_test_setup(
			without_any_answer_the_caller_goes_on_after_a_while_and_it_is_counted, setup),
		cmocka_unit_test_setup(an_interruption_comes_so_long_into_the_next_utterance, setup),
		cmocka_unit_test_setup(the_greeting_can_be_interrupted_too, setup),
		cmocka_unit_test_setup(a_pause_only_takes_time, setup),
		cmocka_unit_test_setup(a_caller_without_lines_listens_and_hangs_up, setup),
		cmocka_unit_test_setup(the_time_of_an_interruption_stands_behind_the_last_at_sign, setup),
		cmocka_unit_test_setup(too_many_lines_are_refused, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
