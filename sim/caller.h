/*
 * caller - the caller's mouth and fingers: frames of what is being said, idle line noise in between, keys one by one.
 *
 * Place:    sim, pure. One frame is 20 ms.
 * Usage:    caller_speak(&c, audio, len); each 20 ms: caller_next_frame(&c, frame); caller_take_digit(&c, &digit)
 * Lifetime: borrows the audio and digits until they are over.
 */
#pragma once

#include "base/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CALLER_KEY_FRAMES = 12 };        /* 240 ms from key to key */

struct caller {
	const uint8_t *audio;
	size_t left_bytes;
	uint32_t pause_frames;          /* still to be waited */
	const char *digits;             /* still to be pressed */
	uint32_t frame_count;
};

void caller_speak(struct caller *c, const uint8_t *audio, size_t len);
void caller_pause(struct caller *c, uint32_t ms);
void caller_press(struct caller *c, const char *digits);
bool caller_is_busy(const struct caller *c);
void caller_next_frame(struct caller *c, uint8_t frame[ULAW_FRAME_BYTES]);
/* The key that is pressed now: true once a key. */
bool caller_take_digit(struct caller *c, char *out);
