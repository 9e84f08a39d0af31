/*
 * stream_replay - a recorded stream is sent again: every message at its time, and nothing besides.
 *
 * Place:    sim; above recording and stream_out; used by phone_stream.
 * Usage:    stream_replay_init(&r, &call->recording);  in each turn: if (stream_replay_turn(&r, &out, ms)) all is said
 */
#pragma once

#include "sim/recording.h"
#include "sim/stream_out.h"

struct stream_replay {
	const struct recording *recording;
	size_t next;
};

void stream_replay_init(struct stream_replay *r, const struct recording *recording);
/* Whether there is a recording at all. */
bool stream_replay_is_on(const struct stream_replay *r);
/* Sends what is due `ms` after the handshake; true when nothing is left. */
bool stream_replay_turn(struct stream_replay *r, struct stream_out *out, uint64_t ms);
/* When the next message is due; UINT64_MAX: nothing is left. */
uint64_t stream_replay_due_ms(const struct stream_replay *r);
