/*
 * http_body - the body of an HTTP/1.1 response: by length, in chunks, or until the end of the connection.
 *
 * Place:    sim, pure; behind proto/http, which reads the head.
 * Usage:    http_body_init(&b, &head, BODY_BYTES_MAX); loop: http_body_next(&b, &in, &out)
 *           at the end of the connection: http_body_end(&b)
 * Fails:    sticky HTTP_BODY_FAIL with a static sentence in `why`.
 * Limits:   bytes_max of content; chunk extensions and trailers are skipped, bounded by LINE_MAX.
 * Source:   RFC 9112 sections 6 and 7.1.
 */
#pragma once

#include "proto/http.h"

enum http_body_result { HTTP_BODY_MORE, HTTP_BODY_DONE, HTTP_BODY_FAIL };

enum http_body_kind { HTTP_BODY_NONE, HTTP_BODY_LENGTH, HTTP_BODY_CHUNKED, HTTP_BODY_UNTIL_END };

struct http_body {
	enum http_body_kind kind;
	size_t bytes_max;
	size_t bytes;                   /* of content so far */
	size_t left_bytes;              /* LENGTH: of the body; CHUNKED: of the chunk under way */
	bool in_chunk, in_trailer;
	bool done;
	const char *why;                /* set: failed */
};

void http_body_init(struct http_body *body, const struct http_head *head, size_t bytes_max);
/* Consumes what belongs to the body and appends its content to `out`, which has room for bytes_max. */
enum http_body_result http_body_next(struct http_body *body, struct buf *in, struct buf *out);
/* The peer has closed, and what it had sent is through http_body_next(). */
enum http_body_result http_body_end(struct http_body *body);
