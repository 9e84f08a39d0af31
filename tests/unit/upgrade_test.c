#include "tests/unit/unit.h"

#include "proto/upgrade.h"

/* RFC 6455 section 1.3: the nonce is "the sample nonce". */
#define SAMPLE_KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define SAMPLE_ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
static const uint8_t sample_nonce[UPGRADE_NONCE_BYTES] = "the sample nonce";

#define START "GET /chat HTTP/1.1\r\nHost: server.example.com\r\n"
#define UPGRADE "Upgrade: websocket\r\n"
#define CONNECTION "Connection: Upgrade\r\n"
#define VERSION_13 "Sec-WebSocket-Version: 13\r\n"
#define KEY "Sec-WebSocket-Key: " SAMPLE_KEY "\r\n"
#define END "\r\n"

static char memory[HTTP_HEAD_BYTES_MAX + 1];

static void read_head(const char *text, enum http_kind kind, struct http_head *head)
{
	struct http http;
	struct buf in;

	snprintf(memory, sizeof memory, "%s", text);
	buf_init_view(&in, memory, strlen(memory));
	http_init(&http, kind);
	assert_int_equal(http_next(&http, &in, head), HTTP_DONE);
}

static const struct {
	const char *name;
	const char *text;
	int status;
} requests[] = {
	{ "the standard's example", START UPGRADE CONNECTION KEY "Origin: http://example.com\r\n"
		"Sec-WebSocket-Protocol: chat, superchat\r\n" VERSION_13 END, 0 },
	{ "offered extensions are overlooked", START UPGRADE CONNECTION KEY VERSION_13
		"Sec-WebSocket-Extensions: permessage-deflate\r\n" END, 0 },
	{ "any case, lists", START "upgrade: WebSocket\r\nconnection: keep-alive, upgrade\r\n" KEY VERSION_13 END, 0 },
	{ "POST", "POST / HTTP/1.1\r\nHost: a\r\n" UPGRADE CONNECTION KEY VERSION_13 END, 405 },
	{ "get in small letters", "get / HTTP/1.1\r\nHost: a\r\n" UPGRADE CONNECTION KEY VERSION_13 END, 405 },
	{ "HTTP 1.0", "GET / HTTP/1.0\r\nHost: a\r\n" UPGRADE CONNECTION KEY VERSION_13 END, 505 },
	{ "no wish to upgrade", START CONNECTION KEY VERSION_13 END, 426 },
	{ "another protocol", START "Upgrade: h2c\r\n" CONNECTION KEY VERSION_13 END, 426 },
	{ "no Connection", START UPGRADE KEY VERSION_13 END, 400 },
	{ "another Connection", START UPGRADE "Connection: close\r\n" KEY VERSION_13 END, 400 },
	{ "no version", START UPGRADE CONNECTION KEY END, 426 },
	{ "version 8", START UPGRADE CONNECTION KEY "Sec-WebSocket-Version: 8\r\n" END, 426 },
	{ "two versions", START UPGRADE CONNECTION KEY VERSION_13 VERSION_13 END, 426 },
	{ "no key", START UPGRADE CONNECTION VERSION_13 END, 400 },
	{ "two keys", START UPGRADE CONNECTION KEY KEY VERSION_13 END, 400 },
	{ "an empty key", START UPGRADE CONNECTION "Sec-WebSocket-Key:\r\n" VERSION_13 END, 400 },
	{ "a short key", START UPGRADE CONNECTION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j\r\n" VERSION_13 END, 400 },
	{ "a long key", START UPGRADE CONNECTION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQAA\r\n" VERSION_13 END,
		400 },
	{ "a key that is no base64", START UPGRADE CONNECTION "Sec-WebSocket-Key: dGhlIHNhbXBsZSB*b25jZQ==\r\n"
		VERSION_13 END, 400 },
};

static void every_request_of_the_table_is_judged_as_it_says(void **state)
{
	struct http_head head;
	struct slice key;

	(void)state;
	for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
		key = SLICE("untouched");
		read_head(requests[i].text, HTTP_REQUEST, &head);
		int status = upgrade_check_request(&head, &key);
		if (status != requests[i].status)
			fail_msg("%s: %d", requests[i].name, status);
		assert_true(slice_equal(key, status ? SLICE("untouched") : SLICE(SAMPLE_KEY)));
	}
}

#define ANSWER "HTTP/1.1 101 Switching Protocols\r\n"
#define ACCEPT "Sec-WebSocket-Accept: " SAMPLE_ACCEPT "\r\n"

static const struct {
	const char *name;
	const char *text;
	enum upgrade_result result;
} responses[] = {
	{ "the standard's example", ANSWER UPGRADE CONNECTION ACCEPT END, UPGRADE_OK },
	{ "any case", ANSWER "UPGRADE: WEBSOCKET\r\nconnection: upgrade\r\n" ACCEPT END, UPGRADE_OK },
	{ "a length of nothing", ANSWER UPGRADE CONNECTION ACCEPT "Content-Length: 0\r\n" END, UPGRADE_OK },
	{ "401", "HTTP/1.1 401 Unauthorized\r\n" UPGRADE CONNECTION ACCEPT END, UPGRADE_STATUS },
	{ "200", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" END, UPGRADE_STATUS },
	{ "101 by HTTP 1.0", "HTTP/1.0 101 Switching Protocols\r\n" UPGRADE CONNECTION ACCEPT END, UPGRADE_STATUS },
	{ "no Upgrade", ANSWER CONNECTION ACCEPT END, UPGRADE_NO_UPGRADE },
	{ "another Upgrade", ANSWER "Upgrade: h2c\r\n" CONNECTION ACCEPT END, UPGRADE_NO_UPGRADE },
	{ "no Connection", ANSWER UPGRADE ACCEPT END, UPGRADE_NO_CONNECTION },
	{ "no accept", ANSWER UPGRADE CONNECTION END, UPGRADE_BAD_ACCEPT },
	{ "a wrong accept", ANSWER UPGRADE CONNECTION "Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" END,
		UPGRADE_BAD_ACCEPT },
	{ "the key instead", ANSWER UPGRADE CONNECTION "Sec-WebSocket-Accept: " SAMPLE_KEY "\r\n" END,
		UPGRADE_BAD_ACCEPT },
	{ "two accepts", ANSWER UPGRADE CONNECTION ACCEPT ACCEPT END, UPGRADE_BAD_ACCEPT },
	{ "an extension", ANSWER UPGRADE CONNECTION ACCEPT "Sec-WebSocket-Extensions: permessage-deflate\r\n" END,
		UPGRADE_EXTENSION },
	{ "a subprotocol", ANSWER UPGRADE CONNECTION ACCEPT "Sec-WebSocket-Protocol: chat\r\n" END,
		UPGRADE_SUBPROTOCOL },
	{ "a body", ANSWER UPGRADE CONNECTION ACCEPT "Transfer-Encoding: chunked\r\n" END, UPGRADE_BODY },
	{ "a body of a length", ANSWER UPGRADE CONNECTION ACCEPT "Content-Length: 5\r\n" END, UPGRADE_BODY },
};

static void every_response_of_the_table_is_judged_as_it_says(void **state)
{
	struct http_head head;

	(void)state;
	for (size_t i = 0; i < sizeof responses / sizeof responses[0]; i++) {
		read_head(responses[i].text, HTTP_RESPONSE, &head);
		enum upgrade_result result = upgrade_check_response(&head, sample_nonce);
		if (result != responses[i].result)
			fail_msg("%s: %s", responses[i].name, upgrade_result_text(result));
	}
}

static void the_accept_value_of_the_standard_comes_out(void **state)
{
	char accept[UPGRADE_ACCEPT_CHARS];

	(void)state;
	upgrade_accept_value(accept, SLICE(SAMPLE_KEY));
	assert_memory_equal(accept, SAMPLE_ACCEPT, sizeof accept);
}

static void what_the_client_writes_the_server_accepts_and_the_reverse(void **state)
{
	char request_bytes[1024], response_bytes[1024];
	struct buf request, response;
	struct http_head head;
	struct http http;
	struct slice key;

	(void)state;
	buf_init_fixed(&request, request_bytes, sizeof request_bytes);
	assert_true(upgrade_write_request(&request, "api.x.ai", "/v1/realtime?model=m", sample_nonce,
		"Authorization: Bearer k\r\nX-Two: 2\r\n"));
	http_init(&http, HTTP_REQUEST);
	assert_int_equal(http_next(&http, &request, &head), HTTP_DONE);
	assert_int_equal(head.bytes, buf_len(&request));
	assert_int_equal(upgrade_check_request(&head, &key), 0);
	assert_true(slice_equal(http_header(&head, "Host"), SLICE("api.x.ai")));
	assert_true(slice_equal(http_header(&head, "Authorization"), SLICE("Bearer k")));
	assert_true(slice_equal(head.target, SLICE("/v1/realtime?model=m")));

	buf_init_fixed(&response, response_bytes, sizeof response_bytes);
	assert_true(upgrade_write_accept(&response, key));
	http_init(&http, HTTP_RESPONSE);
	assert_int_equal(http_next(&http, &response, &head), HTTP_DONE);
	assert_int_equal(head.bytes, buf_len(&response));
	assert_int_equal(upgrade_check_response(&head, sample_nonce), UPGRADE_OK);
}

static void a_refusal_is_a_response_with_the_headers_that_its_status_demands(void **state)
{
	static const int statuses[] = { 400, 401, 403, 404, 405, 426, 429, 503, 505 };

	(void)state;
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
		char bytes[1024];
		struct buf out;
		struct http_head head;
		struct http http;

		buf_init_fixed(&out, bytes, sizeof bytes);
		assert_true(upgrade_write_refusal(&out, statuses[i], i % 2 ? "because" : NULL));
		http_init(&http, HTTP_RESPONSE);
		assert_int_equal(http_next(&http, &out, &head), HTTP_DONE);
		assert_int_equal(head.status, statuses[i]);
		assert_string_not_equal(http_status_phrase(statuses[i]), "Unknown");
		assert_true(slice_equal(head.reason, slice_of(http_status_phrase(statuses[i]))));
		assert_true(http_has_token(&head, "Connection", "close"));
		assert_int_equal(http_header_count(&head, "Allow"), statuses[i] == 405);
		assert_int_equal(http_header_count(&head, "Sec-WebSocket-Version"), statuses[i] == 426);
		assert_int_equal(http_has_token(&head, "Upgrade", "websocket"), statuses[i] == 426);
		assert_int_equal(atol(http_header(&head, "Content-Length").data), buf_len(&out) - head.bytes);
		assert_int_equal(upgrade_check_response(&head, sample_nonce), UPGRADE_STATUS);
	}
}

static void writers_without_room_change_nothing(void **state)
{
	char bytes[60];
	struct buf out;

	(void)state;
	buf_init_fixed(&out, bytes, sizeof bytes);
	assert_false(upgrade_write_accept(&out, SLICE(SAMPLE_KEY)));
	assert_false(upgrade_write_refusal(&out, 400, NULL));
	assert_false(upgrade_write_request(&out, "a", "/", sample_nonce, NULL));
	assert_int_equal(buf_len(&out), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_request_of_the_table_is_judged_as_it_says),
		cmocka_unit_test(every_response_of_the_table_is_judged_as_it_says),
		cmocka_unit_test(the_accept_value_of_the_standard_comes_out),
		cmocka_unit_test(what_the_client_writes_the_server_accepts_and_the_reverse),
		cmocka_unit_test(a_refusal_is_a_response_with_the_headers_that_its_status_demands),
		cmocka_unit_test(writers_without_room_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
