#include "tests/unit/unit.h"

#include "base/limits.h"
#include "ctl/stereo.h"

static struct stereo s;

static int fresh(void **state)
{
	(void)state;
	memset(&s, 0, sizeof s);
	return 0;
}

static void the_caller_is_left_and_the_receptionist_right(void **state)
{
	uint8_t out[8];
	const uint8_t want[8] = { 1, 11, 2, 12, 3, 13, 4, ULAW_SILENCE };

	(void)state;
	stereo_voice(&s, (const uint8_t[]){ 11, 12, 13 }, 3);
	stereo_caller(&s, (const uint8_t[]){ 1, 2, 3, 4 }, 4, out);
	assert_memory_equal(out, want, sizeof want);
}

static void what_was_cleared_is_not_heard(void **state)
{
	uint8_t out[4];
	const uint8_t want[4] = { 1, 21, 2, ULAW_SILENCE };

	(void)state;
	stereo_voice(&s, (const uint8_t[]){ 11, 12, 13 }, 3);
	stereo_clear(&s);
	stereo_voice(&s, (const uint8_t[]){ 21 }, 1);
	stereo_caller(&s, (const uint8_t[]){ 1, 2 }, 2, out);
	assert_memory_equal(out, want, sizeof want);
}

static void more_than_may_wait_is_dropped_and_counted_and_the_order_stays(void **state)
{
	static uint8_t block[1000], out[2000];
	uint8_t next = 0;

	(void)state;
	for (int round = 0; round < STEREO_WAITING_BYTES_MAX / 1000; round++) {
		for (size_t i = 0; i < sizeof block; i++)
			block[i] = (uint8_t)(round * 1000 + (int)i);
		stereo_voice(&s, block, sizeof block);
	}
	assert_int_equal(s.dropped_bytes, 0);
	stereo_voice(&s, block, 7);
	assert_int_equal(s.dropped_bytes, 7);
	for (int round = 0; round < 3; round++) {
		stereo_caller(&s, block, sizeof block, out);
		for (size_t i = 0; i < sizeof block; i++)
			assert_int_equal(out[2 * i + 1], next++);
		stereo_voice(&s, block, sizeof block);          /* wraps around the end of the ring */
	}
	assert_int_equal(s.count, STEREO_WAITING_BYTES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_caller_is_left_and_the_receptionist_right, fresh),
		cmocka_unit_test_setup(what_was_cleared_is_not_heard, fresh),
		cmocka_unit_test_setup(more_than_may_wait_is_dropped_and_counted_and_the_order_stays, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
