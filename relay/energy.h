/*
 * energy - whether the caller's line carries a voice, judged by loudness alone: cheap enough to
 * listen to every frame.
 *
 * Place:    relay, pure. Above base only; bridge_interrupt.c asks it, interrupt.h decides by it.
 * Usage:    energy_init(&e); energy_put(&e, ulaw, len);
 *           energy_voice_ms(&e), energy_lasts_ms(&e), energy_quiet_ms(&e)
 * Rules:    a frame of 20 ms is loud when its mean magnitude is above ENERGY_LEVEL_LEAST and
 *           ENERGY_RATIO times the noise floor. The floor follows quiet at once and noise slowly,
 *           so that a steady hum or echo stops being loud. Voice is a run of loud frames; it
 *           survives gaps of ENERGY_GAP_MS, as between syllables.
 * Cost:     one table lookup a byte, no memory but this struct; its clock is the audio itself.
 */
#pragma once

#include "base/limits.h"

#include <stddef.h>
#include <stdint.h>

enum {
	ENERGY_FRAME_MS = 20,
	ENERGY_LEVEL_LEAST = 500,       /* mean magnitude of 16-bit samples: about -36 dBFS */
	ENERGY_RATIO = 4,               /* 12 dB */
	ENERGY_FLOOR_LEAST = 16,
	ENERGY_FLOOR_MOST = 2000,
	ENERGY_GAP_MS = 120,
};

struct energy {
	uint32_t floor;                 /* of the noise, as mean magnitude */
	uint32_t sum, sum_bytes;        /* of the frame that is not whole yet */
	uint32_t voice_ms;              /* loud frames of the run; 0: no run */
	uint32_t lasts_ms;              /* the run, with its gaps */
	uint32_t quiet_ms;              /* since the last loud frame; UINT32_MAX: there was none */
};

void energy_init(struct energy *e);
/* The caller's next audio, in any number of bytes. */
void energy_put(struct energy *e, const uint8_t *ulaw, size_t len);

/* How much of the present run was loud; 0: nobody speaks. */
static inline uint32_t energy_voice_ms(const struct energy *e)
{
	return e->voice_ms;
}

/* How long ago the present run began; 0: nobody speaks. */
static inline uint32_t energy_lasts_ms(const struct energy *e)
{
	return e->lasts_ms;
}

/* How long the line has been quiet; UINT32_MAX: it was never loud. */
static inline uint32_t energy_quiet_ms(const struct energy *e)
{
	return e->quiet_ms;
}
