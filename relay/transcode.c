/* One filter, two ways: each output on the way down takes all taps, each on the way up every third.
 */
#include "relay/transcode.h"

#include "base/check.h"

/* Windowed sinc (Kaiser, beta 5.87), 3.8 kHz at 24 kHz, Q15; symmetric: the second half is the
 * first one's mirror. */
static const int16_t half_taps[TRANSCODE_TAPS / 2 + 1] = {
	-5,
	-2,
	7,
	15,
	8,
	-15,
	-35,
	-24,
	22,
	65,
	53,
	-25,
	-108,
	-105,
	16,
	164,
	185,
	13,
	-230,
	-305,
	-78,
	303,
	479,
	201,
	-377,
	-734,
	-423,
	444,
	1134,
	847,
	-498,
	-1913,
	-1875,
	534,
	4725,
	8729,
	10384,
};

static int32_t tap(unsigned i)
{
	return half_taps[i <= TRANSCODE_TAPS / 2 ? i : TRANSCODE_TAPS - 1 - i];
}

static int16_t round_q15(int64_t sum)
{
	int64_t value = (sum + (1 << 14)) >> 15;

	return value > INT16_MAX ? INT16_MAX : value < INT16_MIN ? INT16_MIN : (int16_t)value;
}

/* --- G.711
 * ---------------------------------------------------------------------------------------- */

enum { ULAW_BIAS = 0x84, ULAW_CLIP = 32635 };

int16_t transcode_ulaw_decode(uint8_t byte)
{
	unsigned bits = (uint8_t)~byte;
	int value = (int)(((bits & 0x0F) << 3) + ULAW_BIAS) << ((bits & 0x70) >> 4);

	return (int16_t)(bits & 0x80 ? ULAW_BIAS - value : value - ULAW_BIAS);
}

uint8_t transcode_ulaw_encode(int16_t sample)
{
	int size = sample < 0 ? -(int)sample : sample, exponent = 7;

	size = (size > ULAW_CLIP ? ULAW_CLIP : size) + ULAW_BIAS;
	while (exponent > 0 && !(size & (0x80 << exponent)))
		exponent--;
	return (uint8_t) ~(
		(sample < 0 ? 0x80 : 0) | exponent << 4 | (size >> (exponent + 3) & 0x0F));
}

/* --- 24 kHz to 8 kHz
 * ------------------------------------------------------------------------------ */

/* `at` stands behind the newest sample, on the oldest. */
static int16_t filter_down(const struct transcode_down *d)
{
	int64_t sum = 0;
	unsigned at = d->at;

	for (unsigned i = 0; i < TRANSCODE_TAPS; i++) {
		sum += tap(i) * d->past[at];
		at = at + 1 == TRANSCODE_TAPS ? 0 : at + 1;
	}
	return round_q15(sum);
}

size_t transcode_down(struct transcode_down *d, const uint8_t *pcm, size_t len, uint8_t *out)
{
	size_t count = 0;

	check(d->at < TRANSCODE_TAPS && d->phase < TRANSCODE_RATIO);
	for (size_t i = 0; i < len; i++) {
		if (!d->half_count) {
			d->half = pcm[i];
			d->half_count = 1;
			continue;
		}
		d->half_count = 0;
		d->past[d->at] = (int16_t)(uint16_t)(d->half | pcm[i] << 8);
		d->at = d->at + 1 == TRANSCODE_TAPS ? 0 : d->at + 1;
		d->phase = d->phase + 1 == TRANSCODE_RATIO ? 0 : d->phase + 1;
		if (d->phase == 0)
			out[count++] = transcode_ulaw_encode(filter_down(d));
	}
	return count;
}

/* --- 8 kHz to 24 kHz
 * ------------------------------------------------------------------------------ */

enum { UP_PAST = TRANSCODE_TAPS / TRANSCODE_RATIO + 1 };

static int16_t filter_up(const struct transcode_up *u, unsigned phase)
{
	int64_t sum = 0;
	unsigned at = u->at;

	/* Newest first: two of three samples at 24 kHz are zero, the third meets every third tap.
	 */
	for (unsigned i = phase; i < TRANSCODE_TAPS; i += TRANSCODE_RATIO) {
		at = at == 0 ? UP_PAST - 1 : at - 1;
		sum += tap(i) * u->past[at];
	}
	return round_q15(sum * TRANSCODE_RATIO);
}

size_t transcode_up(struct transcode_up *u, const uint8_t *ulaw, size_t len, uint8_t *out)
{
	size_t count = 0;

	check(u->at < UP_PAST);
	for (size_t i = 0; i < len; i++) {
		u->past[u->at] = transcode_ulaw_decode(ulaw[i]);
		u->at = u->at + 1 == UP_PAST ? 0 : u->at + 1;
		for (unsigned phase = 0; phase < TRANSCODE_RATIO; phase++) {
			uint16_t sample = (uint16_t)filter_up(u, phase);

			out[count++] = (uint8_t)sample;
			out[count++] = (uint8_t)(sample >> 8);
		}
	}
	return count;
}
