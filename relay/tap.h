/*
 * tap - the way of a call's testimony from its ring thread to the thread that serves an operator: one writer, one
 * reader, no lock, no system call.
 *
 * Place:    relay, above witness; written by call_watch, read by control.
 * Usage:    tap = tap_new(TESTIMONY_EVENTS)                the reader's thread; NULL: no memory
 *           tap_write(tap, &testimony)                     the call's thread; tap_close() at the end of the call
 *           n = tap_read(tap, bytes, room); tap_is_closed(tap) once n is 0
 *           tap->unwanted = true                           the reader goes: the writer closes it at the next word
 * Lifetime: the reader frees it when it is closed and read to the end, or was never handed over.
 * Fails:    a slow reader loses whole records, never the newest state: their number is told (TESTIMONY_LEFT_OUT).
 * Limits:   TAP_BYTES, about three seconds of both voices as they are spoken.
 */
#pragma once

#include "proto/testimony.h"

#include <stdatomic.h>
#include <stdbool.h>

enum { TAP_BYTES = 64 * 1024 };

struct tap {
	struct tap *next;               /* the writer's */
	unsigned wants;
	uint32_t left_out_count;        /* the writer's: not told yet */
	_Atomic uint32_t written, read; /* bytes, ever growing */
	_Atomic bool unwanted, closed;
	uint8_t bytes[TAP_BYTES];
};

struct tap *tap_new(unsigned wants);
void tap_free(struct tap *tap);
void tap_write(struct tap *tap, const struct testimony *t);
void tap_close(struct tap *tap);
/* Copies what is there, at most `room` bytes, not always whole records. */
size_t tap_read(struct tap *tap, uint8_t *out, size_t room);
/* Nothing will come behind what is there. Ask before the last read. */
static inline bool tap_is_closed(const struct tap *tap)
{
	return atomic_load_explicit(&tap->closed, memory_order_acquire);
}
