#include "proto/upgrade.h"

#include "base/check.h"
#include "base/digest.h"
#include "proto/base64.h"

/* RFC 6455 section 4.2.2, step 5.4. */
#define ACCEPT_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

const char *upgrade_result_text(enum upgrade_result result)
{
	static const char *const texts[] = {
#define X(name, text) [name] = text,
		UPGRADE_RESULTS(X)
#undef X
	};

	check((size_t)result < ARRAY_COUNT(texts));
	return texts[result];
}

static bool key_is_valid(struct slice key)
{
	return key.len == UPGRADE_KEY_CHARS && base64_valid(key)
		&& base64_decoded_len(key) == UPGRADE_NONCE_BYTES;
}

/* RFC 6455 section 4.2.1. A version that is not ours, or no wish to upgrade, is told what we would take: 426. */
int upgrade_check_request(const struct http_head *head, struct slice *out_key)
{
	struct slice key = http_header(head, "Sec-WebSocket-Key");

	if (!slice_equal(head->method, SLICE("GET")))
		return 405;
	if (head->version_minor != 1)
		return 505;
	if (!http_has_token(head, "Upgrade", "websocket"))
		return 426;
	if (!http_has_token(head, "Connection", "Upgrade"))
		return 400;
	if (http_header_count(head, "Sec-WebSocket-Version") != 1
		|| !slice_equal(http_header(head, "Sec-WebSocket-Version"), SLICE("13")))
		return 426;
	if (http_header_count(head, "Sec-WebSocket-Key") != 1 || !key_is_valid(key))
		return 400;
	*out_key = key;
	return 0;
}

void upgrade_accept_value(char out[UPGRADE_ACCEPT_CHARS], struct slice key)
{
	const struct digest_piece pieces[] = {
		{ key.data, key.len },
		{ ACCEPT_GUID, sizeof ACCEPT_GUID - 1 },
	};
	uint8_t digest[SHA1_BYTES];

	digest_sha1(pieces, ARRAY_COUNT(pieces), digest);
	base64_encode(out, digest, sizeof digest);
}

bool upgrade_write_accept(struct buf *out, struct slice key)
{
	char accept[UPGRADE_ACCEPT_CHARS];

	upgrade_accept_value(accept, key);
	return buf_printf(out,
		"HTTP/1.1 101 Switching Protocols\r\n"
		"Upgrade: websocket\r\n"
		"Connection: Upgrade\r\n"
		"Sec-WebSocket-Accept: %.*s\r\n\r\n",
		(int)sizeof accept, accept);
}

/* RFC 9110 sections 15.5.6 and 15.5.22, RFC 6455 section 4.4. */
static const char *demanded_headers(int status)
{
	switch (status) {
	case 405:
		return "Allow: GET\r\nConnection: close\r\n";
	case 426:
		return "Upgrade: websocket\r\nConnection: Upgrade, close\r\nSec-WebSocket-Version: 13\r\n";
	default:
		return "Connection: close\r\n";
	}
}

bool upgrade_write_refusal(struct buf *out, int status, const char *reason)
{
	const char *phrase = http_status_phrase(status);
	const char *body = reason ? reason : phrase;

	return buf_printf(out,
		"HTTP/1.1 %d %s\r\n"
		"%s"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Length: %zu\r\n\r\n"
		"%s\n",
		status, phrase, demanded_headers(status), strlen(body) + 1, body);
}

static void write_key(char out[UPGRADE_KEY_CHARS], const uint8_t nonce[UPGRADE_NONCE_BYTES])
{
	check(base64_encode(out, nonce, UPGRADE_NONCE_BYTES) == UPGRADE_KEY_CHARS);
}

bool upgrade_write_request(struct buf *out, const char *host, const char *target,
	const uint8_t nonce[UPGRADE_NONCE_BYTES], const char *extra_headers)
{
	char key[UPGRADE_KEY_CHARS];

	write_key(key, nonce);
	return buf_printf(out,
		"GET %s HTTP/1.1\r\n"
		"Host: %s\r\n"
		"Upgrade: websocket\r\n"
		"Connection: Upgrade\r\n"
		"Sec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: %.*s\r\n"
		"%s\r\n",
		target, host, (int)sizeof key, key, extra_headers ? extra_headers : "");
}

static bool accept_is_right(struct slice got, const uint8_t nonce[UPGRADE_NONCE_BYTES])
{
	char key[UPGRADE_KEY_CHARS], wanted[UPGRADE_ACCEPT_CHARS];

	write_key(key, nonce);
	upgrade_accept_value(wanted, (struct slice){ key, sizeof key });
	return slice_equal(got, (struct slice){ wanted, sizeof wanted });
}

/* No 1xx has a body (RFC 9110 section 8.6), but some servers say so with a 0. */
static bool announces_body(const struct http_head *head)
{
	struct slice length = http_header(head, "Content-Length");

	return http_header_count(head, "Transfer-Encoding") || (length.data && !slice_equal(length, SLICE("0")));
}

/* RFC 6455 section 4.1, from "the client MUST validate the server's response". */
enum upgrade_result upgrade_check_response(const struct http_head *head,
	const uint8_t nonce[UPGRADE_NONCE_BYTES])
{
	if (head->status != 101 || head->version_minor != 1)
		return UPGRADE_STATUS;
	if (!http_has_token(head, "Upgrade", "websocket"))
		return UPGRADE_NO_UPGRADE;
	if (!http_has_token(head, "Connection", "Upgrade"))
		return UPGRADE_NO_CONNECTION;
	if (http_header_count(head, "Sec-WebSocket-Accept") != 1
		|| !accept_is_right(http_header(head, "Sec-WebSocket-Accept"), nonce))
		return UPGRADE_BAD_ACCEPT;
	if (http_header_count(head, "Sec-WebSocket-Extensions"))
		return UPGRADE_EXTENSION;
	if (http_header_count(head, "Sec-WebSocket-Protocol"))
		return UPGRADE_SUBPROTOCOL;
	if (announces_body(head))
		return UPGRADE_BODY;
	return UPGRADE_OK;
}
