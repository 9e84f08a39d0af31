#include "media/pcmu.h"

#include "proto/ulaw.h"

void pcmu_decode(int16_t *out, const uint8_t *codes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		out[i] = ulaw_decode(codes[i]);
}

int pcmu_peak(const uint8_t *codes, size_t count)
{
	uint8_t least = 0x7F;           /* the magnitude grows as the code without its sign falls */

	for (size_t i = 0; i < count; i++)
		least = (codes[i] & 0x7F) < least ? codes[i] & 0x7F : least;
	return ulaw_decode(least | 0x80);
}
