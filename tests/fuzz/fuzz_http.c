/* The cut law for HTTP heads, and what holds for every head that is taken. Input: a byte (bit 0: request or response,
 * the rest: seed of the cuts), then the wire. */
#include "base/check.h"
#include "proto/upgrade.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct verdict {
	enum http_result result;
	struct http http;
	struct http_head head;
	uint8_t *block;                 /* what the slices of the head borrow from */
};

static size_t next_slice(uint32_t *seed, size_t left)
{
	*seed = *seed * 1664525 + 1013904223;
	size_t n = 1 + (*seed >> 28);
	return n < left ? n : left;
}

/* `seed` 0: whole; 1: byte by byte; else at random. */
static void judge(struct verdict *v, enum http_kind kind, const uint8_t *data, size_t size, uint32_t seed)
{
	size_t fed = 0;

	http_init(&v->http, kind);
	v->result = HTTP_MORE;
	v->block = NULL;
	while (v->result == HTTP_MORE && fed < size) {
		struct buf in;

		fed += seed == 0 ? size - fed : seed == 1 ? 1 : next_slice(&seed, size - fed);
		free(v->block);
		v->block = malloc(fed);
		check(v->block);
		memcpy(v->block, data, fed);
		buf_init_view(&in, v->block, fed);
		v->result = http_next(&v->http, &in, &v->head);
		check(v->result != HTTP_FAIL || (v->http.status >= 400 && v->http.why));
		check(v->result != HTTP_DONE || v->head.bytes <= fed);
		check(fed < HTTP_HEAD_BYTES_MAX + 1 || v->result != HTTP_MORE);
	}
}

static void check_head(const struct http_head *head)
{
	check(head->header_count <= HTTP_HEADER_COUNT_MAX);
	check(head->bytes <= HTTP_HEAD_BYTES_MAX);
	check(head->target.len <= HTTP_TARGET_BYTES_MAX);
	for (size_t i = 0; i < head->header_count; i++) {
		struct slice name = head->headers[i].name, value = head->headers[i].value;

		check(name.len > 0);
		check(!memchr(name.data, ' ', name.len));
		for (size_t k = 0; k < value.len; k++)
			check((uint8_t)value.data[k] >= ' ' || value.data[k] == '\t');
		check(value.len == 0 || (value.data[0] != ' ' && value.data[value.len - 1] != ' '));
	}
}

/* A head that either side of the handshake takes has what the standard demands. */
static void check_upgrade(const struct http_head *head, enum http_kind kind)
{
	static const uint8_t nonce[UPGRADE_NONCE_BYTES] = "the sample nonce";
	struct slice key = { 0 };

	if (kind == HTTP_REQUEST && upgrade_check_request(head, &key) == 0) {
		check(slice_equal(head->method, SLICE("GET")) && key.len == UPGRADE_KEY_CHARS);
		check(http_has_token(head, "Upgrade", "websocket") && http_has_token(head, "Connection", "upgrade"));
	}
	if (kind == HTTP_RESPONSE && upgrade_check_response(head, nonce) == UPGRADE_OK)
		check(slice_equal(http_header(head, "Sec-WebSocket-Accept"), SLICE("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")));
}

static void check_same(const struct verdict *a, const struct verdict *b)
{
	check(a->result == b->result);
	if (a->result == HTTP_FAIL)
		check(a->http.status == b->http.status && a->http.why == b->http.why);
	if (a->result != HTTP_DONE)
		return;
	check(a->head.bytes == b->head.bytes && a->head.header_count == b->head.header_count);
	check(a->head.status == b->head.status && a->head.version_minor == b->head.version_minor);
	check(slice_equal(a->head.method, b->head.method) && slice_equal(a->head.target, b->head.target));
	check(slice_equal(a->head.reason, b->head.reason));
	for (size_t i = 0; i < a->head.header_count; i++) {
		check(slice_equal(a->head.headers[i].name, b->head.headers[i].name));
		check(slice_equal(a->head.headers[i].value, b->head.headers[i].value));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct verdict whole, cut;

	if (size == 0)
		return 0;
	enum http_kind kind = data[0] & 1 ? HTTP_RESPONSE : HTTP_REQUEST;
	judge(&whole, kind, data + 1, size - 1, 0);
	if (whole.result == HTTP_DONE) {
		check_head(&whole.head);
		check_upgrade(&whole.head, kind);
	}
	for (uint32_t seed = 1; seed < 4; seed++) {
		judge(&cut, kind, data + 1, size - 1, seed == 1 ? 1 : seed + data[0]);
		check_same(&whole, &cut);
		free(cut.block);
	}
	free(whole.block);
	return 0;
}
