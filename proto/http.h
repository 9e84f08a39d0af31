/*
 * http - the head of an HTTP/1 request or response: strict, bounded, as slices into the bytes it came in.
 *
 * Place:    above TLS or plain bytes, below upgrade and the relay's admin pages. Both roles. No bodies.
 * Usage:    http_init(&http, HTTP_REQUEST);
 *           switch (http_next(&http, &in, &head)) {
 *           case HTTP_MORE: return;                                     call again with more behind the same bytes
 *           case HTTP_FAIL: return refuse(http.status, http.why);       as a server: what to answer
 *           case HTTP_DONE: use(&head); buf_consume(&in, head.bytes);
 *           }
 * Lifetime: the slices borrow from `in` until it is touched. Nothing is consumed here. Between calls only offsets
 *           are kept, so the bytes may move to another buf; each is looked at once, however they are cut.
 * Fails:    sticky: status (400, 414, 431, 505; of no meaning for a response) and why.
 * Limits:   HTTP_HEAD_BYTES_MAX, HTTP_HEADER_COUNT_MAX, HTTP_TARGET_BYTES_MAX. Refused: bare CR or LF, control
 *           characters, folded lines, spaces around names, targets that are no path, versions other than 1.0
 *           and 1.1, and in a request a missing or second Host, Transfer-Encoding, any Content-Length but 0.
 * Source:   RFC 9110 section 5, RFC 9112 sections 2 to 6.
 */
#pragma once

#include "base/buf.h"
#include "base/limits.h"
#include "base/slice.h"

enum http_kind { HTTP_REQUEST, HTTP_RESPONSE };

enum http_result { HTTP_MORE, HTTP_DONE, HTTP_FAIL };

struct http_header {
	struct slice name;
	struct slice value;             /* without the white space around it */
};

struct http_head {
	struct slice method;            /* of a request */
	struct slice target;            /* of a request: path and query, begins with '/' */
	int status;                     /* of a response: 100 to 599 */
	struct slice reason;            /* of a response */
	int version_minor;              /* HTTP/1.0 or HTTP/1.1 */
	struct http_header headers[HTTP_HEADER_COUNT_MAX];
	size_t header_count;
	size_t bytes;                   /* of the whole head, its last empty line included */
};

/* A piece of the head by where it lies: slices would die when the caller moves the bytes. */
struct http_span {
	uint16_t at;
	uint16_t len;
};

struct http {
	enum http_kind kind;
	size_t seen_bytes;              /* looked at already */
	size_t line_at;                 /* where the line under way begins; 0: the first */
	struct http_span first, second; /* method and target, or (nothing) and reason */
	int version_minor;
	int response_status;
	struct {
		struct http_span name, value;
	} fields[HTTP_HEADER_COUNT_MAX];
	size_t field_count;
	bool failed;
	int status;                     /* once failed: what a server answers */
	const char *why;                /* once failed: a static string */
};

void http_init(struct http *http, enum http_kind kind);
enum http_result http_next(struct http *http, const struct buf *in, struct http_head *out);

/* The value of the first header of that name (any case); .data is NULL if there is none. */
struct slice http_header(const struct http_head *head, const char *name);
size_t http_header_count(const struct http_head *head, const char *name);
/* Whether the comma-separated list in all headers of that name holds the token (any case). */
bool http_has_token(const struct http_head *head, const char *name, const char *token);
/* "Not Found" and the like; "Unknown" for a status that we never answer. */
const char *http_status_phrase(int status);
