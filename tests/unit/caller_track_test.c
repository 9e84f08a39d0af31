/* Audio with stamps and numbers, and the clock that they come from. */
#include "tests/unit/unit.h"

#include "media/sound/caller_track.h"
#include "media/sound/stream_clock.h"

enum { FRAME = ULAW_FRAME_BYTES };

static struct caller_track track;

static int begin(void **state)
{
	(void)state;
	caller_track_init(&track, INT64_MAX);
	return 0;
}

static int end(void **state)
{
	(void)state;
	caller_track_fini(&track);
	return 0;
}

/* The frame that stands in the file at frame number `at`. */
static void put(int64_t stamp_ms, int64_t chunk, int64_t at)
{
	caller_track_put(&track, stamp_ms, chunk, at * FRAME, FRAME);
}

static void is_item(size_t i, int64_t sample, int64_t at, int64_t bytes)
{
	assert_true(i < track.plan.count);
	assert_int_equal(track.plan.items[i].sample, sample);
	assert_int_equal(track.plan.items[i].at, at);
	assert_int_equal(track.plan.items[i].bytes, bytes);
}

static void the_first_stamp_need_not_be_0(void **state)
{
	(void)state;
	put(155, 1, 0);
	put(175, 2, 1);
	assert_int_equal(track.plan.count, 1);
	is_item(0, 155 * 8, 0, 2 * FRAME);
}

static void stamps_that_jitter_make_no_seam(void **state)
{
	(void)state;
	put(0, 1, 0);
	put(23, 2, 1);
	put(38, 3, 2);
	put(99, 4, 3);
	put(70, 5, 4);
	assert_int_equal(track.plan.count, 1);
	is_item(0, 0, 0, 5 * FRAME);
	assert_int_equal(track.hole_count, 0);
}

static void a_number_that_is_left_out_is_a_hole(void **state)
{
	(void)state;
	put(0, 1, 0);
	put(40, 3, 1);
	is_item(1, 40 * 8, FRAME, FRAME);
	assert_int_equal(track.hole_count, 1);
	assert_int_equal(track.hole_samples, FRAME);
}

static void both_tracks_counted_together_leave_no_holes(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++)
		put(20 * i, 2 * i + 1, i);
	assert_int_equal(track.plan.count, 1);
}

static void a_long_jump_of_stamps_is_a_hole_without_numbers_too(void **state)
{
	(void)state;
	put(0, -1, 0);
	put(500, -1, 1);
	is_item(1, 500 * 8, FRAME, FRAME);
}

static void a_number_that_was_there_is_dropped(void **state)
{
	(void)state;
	put(0, 1, 0);
	put(20, 2, 1);
	put(20, 2, 2);
	put(0, 1, 3);
	put(40, 3, 4);
	is_item(0, 0, 0, 2 * FRAME);
	is_item(1, 40 * 8, 4 * FRAME, FRAME);
	assert_int_equal(track.plan.count, 2);
	assert_int_equal(track.duplicate_count, 2);
}

static void what_is_late_fills_its_hole(void **state)
{
	(void)state;
	put(0, 1, 0);
	put(40, 3, 1);
	put(20, 2, 2);
	put(60, 4, 3);
	is_item(0, 0, 0, FRAME);
	is_item(1, 20 * 8, 2 * FRAME, FRAME);
	is_item(2, 40 * 8, FRAME, FRAME);
	is_item(3, 60 * 8, 3 * FRAME, FRAME);
	assert_int_equal(track.late_count, 1);
}

static void what_is_late_and_was_there_is_not_put_into_another_hole(void **state)
{
	(void)state;
	put(0, 1, 0);
	put(25, 2, 1);
	put(100, 6, 2);
	put(25, 2, 3);
	assert_int_equal(track.plan.count, 2);
	assert_int_equal(track.duplicate_count, 1);
}

static void a_clock_that_stands_still_is_no_clock(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		put(0, i + 1, i);
	assert_int_equal(track.plan.count, 1);
	is_item(0, 0, 0, 100 * FRAME);
}

static void payloads_of_any_length_go_on(void **state)
{
	int64_t at = 0;

	(void)state;
	for (int i = 0; i < 50; i++) {
		caller_track_put(&track, at / 8, i + 1, at, 1 + i * 37 % 500);
		at += 1 + i * 37 % 500;
	}
	assert_int_equal(track.plan.count, 1);
	is_item(0, 0, 0, at);
}

static void absurd_numbers_do_no_harm(void **state)
{
	(void)state;
	put(INT64_MAX / 16, INT64_MAX, 0);
	put(0, INT64_MIN, 1);
	put(20, 1, 2);
	caller_track_put(&track, 40, 2, INT64_MAX, INT64_MAX);
	caller_track_put(&track, 40, 3, -5, -5);
	assert_true(plan_end(&track.plan) <= PLAN_SAMPLES_MAX);
}

/* --- the clock -------------------------------------------------------------------------------------------- */

static void the_clock_has_the_least_delay_and_follows_drift(void **state)
{
	struct stream_clock c;

	(void)state;
	stream_clock_init(&c);
	/* 100 ppm, 50 ms behind, and every third message late. */
	for (int64_t stamp = 0; stamp < 1800000; stamp += 20)
		stream_clock_stamp(&c, stamp, 50 + stamp + stamp / 10000 + (stamp / 20 % 3 ? 0 : stamp % 300));
	stream_clock_settle(&c);
	for (int64_t stamp = 10000; stamp < 1790000; stamp += 977) {
		int64_t sample = stream_clock_sample(&c, 50 + stamp + stamp / 10000);

		assert_true(llabs(sample - stamp * 8) <= 16);
	}
	stream_clock_fini(&c);
}

static void a_clock_that_leaps_goes_on_from_ours(void **state)
{
	struct stream_clock c;

	(void)state;
	stream_clock_init(&c);
	assert_int_equal(stream_clock_stamp(&c, 1763706600000, 30), 30);
	assert_int_equal(stream_clock_stamp(&c, 1763706600020, 50), 50);
	assert_int_equal(stream_clock_stamp(&c, 70, 70), 70);
	assert_int_equal(stream_clock_stamp(&c, 90, 95), 90);
	assert_int_equal(stream_clock_stamp(&c, INT64_MAX, 110), 110);
	assert_int_equal(stream_clock_stamp(&c, -1, 130), -1);
	stream_clock_fini(&c);
}

static void messages_that_were_held_up_are_no_leap(void **state)
{
	struct stream_clock c;

	(void)state;
	stream_clock_init(&c);
	assert_int_equal(stream_clock_stamp(&c, 0, 10), 0);
	for (int64_t stamp = 20; stamp < 30000; stamp += 20)
		assert_int_equal(stream_clock_stamp(&c, stamp, 30010), stamp);
	stream_clock_fini(&c);
}

static void who_has_no_clock_has_ours(void **state)
{
	struct stream_clock c;

	(void)state;
	stream_clock_init(&c);
	stream_clock_settle(&c);
	assert_int_equal(stream_clock_sample(&c, 1234), 1234 * 8);
	stream_clock_fini(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_first_stamp_need_not_be_0, begin, end),
		cmocka_unit_test_setup_teardown(stamps_that_jitter_make_no_seam, begin, end),
		cmocka_unit_test_setup_teardown(a_number_that_is_left_out_is_a_hole, begin, end),
		cmocka_unit_test_setup_teardown(both_tracks_counted_together_leave_no_holes, begin, end),
		cmocka_unit_test_setup_teardown(a_long_jump_of_stamps_is_a_hole_without_numbers_too, begin, end),
		cmocka_unit_test_setup_teardown(a_number_that_was_there_is_dropped, begin, end),
		cmocka_unit_test_setup_teardown(what_is_late_fills_its_hole, begin, end),
		cmocka_unit_test_setup_teardown(what_is_late_and_was_there_is_not_put_into_another_hole, begin, end),
		cmocka_unit_test_setup_teardown(a_clock_that_stands_still_is_no_clock, begin, end),
		cmocka_unit_test_setup_teardown(payloads_of_any_length_go_on, begin, end),
		cmocka_unit_test_setup_teardown(absurd_numbers_do_no_harm, begin, end),
		cmocka_unit_test(the_clock_has_the_least_delay_and_follows_drift),
		cmocka_unit_test(a_clock_that_leaps_goes_on_from_ours),
		cmocka_unit_test(messages_that_were_held_up_are_no_leap),
		cmocka_unit_test(who_has_no_clock_has_ours),
	};

	return cmocka_run_group_tests_name("caller_track", tests, NULL, NULL);
}
