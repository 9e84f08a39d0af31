/*
 * ws_feed - plays bytes to a WebSocket reader, cut in a chosen way, and writes down all that comes out of it.
 *
 * Place:    tests: what unit tests and fuzz targets share to prove the cut law.
 * Usage:    struct ws_feed a, b;
 *           ws_feed(&a, WS_SERVER, 65536, bytes, len, WS_FEED_WHOLE, 0);
 *           ws_feed(&b, WS_SERVER, 65536, bytes, len, 1, 0);
 *           same = ws_feed_equal(&a, &b);
 * Lifetime: ws_feed_free() after use. After each slice the bytes move to a fresh block of exactly their size, so
 *           that a kept pointer or a read past the end is seen by a sanitizer.
 */
#pragma once

#include "proto/ws.h"

enum { WS_FEED_WHOLE = 0, WS_FEED_RANDOM = -1 };

struct ws_feed {
	uint8_t *log;                   /* every event, its data included, in order */
	size_t log_bytes;
	size_t event_count;
	struct ws_event last;           /* its data is not valid any more */
	enum ws_result result;          /* WS_MORE or WS_FAIL */
	uint16_t close_code;
	const char *why;
	size_t fed_bytes;               /* how many had arrived when it failed; else all */
};

/* `slice_bytes` is a size, WS_FEED_WHOLE, or WS_FEED_RANDOM (1 to 16 bytes by `seed`). */
void ws_feed(struct ws_feed *f, enum ws_role role, size_t message_bytes_max, const void *bytes, size_t len,
	int slice_bytes, uint32_t seed);
/* Everything but fed_bytes. */
bool ws_feed_equal(const struct ws_feed *a, const struct ws_feed *b);
void ws_feed_free(struct ws_feed *f);
