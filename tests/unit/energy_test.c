#include "tests/unit/unit.h"

#include "relay/energy.h"
#include "proto/ulaw.h"
#include "tests/unit/chance.h"

#include <string.h>

static struct energy energy;

static int start(void **state)
{
	(void)state;
	energy_init(&energy);
	return 0;
}

/* So many ms of a square wave of that height: its mean magnitude is the height. */
static void hear(uint32_t ms, int height)
{
	for (uint32_t i = 0; i < ms * ULAW_BYTES_PER_MS; i++) {
		uint8_t byte = ulaw_encode((int16_t)(i & 4 ? height : -height));

		energy_put(&energy, &byte, 1);
	}
}

static void every_code_counts_by_its_magnitude(void **state)
{
	(void)state;
	for (int code = 0; code < 256; code++) {
		uint8_t frame[ULAW_FRAME_BYTES];
		int sample = ulaw_decode((uint8_t)code);

		memset(frame, code, sizeof frame);
		energy_init(&energy);
		energy_put(&energy, frame, 8);
		assert_int_equal(energy.sum, 8 * (sample < 0 ? -sample : sample));
	}
}

static void a_line_that_was_never_loud_says_so(void **state)
{
	(void)state;
	hear(1000, 0);
	assert_int_equal(energy_voice_ms(&energy), 0);
	assert_int_equal(energy_quiet_ms(&energy), UINT32_MAX);
}

static void a_voice_is_counted_from_its_first_frame(void **state)
{
	(void)state;
	hear(1000, 20);
	hear(160, 3000);
	assert_int_equal(energy_voice_ms(&energy), 160);
	assert_int_equal(energy_lasts_ms(&energy), 160);
	assert_int_equal(energy_quiet_ms(&energy), 0);
}

static void a_gap_between_syllables_does_not_end_it(void **state)
{
	(void)state;
	hear(200, 3000);
	hear(ENERGY_GAP_MS, 20);
	hear(100, 3000);
	assert_int_equal(energy_voice_ms(&energy), 300);
	assert_int_equal(energy_lasts_ms(&energy), 300 + ENERGY_GAP_MS);
}

static void a_longer_one_does(void **state)
{
	(void)state;
	hear(200, 3000);
	hear(ENERGY_GAP_MS + 20, 20);
	assert_int_equal(energy_voice_ms(&energy), 0);
	assert_int_equal(energy_lasts_ms(&energy), 0);
	assert_int_equal(energy_quiet_ms(&energy), ENERGY_GAP_MS + 20);
}

static void a_faint_voice_is_none(void **state)
{
	(void)state;
	hear(1000, ENERGY_LEVEL_LEAST - 30);
	assert_int_equal(energy_voice_ms(&energy), 0);
}

static void a_steady_hum_stops_being_loud(void **state)
{
	(void)state;
	hear(10000, 1200);
	hear(200, 1200);
	assert_int_equal(energy_voice_ms(&energy), 0);
}

static void a_voice_above_the_hum_is_heard(void **state)
{
	(void)state;
	hear(10000, 800);
	assert_int_equal(energy_voice_ms(&energy), 0);
	hear(200, 8000);
	assert_int_equal(energy_voice_ms(&energy), 200);
}

static void after_the_hum_a_soft_voice_is_heard_soon_again(void **state)
{
	(void)state;
	hear(10000, 1200);
	hear(500, 20);
	hear(200, 900);
	assert_int_equal(energy_voice_ms(&energy), 200);
}

static void somebody_who_speaks_for_long_goes_on_being_heard(void **state)
{
	(void)state;
	for (int i = 0; i < 30; i++) {
		hear(400, 4000);
		hear(80, 100);
		assert_in_range(energy_voice_ms(&energy), 400 * ((uint32_t)i + 1), UINT32_MAX);
	}
}

static void any_cutting_of_the_audio_gives_the_same(void **state)
{
	uint8_t audio[8000];
	struct energy whole;

	(void)state;
	for (size_t i = 0; i < sizeof audio; i++)
		audio[i] = (uint8_t)(i / 1600 % 2 ? 0x10 + (i & 0x8F) : 0xF0 + (i & 7));
	energy_init(&whole);
	energy_put(&whole, audio, sizeof audio);
	for (size_t at = 0; at < sizeof audio;) {
		size_t n = 1 + chance(400);

		n = n < sizeof audio - at ? n : sizeof audio - at;
		energy_put(&energy, audio + at, n);
		at += n;
	}
	assert_memory_equal(&energy, &whole, sizeof whole);
}

#define TEST(name) cmocka_unit_test_setup(name, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_code_counts_by_its_magnitude),
		TEST(a_line_that_was_never_loud_says_so),
		TEST(a_voice_is_counted_from_its_first_frame),
		TEST(a_gap_between_syllables_does_not_end_it),
		TEST(a_longer_one_does),
		TEST(a_faint_voice_is_none),
		TEST(a_steady_hum_stops_being_loud),
		TEST(a_voice_above_the_hum_is_heard),
		TEST(after_the_hum_a_soft_voice_is_heard_soon_again),
		TEST(somebody_who_speaks_for_long_goes_on_being_heard),
		TEST(any_cutting_of_the_audio_gives_the_same),
	};

	return cmocka_run_group_tests_name("energy", tests, NULL, NULL);
}
