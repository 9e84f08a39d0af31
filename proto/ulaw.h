/*
 * ulaw - G.711 μ-law (PCMU), one sample at a time. Many at once: media/sound/pcmu.
 *
 * Place:    proto; below everything there. The relay never decodes audio.
 * Source:   ITU-T G.711, table 2: its values decode, its decision values encode (at the edge between two segments
 *           that is not quite the nearest value). 0x7f and 0xff both mean zero: encode gives 0xff.
 */
#pragma once

#include <stdint.h>

static inline int16_t ulaw_decode(uint8_t code)
{
	unsigned bits = (uint8_t)~code;
	int magnitude = (int)((((bits & 15) << 3) + 132) << (bits >> 4 & 7)) - 132;

	return (int16_t)(bits & 128 ? -magnitude : magnitude);
}

static inline uint8_t ulaw_encode(int16_t sample)
{
	int magnitude = sample < 0 ? -(int)sample : sample;
	unsigned sign = sample < 0 ? 0x80 : 0;
	unsigned exponent;

	if (magnitude > 32635)
		magnitude = 32635;
	magnitude += 132;
	exponent = (unsigned)(31 - __builtin_clz((unsigned)magnitude)) - 7;
	return (uint8_t)~(sign | exponent << 4 | ((unsigned)magnitude >> (exponent + 3) & 15));
}
