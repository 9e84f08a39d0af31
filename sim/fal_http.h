/*
 * fal_http - a small HTTP/1.1 server for the simulated fal.ai: one request a connection, bodies held whole, answers
 * that may come late, be cut, or be a reset.
 *
 * Place:    sim; above net's listening. Knows nothing of fal.ai.
 * Usage:    struct fal_http *http = fal_http_open(listen_fd, &handler, context);
 *           poll: n = fal_http_polls(http, polls, room); poll(polls, n, wait); fal_http_turn(http, polls, n, now_ms)
 * Lifetime: a request lives during its handler. A response's body is handed over to be freed.
 * Limits:   FAL_HTTP_CONNECTIONS_MAX at a time, FAL_HTTP_BODY_BYTES_MAX of body; chunked bodies are refused with 411.
 */
#pragma once

#include "base/slice.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FAL_HTTP_CONNECTIONS_MAX = 128,
	FAL_HTTP_HEAD_BYTES_MAX = 32 * 1024,
	FAL_HTTP_BODY_BYTES_MAX = 64 * 1024 * 1024,
};

struct fal_request {
	struct slice method;
	struct slice path;              /* as sent, without the query */
	struct slice query;
	struct slice head;              /* all of it */
	struct slice body;
};

/* "" if there is none. */
struct slice fal_request_header(const struct fal_request *request, const char *name);

struct fal_response {
	int status;
	const char *type;               /* Content-Type */
	char headers[512];              /* more lines, each with its CRLF */
	char *body;                     /* malloc; freed by the server */
	size_t body_len;
	size_t cut_bytes;               /* not 0: the connection ends behind so many bytes of body */
	uint64_t late_ms;
	bool reset;                     /* nothing is said, the connection is reset */
};

typedef void fal_handler(void *context, const struct fal_request *request, struct fal_response *out);

struct fal_http;

struct fal_http *fal_http_open(int listen_fd, fal_handler *handle, void *context);
void fal_http_close(struct fal_http *http);
/* Fills `out`, at least FAL_HTTP_CONNECTIONS_MAX + 1 of them; returns how many. */
size_t fal_http_polls(struct fal_http *http, struct pollfd *out, uint64_t now_ms);
/* When an answer is due that waits; UINT64_MAX: none. */
uint64_t fal_http_due_ms(const struct fal_http *http);
void fal_http_turn(struct fal_http *http, const struct pollfd *polls, size_t poll_count, uint64_t now_ms);
