/*
 * listener - the caller's audio on its way to the ear: finds turns by vad, keeps the audio of the turn under way.
 *
 * Place:    sim, pure; above vad.
 * Usage:    listener_put(&l, audio); while (listener_next(&l, &event)) …
 *           at PAUSED and STOPPED: listener_turn(&l) is the audio of the turn so far
 *           listener_forget(&l) when the turn has been answered; until then speech that follows joins it.
 * Lifetime: the audio that is put is borrowed until listener_next() returns false, the turn until the next call.
 * Limits:   LISTENER_TURN_MS_MAX of a turn are kept; what follows is still watched for its end.
 */
#pragma once

#include "base/buf.h"
#include "base/slice.h"
#include "sim/vad.h"

#include <stdbool.h>
#include <stdint.h>

enum { LISTENER_TURN_MS_MAX = 60000 };

struct listener_event {
	enum vad_event kind;            /* never VAD_NOTHING */
	uint64_t start_ms;              /* STARTED: where the turn begins, padding included, on the audio's clock */
	uint64_t end_ms;                /* STOPPED: where the voice ended */
};

struct listener {
	struct vad vad;
	uint32_t prefix_ms;
	struct buf memory;              /* what was heard last: the turn, or what may become its beginning */
	bool in_turn;
	struct slice pending;
	uint8_t block[VAD_BLOCK_BYTES];
	size_t block_bytes;
};

void listener_init(struct listener *l, struct pool *pool);
void listener_fini(struct listener *l);
void listener_set(struct listener *l, double threshold, uint32_t silence_ms, uint32_t prefix_ms);
void listener_put(struct listener *l, struct slice ulaw);
bool listener_next(struct listener *l, struct listener_event *out);
struct slice listener_turn(const struct listener *l);
void listener_forget(struct listener *l);
/* Forgets also that somebody is speaking. */
void listener_reset(struct listener *l);
uint64_t listener_heard_ms(const struct listener *l);
