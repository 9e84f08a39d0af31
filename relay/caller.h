/*
 * caller - what the caller says on its way from Twilio to Grok: audio frames.
 *
 * Place:    relay, pure. Above held and model_out; below bridge. The mirror of voice.
 * Usage:    caller_audio(&c, payload, call_ms) for each frame; caller_open(&c) once Grok is ready
 *           for telephone audio; caller_flow(&c) whenever Grok may take more.
 * Rules:    a frame is copied into its message as it is, in order. Before Grok is ready, and while
 *           more than CALLER_BACKLOG_BYTES wait on the way to it, frames are held: at most a
 *           second, the oldest dropped. So they are while `withheld` is set.
 * Fails:    false: a message could not be written.
 */
#pragma once

#include "relay/held.h"
#include "relay/metrics.h"
#include "relay/model_out.h"
#include "relay/transcode.h"

enum {
	/* Audio that may wait on the way to Grok, in bytes as framed, before more of it is held. */
	CALLER_BACKLOG_BYTES = 32 * 1024,
};

struct caller {
	struct model_out *model;        /* borrowed, as the next */
	struct metrics *metrics;
	struct held held;
	bool open;
	bool linear;                    /* Grok takes 24 kHz PCM only: made of mu-law here */
	struct transcode_up up;
	bool withheld;                  /* Grok must not hear the caller now */
	size_t backlog_bytes;           /* told by the call: waiting towards Grok, but not in model->out */
	uint64_t audio_bytes;           /* received */
	bool has_start;
	uint32_t start_ms;              /* of the call, where Grok's clock of caller audio begins */
};

void caller_init(struct caller *c, struct model_out *model, struct metrics *metrics, struct pool *pool);
/* Forgets what is held. Idempotent. */
void caller_release(struct caller *c);
bool caller_audio(struct caller *c, struct slice base64, uint32_t call_ms);
bool caller_open(struct caller *c);
/* Sends what is held, as far as Grok takes it. */
bool caller_flow(struct caller *c);
/* Where in the call a moment of Grok's clock lies (-1: not told). It may drift: only believed nearby. */
uint32_t caller_moment_ms(const struct caller *c, int64_t model_ms, uint32_t now_call_ms);
