/*
 * fetch - one HTTP/1.1 request and its response over a net, non-blocking, every wait with a deadline.
 *
 * Place:    sim; above net, proto/http and http_body. Knows nothing of Twilio.
 * Usage:    if (!fetch_begin(&f, &target, request, len, now_ms)) fail(f.why);
 *           poll fetch_fd() for fetch_interest() until fetch_deadline_ms(); then
 *           switch (fetch_turn(&f, now_ms)) { case FETCH_WAIT: … case FETCH_DONE: use f.status, fetch_content() … }
 *           fetch_close(&f);
 * Lifetime: a zeroed struct may be closed; close is idempotent. The response lives until close.
 * Fails:    FETCH_FAIL with f.failure (what kind, for retry rules) and f.why in words.
 * Limits:   FETCH_CONTENT_BYTES_MAX of content. A connection serves one request.
 */
#pragma once

#include "base/buf.h"
#include "base/slice.h"
#include "proto/http.h"
#include "sim/http_body.h"
#include "sim/net.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FETCH_CONTENT_BYTES_MAX = 256 * 1024, FETCH_HEADER_BYTES_MAX = 2048 };

enum fetch_result { FETCH_WAIT, FETCH_DONE, FETCH_FAIL };
enum fetch_failure { FETCH_NO_FAILURE, FETCH_CONNECT, FETCH_TIMEOUT, FETCH_BROKEN };

struct fetch_target {
	const char *host, *port;        /* to connect to */
	struct net_tls *tls;            /* NULL: plain */
	const char *server_name;        /* SNI and certificate */
	uint32_t connect_ms, read_ms, total_ms;  /* deadlines: connected, silence of the server, all */
};

struct fetch {
	struct net net;
	struct buf out, in, content;
	uint8_t *memory;                /* owned: of the three */
	struct http http;
	struct http_body body;
	bool has_head, done;
	enum fetch_failure failure;
	char why[NET_WHY_BYTES + 40];
	uint32_t read_ms;
	uint64_t connect_deadline_ms, read_deadline_ms, total_deadline_ms;
	int status;
	char content_type[128];         /* empty: not given */
	char location[FETCH_HEADER_BYTES_MAX];
	char authenticate[256];
};

bool fetch_begin(struct fetch *f, const struct fetch_target *target, const void *request, size_t len, uint64_t now_ms);
enum fetch_result fetch_turn(struct fetch *f, uint64_t now_ms);
void fetch_close(struct fetch *f);

int fetch_fd(const struct fetch *f);
uint32_t fetch_interest(const struct fetch *f);
uint64_t fetch_deadline_ms(const struct fetch *f);

static inline struct slice fetch_content(const struct fetch *f)
{
	return (struct slice){ (const char *)buf_data(&f->content), buf_len(&f->content) };
}
