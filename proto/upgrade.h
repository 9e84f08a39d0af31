/*
 * upgrade - the WebSocket handshake, both sides.
 *
 * Place:    above http, below whoever owns the connection.
 * Usage:    server: status = upgrade_check_request(&head, &key);
 *                   status ? upgrade_write_refusal(&out, status, NULL) : upgrade_write_accept(&out, key);
 *           client: upgrade_write_request(&out, "api.x.ai", "/v1/realtime", nonce, "Authorization: …\r\n");
 *                   result = upgrade_check_response(&head, nonce);
 * Lifetime: *out_key borrows from the head.
 * Fails:    writers return false and change nothing if `out` has no room. The checks say what is wrong: an HTTP
 *           status to refuse with, or an upgrade_result (and head.status).
 * Limits:   an extension or subprotocol is never offered by the client, never answered by the server.
 * Source:   RFC 6455 section 4.
 */
#pragma once

#include "proto/http.h"

enum { UPGRADE_NONCE_BYTES = 16, UPGRADE_KEY_CHARS = 24, UPGRADE_ACCEPT_CHARS = 28 };

#define UPGRADE_RESULTS(X)                                                                        \
	X(UPGRADE_OK, "upgraded")                                                                 \
	X(UPGRADE_STATUS, "the server answered with another status than 101")                    \
	X(UPGRADE_NO_UPGRADE, "the answer's Upgrade header does not name websocket")              \
	X(UPGRADE_NO_CONNECTION, "the answer's Connection header does not name upgrade")          \
	X(UPGRADE_BAD_ACCEPT, "the answer's Sec-WebSocket-Accept is missing or wrong")            \
	X(UPGRADE_EXTENSION, "the server chose an extension that was not offered")                \
	X(UPGRADE_SUBPROTOCOL, "the server chose a subprotocol that was not offered")             \
	X(UPGRADE_BODY, "the answer announces a body")

enum upgrade_result {
#define X(name, text) name,
	UPGRADE_RESULTS(X)
#undef X
};

const char *upgrade_result_text(enum upgrade_result result);

/* 0 and the client's key, or the status to refuse with: 400, 405, 426, 505. */
int upgrade_check_request(const struct http_head *head, struct slice *out_key);
/* The 101. */
bool upgrade_write_accept(struct buf *out, struct slice key);
/* What Sec-WebSocket-Accept answers to a key: UPGRADE_ACCEPT_CHARS characters, no NUL. */
void upgrade_accept_value(char out[UPGRADE_ACCEPT_CHARS], struct slice key);
/* A refusal with the headers that its status demands (Allow, Upgrade, Sec-WebSocket-Version) and `reason`, a line of
 * plain text (NULL: the status phrase), as its body. The connection is to be closed after it. */
bool upgrade_write_refusal(struct buf *out, int status, const char *reason);

/* `nonce` is fresh and random. `extra_headers` are whole lines, each ending in CR LF, or NULL. */
bool upgrade_write_request(struct buf *out, const char *host, const char *target,
	const uint8_t nonce[UPGRADE_NONCE_BYTES], const char *extra_headers);
enum upgrade_result upgrade_check_response(const struct http_head *head,
	const uint8_t nonce[UPGRADE_NONCE_BYTES]);
