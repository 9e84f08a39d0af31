/*
 * transcode - between a telephone's audio and what a provider may insist on: 24 kHz, 16 bit, linear.
 *
 * Place:    relay, pure; used at the edge only, by calls whose provider speaks no mu-law. The others never touch it.
 * Usage:    transcode_down(&d, pcm, len, out)   PCM16 24 kHz, little-endian, cut anywhere -> mu-law 8 kHz
 *           transcode_up(&u, ulaw, len, out)    mu-law 8 kHz -> PCM16 24 kHz
 * Method:   a linear-phase low-pass of TRANSCODE_TAPS taps (windowed sinc, -6 dB at 3.8 kHz, 50 dB down from
 *           4.4 kHz), every third output kept on the way down; the same filter as three phases on the way up. G.711 by
 *           table and search, as in ITU-T G.711.
 * Cut law:  the output for a row of bytes does not depend on how it was cut.
 * Delay:    (TRANSCODE_TAPS - 1) / 2 samples of 24 kHz: 1.5 ms.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
	TRANSCODE_TAPS = 73,
	TRANSCODE_RATIO = 3,                    /* 24 kHz to 8 kHz */
	TRANSCODE_PCM_BYTES_PER_MS = 48,
};

struct transcode_down {
	int16_t past[TRANSCODE_TAPS];           /* a ring: the last samples */
	unsigned at;                            /* where the next one goes */
	unsigned phase;                         /* samples since the last one kept */
	uint8_t half;                           /* the first byte of a sample that was cut in two */
	uint8_t half_count;
};

struct transcode_up {
	int16_t past[TRANSCODE_TAPS / TRANSCODE_RATIO + 1];
	unsigned at;
};

/* Zeroed structs are ready. `out` has room for len / 6 + 1 bytes; returns how many were written. */
size_t transcode_down(struct transcode_down *d, const uint8_t *pcm, size_t len, uint8_t *out);
/* `out` has room for len * 6 bytes. */
size_t transcode_up(struct transcode_up *u, const uint8_t *ulaw, size_t len, uint8_t *out);

int16_t transcode_ulaw_decode(uint8_t byte);
uint8_t transcode_ulaw_encode(int16_t sample);
