#include "tests/unit/unit.h"

#include "sim/pattern.h"

static void what_was_filled_is_read_back(void **state)
{
	uint8_t frame[ULAW_FRAME_BYTES];
	uint32_t number;

	(void)state;
	for (uint32_t call = 0; call < 1000; call += 333) {
		for (uint32_t n = 0; n < 5; n++) {
			pattern_fill(call, n * 1000003, frame);
			assert_true(pattern_read(call, frame, &number));
			assert_int_equal(number, n * 1000003);
			assert_false(pattern_read(call + 1, frame, &number));
		}
	}
}

static void every_single_bit_counts(void **state)
{
	uint8_t frame[ULAW_FRAME_BYTES];
	uint32_t number;

	(void)state;
	pattern_fill(7, 42, frame);
	for (unsigned bit = 0; bit < 8 * sizeof frame; bit++) {
		frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(pattern_read(7, frame, &number));
		frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_true(pattern_read(7, frame, &number));
}

static void send(struct tally *t, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		tally_sent(t);
}

static void frames_in_order_are_all_good(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (uint32_t n = 0; n < 5000; n++) {
		tally_sent(&t);
		assert_int_equal(tally_take(&t, n), TALLY_GOOD);
	}
	assert_int_equal(tally_lost(&t), 0);
	assert_int_equal(t.good_count, 5000);
}

static void what_never_comes_is_lost_exactly(void **state)
{
	struct tally t = { 0 };
	uint64_t lost = 0;

	(void)state;
	send(&t, 3000);
	for (uint32_t n = 0; n < 3000; n++) {
		if (n % 7 == 3)
			lost++;
		else
			assert_int_equal(tally_take(&t, n), TALLY_GOOD);
	}
	assert_int_equal(tally_lost(&t), lost);
	send(&t, 10);
	assert_int_equal(tally_lost(&t), lost + 10);
}

static void a_late_frame_is_reordered_and_no_longer_lost(void **state)
{
	struct tally t = { 0 };

	(void)state;
	send(&t, 5);
	assert_int_equal(tally_take(&t, 0), TALLY_GOOD);
	assert_int_equal(tally_take(&t, 3), TALLY_GOOD);
	assert_int_equal(tally_take(&t, 2), TALLY_REORDERED);
	assert_int_equal(tally_take(&t, 1), TALLY_REORDERED);
	assert_int_equal(tally_take(&t, 4), TALLY_GOOD);
	assert_int_equal(tally_lost(&t), 0);
	assert_int_equal(t.reordered_count, 2);
}

static void a_second_coming_is_a_duplicate(void **state)
{
	struct tally t = { 0 };

	(void)state;
	send(&t, 3 * TALLY_WINDOW);
	assert_int_equal(tally_take(&t, 0), TALLY_GOOD);
	assert_int_equal(tally_take(&t, 0), TALLY_DUPLICATE);
	assert_int_equal(tally_take(&t, 2), TALLY_GOOD);
	assert_int_equal(tally_take(&t, 1), TALLY_REORDERED);
	assert_int_equal(tally_take(&t, 1), TALLY_DUPLICATE);
	assert_int_equal(tally_take(&t, 2 * TALLY_WINDOW), TALLY_GOOD);
	assert_int_equal(tally_take(&t, 2), TALLY_DUPLICATE);
	assert_int_equal(tally_take(&t, 2 * TALLY_WINDOW - 1), TALLY_REORDERED);
	assert_int_equal(tally_take(&t, TALLY_WINDOW + 1), TALLY_REORDERED);
	assert_int_equal(t.duplicate_count, 3);
}

static void a_number_that_was_never_sent_is_told(void **state)
{
	struct tally t = { 0 };

	(void)state;
	send(&t, 2);
	assert_int_equal(tally_take(&t, 2), TALLY_UNSENT);
	assert_int_equal(t.unsent_count, 1);
	assert_int_equal(tally_lost(&t), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_filled_is_read_back),
		cmocka_unit_test(every_single_bit_counts),
		cmocka_unit_test(frames_in_order_are_all_good),
		cmocka_unit_test(what_never_comes_is_lost_exactly),
		cmocka_unit_test(a_late_frame_is_reordered_and_no_longer_lost),
		cmocka_unit_test(a_second_coming_is_a_duplicate),
		cmocka_unit_test(a_number_that_was_never_sent_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
