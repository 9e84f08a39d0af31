#include "media/mix.h"

#include <stdbool.h>
#include <stdlib.h>

void mix_stereo(int16_t *out, const int16_t *left, const int16_t *right, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		out[2 * i] = left[i];
		out[2 * i + 1] = right[i];
	}
}

void mix_stereo_ulaw(uint8_t *out, const uint8_t *left, const uint8_t *right, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		out[2 * i] = left[i];
		out[2 * i + 1] = right[i];
	}
}

static int larger(int a, int b)
{
	return a > b ? a : b;
}

/* `excess` above the knee becomes excess - excess² / 4 headroom: it starts with slope 1, and reaches the headroom with
 * slope 0, where it stays. */
static int bend(int excess, int headroom)
{
	return excess >= 2 * headroom ? headroom : excess - excess * excess / (4 * headroom);
}

static int16_t add(int one, int other)
{
	int sum = one + other;
	int knee = larger(MIX_KNEE, larger(abs(one), abs(other)));

	if (abs(sum) <= knee)
		return (int16_t)(sum < -INT16_MAX ? -INT16_MAX : sum);
	knee = knee > INT16_MAX ? INT16_MAX : knee;
	if (sum < 0)
		return (int16_t)-(knee + bend(-sum - knee, INT16_MAX - knee));
	return (int16_t)(knee + bend(sum - knee, INT16_MAX - knee));
}

void mix_mono(int16_t *out, const int16_t *one, const int16_t *other, size_t count)
{
	for (size_t i = 0; i < count; i++)
		out[i] = add(one[i], other[i]);
}
