/*
 * ear - how the caller knows that the receptionist is speaking: loudness over 20 ms pieces of what is heard.
 *
 * Place:    sim, pure; above ulaw. Fed with what playback played, so its clock is the call's own.
 * Usage:    ear_init(&ear, 700); ear_hear(&ear, heard, len);
 *           if (ear.voiced_ms > before && ear_silent_ms(&ear) >= 700) my turn;
 * Laws:     the cut law: how the audio is sliced changes nothing.
 *           An utterance begins with the first loud piece after `pause_ms` of quiet (or ever).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EAR_PIECE_MS = 20, EAR_LOUDNESS_LEAST = 150 };

struct ear {
	uint64_t pause_ms;
	uint64_t heard_bytes;
	uint64_t piece_sum;             /* of magnitudes, of the piece under way */
	uint64_t voiced_ms;             /* loud pieces so far */
	uint64_t last_voice_ms;         /* where the last loud piece ended; 0: none yet */
	uint64_t utterance_began_ms;    /* of the latest utterance */
	uint32_t utterance_count;
};

void ear_init(struct ear *ear, uint64_t pause_ms);
void ear_hear(struct ear *ear, const uint8_t *ulaw, size_t len);
/* The time on the ear's clock. */
uint64_t ear_now_ms(const struct ear *ear);
/* Since the last loud piece; since the start if there was none. */
uint64_t ear_silent_ms(const struct ear *ear);
/* Whether an utterance is under way: the last loud piece is less than pause_ms ago. */
bool ear_hears_voice(const struct ear *ear);
