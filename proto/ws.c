/* A header is read when all of it is there, but judged byte by byte: what its first bytes forbid is refused before
 * the rest has come. Then its payload, by one of three ways:
 *   a control frame waits until it is whole (at most 125 bytes);
 *   a message in one frame is unmasked and checked in `in` as it grows, and handed out from there;
 *   a fragment moves, unmasked on the way, into ws->message, which is handed out with the last one. */
#include "proto/ws.h"

#include "base/check.h"
#include "base/limits.h"
#include "proto/ws_mask.h"

#include <string.h>

enum { FIN = 0x80, RSV = 0x70, OPCODE = 0x0F, MASKED = 0x80, LENGTH = 0x7F };
enum { LENGTH_16 = 126, LENGTH_64 = 127, KEY_BYTES = 4, CLOSE_CODE_BYTES = 2 };

void ws_init(struct ws *ws, enum ws_role role, size_t message_bytes_max, struct pool *pool)
{
	check(message_bytes_max >= WS_CONTROL_BYTES_MAX);
	*ws = (struct ws){ .role = role, .message_bytes_max = message_bytes_max };
	buf_init_pool(&ws->message, pool, message_bytes_max);
}

void ws_fini(struct ws *ws)
{
	buf_release(&ws->message);
	ws->handed_out = false;
}

/* Always false, so that a refusal is one return. */
static bool fail(struct ws *ws, enum ws_close_code close_code, const char *why)
{
	ws->failed = true;
	ws->close_code = (uint16_t)close_code;
	ws->why = why;
	ws_fini(ws);
	return false;
}

bool ws_close_code_is_valid(unsigned code)
{
	if (code >= 3000)
		return code <= 4999;
	return code >= 1000 && code <= 1014 && code != 1004 && code != WS_CLOSE_NONE
		&& code != WS_CLOSE_ABNORMAL;
}

static bool is_control(enum ws_opcode opcode)
{
	return opcode >= WS_OPCODE_CLOSE;
}

/* RFC 6455 sections 5.2, 5.4 and 5.5: FIN, RSV and opcode. */
static bool check_first_byte(struct ws *ws, uint8_t byte)
{
	bool fin = byte & FIN;

	if (byte & RSV)
		return fail(ws, WS_CLOSE_PROTOCOL, "a reserved bit is set");
	switch (byte & OPCODE) {
	case WS_OPCODE_CONTINUATION:
		if (!ws->in_message)
			return fail(ws, WS_CLOSE_PROTOCOL, "a continuation of nothing");
		if (ws->fragment_count >= WS_FRAGMENT_COUNT_MAX)
			return fail(ws, WS_CLOSE_POLICY, "too many fragments");
		return true;
	case WS_OPCODE_TEXT:
	case WS_OPCODE_BINARY:
		if (ws->in_message)
			return fail(ws, WS_CLOSE_PROTOCOL, "a new message inside a fragmented one");
		return true;
	case WS_OPCODE_CLOSE:
	case WS_OPCODE_PING:
	case WS_OPCODE_PONG:
		if (!fin)
			return fail(ws, WS_CLOSE_PROTOCOL, "a fragmented control frame");
		return true;
	default:
		return fail(ws, WS_CLOSE_PROTOCOL, "a reserved opcode");
	}
}

/* The mask bit (section 5.1), and what a control frame's short length says at once. */
static bool check_second_byte(struct ws *ws, enum ws_opcode opcode, uint8_t byte)
{
	unsigned length = byte & LENGTH;

	if (ws->role == WS_SERVER && !(byte & MASKED))
		return fail(ws, WS_CLOSE_PROTOCOL, "a frame from a client without a mask");
	if (ws->role == WS_CLIENT && (byte & MASKED))
		return fail(ws, WS_CLOSE_PROTOCOL, "a frame from a server with a mask");
	if (is_control(opcode) && length > WS_CONTROL_BYTES_MAX)
		return fail(ws, WS_CLOSE_PROTOCOL, "a control frame of more than 125 bytes");
	if (opcode == WS_OPCODE_CLOSE && length == 1)
		return fail(ws, WS_CLOSE_PROTOCOL, "a close frame with half a code");
	return true;
}

static bool check_length(struct ws *ws, enum ws_opcode opcode, uint64_t length, size_t length_bytes)
{
	size_t gathered_bytes = ws->in_message ? buf_len(&ws->message) : 0;

	if (length_bytes && length < LENGTH_16)
		return fail(ws, WS_CLOSE_PROTOCOL, "a length not in its shortest form");
	if (length_bytes == 8 && length <= UINT16_MAX)
		return fail(ws, WS_CLOSE_PROTOCOL, "a length not in its shortest form");
	if (length >> 63)
		return fail(ws, WS_CLOSE_PROTOCOL, "a length of more than 63 bits");
	if (!is_control(opcode) && length > ws->message_bytes_max - gathered_bytes)
		return fail(ws, WS_CLOSE_TOO_BIG, "a message longer than we take");
	return true;
}

static void begin_frame(struct ws *ws, uint8_t first_byte, size_t frame_bytes)
{
	ws->in_frame = true;
	ws->fin = first_byte & FIN;
	ws->opcode = (enum ws_opcode)(first_byte & OPCODE);
	ws->frame_bytes = frame_bytes;
	ws->frame_done_bytes = 0;
	if (is_control(ws->opcode))
		return;
	if (ws->opcode == WS_OPCODE_CONTINUATION) {
		ws->fragment_count++;
		return;
	}
	ws->kind = ws->opcode == WS_OPCODE_TEXT ? WS_TEXT : WS_BINARY;
	ws->in_message = !ws->fin;
	ws->fragment_count = 1;
	ws->utf8 = (struct utf8){ 0 };
}

/* true: a header has been consumed. false: more bytes are needed, or it was refused. */
static bool take_header(struct ws *ws, struct buf *in)
{
	size_t have = buf_len(in), need = 2;

	if (have == 0)
		return false;
	const uint8_t *h = buf_data(in);
	enum ws_opcode opcode = (enum ws_opcode)(h[0] & OPCODE);
	if (!check_first_byte(ws, h[0]) || have < need || !check_second_byte(ws, opcode, h[1]))
		return false;

	uint64_t length = h[1] & LENGTH;
	size_t length_bytes = length == LENGTH_16 ? 2 : length == LENGTH_64 ? 8 : 0;
	need += length_bytes;
	if (have < need)
		return false;
	if (length_bytes)
		length = 0;
	for (size_t i = 0; i < length_bytes; i++)
		length = length << 8 | h[2 + i];
	if (!check_length(ws, opcode, length, length_bytes))
		return false;

	if (ws->role == WS_SERVER) {
		need += KEY_BYTES;
		if (have < need)
			return false;
		memcpy(&ws->key, h + need - KEY_BYTES, sizeof ws->key);
	}
	begin_frame(ws, h[0], (size_t)length);
	buf_consume(in, need);
	return true;
}

static bool check_text(struct ws *ws, const uint8_t *data, size_t len, bool at_end)
{
	if (ws->kind != WS_TEXT)
		return true;
	if (!utf8_check(&ws->utf8, data, len))
		return fail(ws, WS_CLOSE_BAD_TEXT, "text that is not UTF-8");
	if (at_end && !utf8_complete(&ws->utf8))
		return fail(ws, WS_CLOSE_BAD_TEXT, "text that ends within a character");
	return true;
}

/* Section 5.5.1: nothing, or a code and a reason. */
static bool read_close(struct ws *ws, uint8_t *data, size_t len, struct ws_event *out)
{
	if (len == 0) {
		*out = (struct ws_event){ WS_CLOSE, data, 0, WS_CLOSE_NONE };
		ws->closed = true;
		return true;
	}
	unsigned code = (unsigned)data[0] << 8 | data[1];
	if (!ws_close_code_is_valid(code))
		return fail(ws, WS_CLOSE_PROTOCOL, "a close code that may not be sent");
	if (!utf8_is_valid(data + CLOSE_CODE_BYTES, len - CLOSE_CODE_BYTES))
		return fail(ws, WS_CLOSE_BAD_TEXT, "a close reason that is not UTF-8");
	*out = (struct ws_event){ WS_CLOSE, data + CLOSE_CODE_BYTES, len - CLOSE_CODE_BYTES,
		(uint16_t)code };
	ws->closed = true;
	return true;
}

/* These three answer true when *out holds an event; false: more bytes are needed, more fragments, or it failed. */
static bool take_control(struct ws *ws, struct buf *in, struct ws_event *out)
{
	uint8_t *data = buf_data(in);
	size_t len = ws->frame_bytes;

	if (buf_len(in) < len)
		return false;
	if (ws->role == WS_SERVER)
		ws_mask(data, len, ws->key, 0);
	ws->in_frame = false;
	buf_consume(in, len);
	if (ws->opcode == WS_OPCODE_CLOSE)
		return read_close(ws, data, len, out);
	*out = (struct ws_event){ ws->opcode == WS_OPCODE_PING ? WS_PING : WS_PONG, data, len, 0 };
	return true;
}

static bool take_message(struct ws *ws, struct buf *in, struct ws_event *out)
{
	uint8_t *data = buf_data(in);
	size_t done = ws->frame_done_bytes;
	bool whole = buf_len(in) >= ws->frame_bytes;
	size_t fresh = (whole ? ws->frame_bytes : buf_len(in)) - done;

	if (ws->role == WS_SERVER)
		ws_mask(data + done, fresh, ws->key, done);
	ws->frame_done_bytes += fresh;
	if (!check_text(ws, data + done, fresh, whole) || !whole)
		return false;
	ws->in_frame = false;
	buf_consume(in, ws->frame_bytes);
	*out = (struct ws_event){ ws->kind, data, ws->frame_bytes, 0 };
	return true;
}

/* Moves what is there of the fragment's payload behind the fragments before it. */
static bool gather(struct ws *ws, struct buf *in, bool at_end, size_t len)
{
	uint8_t *to;

	if (len == 0)
		return check_text(ws, NULL, 0, at_end);
	if (!buf_room(&ws->message, len))
		return fail(ws, WS_CLOSE_INTERNAL, "no memory for a fragmented message");
	to = buf_tail(&ws->message);
	if (ws->role == WS_SERVER)
		ws_mask_copy(to, buf_data(in), len, ws->key, ws->frame_done_bytes);
	else
		memcpy(to, buf_data(in), len);
	buf_commit(&ws->message, len);
	buf_consume(in, len);
	ws->frame_done_bytes += len;
	return check_text(ws, to, len, at_end);
}

static bool take_fragment(struct ws *ws, struct buf *in, struct ws_event *out)
{
	size_t left = ws->frame_bytes - ws->frame_done_bytes;
	bool whole = buf_len(in) >= left, last = whole && ws->fin;
	uint8_t *empty = buf_data(in);

	if (!gather(ws, in, last, whole ? left : buf_len(in)) || !whole)
		return false;
	ws->in_frame = false;
	if (!last)
		return false;
	ws->in_message = false;
	ws->handed_out = true;
	*out = (struct ws_event){ ws->kind, empty, buf_len(&ws->message), 0 };
	if (out->len)
		out->data = buf_data(&ws->message);
	return true;
}

static bool take_payload(struct ws *ws, struct buf *in, struct ws_event *out)
{
	/* A buf at rest has no bytes to point at. */
	if (buf_len(in) == 0 && ws->frame_bytes != 0)
		return false;
	if (is_control(ws->opcode))
		return take_control(ws, in, out);
	if (ws->in_message)
		return take_fragment(ws, in, out);
	return take_message(ws, in, out);
}

enum ws_result ws_next(struct ws *ws, struct buf *in, struct ws_event *out)
{
	if (ws->handed_out)
		ws_fini(ws);
	while (!ws->failed && !ws->closed) {
		if (!ws->in_frame && !take_header(ws, in))
			break;
		if (take_payload(ws, in, out))
			return WS_EVENT;
		if (ws->in_frame)
			break;
	}
	if (ws->closed)
		buf_consume(in, buf_len(in));
	return ws->failed ? WS_FAIL : WS_MORE;
}
