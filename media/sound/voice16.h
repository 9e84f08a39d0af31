/*
 * voice16 - the receptionist's voice at 16 kHz: what models that make a speaking face of a voice can read.
 *
 * Place:    media; above pcmu and wav_file. Used by video_fal.
 * Usage:    error = voice16_make(made_folder);     made/voice.ulaw in, made/voice16.wav out, whole or not at all
 * Rules:    each sample stays as it is, one more is put between any two (half-band filter of 16 taps); the caller's
 *           time is silence, so that lips and the real sound agree.
 * Fails:    0 or -errno.
 * Cost:     memory does not grow with the call.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { VOICE16_TAPS = 16, VOICE16_PAST = VOICE16_TAPS / 2 - 1, VOICE16_AHEAD = VOICE16_TAPS / 2 };

/* `samples` has VOICE16_PAST of them before and VOICE16_AHEAD behind the `count` that become 2 × count in `out`. */
void voice16_double(int16_t *out, const int16_t *samples, size_t count);
int voice16_make(const char *made_folder);
