/* Our reader against libwslay's, on any bytes: the same messages, the same close code.
 * Input: a byte (bit 0: our role), then the wire; zeros are appended, so that a header which we refuse by its first
 * bytes becomes whole for wslay, which judges only whole headers; what still lies too near the end is not compared.
 * Differences that are meant:
 *   errors in a header's form (lengths, fragmented control frames): wslay closes without a code, we with 1002;
 *   a close frame with half a code: wslay takes it for an empty one, we refuse it (1002);
 *   a close frame with a bad code and a bad reason: wslay looks at the reason first (1007), we at the code (1002);
 *   close codes 1012 to 1014, registered with IANA later: wslay refuses them. */
#include "base/check.h"
#include "base/limits.h"
#include "tests/ws_feed.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

/* All of the input lies in wslay's own buffer of 4096 bytes: it misjudges the reason of a close frame that does not. */
enum { MESSAGE_BYTES_MAX = 1024, PADDING_BYTES = 256, INPUT_BYTES_MAX = 4096 - PADDING_BYTES };

struct peer {
	const uint8_t *in;
	size_t in_bytes;
	uint8_t *log;                   /* as ws_feed writes it */
	size_t log_bytes;
	uint8_t out[8 * INPUT_BYTES_MAX];
	size_t out_bytes;
	bool failed;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ssize_t receive(wslay_event_context_ptr ctx, uint8_t *to, size_t len, int flags, void *arg)
{
	struct peer *peer = arg;

	(void)flags;
	if (peer->in_bytes == 0) {
		wslay_event_set_error(ctx, WSLAY_ERR_WOULDBLOCK);
		return -1;
	}
	if (len > peer->in_bytes)
		len = peer->in_bytes;
	memcpy(to, peer->in, len);
	peer->in += len;
	peer->in_bytes -= len;
	return (ssize_t)len;
}

/* Only what is sent last is of interest: the close frame. */
static ssize_t keep(wslay_event_context_ptr ctx, const uint8_t *data, size_t len, int flags, void *arg)
{
	struct peer *peer = arg;

	(void)ctx;
	(void)flags;
	check(peer->out_bytes + len <= sizeof peer->out);
	memcpy(peer->out + peer->out_bytes, data, len);
	peer->out_bytes += len;
	return (ssize_t)len;
}

static int no_mask(wslay_event_context_ptr ctx, uint8_t *to, size_t len, void *arg)
{
	(void)ctx;
	(void)arg;
	memset(to, 0, len);
	return 0;
}

static void record(wslay_event_context_ptr ctx, const struct wslay_event_on_msg_recv_arg *msg, void *arg)
{
	static const uint8_t kinds[16] = { [WSLAY_TEXT_FRAME] = WS_TEXT, [WSLAY_BINARY_FRAME] = WS_BINARY,
		[WSLAY_PING] = WS_PING, [WSLAY_PONG] = WS_PONG, [WSLAY_CONNECTION_CLOSE] = WS_CLOSE };
	struct peer *peer = arg;
	uint64_t len = msg->msg_length;
	const uint8_t *data = msg->msg;
	unsigned code = 0;

	(void)ctx;
	if (msg->opcode == WSLAY_CONNECTION_CLOSE)
		code = WS_CLOSE_NONE;
	if (msg->opcode == WSLAY_CONNECTION_CLOSE && len >= 2) {
		code = (unsigned)data[0] << 8 | data[1];
		data += 2;
		len -= 2;
	}
	peer->log = realloc(peer->log, peer->log_bytes + 11 + len);
	check(peer->log);
	uint8_t *to = peer->log + peer->log_bytes;
	to[0] = kinds[msg->opcode];
	to[1] = (uint8_t)(code >> 8);
	to[2] = (uint8_t)code;
	memcpy(to + 3, &len, sizeof len);
	if (len)
		memcpy(to + 11, data, len);
	peer->log_bytes += 11 + len;
}

/* Walks over the frames that wslay sent; the code of the last one if that is a close, else 0. */
static unsigned sent_close_code(const struct peer *peer, bool masked)
{
	size_t at = 0, key_bytes = masked ? 4 : 0;
	unsigned code = 0;

	while (at + 2 <= peer->out_bytes) {
		size_t len = peer->out[at + 1] & 0x7F;
		const uint8_t *payload = peer->out + at + 2 + key_bytes;

		check(len <= WS_CONTROL_BYTES_MAX);
		if ((peer->out[at] & 0x0F) == WSLAY_CONNECTION_CLOSE && len >= 2)
			code = (unsigned)payload[0] << 8 | payload[1];
		at += 2 + key_bytes + len;
	}
	return code;
}

static unsigned run_wslay(struct peer *peer, enum ws_role role, const uint8_t *bytes, size_t len)
{
	struct wslay_event_callbacks callbacks = {
		.recv_callback = receive,
		.send_callback = keep,
		.genmask_callback = no_mask,
		.on_msg_recv_callback = record,
	};
	wslay_event_context_ptr ctx;

	peer->in = bytes;
	peer->in_bytes = len;
	peer->log = NULL;
	peer->log_bytes = peer->out_bytes = 0;
	if (role == WS_SERVER)
		check(wslay_event_context_server_init(&ctx, &callbacks, peer) == 0);
	else
		check(wslay_event_context_client_init(&ctx, &callbacks, peer) == 0);
	wslay_event_config_set_max_recv_msg_length(ctx, MESSAGE_BYTES_MAX);
	peer->failed = wslay_event_recv(ctx) != 0;
	wslay_event_send(ctx);
	wslay_event_context_free(ctx);
	return sent_close_code(peer, role == WS_CLIENT);
}

static bool same_events(const struct ws_feed *ours, const struct peer *peer)
{
	return peer->log_bytes == ours->log_bytes
		&& (ours->log_bytes == 0 || memcmp(peer->log, ours->log, ours->log_bytes) == 0);
}

static void compare(const struct ws_feed *ours, const struct peer *peer, unsigned code)
{
	bool closed = ours->event_count && ours->last.kind == WS_CLOSE;

	if (closed && ours->last.close_code >= 1012 && ours->last.close_code <= 1014) {
		check(code == WS_CLOSE_PROTOCOL);
		return;
	}
	if (ours->why && strcmp(ours->why, "a close frame with half a code") == 0)
		return;
	check(same_events(ours, peer));
	if (ours->result != WS_FAIL)
		check(!peer->failed && (code == 0 || (closed && code == ours->last.close_code)));
	else if (peer->failed)
		check(ours->close_code == WS_CLOSE_PROTOCOL);
	else if (strcmp(ours->why, "a close code that may not be sent") == 0)
		check(code == WS_CLOSE_PROTOCOL || code == WS_CLOSE_BAD_TEXT);
	else
		check(code == ours->close_code);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t bytes[INPUT_BYTES_MAX + PADDING_BYTES];
	static struct peer peer;
	struct ws_feed ours;

	if (size == 0 || size > INPUT_BYTES_MAX)
		return 0;
	enum ws_role role = data[0] & 1 ? WS_SERVER : WS_CLIENT;
	size_t len = size - 1 + PADDING_BYTES;
	memcpy(bytes, data + 1, size - 1);
	memset(bytes + size - 1, 0, PADDING_BYTES);

	ws_feed(&ours, role, MESSAGE_BYTES_MAX, bytes, len, 1, 0);
	unsigned code = run_wslay(&peer, role, bytes, len);
	if (ours.result == WS_MORE || ours.fed_bytes + WS_HEADER_BYTES_MAX <= len)
		compare(&ours, &peer, code);
	free(peer.log);
	ws_feed_free(&ours);
	return 0;
}
