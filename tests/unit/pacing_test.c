#include "tests/unit/unit.h"

#include "sim/pacing.h"

static void deadlines_are_absolute(void **state)
{
	(void)state;
	assert_true(pacing_frame_due_us(1000, 0) == 1000);
	assert_true(pacing_frame_due_us(1000, 180000) == 1000 + UINT64_C(3600000000));
	assert_int_equal(pacing_frames_due(1000, 999), 0);
	assert_int_equal(pacing_frames_due(1000, 1000), 1);
	assert_int_equal(pacing_frames_due(1000, 20999), 1);
	assert_int_equal(pacing_frames_due(1000, 21000), 2);
}

static void a_sender_that_oversleeps_catches_up_and_does_not_drift(void **state)
{
	uint64_t now = 5000, sent = 0;

	(void)state;
	while (now < 5000 + 10000000) {
		now = pacing_frame_due_us(5000, sent) + 3333;
		sent = pacing_frames_due(5000, now);
	}
	assert_int_equal(sent, (now - 5000) / 20000 + 1);
	assert_true(pacing_frame_due_us(5000, sent) > now);
	assert_true(pacing_frame_due_us(5000, sent) <= now + 20000);
}

static void calls_are_spread_evenly_over_the_frame(void **state)
{
	static const uint32_t counts[] = { 1, 2, 3, 50, 79, 80, 81, 200, 500, 1000 };

	(void)state;
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		struct pacing_plan plan = { .call_count = counts[i] };
		uint32_t load[PACING_TICKS_PER_FRAME] = { 0 }, most = 0, least = UINT32_MAX;

		for (uint32_t c = 0; c < counts[i]; c++) {
			uint32_t tick = pacing_call_tick(&plan, c);

			assert_true(tick < PACING_TICKS_PER_FRAME);
			load[tick]++;
		}
		for (uint32_t t = 0; t < PACING_TICKS_PER_FRAME; t++) {
			most = load[t] > most ? load[t] : most;
			least = load[t] < least ? load[t] : least;
		}
		assert_true(most - least <= 1);
	}
}

static void the_ramp_spreads_starts_but_keeps_each_call_on_its_tick(void **state)
{
	struct pacing_plan plan = { .call_count = 100, .start_us = 777, .ramp_us = 1000000 };

	(void)state;
	for (uint32_t c = 0; c < 100; c++) {
		uint64_t at = pacing_call_start_us(&plan, c) - plan.start_us;

		assert_int_equal(at % PACING_FRAME_US, pacing_call_tick(&plan, c) * PACING_TICK_US);
		assert_true(at + PACING_FRAME_US > 10000 * c && at < 10000 * c + PACING_FRAME_US);
	}
	plan.ramp_us = 0;
	for (uint32_t c = 0; c < 100; c++)
		assert_true(pacing_call_start_us(&plan, c) < 777 + PACING_FRAME_US);
}

static void the_next_slot_is_the_first_of_the_calls_own_not_before_now(void **state)
{
	struct pacing_plan plan = { .call_count = 10, .start_us = 1000 };

	(void)state;
	for (uint64_t now = 0; now < 100000; now += 613) {
		uint64_t slot = pacing_next_slot_us(&plan, 3, now);

		assert_true(slot >= now);
		assert_true(slot < now + PACING_FRAME_US || slot == 1000 + 24 * PACING_TICK_US);
		assert_int_equal((slot - 1000) % PACING_FRAME_US, 24 * PACING_TICK_US);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deadlines_are_absolute),
		cmocka_unit_test(a_sender_that_oversleeps_catches_up_and_does_not_drift),
		cmocka_unit_test(calls_are_spread_evenly_over_the_frame),
		cmocka_unit_test(the_ramp_spreads_starts_but_keeps_each_call_on_its_tick),
		cmocka_unit_test(the_next_slot_is_the_first_of_the_calls_own_not_before_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
