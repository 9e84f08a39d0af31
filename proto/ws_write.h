/*
 * ws_write - writing WebSocket frames straight into a buf, header first, payload masked while it is copied.
 *
 * Place:    beside ws (its mirror image). Both roles: a client masks, a server does not.
 * Usage:    ws_write(&out, WS_SERVER, WS_OPCODE_TEXT, json, len, 0);
 *           if (ws_write_begin(&w, &out, WS_CLIENT, WS_OPCODE_TEXT, 9 + audio_len, random_u32(&random))) {
 *                   ws_write_part(&w, "{\"audio\":", 9);
 *                   ws_write_part(&w, audio, audio_len);
 *                   ws_write_end(&w);
 *           }
 * Lifetime: between begin and end nobody else touches `out`; what is begun and not ended leaves no trace.
 * Fails:    false and `out` unchanged: no room for the whole frame. Parts that do not add up are a check().
 * Limits:   always one whole message in one frame; `key` is fresh and unpredictable for each frame, ignored as server.
 * Source:   RFC 6455 sections 5.2, 5.3, 5.5.1.
 */
#pragma once

#include "base/limits.h"
#include "proto/ws.h"

struct ws_writer {
	struct buf *out;
	uint8_t *frame;                 /* where the frame begins */
	uint8_t *payload;               /* where its payload begins */
	size_t payload_bytes;
	size_t done_bytes;              /* of the payload */
	uint32_t key;
	bool masked;
};

bool ws_write(struct buf *out, enum ws_role role, enum ws_opcode opcode, const void *data, size_t len,
	uint32_t key);
/* WS_CLOSE_NONE writes an empty close frame, so an event's code can be echoed as it is. `reason` may be NULL and
 * has at most 123 bytes. */
bool ws_write_close(struct buf *out, enum ws_role role, uint16_t code, const char *reason, uint32_t key);

bool ws_write_begin(struct ws_writer *w, struct buf *out, enum ws_role role, enum ws_opcode opcode,
	size_t payload_bytes, uint32_t key);
void ws_write_part(struct ws_writer *w, const void *data, size_t len);
void ws_write_end(struct ws_writer *w);

/* The bytes that a frame takes around its payload. */
size_t ws_header_bytes(enum ws_role role, size_t payload_bytes);
/* Only the header, for whoever must fragment; its length. */
size_t ws_write_header(uint8_t out[WS_HEADER_BYTES_MAX], enum ws_role role, bool fin, enum ws_opcode opcode,
	size_t payload_bytes, uint32_t key);
