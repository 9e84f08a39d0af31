/*
 * sounds - the files of sound that are made of a call, all in one pass over its two tracks: the master in stereo, the
 * loss-free one, the mix, and both tracks raw.
 *
 * Place:    media; above pcmu, mix and wav_file. receptionai-replay and the assemble step make the same bytes.
 * Usage:    sounds_begin(&s, folder);
 *           sounds_put(&s, caller, voice, count); …         μ-law, equally many of each; best SOUNDS_BLOCK at a time
 *           error = sounds_end(&s);                         all files are there, whole
 *           sounds_drop(&s);                                instead: none of those that were not finished
 * Makes:    call.wav call-ulaw.wav mix.wav caller.ulaw voice.ulaw, in `folder`
 * Lifetime: owns the open files until end or drop, which are idempotent. About 130 KB: not for the stack.
 * Fails:    0 or -errno; the first error is kept and the rest is passed over.
 * Limits:   WAV_FILE_HOURS_MAX.
 */
#pragma once

#include "media/made.h"
#include "media/sound/wav_file.h"

#include <stddef.h>
#include <stdint.h>

enum { SOUNDS_BLOCK = 16 * 1024 };

struct sounds {
	struct wav_file call, call_ulaw, mix;
	struct made_file caller, voice;
	bool caller_is_open, voice_is_open;
	int error;                      /* of the raw files; the others keep their own */
	int16_t caller_samples[SOUNDS_BLOCK], voice_samples[SOUNDS_BLOCK], mixed[2 * SOUNDS_BLOCK];
};

int sounds_begin(struct sounds *s, const char *folder);
void sounds_put(struct sounds *s, const uint8_t *caller, const uint8_t *voice, size_t count);
int sounds_end(struct sounds *s);
void sounds_drop(struct sounds *s);
