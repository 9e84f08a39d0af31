/*
 * held - caller audio that waits for Grok: at most a second, the oldest dropped first.
 *
 * Place:    relay, pure. Above base only; used by bridge.
 * Usage:    dropped = held_put(&h, payload, ulaw_bytes, call_ms);
 *           while (held_next(&h, &payload, &ms)) { use(payload); held_take(&h); }
 * Lifetime: a pooled block while something is held, none otherwise. A payload is lent until the
 *           next put or take.
 * Limits:   CALLER_AUDIO_BYTES_MAX of audio, HELD_BYTES_MAX of memory.
 */
#pragma once

#include "base/buf.h"
#include "base/limits.h"
#include "base/slice.h"

enum { HELD_BYTES_MAX = 16 * 1024 };

struct held {
	struct buf bytes;               /* entry headers, each followed by its base64 */
	size_t audio_bytes;
};

void held_init(struct held *h, struct pool *pool);
/* Forgets all and gives the block back. Idempotent. */
void held_release(struct held *h);
/* How many payloads were dropped for it (or it itself: longer than all that may be held, or no memory). */
unsigned held_put(struct held *h, struct slice base64, size_t audio_bytes, uint32_t call_ms);
/* The oldest; false if there is none. */
bool held_next(const struct held *h, struct slice *out_base64, uint32_t *out_call_ms);
void held_take(struct held *h);

static inline bool held_is_empty(const struct held *h)
{
	return buf_len(&h->bytes) == 0;
}
