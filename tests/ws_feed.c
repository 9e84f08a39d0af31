#include "tests/ws_feed.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

static void log_append(struct ws_feed *f, const void *data, size_t len)
{
	f->log = realloc(f->log, f->log_bytes + len + 1);
	check(f->log);
	if (len)
		memcpy(f->log + f->log_bytes, data, len);
	f->log_bytes += len;
}

static void log_event(struct ws_feed *f, const struct ws_event *event)
{
	uint8_t head[11] = { (uint8_t)event->kind, (uint8_t)(event->close_code >> 8), (uint8_t)event->close_code };
	uint64_t len = event->len;

	check(event->data);
	memcpy(head + 3, &len, sizeof len);
	log_append(f, head, sizeof head);
	log_append(f, event->data, event->len);
	f->last = *event;
	f->event_count++;
}

static size_t slice_len(int slice_bytes, uint32_t *seed, size_t left)
{
	size_t n = slice_bytes == WS_FEED_WHOLE ? left : (size_t)slice_bytes;

	if (slice_bytes == WS_FEED_RANDOM) {
		*seed = *seed * 1664525 + 1013904223;
		n = 1 + (*seed >> 28);
	}
	return n < left ? n : left;
}

/* The bytes that the reader has left over, moved to a fresh block, and `len` new ones behind them. */
static void move_and_append(struct buf *in, const uint8_t *bytes, size_t len)
{
	size_t kept = buf_len(in);
	uint8_t *block = malloc(kept + len ? kept + len : 1);

	check(block);
	if (kept)
		memcpy(block, buf_data(in), kept);
	if (len)
		memcpy(block + kept, bytes, len);
	free(in->base);
	buf_init_view(in, block, kept + len);
}

void ws_feed(struct ws_feed *f, enum ws_role role, size_t message_bytes_max, const void *bytes, size_t len,
	int slice_bytes, uint32_t seed)
{
	static const struct pool_plan plan[] = {
		{ 64, 2 }, { 4096, 2 }, { 65536, 2 }, { 1 << 20, 2 }, { 16 << 20, 2 },
	};
	static struct pool pool;
	struct buf in = { 0 };
	struct ws_event event;
	struct ws ws;

	if (!pool.class_count)
		check(pool_open(&pool, plan, ARRAY_COUNT(plan)) == 0);
	*f = (struct ws_feed){ .result = WS_MORE };
	ws_init(&ws, role, message_bytes_max, &pool);
	while (f->fed_bytes < len && f->result == WS_MORE) {
		size_t n = slice_len(slice_bytes, &seed, len - f->fed_bytes);

		move_and_append(&in, (const uint8_t *)bytes + f->fed_bytes, n);
		f->fed_bytes += n;
		while ((f->result = ws_next(&ws, &in, &event)) == WS_EVENT)
			log_event(f, &event);
		/* What follows a close is swallowed. */
		check(!ws.closed || buf_len(&in) == 0);
	}
	f->close_code = ws.close_code;
	f->why = ws.why;
	check(f->result == WS_MORE || ws_next(&ws, &in, &event) == WS_FAIL);
	ws_fini(&ws);
	check(pool_used_bytes(&pool) == 0);
	free(in.base);
}

bool ws_feed_equal(const struct ws_feed *a, const struct ws_feed *b)
{
	return a->result == b->result && a->close_code == b->close_code && a->why == b->why
		&& a->event_count == b->event_count && a->log_bytes == b->log_bytes
		&& (a->log_bytes == 0 || memcmp(a->log, b->log, a->log_bytes) == 0);
}

void ws_feed_free(struct ws_feed *f)
{
	free(f->log);
	f->log = NULL;
}
