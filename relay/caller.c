#include "relay/caller.h"

#include "base/check.h"
#include "proto/base64.h"

enum {
	CLOCK_DRIFT_MS_MAX = 3000,
	LINEAR_STEP_BYTES = 3 * ULAW_FRAME_BYTES,
	LINEAR_STEP_CHARS = LINEAR_STEP_BYTES / 3 * 4,
};

void caller_init(struct caller *c, struct model_out *model, struct metrics *metrics, struct pool *pool)
{
	*c = (struct caller){ .model = model, .metrics = metrics };
	held_init(&c->held, pool);
}

void caller_release(struct caller *c)
{
	held_release(&c->held);
}

static bool model_takes_audio(const struct caller *c)
{
	return c->open && !c->withheld && c->backlog_bytes + buf_len(c->model->out) < CALLER_BACKLOG_BYTES;
}

/* Six times as much: in steps that fit the stack. */
static bool forward_linear(struct caller *c, struct slice base64)
{
	uint8_t ulaw[LINEAR_STEP_BYTES], pcm[6 * LINEAR_STEP_BYTES];
	char text[6 * LINEAR_STEP_BYTES / 3 * 4 + 4];

	while (base64.len) {
		size_t chars = base64.len < LINEAR_STEP_CHARS ? base64.len : LINEAR_STEP_CHARS;
		ptrdiff_t bytes = base64_decode(ulaw, (struct slice){ base64.data, chars });

		check(bytes >= 0);      /* the reader has seen to it */
		size_t pcm_bytes = transcode_up(&c->up, ulaw, (size_t)bytes, pcm);

		if (!model_out_audio(c->model, (struct slice){ text, base64_encode(text, pcm, pcm_bytes) }))
			return false;
		base64.data += chars;
		base64.len -= chars;
	}
	return true;
}

static bool forward(struct caller *c, struct slice base64, uint32_t at_ms)
{
	if (!(c->linear ? forward_linear(c, base64) : model_out_audio(c->model, base64)))
		return false;
	metrics_add(c->metrics, METRIC_CALLER_FRAMES_FORWARDED, 1);
	if (!c->has_start) {
		uint32_t audio_ms = (uint32_t)(base64_decoded_len(base64) / ULAW_BYTES_PER_MS);

		c->has_start = true;
		c->start_ms = at_ms > audio_ms ? at_ms - audio_ms : 0;
	}
	return true;
}

bool caller_flow(struct caller *c)
{
	struct slice base64;
	uint32_t at_ms;

	while (model_takes_audio(c) && held_next(&c->held, &base64, &at_ms)) {
		if (!forward(c, base64, at_ms))
			return false;
		held_take(&c->held);
	}
	return true;
}

bool caller_open(struct caller *c)
{
	c->open = true;
	return caller_flow(c);
}

static void hold(struct caller *c, struct slice base64, size_t audio_bytes, uint32_t call_ms)
{
	size_t bytes = c->held.audio_bytes + audio_bytes;

	metrics_add(c->metrics, METRIC_CALLER_FRAMES_DROPPED, held_put(&c->held, base64, audio_bytes, call_ms));
	/* Grok's clock knows nothing of what is lost. */
	c->start_ms += (uint32_t)((bytes - c->held.audio_bytes) / ULAW_BYTES_PER_MS);
}

bool caller_audio(struct caller *c, struct slice base64, uint32_t call_ms)
{
	size_t audio_bytes = base64_decoded_len(base64);

	c->audio_bytes += audio_bytes;
	metrics_add(c->metrics, METRIC_PHONE_AUDIO_BYTES, audio_bytes);
	if (audio_bytes == 0)
		return true;
	if (held_is_empty(&c->held) && model_takes_audio(c))
		return forward(c, base64, call_ms);
	hold(c, base64, audio_bytes, call_ms);
	return caller_flow(c);
}

uint32_t caller_moment_ms(const struct caller *c, int64_t model_ms, uint32_t now_call_ms)
{
	if (model_ms < 0 || !c->has_start || model_ms > now_call_ms)
		return now_call_ms;
	uint32_t at_ms = c->start_ms + (uint32_t)model_ms;

	return at_ms > now_call_ms || at_ms + CLOCK_DRIFT_MS_MAX < now_call_ms ? now_call_ms : at_ms;
}
