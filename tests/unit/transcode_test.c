/* From and to 24 kHz: what a telephone carries comes through, what it cannot does not come back as something else. */
#include "tests/unit/unit.h"

#include "relay/transcode.h"
#include "proto/ulaw.h"
#include "tests/unit/chance.h"

#include <math.h>

enum { TONE_MS = 200, PCM_BYTES = TONE_MS * TRANSCODE_PCM_BYTES_PER_MS, ULAW_BYTES = TONE_MS * 8 };

static void every_code_is_what_the_other_implementation_says(void **state)
{
	(void)state;
	for (int code = 0; code < 256; code++)
		assert_int_equal(transcode_ulaw_decode((uint8_t)code), ulaw_decode((uint8_t)code));
	for (int sample = INT16_MIN; sample <= INT16_MAX; sample++)
		assert_int_equal(transcode_ulaw_encode((int16_t)sample), ulaw_encode((int16_t)sample));
}

static void write_tone(uint8_t *pcm, double hz, double size)
{
	for (int i = 0; i < PCM_BYTES / 2; i++) {
		uint16_t sample = (uint16_t)(int16_t)lround(size * sin(2 * M_PI * hz * i / 24000));

		pcm[2 * i] = (uint8_t)sample;
		pcm[2 * i + 1] = (uint8_t)(sample >> 8);
	}
}

/* How loud a row of samples is at one pitch, without its first 20 ms: amplitude. */
static double loudness(const double *samples, int count, int rate, double hz)
{
	double re = 0, im = 0;
	int from = rate / 50;

	for (int i = from; i < count; i++) {
		re += samples[i] * cos(2 * M_PI * hz * i / rate);
		im += samples[i] * sin(2 * M_PI * hz * i / rate);
	}
	return 2 * sqrt(re * re + im * im) / (count - from);
}

static double level_down(double hz, double heard_at_hz)
{
	static uint8_t pcm[PCM_BYTES], ulaw[ULAW_BYTES + 1];
	static double samples[ULAW_BYTES];
	struct transcode_down d = { 0 };

	write_tone(pcm, hz, 10000);
	assert_int_equal(transcode_down(&d, pcm, sizeof pcm, ulaw), ULAW_BYTES);
	for (int i = 0; i < ULAW_BYTES; i++)
		samples[i] = ulaw_decode(ulaw[i]);
	return 20 * log10(loudness(samples, ULAW_BYTES, 8000, heard_at_hz) / 10000 + 1e-6);
}

static void what_a_telephone_carries_comes_through(void **state)
{
	const double pitches[] = { 200, 400, 1000, 2000, 3000, 3400 };

	(void)state;
	for (size_t i = 0; i < sizeof pitches / sizeof pitches[0]; i++) {
		double db = level_down(pitches[i], pitches[i]);

		if (fabs(db) > 0.7)
			fail_msg("%.0f Hz: %.2f dB", pitches[i], db);
	}
}

static void what_it_cannot_carry_does_not_come_back_as_another_pitch(void **state)
{
	const double pitches[] = { 4500, 5000, 6000, 7000, 9000, 11000 };

	(void)state;
	for (size_t i = 0; i < sizeof pitches / sizeof pitches[0]; i++) {
		double alias = fabs(pitches[i] - 8000);
		double db = level_down(pitches[i], alias);

		if (db > -45)
			fail_msg("%.0f Hz comes back at %.0f Hz with %.1f dB", pitches[i], alias, db);
	}
}

static void up_and_down_again_is_the_same_voice(void **state)
{
	static uint8_t in[ULAW_BYTES], pcm[PCM_BYTES], out[ULAW_BYTES + 1];
	static double samples[ULAW_BYTES], between[PCM_BYTES / 2];
	struct transcode_up u = { 0 };
	struct transcode_down d = { 0 };

	(void)state;
	for (int i = 0; i < ULAW_BYTES; i++)
		in[i] = ulaw_encode((int16_t)lround(8000 * sin(2 * M_PI * 700 * i / 8000)));
	assert_int_equal(transcode_up(&u, in, sizeof in, pcm), PCM_BYTES);
	for (int i = 0; i < PCM_BYTES / 2; i++)
		between[i] = (int16_t)(uint16_t)(pcm[2 * i] | pcm[2 * i + 1] << 8);
	assert_true(fabs(loudness(between, PCM_BYTES / 2, 24000, 700) - 8000) < 200);
	/* The images around 8 kHz. */
	assert_true(loudness(between, PCM_BYTES / 2, 24000, 7300) < 40);
	assert_int_equal(transcode_down(&d, pcm, sizeof pcm, out), ULAW_BYTES);
	for (int i = 0; i < ULAW_BYTES; i++)
		samples[i] = ulaw_decode(out[i]);
	assert_true(fabs(loudness(samples, ULAW_BYTES, 8000, 700) - 8000) < 300);
}

static void silence_stays_silence_and_the_loudest_does_not_wrap(void **state)
{
	static uint8_t pcm[4800], out[801];
	struct transcode_down d = { 0 };

	(void)state;
	size_t count = transcode_down(&d, pcm, sizeof pcm, out);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(ulaw_decode(out[i]), 0);
	d = (struct transcode_down){ 0 };
	for (size_t i = 0; i < sizeof pcm; i += 2) {
		pcm[i] = 0xFF;
		pcm[i + 1] = 0x7F;
	}
	count = transcode_down(&d, pcm, sizeof pcm, out);
	for (size_t i = 40; i < count; i++)
		assert_true(ulaw_decode(out[i]) > 31000);
}

static void the_output_does_not_depend_on_how_the_input_was_cut(void **state)
{
	uint8_t pcm[2400], whole[401], cut[401 + 1], back_whole[2400], back_cut[2400];

	(void)state;
	for (int run = 0; run < 500; run++) {
		struct transcode_down d = { 0 }, e = { 0 };
		struct transcode_up u = { 0 }, v = { 0 };
		size_t count = 0, back_count = 0;

		for (size_t i = 0; i < sizeof pcm; i++)
			pcm[i] = (uint8_t)chance(256);
		assert_int_equal(transcode_down(&d, pcm, sizeof pcm, whole), 400);
		for (size_t at = 0, len; at < sizeof pcm; at += len) {
			len = 1 + chance(run % 2 ? 7 : 700);
			if (len > sizeof pcm - at)
				len = sizeof pcm - at;
			count += transcode_down(&e, pcm + at, len, cut + count);
		}
		assert_int_equal(count, 400);
		assert_memory_equal(cut, whole, 400);
		assert_int_equal(transcode_up(&u, whole, 400, back_whole), 2400);
		for (size_t at = 0, len; at < 400; at += len) {
			len = 1 + chance(50);
			if (len > 400 - at)
				len = 400 - at;
			back_count += transcode_up(&v, whole + at, len, back_cut + back_count);
		}
		assert_int_equal(back_count, 2400);
		assert_memory_equal(back_cut, back_whole, 2400);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_is_what_the_other_implementation_says),
		cmocka_unit_test(what_a_telephone_carries_comes_through),
		cmocka_unit_test(what_it_cannot_carry_does_not_come_back_as_another_pitch),
		cmocka_unit_test(up_and_down_again_is_the_same_voice),
		cmocka_unit_test(silence_stays_silence_and_the_loudest_does_not_wrap),
		cmocka_unit_test(the_output_does_not_depend_on_how_the_input_was_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
