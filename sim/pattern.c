#include "sim/pattern.h"

#include <string.h>

enum { FILLER_WORDS = (ULAW_FRAME_BYTES - 8) / 8 };

static_assert(FILLER_WORDS * 8 + 8 == ULAW_FRAME_BYTES, "the filler is whole words");

/* SplitMix64 (Steele, Lea, Flood 2014): good enough bytes at a word a nanosecond. */
static uint64_t mix(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

void pattern_fill(uint32_t call, uint32_t number, uint8_t frame[ULAW_FRAME_BYTES])
{
	uint64_t state = (uint64_t)call << 32 | number;

	memcpy(frame, &number, 4);
	memcpy(frame + 4, &call, 4);
	for (int i = 0; i < FILLER_WORDS; i++) {
		uint64_t word = mix(&state);

		memcpy(frame + 8 + 8 * i, &word, 8);
	}
}

bool pattern_read(uint32_t call, const uint8_t frame[ULAW_FRAME_BYTES], uint32_t *out_number)
{
	uint8_t expected[ULAW_FRAME_BYTES];
	uint32_t number;

	memcpy(&number, frame, 4);
	pattern_fill(call, number, expected);
	if (memcmp(frame, expected, sizeof expected) != 0)
		return false;
	*out_number = number;
	return true;
}

static uint64_t *word_of(struct tally *t, uint32_t number)
{
	return &t->seen[number % TALLY_WINDOW / 64];
}

static uint64_t bit_of(uint32_t number)
{
	return UINT64_C(1) << number % 64;
}

void tally_sent(struct tally *t)
{
	t->sent_count++;
}

enum tally_verdict tally_take(struct tally *t, uint32_t number)
{
	if (number >= t->sent_count) {
		t->unsent_count++;
		return TALLY_UNSENT;
	}
	if (number >= t->next) {
		uint32_t from = number - t->next >= TALLY_WINDOW ? number - TALLY_WINDOW + 1 : t->next;

		for (uint32_t n = from; n < number; n++)
			*word_of(t, n) &= ~bit_of(n);
		*word_of(t, number) |= bit_of(number);
		t->next = number + 1;
		t->good_count++;
		return TALLY_GOOD;
	}
	if (t->next - number > TALLY_WINDOW || *word_of(t, number) & bit_of(number)) {
		t->duplicate_count++;
		return TALLY_DUPLICATE;
	}
	*word_of(t, number) |= bit_of(number);
	t->reordered_count++;
	return TALLY_REORDERED;
}

uint64_t tally_lost(const struct tally *t)
{
	return t->sent_count - t->good_count - t->reordered_count;
}
