/*
 * comfort - what a caller hears while nobody is there to speak: two soft notes, every two seconds, made by code.
 *
 * Place:    relay, pure; below bridge.
 * Usage:    comfort_write(&c, frame, sizeof frame) again and again: mu-law, one endless row.
 * Sound:    400 Hz, then 500 Hz, 200 ms each, about -23 dBm0, faded in and out; then silence. No words: they would be
 *           in another voice than the receptionist's.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
	COMFORT_PERIOD_BYTES = 16000,   /* two seconds */
	COMFORT_NOTE_BYTES = 1600,
	COMFORT_FADE_BYTES = 240,
};

/* A zeroed struct is ready: the first note comes at once. */
struct comfort {
	unsigned at;                    /* in the period */
};

void comfort_write(struct comfort *c, uint8_t *out, size_t len);
