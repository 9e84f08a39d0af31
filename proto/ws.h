/*
 * ws - reading WebSocket as a pure machine: bytes in, whole messages and control frames out.
 *
 * Place:    above TLS or plain bytes, below the readers of messages. Both roles; writing is in ws_write.h.
 * Usage:    ws_init(&ws, WS_SERVER, TWILIO_MESSAGE_BYTES_MAX, &pool);
 *           while ((r = ws_next(&ws, &in, &event)) == WS_EVENT) use(&event);
 *           if (r == WS_FAIL) ws_write_close(&out, WS_SERVER, ws.close_code, NULL, 0);
 *           ws_fini(&ws);
 * Lifetime: event.data is valid until `in` is next touched or ws_next() next called. A message in one frame is unmasked
 *           where it lies in `in` and its bytes are consumed: no copy. Fragments are gathered in a pooled buf of ours.
 *           What is there of an unfinished frame stays in `in`, its beginning unmasked and checked already; only
 *           offsets from buf_data(in) are kept, so the caller may move the bytes to another buf (not lose or add
 *           any at the head) and call again with that one. `in` must be able to hold message_bytes_max.
 * Fails:    WS_FAIL is sticky: close_code (1002, 1007, 1008, 1009, 1011) and why say what to tell the peer and the log.
 *           Refused as early as the bytes allow: bad UTF-8 inside a frame, oversize before the payload.
 *           After WS_CLOSE whatever follows is swallowed: WS_MORE for ever (RFC 6455 section 5.5.1).
 * Limits:   message_bytes_max (1009), WS_FRAGMENT_COUNT_MAX (1008), the pool (1011). No extension is ever negotiated.
 * Source:   RFC 6455 sections 5, 7.4, 8.1; close codes 1012 to 1014 from the IANA registry.
 */
#pragma once

#include "base/buf.h"
#include "proto/utf8.h"

/* The role of this side. A server reads masked frames and writes unmasked ones, a client the reverse. */
enum ws_role { WS_CLIENT, WS_SERVER };

enum ws_opcode {
	WS_OPCODE_CONTINUATION = 0x0,
	WS_OPCODE_TEXT = 0x1,
	WS_OPCODE_BINARY = 0x2,
	WS_OPCODE_CLOSE = 0x8,
	WS_OPCODE_PING = 0x9,
	WS_OPCODE_PONG = 0xA,
};

enum ws_close_code {
	WS_CLOSE_NORMAL = 1000,
	WS_CLOSE_GOING_AWAY = 1001,
	WS_CLOSE_PROTOCOL = 1002,
	WS_CLOSE_UNSUPPORTED = 1003,
	WS_CLOSE_NONE = 1005,           /* never on the wire: the close frame has no payload */
	WS_CLOSE_ABNORMAL = 1006,       /* never on the wire: the connection ended without a close frame */
	WS_CLOSE_BAD_TEXT = 1007,
	WS_CLOSE_POLICY = 1008,
	WS_CLOSE_TOO_BIG = 1009,
	WS_CLOSE_INTERNAL = 1011,
};

enum ws_kind { WS_TEXT, WS_BINARY, WS_PING, WS_PONG, WS_CLOSE };

enum ws_result { WS_MORE, WS_EVENT, WS_FAIL };

struct ws_event {
	enum ws_kind kind;
	uint8_t *data;                  /* never NULL; of WS_CLOSE the reason */
	size_t len;
	uint16_t close_code;            /* of WS_CLOSE, WS_CLOSE_NONE if the peer gave none; else 0 */
};

struct ws {
	enum ws_role role;
	size_t message_bytes_max;
	/* The frame whose header has been consumed and whose payload is next in `in`. */
	bool in_frame;
	bool fin;
	enum ws_opcode opcode;
	uint32_t key;
	size_t frame_bytes;             /* its payload */
	size_t frame_done_bytes;        /* of that: unmasked and checked (or gathered) already */
	/* The fragmented message under way. */
	bool in_message;
	bool handed_out;                /* `message` is with the caller until the next call */
	enum ws_kind kind;
	uint32_t fragment_count;
	struct buf message;
	struct utf8 utf8;
	/* The end. */
	bool closed;
	bool failed;
	uint16_t close_code;            /* once failed: what to close with */
	const char *why;                /* once failed: a static string */
};

void ws_init(struct ws *ws, enum ws_role role, size_t message_bytes_max, struct pool *pool);
/* Gives pooled memory back. Idempotent; a zeroed struct may be fini'd. */
void ws_fini(struct ws *ws);
enum ws_result ws_next(struct ws *ws, struct buf *in, struct ws_event *out);
/* Whether a close frame may carry this code. */
bool ws_close_code_is_valid(unsigned code);
