#include "media/sound/mix.h"

#include "media/sound/vector.h"

#include <stdlib.h>

/* Of two vectors, in turn: the elements from `half` on. Both gcc 12 and clang know this word, __builtin_shuffle is
 * gcc's alone. */
#define TURN_SAMPLES(l, r, half) __builtin_shufflevector(l, r, (half) + 0, (half) + 8, (half) + 1, (half) + 9, \
	(half) + 2, (half) + 10, (half) + 3, (half) + 11)
#define TURN_CODES(l, r, half) __builtin_shufflevector(l, r, (half) + 0, (half) + 16, (half) + 1, (half) + 17, \
	(half) + 2, (half) + 18, (half) + 3, (half) + 19, (half) + 4, (half) + 20, (half) + 5, (half) + 21, \
	(half) + 6, (half) + 22, (half) + 7, (half) + 23)

void mix_stereo(int16_t *out, const int16_t *left, const int16_t *right, size_t count)
{
	vector_samples l, r, turn;
	size_t i = 0;

	for (; count - i >= VECTOR_SAMPLES; i += VECTOR_SAMPLES) {
		vector_load(&l, left + i);
		vector_load(&r, right + i);
		turn = TURN_SAMPLES(l, r, 0);
		vector_store(out + 2 * i, &turn);
		turn = TURN_SAMPLES(l, r, 4);
		vector_store(out + 2 * i + VECTOR_SAMPLES, &turn);
	}
	for (; i < count; i++) {
		out[2 * i] = left[i];
		out[2 * i + 1] = right[i];
	}
}

void mix_stereo_ulaw(uint8_t *out, const uint8_t *left, const uint8_t *right, size_t count)
{
	vector_codes l, r, turn;
	size_t i = 0;

	for (; count - i >= VECTOR_BYTES; i += VECTOR_BYTES) {
		vector_load(&l, left + i);
		vector_load(&r, right + i);
		turn = TURN_CODES(l, r, 0);
		vector_store(out + 2 * i, &turn);
		turn = TURN_CODES(l, r, 8);
		vector_store(out + 2 * i + VECTOR_BYTES, &turn);
	}
	for (; i < count; i++) {
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

static void add_each(int16_t *out, const int16_t *one, const int16_t *other, size_t count)
{
	for (size_t i = 0; i < count; i++)
		out[i] = add(one[i], other[i]);
}

/* Eight sums at a time where none of them reaches the knee, which their halves tell without overflowing. */
void mix_mono(int16_t *out, const int16_t *one, const int16_t *other, size_t count)
{
	vector_samples a, b, half, is_loud;
	size_t i = 0;

	for (; count - i >= VECTOR_SAMPLES; i += VECTOR_SAMPLES) {
		vector_load(&a, one + i);
		vector_load(&b, other + i);
		half = (a >> 1) + (b >> 1);
		is_loud = (half < -MIX_KNEE / 2) | (half >= MIX_KNEE / 2);
		if (vector_any(&is_loud)) {
			add_each(out + i, one + i, other + i, VECTOR_SAMPLES);
		} else {
			a += b;
			vector_store(out + i, &a);
		}
	}
	add_each(out + i, one + i, other + i, count - i);
}
