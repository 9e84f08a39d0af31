/*
 * model_out - what the bridge says to Grok: whole masked WebSocket frames, appended to the leg's
 * outgoing buf.
 *
 * Place:    relay, pure but for the masking keys that it draws. Above proto's grok and ws_write;
 *           below bridge.
 * Usage:    model_out_init(&m, leg_out(&leg), &loop->random, pool); model_out_audio(&m, payload);
 * Audio:    prefix, payload and suffix go straight into the frame, masked while they are copied.
 * Lifetime: borrows buf, random and pool. The pool lends a block while a message other than audio
 *           is put together.
 * Fails:    false and nothing written: the buf is full or the pool used up.
 */
#pragma once

#include "base/buf.h"
#include "base/random.h"
#include "proto/grok.h"

/* Room for instructions, greeting and tools with every byte escaped; for a tool's result as a line of text. */
enum { MODEL_TEXT_BYTES_MAX = 128 * 1024, MODEL_RESULT_BYTES_MAX = 32 * 1024 };

struct model_out {
	struct buf *out;
	struct random *random;
	struct pool *pool;
	bool gone;                              /* nobody is there: what is said is lost, which is no failure */
	uint32_t item_count;                    /* conversation items sent that are charged: not functions' outputs */
	const struct grok_dialect *dialect;     /* grok_xai until somebody says otherwise */
};

void model_out_init(struct model_out *m, struct buf *out, struct random *random, struct pool *pool);
bool model_out_audio(struct model_out *m, struct slice base64);
bool model_out_session(struct model_out *m, const struct grok_session *session);
/* Exact words, spoken now. Not interruptible: Grok passes over the caller's audio meanwhile. */
bool model_out_say(struct model_out *m, struct slice text, bool interruptible);
/* Asks for an answer to what was said so far; `source` comes back with it. */
bool model_out_respond(struct model_out *m, struct slice source);
/* A line of the caller's that was not spoken. */
bool model_out_tell(struct model_out *m, struct slice text);
/* What a tool answered: behind the end of the response that called it. */
bool model_out_function_output(struct model_out *m, struct slice call_id, struct slice output);
/* The same as a line of text, for a session that does not know of the call. */
bool model_out_tell_result(struct model_out *m, struct slice tool, struct slice output);
/* A line of what was said before, for a model that has not heard it: role is user or assistant. */
bool model_out_line(struct model_out *m, struct slice role, struct slice line);
bool model_out_truncate(struct model_out *m, struct slice item_id, uint64_t heard_ms);
