/*
 * stereo - both sides of a call on one clock, as they are heard: the caller left, the receptionist right.
 *
 * Place:    ctl, pure.
 * Usage:    stereo_voice(&s, bytes, n) when audio was sent to the caller; stereo_clear(&s) when it was thrown away;
 *           n = stereo_caller(&s, bytes, n, out) for the caller's audio, which is the clock: 2 * n bytes come out
 * Rules:    the receptionist's audio is sent faster than it is played: it waits here as it does at the telephone.
 *           Where nothing waits there is silence.
 * Lifetime: a zeroed struct is ready.
 * Limits:   STEREO_WAITING_BYTES_MAX wait; what is more is dropped and counted.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { STEREO_WAITING_BYTES_MAX = 300 * 8000 };

struct stereo {
	size_t first, count;            /* in the ring of what waits */
	uint64_t dropped_bytes;
	uint8_t waiting[STEREO_WAITING_BYTES_MAX];
};

void stereo_voice(struct stereo *s, const uint8_t *audio, size_t len);
void stereo_clear(struct stereo *s);
/* Left and right in turn, mu-law: 2 * len bytes. */
void stereo_caller(struct stereo *s, const uint8_t *audio, size_t len, uint8_t *out);
