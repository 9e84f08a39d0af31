#include "media/sound/pcmu.h"

#include "media/sound/pcmu_wide.h"
#include "media/sound/vector.h"
#include "proto/ulaw.h"

void pcmu_decode(int16_t *out, const uint8_t *codes, size_t count)
{
	for (size_t i = pcmu_wide_decode(out, codes, count); i < count; i++)
		out[i] = ulaw_decode(codes[i]);
}

static uint8_t least_of(const uint8_t *codes, size_t count, uint8_t least)
{
	for (size_t i = 0; i < count; i++)
		least = (codes[i] & 0x7F) < least ? codes[i] & 0x7F : least;
	return least;
}

/* The magnitude grows as the code without its sign falls. */
int pcmu_peak(const uint8_t *codes, size_t count)
{
	vector_codes least = { 0 }, v, is_less;
	uint8_t columns[VECTOR_BYTES];
	size_t i = 0;

	least |= 0x7F;
	for (; count - i >= VECTOR_BYTES; i += VECTOR_BYTES) {
		vector_load(&v, codes + i);
		v &= 0x7F;
		is_less = (vector_codes)(v < least);
		least = (v & is_less) | (least & ~is_less);
	}
	vector_store(columns, &least);
	return ulaw_decode(0x80 | least_of(codes + i, count - i, least_of(columns, VECTOR_BYTES, 0x7F)));
}
