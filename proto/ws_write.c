#include "proto/ws_write.h"

#include "base/check.h"
#include "proto/ws_mask.h"

#include <string.h>

enum { CLOSE_CODE_BYTES = 2 };

static size_t length_bytes(size_t payload_bytes)
{
	return payload_bytes < 126 ? 0 : payload_bytes <= 0xFFFF ? 2 : 8;
}

size_t ws_header_bytes(enum ws_role role, size_t payload_bytes)
{
	return 2 + length_bytes(payload_bytes) + (role == WS_CLIENT ? 4 : 0);
}

size_t ws_write_header(uint8_t out[WS_HEADER_BYTES_MAX], enum ws_role role, bool fin, enum ws_opcode opcode,
	size_t payload_bytes, uint32_t key)
{
	size_t extended = length_bytes(payload_bytes), at = 2;

	out[0] = (uint8_t)((fin ? 0x80 : 0) | opcode);
	out[1] = (uint8_t)(extended == 0 ? payload_bytes : extended == 2 ? 126 : 127);
	for (size_t i = 0; i < extended; i++)
		out[at++] = (uint8_t)((uint64_t)payload_bytes >> 8 * (extended - 1 - i));
	if (role == WS_CLIENT) {
		out[1] |= 0x80;
		memcpy(out + at, &key, sizeof key);
		at += sizeof key;
	}
	return at;
}

bool ws_write_begin(struct ws_writer *w, struct buf *out, enum ws_role role, enum ws_opcode opcode,
	size_t payload_bytes, uint32_t key)
{
	size_t header_bytes = ws_header_bytes(role, payload_bytes);

	check(opcode < WS_OPCODE_CLOSE || payload_bytes <= WS_CONTROL_BYTES_MAX);
	if (payload_bytes > SIZE_MAX - header_bytes || !buf_room(out, header_bytes + payload_bytes))
		return false;
	*w = (struct ws_writer){
		.out = out,
		.frame = buf_tail(out),
		.payload = buf_tail(out) + header_bytes,
		.payload_bytes = payload_bytes,
		.key = key,
		.masked = role == WS_CLIENT,
	};
	ws_write_header(w->frame, role, true, opcode, payload_bytes, key);
	return true;
}

void ws_write_part(struct ws_writer *w, const void *data, size_t len)
{
	check(len <= w->payload_bytes - w->done_bytes);
	if (w->masked)
		ws_mask_copy(w->payload + w->done_bytes, data, len, w->key, w->done_bytes);
	else if (len)
		memcpy(w->payload + w->done_bytes, data, len);
	w->done_bytes += len;
}

void ws_write_end(struct ws_writer *w)
{
	check(w->done_bytes == w->payload_bytes);
	check(w->frame == buf_tail(w->out));
	buf_commit(w->out, (size_t)(w->payload - w->frame) + w->payload_bytes);
}

bool ws_write(struct buf *out, enum ws_role role, enum ws_opcode opcode, const void *data, size_t len,
	uint32_t key)
{
	struct ws_writer w;

	if (!ws_write_begin(&w, out, role, opcode, len, key))
		return false;
	ws_write_part(&w, data, len);
	ws_write_end(&w);
	return true;
}

bool ws_write_close(struct buf *out, enum ws_role role, uint16_t code, const char *reason, uint32_t key)
{
	uint8_t payload[WS_CONTROL_BYTES_MAX] = { (uint8_t)(code >> 8), (uint8_t)code };
	size_t reason_bytes = reason ? strlen(reason) : 0;

	if (code == WS_CLOSE_NONE)
		return ws_write(out, role, WS_OPCODE_CLOSE, NULL, 0, key);
	check(ws_close_code_is_valid(code));
	check(reason_bytes <= WS_CONTROL_BYTES_MAX - CLOSE_CODE_BYTES);
	if (reason_bytes)
		memcpy(payload + CLOSE_CODE_BYTES, reason, reason_bytes);
	return ws_write(out, role, WS_OPCODE_CLOSE, payload, CLOSE_CODE_BYTES + reason_bytes, key);
}
