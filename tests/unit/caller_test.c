#include "tests/unit/unit.h"

#include "sim/caller.h"
#include "sim/verdict.h"

static void what_is_said_comes_out_frame_by_frame_and_ends_in_line_noise(void **state)
{
	uint8_t audio[400], frame[ULAW_FRAME_BYTES], said[3 * ULAW_FRAME_BYTES];
	struct caller c = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof audio; i++)
		audio[i] = (uint8_t)(i % 120);
	caller_speak(&c, audio, sizeof audio);
	for (int i = 0; i < 3; i++) {
		assert_true(caller_is_busy(&c));
		caller_next_frame(&c, frame);
		memcpy(said + i * ULAW_FRAME_BYTES, frame, sizeof frame);
	}
	assert_false(caller_is_busy(&c));
	assert_memory_equal(said, audio, sizeof audio);
	for (size_t i = sizeof audio; i < sizeof said; i++)
		assert_true(said[i] == 0xff || said[i] == 0x7f);
}

static void an_idle_line_carries_both_codes_for_zero(void **state)
{
	uint8_t frame[ULAW_FRAME_BYTES];
	struct caller c = { 0 };
	int plus = 0, minus = 0;

	(void)state;
	caller_next_frame(&c, frame);
	for (size_t i = 0; i < sizeof frame; i++) {
		plus += frame[i] == 0xff;
		minus += frame[i] == 0x7f;
	}
	assert_int_equal(plus + minus, ULAW_FRAME_BYTES);
	assert_true(plus > 0 && minus > 0);
}

static void keys_are_pressed_one_by_one(void **state)
{
	uint8_t frame[ULAW_FRAME_BYTES];
	struct caller c = { 0 };
	char digits[4] = "";
	int frames = 0, count = 0;

	(void)state;
	caller_press(&c, "1*#");
	while (caller_is_busy(&c)) {
		char digit;

		if (caller_take_digit(&c, &digit)) {
			digits[count++] = digit;
			assert_false(caller_take_digit(&c, &digit));
		}
		caller_next_frame(&c, frame);
		frames++;
	}
	assert_string_equal(digits, "1*#");
	assert_int_equal(frames, 3 * CALLER_KEY_FRAMES);
}

static void a_pause_takes_whole_frames(void **state)
{
	uint8_t frame[ULAW_FRAME_BYTES];
	struct caller c = { 0 };
	int frames = 0;

	(void)state;
	caller_pause(&c, 61);
	for (; caller_is_busy(&c); frames++)
		caller_next_frame(&c, frame);
	assert_int_equal(frames, 4);
}

static void violations_count_and_notes_do_not(void **state)
{
	static struct verdict v;

	(void)state;
	verdict_add(&v, VERDICT_31921, "close 1000");
	assert_false(verdict_is_bad(&v));
	verdict_add(&v, verdict_find(31951), "first");
	verdict_add(&v, VERDICT_31951, "second");
	assert_true(verdict_is_bad(&v));
	assert_int_equal(verdict_violation_count(&v), 2);
	assert_string_equal(v.first[VERDICT_31951], "first");
	assert_int_equal(verdict_number(VERDICT_31951), 31951);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_said_comes_out_frame_by_frame_and_ends_in_line_noise),
		cmocka_unit_test(an_idle_line_carries_both_codes_for_zero),
		cmocka_unit_test(keys_are_pressed_one_by_one),
		cmocka_unit_test(a_pause_takes_whole_frames),
		cmocka_unit_test(violations_count_and_notes_do_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
