/*
 * leg - one WebSocket connection in either role, from socket to whole messages, plain or over TLS.
 *
 * Place:    above loop, tls and proto's ws; below call, pending sockets, echo, which own legs. Knows none of them: a
 *           leg with news marks its owner's task.
 * Usage:    leg_init(&leg, &env) once; leg_serve(&leg, fd, true, &task, bytes_max) or leg_dial(&leg, &plan, &task).
 *           In the task's turn:  while ((kind = leg_next(&leg, &event)) != LEG_NONE) …
 *           Writing: ws_write*(leg_out(&leg), …, leg_mask(&leg)) or leg_send_text(); the loop flushes.
 *           The end: leg_close() (polite) or leg_abort(); it becomes free by itself, with a turn for the owner.
 * Lifetime: event.data and request slices are valid until the next call for this leg, at most until the owner's turn
 *           ends. A message that lies whole in one receive buffer is handed out where it lies. The slot is the
 *           kernel's until leg_is_free(): owners wait for that.
 * Fails:    LEG_GONE, once, with event.fault and event.why; no message comes after it. A peer that breaks the
 *           protocol was told so with the right close code.
 * Limits:   out bytes LEG_OUT_BYTES_MAX, message bytes as given; pooled blocks, none held while idle. Deadlines are the
 *           owner's, except the last: a closing leg is cut off after LEG_LINGER_MS.
 */
#pragma once

#include "base/limits.h"
#include "proto/upgrade.h"
#include "proto/ws.h"
#include "proto/ws_write.h"
#include "relay/loop.h"
#include "relay/tls.h"

enum { LEG_LINGER_MS = 2000, LEG_SEND_BYTES_MAX = 64 * 1024, LEG_WHY_BYTES_MAX = 160 };

#define LEG_STATES(X)                                                                          \
	X(LEG_FREE, "free")             /* the slot may be used */                             \
	X(LEG_CONNECTING, "connecting") /* TCP */                                              \
	X(LEG_HANDSHAKE, "handshake")   /* TLS */                                              \
	X(LEG_UPGRADING, "upgrading")   /* HTTP: reading a request or a response */            \
	X(LEG_DECIDING, "deciding")     /* server: the owner looks at the request */           \
	X(LEG_OPEN, "open")                                                                    \
	X(LEG_CLOSING, "closing")       /* sends the rest, drops what comes, waits for the peer's end */ \
	X(LEG_JOINING, "joining")       /* shut down; operations are landing */

enum leg_state {
#define X(name, word) name,
	LEG_STATES(X)
#undef X
	LEG_STATE_COUNT
};

/* Why a connection is gone. The word is fit for a log line and a metric's label. */
#define LEG_FAULTS(X)                                                                          \
	X(LEG_FAULT_NONE, "none")         /* closed as it should be */                         \
	X(LEG_FAULT_REFUSED, "refused")   /* could not connect */                              \
	X(LEG_FAULT_RESET, "reset")       /* broken by the peer or the network */              \
	X(LEG_FAULT_EOF, "eof")           /* ended without a close frame */                    \
	X(LEG_FAULT_TLS, "tls")           /* handshake, certificate or record */               \
	X(LEG_FAULT_HTTP, "http")         /* request or response that is no upgrade; event.status */ \
	X(LEG_FAULT_PROTOCOL, "protocol") /* WebSocket; event.close_code is what the peer was told */ \
	X(LEG_FAULT_OVERFLOW, "overflow") /* out of room for what goes out or came in */

enum leg_fault {
#define X(name, word) name,
	LEG_FAULTS(X)
#undef X
	LEG_FAULT_COUNT
};

enum leg_event_kind {
	LEG_NONE,                       /* nothing now */
	LEG_REQUEST,                    /* server: a correct upgrade request; answer leg_accept() or leg_refuse() */
	LEG_OPENED,                     /* client: upgraded */
	LEG_MESSAGE,                    /* text or binary, whole */
	LEG_PONG,
	LEG_CLOSED,                     /* the peer's close frame, already answered; nothing follows */
	LEG_GONE,                       /* the connection is of no use any more */
};

struct leg_event {
	struct http_head *request;      /* LEG_REQUEST */
	bool is_text;                   /* LEG_MESSAGE */
	uint8_t *data;                  /* LEG_MESSAGE, LEG_PONG; LEG_CLOSED: the reason */
	size_t len;
	uint16_t close_code;            /* LEG_CLOSED, LEG_FAULT_PROTOCOL */
	enum leg_fault fault;           /* LEG_GONE */
	int status;                     /* LEG_FAULT_HTTP as a client: what the server answered */
	const char *why;                /* LEG_GONE: a sentence */
};

struct leg_counters {
	uint64_t received_bytes;        /* from sockets */
	uint64_t sent_bytes;
	uint64_t received_messages;
	uint64_t sends;
	uint64_t copied_messages;       /* that did not lie whole in one receive buffer */
	uint64_t short_sends;
	uint64_t pauses;
	uint64_t faults[LEG_FAULT_COUNT];
};

/* A lent receive buffer that was not read yet; indexed by its id. */
struct leg_lent {
	uint8_t *data;
	uint32_t len;
	int32_t next;                   /* -1: the last of its leg */
};

/* What the legs of one thread share. The thread owns it. */
struct leg_env {
	struct loop *loop;
	struct pool pool;               /* blocks for what goes out and what must be kept of what came in */
	struct tls_context *server;     /* NULL: served sockets are plain. May be replaced at any time */
	struct tls_context *client;     /* NULL: nobody dials with TLS */
	struct leg_lent *lent;
	struct http_head head;          /* of the LEG_REQUEST last reported */
	struct leg_counters counters;
};

/* What every message touches stands first. */
struct leg {
	uint32_t magic;
	enum leg_state state;
	enum ws_role role;
	enum leg_fault fault;           /* found, perhaps not reported yet */
	struct leg_env *env;
	struct task *owner;
	bool is_tls;
	bool paused;                    /* wished by the owner */
	bool eof;
	bool end_reported;              /* LEG_GONE or LEG_CLOSED was, or the owner ended it: nothing more is */
	bool was_full;                  /* out was above high water: the owner hears when it is below half */
	bool was_open;                  /* as a WebSocket */
	bool close_sent, close_received;
	bool tls_ended, half_closed;
	int32_t lent_first, lent_last;  /* received buffers in the order they came; -1: none */
	int32_t reading;                /* the buffer under `view` or `tls`; -1: none */
	struct ring_socket socket;
	struct ring_op recv, send;
	struct task flush;              /* its deadline: the end of lingering */
	/* Inwards: the buffer being read, then what had to be kept. */
	struct buf view;                /* plain legs; while it is there `in` is empty */
	struct buf in;                  /* kept or decrypted bytes */
	struct ws ws;
	/* Outwards. */
	struct buf out;                 /* plain bytes, appended by whoever writes */
	struct buf sending;             /* unchangeable while in flight */
	struct tls tls;
	/* Beginning and end. */
	struct ring_op connect, cancel;
	struct sockaddr_storage address;
	socklen_t address_len;
	int connect_res;
	struct http http;
	size_t head_bytes;              /* of the request being decided on */
	size_t message_bytes_max;
	uint8_t nonce[UPGRADE_NONCE_BYTES];
	char key[UPGRADE_KEY_CHARS + 1];
	uint64_t linger_until_ms;
	int recv_error;                 /* errno that ended receiving; 0: the peer's orderly end */
	int status;
	uint16_t close_code;
	char why[LEG_WHY_BYTES_MAX];
};

struct leg_dial_plan {
	const struct sockaddr *address;
	socklen_t address_len;
	const char *tls_host;           /* the name in the certificate; NULL: plain */
	const char *host;               /* the Host header: name, and port unless it is the usual one */
	const char *target;             /* "/v1/realtime?model=…" */
	const char *headers;            /* whole lines ending in CR LF, or NULL */
	size_t message_bytes_max;
};

/* A served socket on its way from one leg to another, while its owner decides on the request. */
struct leg_parcel {
	int fd;                         /* -1: none */
	bool is_tls;
	struct tls tls;
	size_t message_bytes_max;
	char key[UPGRADE_KEY_CHARS + 1];
};

/* `leg_count` legs at a time. Everything but loop and TLS contexts, which the caller sets. 0 or -errno. */
int leg_env_open(struct leg_env *env, struct loop *loop, unsigned leg_count);
void leg_env_close(struct leg_env *env);

/* Makes a free leg of a zeroed struct, once; then it is served or dialled any number of times. */
void leg_init(struct leg *leg, struct leg_env *env);
/* Takes over an accepted socket. false: no memory for TLS; `fd` is closed and the leg free. */
bool leg_serve(struct leg *leg, int fd, struct task *owner, size_t message_bytes_max);
/* Starts connecting; whatever fails is told by LEG_GONE. */
void leg_dial(struct leg *leg, const struct leg_dial_plan *plan, struct task *owner);
/* A pending socket becomes a call's. */
void leg_set_owner(struct leg *leg, struct task *owner);

enum leg_event_kind leg_next(struct leg *leg, struct leg_event *out);

/* Answers LEG_REQUEST, now or in a later turn. After leg_refuse() the leg ends by itself. */
void leg_accept(struct leg *leg);
void leg_refuse(struct leg *leg, int status, const char *reason);

/* Instead of an answer: leg_pause(), turns until leg_is_still() (the owner gets one then), and leg_pack() empties the
 * leg into a parcel and leg_unpack() fills another of it, in the other thread: that one answers. false: it cannot move
 * (the peer sent more than its request, or there is no descriptor left); leg_resume() it and answer here. */
bool leg_is_still(const struct leg *leg);
bool leg_pack(struct leg *leg, struct leg_parcel *out_parcel);
void leg_unpack(struct leg *leg, struct leg_parcel *parcel, struct task *owner);

/* Where the owner appends frames (ws_write.h, with leg_role() and leg_mask()); flushed at the end of the turn. Only in
 * LEG_OPEN: check leg_is_open(). */
struct buf *leg_out(struct leg *leg);
uint32_t leg_mask(struct leg *leg);
/* false: there was no room, nothing was written; or the leg is not open. */
bool leg_send_text(struct leg *leg, const void *data, size_t len);
bool leg_send_binary(struct leg *leg, const void *data, size_t len);
bool leg_ping(struct leg *leg, const void *data, size_t len);

/* Close frame, the rest is sent, then the end; dropped when the peer does not follow within LEG_LINGER_MS. */
void leg_close(struct leg *leg, uint16_t code, const char *reason);
/* The end at once; what was not sent is lost. */
void leg_abort(struct leg *leg);

/* Written and not yet taken by the kernel. */
size_t leg_out_bytes(const struct leg *leg);
/* Whether it stands above high water: the owner stops reading the other side, and gets a turn when it is below half. */
bool leg_is_full(struct leg *leg);
/* Stops and starts reading from the socket. A paused leg still hands out what came before. */
void leg_pause(struct leg *leg);
void leg_resume(struct leg *leg);

static inline bool leg_is_open(const struct leg *leg)
{
	return leg->state == LEG_OPEN;
}

static inline bool leg_is_free(const struct leg *leg)
{
	return leg->state == LEG_FREE;
}

const char *leg_state_word(enum leg_state state);
const char *leg_fault_word(enum leg_fault fault);
/* "[2001:db8::1]:443" of the peer; "" if there is none. */
const char *leg_peer(const struct leg *leg, char *out, size_t out_bytes);
