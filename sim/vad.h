/*
 * vad - voice activity by loudness: when the caller begins to speak, pauses, goes on, and has finished.
 *
 * Place:    sim, pure; above ulaw. Its clock is the audio itself: 8 bytes are a millisecond.
 * Usage:    vad_init(&vad, 0.85, 600);
 *           event = vad_put(&vad, block);                  10 ms at a time
 * Events:   STARTED after VAD_START_MS of loud blocks (short gaps allowed); PAUSED after VAD_PAUSE_MS of quiet, or
 *           together with STOPPED if that is due earlier; RESUMED when a pause ends; STOPPED after `silence_ms`.
 * Source:   server_vad of OpenAI's and xAI's realtime APIs; how a threshold of 0 to 1 maps to loudness is ours.
 */
#pragma once

#include "base/limits.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	VAD_BLOCK_MS = 10,
	VAD_BLOCK_BYTES = VAD_BLOCK_MS * ULAW_BYTES_PER_MS,
	VAD_START_MS = 100,
	VAD_PAUSE_MS = 200,
};

enum vad_event { VAD_NOTHING, VAD_STARTED, VAD_PAUSED, VAD_RESUMED, VAD_STOPPED };

struct vad {
	uint32_t loudness_least;        /* root mean square of 16-bit samples that counts as voice */
	uint32_t silence_ms_max;
	uint64_t now_ms;                /* behind the last block */
	bool speaking;
	bool paused;
	uint32_t loud_ms;               /* while not speaking: loud blocks less quiet ones */
	uint32_t quiet_ms;              /* while speaking: since the last loud block */
	uint64_t onset_ms;              /* where the loudness that led to STARTED began */
	uint64_t voice_end_ms;          /* where the last loud block ended */
};

/* threshold: 0.1 (hears whispers) to 0.9 (wants a loud voice). */
void vad_init(struct vad *vad, double threshold, uint32_t silence_ms);
/* New settings for the speech to come; what is under way goes on. */
void vad_set(struct vad *vad, double threshold, uint32_t silence_ms);
enum vad_event vad_put(struct vad *vad, const uint8_t ulaw[VAD_BLOCK_BYTES]);
