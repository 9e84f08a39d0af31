/*
 * wsconn - one WebSocket connection over a net, in either role: bytes and handshake inside, whole messages outside.
 *
 * Place:    sim; above net, proto/http, proto/upgrade, proto/ws. Knows neither Twilio nor Grok, and no loop.
 * Usage:    when the loop says that wsconn_fd() is ready:
 *               wsconn_read(c);
 *               while (wsconn_next(c, &ev)) use(&ev);           answers are only queued: one write a wake-up
 *               wsconn_flush(c);
 *               poll next for wsconn_interest(c)
 *           The last event is WSCONN_CLOSED, exactly once; then wsconn_free(c).
 * Lifetime: heap; the caller owns what dial and accept return. ev.data is lent until the next call on `c`.
 * Fails:    never by return value after dial: a broken connection ends in WSCONN_CLOSED with a code and a sentence.
 * Limits:   messages of at most message_bytes_max, output of at most out_bytes_max (more: closed with 1008).
 */
#pragma once

#include "base/pool.h"
#include "base/random.h"
#include "base/slice.h"
#include "sim/net.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wsconn_kind {
	WSCONN_REQUEST,                 /* server: data is the request target; answer with accept or refuse */
	WSCONN_OPEN,                    /* client: the server said 101 */
	WSCONN_TEXT,                    /* a whole message, valid UTF-8 */
	WSCONN_BINARY,
	WSCONN_PONG,
	WSCONN_CLOSED,                  /* code, and why in data; nothing follows */
};

struct wsconn_event {
	enum wsconn_kind kind;
	struct slice data;
	/* CLOSED: the peer's close code, 1005 if its close had none, 1006 if it went without one; or the code that we
	 * sent because the peer broke the protocol (then clean is false). */
	uint16_t code;
	bool clean;                     /* CLOSED: both sides said close */
};

/* What all connections of a program share; borrowed for their whole lives. */
struct wsconn_env {
	struct pool *pool;              /* the buffers come from here: classes up to message_bytes_max */
	struct random *random;
	struct net_tls *tls;            /* NULL: plain */
	size_t message_bytes_max;
	size_t out_bytes_max;
	size_t segment_bytes_max;       /* 0: as they come; else each TCP segment has 1 to so many */
};

struct wsconn_dial {
	const char *host;               /* to connect to */
	const char *port;
	const char *server_name;        /* SNI, certificate and Host header (with ":port", unless it is 80 or 443) */
	const char *target;             /* "/v1/realtime?model=x" */
	const char *headers;            /* more request header lines, each "Name: value\r\n"; may be NULL */
};

struct wsconn;

/* Client. NULL with a sentence in `why`; a server that cannot be reached shows later, as WSCONN_CLOSED. */
struct wsconn *wsconn_dial(const struct wsconn_env *env, const struct wsconn_dial *dial, char *why, size_t why_bytes);
/* Server: takes one waiting connection; NULL if there is none. */
struct wsconn *wsconn_take(const struct wsconn_env *env, int listen_fd);
/* Closes at once. Call it after WSCONN_CLOSED, or any time to let the peer see a broken connection. */
void wsconn_free(struct wsconn *c);
/* The same with a TCP reset. */
void wsconn_free_reset(struct wsconn *c);

int wsconn_fd(const struct wsconn *c);
uint32_t wsconn_interest(const struct wsconn *c);
/* Moves bytes from the socket into memory. */
void wsconn_read(struct wsconn *c);
/* The next event out of memory; false: none, poll. */
bool wsconn_next(struct wsconn *c, struct wsconn_event *out);
/* Moves queued bytes to the socket. */
void wsconn_flush(struct wsconn *c);
/* Bytes queued, not yet in the socket. */
size_t wsconn_queued_bytes(const struct wsconn *c);

/* Server, after WSCONN_REQUEST. A header of the request ("authorization"), {NULL, 0} if there is none; its value is
 * lent until accept or refuse. */
struct slice wsconn_header(const struct wsconn *c, const char *name);
void wsconn_accept(struct wsconn *c);
/* The same, and chooses a subprotocol that was offered; "" for none. */
void wsconn_accept_as(struct wsconn *c, const char *protocol);
/* Answers with this status and a line of plain text as body (NULL: the status phrase), then closes. */
void wsconn_refuse(struct wsconn *c, int status, const char *reason);
/* Client: the HTTP status that refused us (the body is in the sentence of WSCONN_CLOSED); 0: none, or 101. */
int wsconn_status(const struct wsconn *c);

/* One message out of pieces, queued. Ignored once closing. */
void wsconn_send_pieces(struct wsconn *c, const struct slice *pieces, size_t piece_count);
void wsconn_send_text(struct wsconn *c, struct slice text);
void wsconn_send_binary(struct wsconn *c, struct slice data);
/* The same as a text message in frames of at most frame_bytes. */
void wsconn_send_fragments(struct wsconn *c, struct slice text, size_t frame_bytes);
void wsconn_send_ping(struct wsconn *c, struct slice data);
/* Says close; WSCONN_CLOSED follows when the peer has answered. Code 0: an empty close. The deadline is
 * the caller's. */
void wsconn_close(struct wsconn *c, uint16_t code, const char *reason);
