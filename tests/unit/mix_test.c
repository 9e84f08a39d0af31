#include "tests/unit/unit.h"

#include "media/sound/mix.h"
#include "proto/ulaw.h"
#include "tests/unit/chance.h"

static int mixed(int one, int other)
{
	int16_t a = (int16_t)one, b = (int16_t)other, out;

	mix_mono(&out, &a, &b, 1);
	return out;
}

static void whoever_speaks_alone_sounds_as_on_his_own_track(void **state)
{
	(void)state;
	for (int s = -INT16_MAX; s <= INT16_MAX; s++) {
		assert_int_equal(mixed(s, 0), s);
		assert_int_equal(mixed(0, s), s);
	}
}

/* Of all pairs of codes: nothing wraps, and what is softer than the knee is the plain sum. */
static void every_pair_of_codes_adds_up_to_the_knee_and_never_wraps(void **state)
{
	(void)state;
	for (int i = 0; i < 256; i++) {
		for (int k = 0; k < 256; k++) {
			int a = ulaw_decode((uint8_t)i), b = ulaw_decode((uint8_t)k), sum = a + b, out = mixed(a, b);

			if (abs(sum) <= MIX_KNEE)
				assert_int_equal(out, sum);
			assert_true(sum >= 0 ? out >= 0 && out <= sum : out <= 0 && out >= sum);
			assert_true(abs(out) >= MIX_KNEE || abs(out) == abs(sum));
			assert_int_equal(out, mixed(b, a));
			assert_int_equal(-out, mixed(-a, -b));
		}
	}
	assert_int_equal(mixed(32124, 32124), 32767);
	assert_int_equal(mixed(-32124, -32124), -32767);
	assert_int_equal(mixed(-32768, -32768), -32767);
}

static void a_louder_voice_never_makes_the_mix_softer(void **state)
{
	(void)state;
	for (int a = -32768; a <= 32767; a += 257)
		for (int b = -32768; b < 32767 - 33; b += 33)
			if (mixed(a, b) > mixed(a, b + 33) + 1)
				fail_msg("%d and %d: %d, and %d: %d", a, b, mixed(a, b), b + 33, mixed(a, b + 33));
}

static void blocks_of_any_length_give_what_one_gives(void **state)
{
	static int16_t one[5000], other[5000], whole[5000], cut[5000 + 1];

	(void)state;
	for (size_t i = 0; i < 5000; i++) {
		unsigned shift = i / 500 % 4;

		one[i] = (int16_t)((int16_t)chance(65536) >> shift);
		other[i] = (int16_t)((int16_t)chance(65536) >> shift);
	}
	mix_mono(whole, one, other, 5000);
	for (size_t i = 0; i < 5000; i++)
		assert_int_equal(whole[i], mixed(one[i], other[i]));
	for (size_t step = 1; step < 100; step++) {
		memset(cut, 0x55, sizeof cut);
		for (size_t at = 0, n; at < 5000; at += n) {
			n = 5000 - at < step ? 5000 - at : step;
			mix_mono(cut + at, one + at, other + at, n);
			assert_int_equal((uint16_t)cut[at + n], 0x5555);
		}
		assert_memory_equal(cut, whole, sizeof whole);
	}
}

static void stereo_is_left_and_right_in_turn_and_nothing_else(void **state)
{
	static int16_t left[777], right[777], out[2 * 777 + 2];
	static uint8_t left_codes[777], right_codes[777], out_codes[2 * 777 + 2];

	(void)state;
	for (size_t i = 0; i < 777; i++) {
		left[i] = (int16_t)chance(65536);
		right[i] = (int16_t)chance(65536);
		left_codes[i] = (uint8_t)left[i];
		right_codes[i] = (uint8_t)right[i];
	}
	for (size_t count = 0; count <= 777; count++) {
		memset(out + 2 * count, 0x55, 4);
		memset(out_codes + 2 * count, 0x55, 2);
		mix_stereo(out, left, right, count);
		mix_stereo_ulaw(out_codes, left_codes, right_codes, count);
		assert_int_equal((uint16_t)out[2 * count], 0x5555);
		assert_int_equal(out_codes[2 * count], 0x55);
	}
	for (size_t i = 0; i < 777; i++) {
		assert_int_equal(out[2 * i], left[i]);
		assert_int_equal(out[2 * i + 1], right[i]);
		assert_int_equal(out_codes[2 * i], left_codes[i]);
		assert_int_equal(out_codes[2 * i + 1], right_codes[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_speaks_alone_sounds_as_on_his_own_track),
		cmocka_unit_test(every_pair_of_codes_adds_up_to_the_knee_and_never_wraps),
		cmocka_unit_test(a_louder_voice_never_makes_the_mix_softer),
		cmocka_unit_test(blocks_of_any_length_give_what_one_gives),
		cmocka_unit_test(stereo_is_left_and_right_in_turn_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
