/* listener - audio is cut into the blocks of vad; before a turn only what may become its beginning is kept. */
#include "sim/listener.h"

#include "base/check.h"

#include <string.h>

enum {
	ONSET_SLACK_MS = 400,           /* from the first loud block to STARTED, gaps included */
	TURN_BYTES_MAX = LISTENER_TURN_MS_MAX * ULAW_BYTES_PER_MS,
};

void listener_init(struct listener *l, struct pool *pool)
{
	*l = (struct listener){ 0 };
	buf_init_pool(&l->memory, pool, TURN_BYTES_MAX);
	listener_set(l, 0.85, 600, 333);
}

void listener_fini(struct listener *l)
{
	buf_release(&l->memory);
}

void listener_set(struct listener *l, double threshold, uint32_t silence_ms, uint32_t prefix_ms)
{
	vad_set(&l->vad, threshold, silence_ms);
	l->prefix_ms = prefix_ms;
}

void listener_put(struct listener *l, struct slice ulaw)
{
	check(l->pending.len == 0);
	l->pending = ulaw;
}

static void keep_last_ms(struct listener *l, uint64_t ms)
{
	size_t bytes = (size_t)ms * ULAW_BYTES_PER_MS;

	if (buf_len(&l->memory) > bytes)
		buf_consume(&l->memory, buf_len(&l->memory) - bytes);
}

static bool fill_block(struct listener *l)
{
	size_t len = VAD_BLOCK_BYTES - l->block_bytes;

	if (len > l->pending.len)
		len = l->pending.len;
	if (len > 0)
		memcpy(l->block + l->block_bytes, l->pending.data, len);
	l->block_bytes += len;
	l->pending.data += len;
	l->pending.len -= len;
	return l->block_bytes == VAD_BLOCK_BYTES;
}

/* The turn begins `prefix_ms` before the voice did; if it goes on, it keeps its beginning. */
static uint64_t begin_turn(struct listener *l)
{
	uint64_t begin_ms = l->vad.onset_ms > l->prefix_ms ? l->vad.onset_ms - l->prefix_ms : 0;

	if (!l->in_turn)
		keep_last_ms(l, l->vad.now_ms - begin_ms);
	l->in_turn = true;
	return begin_ms;
}

static bool take_block(struct listener *l, struct listener_event *out)
{
	*out = (struct listener_event){ .kind = vad_put(&l->vad, l->block) };
	l->block_bytes = 0;
	if (!l->in_turn)
		keep_last_ms(l, l->prefix_ms + ONSET_SLACK_MS);
	buf_append(&l->memory, l->block, VAD_BLOCK_BYTES);      /* a full memory keeps the beginning of the turn */
	if (out->kind == VAD_STARTED)
		out->start_ms = begin_turn(l);
	out->end_ms = l->vad.voice_end_ms;
	return out->kind != VAD_NOTHING;
}

bool listener_next(struct listener *l, struct listener_event *out)
{
	while (fill_block(l))
		if (take_block(l, out))
			return true;
	return false;
}

struct slice listener_turn(const struct listener *l)
{
	if (!l->in_turn)
		return (struct slice){ 0 };
	return (struct slice){ (const char *)buf_data(&l->memory), buf_len(&l->memory) };
}

void listener_forget(struct listener *l)
{
	l->in_turn = false;
}

void listener_reset(struct listener *l)
{
	l->in_turn = l->vad.speaking = l->vad.paused = false;
	l->vad.loud_ms = 0;
	buf_clear(&l->memory);
}

uint64_t listener_heard_ms(const struct listener *l)
{
	return l->vad.now_ms;
}
