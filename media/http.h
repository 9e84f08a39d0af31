/*
 * http - one HTTP request at a time, from a process that may wait: the only file of the worker that knows libcurl.
 *
 * Place:    media, above base. For the store, fal, the summary and the merchant's notification.
 * Usage:    struct http_client *client = http_open();
 *           const char *const headers[] = { "Content-Type: video/mp4", NULL };
 *           struct http_request request = { .method = "PUT", .url = url, .headers = headers,
 *               .body_path = "video.mp4", .alive = step_is_alive, .user = step };
 *           switch (http_ask(client, &request, &answer)) ...
 *           http_answer_fini(&answer); http_close(client);
 * Lifetime: the request and all that it points to are borrowed during http_ask(). The answer owns its body until
 *           http_answer_fini(), which is idempotent. A client keeps connections open between requests.
 * Fails:    the four outcomes below; answer.why holds a sentence, fit for a log: no query, header or body in it.
 *           Whoever pays for what he asks: HTTP_NOT_SENT alone may be asked again without a thought.
 * Rules:    HTTP/1.1; certificates are verified; redirects are never followed (they would carry a signature or a
 *           key elsewhere): 3xx is an answer. No proxy, no .netrc, no cookies, no Expect: 100-continue. https: only;
 *           http: also where the host is this host's loopback, or the operator configured the URL (plain_allowed).
 * Limits:   0 in a request means the default below. An answer that is longer than its bound is HTTP_UNKNOWN.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HTTP_CONNECT_MS = 10000,        /* name, TCP and TLS */
	HTTP_DEADLINE_MS = 120000,      /* all of it */
	HTTP_STALL_MS = 30000,          /* not a thousand bytes a second for so long, waiting for the answer included */
	HTTP_ANSWER_BYTES = 1024 * 1024,
	HTTP_VALUE_BYTES_MAX = 512,
	HTTP_WHY_BYTES_MAX = 300
};

/* What of an answer's header is kept. Others: add a row. */
#define HTTP_FIELDS(X) \
	X(CONTENT_TYPE, "content-type") \
	X(CONTENT_LENGTH, "content-length") \
	X(DATE, "date") \
	X(RETRY_AFTER, "retry-after") \
	X(LOCATION, "location") \
	X(ETAG, "etag") \
	X(AMZ_BUCKET_REGION, "x-amz-bucket-region") \
	X(AMZ_REQUEST_ID, "x-amz-request-id") \
	X(AMZ_META_SHA256, "x-amz-meta-sha256") \
	X(FAL_REQUEST_ID, "x-fal-request-id") \
	X(FAL_BILLABLE_UNITS, "x-fal-billable-units") \
	X(FAL_ERROR_TYPE, "x-fal-error-type") \
	X(FAL_RETRYABLE, "x-fal-retryable") \
	X(FAL_NEEDS_RETRY, "x-fal-needs-retry") \
	X(FAL_TIMEOUT_TYPE, "x-fal-request-timeout-type")

enum http_field {
#define X(name, text) HTTP_FIELD_##name,
	HTTP_FIELDS(X)
#undef X
	HTTP_FIELD_COUNT
};

enum http_outcome {
	HTTP_ANSWERED,                  /* whole, whatever the status */
	HTTP_NOT_SENT,                  /* certainly not a byte of the request was delivered */
	HTTP_UNKNOWN,                   /* the request, or a part of it, went out; no whole answer came back */
	HTTP_STOPPED                    /* `alive` said so; answer.maybe_sent: it may have been delivered */
};

struct http_request {
	const char *method;             /* "GET", "HEAD", "POST", "PUT", "DELETE" ... */
	const char *url;
	const char *const *headers;     /* "Name: value", ended by NULL; NULL: none */
	const void *body;               /* or */
	size_t body_len;
	const char *body_path;          /* a file: sent with Content-Length, rewound if need be */
	const char *answer_path;        /* the body of a 2xx goes into this file, made anew and synced */
	uint64_t answer_bytes_max;
	uint32_t connect_ms, deadline_ms, stall_ms;
	bool plain_allowed;             /* http: to any host: an operator configured it */
	bool public_only;               /* refuses addresses that are not of the public internet (base/address.h) */
	bool once;                      /* never repeated by libcurl itself over a connection that had gone stale */
	const char *ca_file;            /* PEM roots; NULL or "": the system's */
	/* Called about twice a second while it waits: false stops the request. */
	bool (*alive)(void *user, uint64_t sent_bytes, uint64_t received_bytes);
	void *user;
};

struct http_answer {
	long status;                    /* 0: none came */
	bool maybe_sent;
	char fields[HTTP_FIELD_COUNT][HTTP_VALUE_BYTES_MAX];    /* "": absent, or too long */
	char *body;                     /* ends with a NUL; never NULL after http_ask(); "" if it went into a file */
	size_t body_len;                /* bytes in body, or written to answer_path */
	char why[HTTP_WHY_BYTES_MAX];   /* a sentence unless HTTP_ANSWERED */
};

struct http_client;

struct http_client *http_open(void);
void http_close(struct http_client *client);
enum http_outcome http_ask(struct http_client *client, const struct http_request *request, struct http_answer *out);
/* A kept header's value, "" if there was none. */
const char *http_field(const struct http_answer *answer, enum http_field field);
/* The milliseconds that Retry-After asks for, seconds or date against `now_ms` (wall clock); 0: none or nonsense. */
uint64_t http_retry_after_ms(const struct http_answer *answer, int64_t now_ms);
/* An HTTP date (RFC 9110 5.6.7) in milliseconds since 1970; 0: not one. */
int64_t http_date_ms(const char *text);
void http_answer_fini(struct http_answer *answer);
