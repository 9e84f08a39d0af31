#include "tests/unit/unit.h"

#include "base/digest.h"
#include "media/sound/pcmu.h"
#include "proto/ulaw.h"
#include "tests/unit/chance.h"

static void all_codes(uint8_t codes[256])
{
	for (int i = 0; i < 256; i++)
		codes[i] = (uint8_t)i;
}

/* Of the 256 samples as 16-bit little-endian numbers, from code 0 on: sox, ffmpeg and Python's audioop agree. */
static void the_table_has_the_hash_that_other_decoders_make(void **state)
{
	uint8_t codes[256];
	int16_t samples[256];
	uint8_t hash[SHA256_BYTES];
	char text[2 * SHA256_BYTES + 1];

	(void)state;
	all_codes(codes);
	pcmu_decode(samples, codes, 256);
	digest_sha256(&(struct digest_piece){ samples, sizeof samples }, 1, hash);
	for (size_t i = 0; i < sizeof hash; i++)
		snprintf(text + 2 * i, 3, "%02x", hash[i]);
	assert_string_equal(text, "3dab54339e520bb2c924826e3b72a917a2b612e9fd12fc867500f1d983a75827");
}

static void any_length_at_any_address_is_what_single_samples_are(void **state)
{
	static uint8_t codes[4096 + 64];
	static int16_t samples[4096 + 64];

	(void)state;
	for (size_t i = 0; i < sizeof codes; i++)
		codes[i] = (uint8_t)chance(65536);
	for (size_t count = 0; count < 300; count++) {
		size_t from = count % 64, to = count * 7 % 64;

		memset(samples, 0x55, sizeof samples);
		pcmu_decode(samples + to, codes + from, count);
		for (size_t i = 0; i < count; i++)
			assert_int_equal(samples[to + i], ulaw_decode(codes[from + i]));
		assert_int_equal((uint16_t)samples[to + count], 0x5555);
		if (to > 0)
			assert_int_equal((uint16_t)samples[to - 1], 0x5555);
	}
}

static void the_peak_is_the_loudest_sample_of_either_sign(void **state)
{
	static uint8_t codes[1000];

	(void)state;
	assert_int_equal(pcmu_peak(codes, 0), 0);
	for (int round = 0; round < 300; round++) {
		size_t from = (size_t)round % 40, count = (size_t)round * 3;
		int loudest = 0;

		for (size_t i = 0; i < sizeof codes; i++)
			codes[i] = (uint8_t)(chance(65536) | (round % 4 ? 0x70 : 0));
		for (size_t i = 0; i < count; i++)
			if (abs(ulaw_decode(codes[from + i])) > loudest)
				loudest = abs(ulaw_decode(codes[from + i]));
		assert_int_equal(pcmu_peak(codes + from, count), loudest);
	}
}

static void silence_has_no_peak_in_both_its_codes(void **state)
{
	uint8_t codes[200];

	(void)state;
	memset(codes, 0xFF, sizeof codes);
	assert_int_equal(pcmu_peak(codes, sizeof codes), 0);
	memset(codes, 0x7F, sizeof codes);
	assert_int_equal(pcmu_peak(codes, sizeof codes), 0);
	codes[199] = 0x00;
	assert_int_equal(pcmu_peak(codes, sizeof codes), 32124);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_has_the_hash_that_other_decoders_make),
		cmocka_unit_test(any_length_at_any_address_is_what_single_samples_are),
		cmocka_unit_test(the_peak_is_the_loudest_sample_of_either_sign),
		cmocka_unit_test(silence_has_no_peak_in_both_its_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
