#include "tests/unit/unit.h"

#include "proto/http.h"

enum { BYTES_MAX = 20000 };

#define P(literal) literal, sizeof(literal) - 1
#define HOST "Host: a\r\n"

/* Feeds a head in slices of `slice_bytes` (0: whole); *out_fed is how many bytes had arrived at the verdict. The
 * bytes live in a fresh block of exactly that size each time. */
static enum http_result feed(struct http *http, struct http_head *head, enum http_kind kind, const char *bytes,
	size_t len, size_t slice_bytes, size_t *out_fed)
{
	static uint8_t *block;
	enum http_result result = HTTP_MORE;
	struct buf in;

	http_init(http, kind);
	*out_fed = 0;
	while (result == HTTP_MORE && *out_fed < len) {
		size_t n = slice_bytes && slice_bytes < len - *out_fed ? slice_bytes : len - *out_fed;

		*out_fed += n;
		free(block);
		block = malloc(*out_fed);
		assert_non_null(block);
		memcpy(block, bytes, *out_fed);
		buf_init_view(&in, block, *out_fed);
		result = http_next(http, &in, head);
	}
	return result;
}

static void assert_slice(struct slice s, const char *text)
{
	assert_non_null(s.data);
	assert_int_equal(s.len, strlen(text));
	assert_memory_equal(s.data, text, s.len);
}

static void a_request_is_read_whole_and_byte_by_byte(void **state)
{
	static const char request[] = "GET /media-stream/abc?x=1 HTTP/1.1\r\nHost: relay.example.com\r\n"
		"upgrade:websocket\r\nX-Empty:\r\nX-Spaces: \t a b \t\r\n\r\nbehind";
	struct http_head head;
	struct http http;
	size_t fed;

	(void)state;
	for (size_t slice = 0; slice < 9; slice++) {
		assert_int_equal(feed(&http, &head, HTTP_REQUEST, request, sizeof request - 1, slice, &fed), HTTP_DONE);
		assert_int_equal(head.bytes, sizeof request - 1 - strlen("behind"));
		if (slice == 1)
			assert_int_equal(fed, head.bytes);
		assert_slice(head.method, "GET");
		assert_slice(head.target, "/media-stream/abc?x=1");
		assert_int_equal(head.version_minor, 1);
		assert_int_equal(head.header_count, 4);
		assert_slice(http_header(&head, "host"), "relay.example.com");
		assert_slice(http_header(&head, "Upgrade"), "websocket");
		assert_slice(http_header(&head, "X-Empty"), "");
		assert_slice(http_header(&head, "X-Spaces"), "a b");
		assert_null(http_header(&head, "X-Absent").data);
	}
}

static void a_response_is_read_whole_and_byte_by_byte(void **state)
{
	static const char response[] = "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 5\r\n\r\nlater";
	struct http_head head;
	struct http http;
	size_t fed;

	(void)state;
	for (size_t slice = 0; slice < 9; slice++) {
		assert_int_equal(feed(&http, &head, HTTP_RESPONSE, response, sizeof response - 1, slice, &fed),
			HTTP_DONE);
		assert_int_equal(head.status, 429);
		assert_slice(head.reason, "Too Many Requests");
		assert_slice(http_header(&head, "content-length"), "5");
		assert_int_equal(head.bytes, sizeof response - 1 - strlen("later"));
	}
}

static void a_response_may_have_no_reason(void **state)
{
	struct http_head head;
	struct http http;
	size_t fed;

	(void)state;
	assert_int_equal(feed(&http, &head, HTTP_RESPONSE, P("HTTP/1.1 101 \r\n\r\n"), 1, &fed), HTTP_DONE);
	assert_int_equal(head.status, 101);
	assert_slice(head.reason, "");
	assert_int_equal(feed(&http, &head, HTTP_RESPONSE, P("HTTP/1.0 503\r\n\r\n"), 1, &fed), HTTP_DONE);
	assert_int_equal(head.status, 503);
	assert_int_equal(head.version_minor, 0);
}

static const struct {
	const char *name;
	const char *bytes;
	size_t len;
	enum http_kind kind;
	int status;
} bad[] = {
	{ "garbage", P("\x16\x03\x01\x02"), HTTP_REQUEST, 400 },
	{ "an empty first line", P("\r\nGET / HTTP/1.1\r\n"), HTTP_REQUEST, 400 },
	{ "a bare LF", P("GET / HTTP/1.1\n"), HTTP_REQUEST, 400 },
	{ "a bare CR", P("GET / HTTP/1.1\rH"), HTTP_REQUEST, 400 },
	{ "a NUL in the target", P("GET /\0 HTTP/1.1\r\n"), HTTP_REQUEST, 400 },
	{ "a NUL in a header", P("GET / HTTP/1.1\r\nA: \0"), HTTP_REQUEST, 400 },
	{ "DEL in a header", P("GET / HTTP/1.1\r\nA: \x7F"), HTTP_REQUEST, 400 },
	{ "no version", P("GET /\r\n"), HTTP_REQUEST, 400 },
	{ "no target", P("GET  HTTP/1.1\r\n"), HTTP_REQUEST, 400 },
	{ "two spaces", P("GET  / HTTP/1.1\r\n"), HTTP_REQUEST, 400 },
	{ "a space behind the version", P("GET / HTTP/1.1 \r\n"), HTTP_REQUEST, 400 },
	{ "a tab for a space", P("GET\t/ HTTP/1.1\r\n"), HTTP_REQUEST, 400 },
	{ "a method with a bracket", P("G(T / HTTP/1.1\r\n"), HTTP_REQUEST, 400 },
	{ "a method that has no end", P("AAAAAAAAAAAAAAAAA / HTTP/1.1\r\n"), HTTP_REQUEST, 400 },
	{ "a target for a proxy", P("GET http://a/ HTTP/1.1\r\n"), HTTP_REQUEST, 400 },
	{ "a fragment", P("GET /a#b HTTP/1.1\r\n"), HTTP_REQUEST, 400 },
	{ "a target with letters beyond ASCII", P("GET /\xC3\xA4 HTTP/1.1\r\n"), HTTP_REQUEST, 400 },
	{ "HTTP in small letters", P("GET / http/1.1\r\n"), HTTP_REQUEST, 400 },
	{ "HTTP 2", P("PRI / HTTP/2.0\r\n"), HTTP_REQUEST, 505 },
	{ "HTTP 1.2", P("GET / HTTP/1.2\r\n"), HTTP_REQUEST, 505 },
	{ "HTTP 1.10", P("GET / HTTP/1.10\r\n"), HTTP_REQUEST, 400 },
	{ "a folded line", P("GET / HTTP/1.1\r\n" HOST "A: b\r\n c\r\n"), HTTP_REQUEST, 400 },
	{ "a folded line in front", P("GET / HTTP/1.1\r\n A: b\r\n"), HTTP_REQUEST, 400 },
	{ "a space before the colon", P("GET / HTTP/1.1\r\nA : b\r\n"), HTTP_REQUEST, 400 },
	{ "no name", P("GET / HTTP/1.1\r\n: b\r\n"), HTTP_REQUEST, 400 },
	{ "no colon", P("GET / HTTP/1.1\r\nabc\r\n"), HTTP_REQUEST, 400 },
	{ "a name beyond ASCII", P("GET / HTTP/1.1\r\n\xC3\xA4: b\r\n"), HTTP_REQUEST, 400 },
	{ "no host", P("GET / HTTP/1.1\r\nA: b\r\n\r\n"), HTTP_REQUEST, 400 },
	{ "two hosts", P("GET / HTTP/1.1\r\n" HOST "hOST: a\r\n\r\n"), HTTP_REQUEST, 400 },
	{ "a chunked body", P("GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"), HTTP_REQUEST, 400 },
	{ "a body", P("POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\n"), HTTP_REQUEST, 400 },
	{ "two lengths", P("GET / HTTP/1.1\r\n" HOST "Content-Length: 0\r\nContent-Length: 0\r\n\r\n"),
		HTTP_REQUEST, 400 },
	{ "no HTTP", P("ICY 200 OK\r\n"), HTTP_RESPONSE, 400 },
	{ "no status", P("HTTP/1.1\r\n"), HTTP_RESPONSE, 502 },
	{ "a status of two digits", P("HTTP/1.1 20 OK\r\n"), HTTP_RESPONSE, 502 },
	{ "a status of four digits", P("HTTP/1.1 2000 OK\r\n"), HTTP_RESPONSE, 502 },
	{ "a status with a letter", P("HTTP/1.1 2x0 OK\r\n"), HTTP_RESPONSE, 502 },
	{ "a status below 100", P("HTTP/1.1 099 OK\r\n"), HTTP_RESPONSE, 502 },
	{ "HTTP 2 answers", P("HTTP/2.0 200 OK\r\n"), HTTP_RESPONSE, 505 },
};

static void every_bad_head_is_refused_with_its_status_at_its_last_byte_however_it_is_cut(void **state)
{
	struct http_head head;
	struct http http;
	size_t fed;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		for (size_t slice = 0; slice < 9; slice++) {
			if (feed(&http, &head, bad[i].kind, bad[i].bytes, bad[i].len, slice, &fed) != HTTP_FAIL)
				fail_msg("%s: not refused", bad[i].name);
			if (http.status != bad[i].status || !http.why)
				fail_msg("%s: %d, cut by %zu", bad[i].name, http.status, slice);
		}
	}
}

static void a_bad_byte_is_refused_when_it_arrives(void **state)
{
	struct http_head head;
	struct http http;
	size_t fed;

	(void)state;
	assert_int_equal(feed(&http, &head, HTTP_REQUEST, P("\x16\x03\x01 and much more"), 1, &fed), HTTP_FAIL);
	assert_int_equal(fed, 1);
	assert_int_equal(feed(&http, &head, HTTP_REQUEST, P("GET / HTTP/3.0\r\nHost"), 1, &fed), HTTP_FAIL);
	assert_int_equal(fed, 16);
}

static char head_bytes[BYTES_MAX];

/* "GET /aaa… HTTP/1.1\r\nHost: a\r\n\r\n" with a target of that length. */
static size_t head_with_target(size_t target_bytes)
{
	static char target[BYTES_MAX / 2];

	memset(target, 'a', target_bytes);
	target[0] = '/';
	target[target_bytes] = '\0';
	return (size_t)snprintf(head_bytes, sizeof head_bytes, "GET %s HTTP/1.1\r\n" HOST "\r\n", target);
}

static void a_target_may_be_as_long_as_its_bound_and_not_longer(void **state)
{
	struct http_head head;
	struct http http;
	size_t fed;

	(void)state;
	for (size_t slice = 0; slice < 3; slice++) {
		size_t len = head_with_target(HTTP_TARGET_BYTES_MAX);

		assert_int_equal(feed(&http, &head, HTTP_REQUEST, head_bytes, len, slice, &fed), HTTP_DONE);
		len = head_with_target(HTTP_TARGET_BYTES_MAX + 1);
		assert_int_equal(feed(&http, &head, HTTP_REQUEST, head_bytes, len, slice, &fed), HTTP_FAIL);
		assert_int_equal(http.status, 414);
		len = head_with_target(9000);
		assert_int_equal(feed(&http, &head, HTTP_REQUEST, head_bytes, len, slice, &fed), HTTP_FAIL);
		assert_int_equal(http.status, 414);
		if (slice == 1)
			assert_true(fed < HTTP_TARGET_BYTES_MAX + 40);
	}
}

/* A request of exactly `len` bytes, made up by one long header. */
static void head_of(size_t len)
{
	int at = snprintf(head_bytes, sizeof head_bytes, "GET / HTTP/1.1\r\n" HOST "A: ");

	memset(head_bytes + at, 'x', len - (size_t)at - 4);
	memcpy(head_bytes + len - 4, "\r\n\r\n", 4);
}

static void a_head_may_be_as_long_as_its_bound_and_not_longer(void **state)
{
	struct http_head head;
	struct http http;
	size_t fed;

	(void)state;
	for (size_t slice = 0; slice < 3; slice++) {
		head_of(HTTP_HEAD_BYTES_MAX);
		assert_int_equal(feed(&http, &head, HTTP_REQUEST, head_bytes, HTTP_HEAD_BYTES_MAX, slice, &fed),
			HTTP_DONE);
		head_of(HTTP_HEAD_BYTES_MAX + 1);
		assert_int_equal(feed(&http, &head, HTTP_REQUEST, head_bytes, HTTP_HEAD_BYTES_MAX + 1, slice, &fed),
			HTTP_FAIL);
		assert_int_equal(http.status, 431);
	}
}

static void there_may_be_as_many_headers_as_their_bound_and_not_more(void **state)
{
	struct http_head head;
	struct http http;
	size_t fed, len;

	(void)state;
	for (int extra = 0; extra <= 1; extra++) {
		len = (size_t)snprintf(head_bytes, sizeof head_bytes, "GET / HTTP/1.1\r\n" HOST);
		for (int i = 1; i < HTTP_HEADER_COUNT_MAX + extra; i++)
			len += (size_t)snprintf(head_bytes + len, sizeof head_bytes - len, "A%d: b\r\n", i);
		len += (size_t)snprintf(head_bytes + len, sizeof head_bytes - len, "\r\n");
		assert_int_equal(feed(&http, &head, HTTP_REQUEST, head_bytes, len, 0, &fed),
			extra ? HTTP_FAIL : HTTP_DONE);
	}
	assert_int_equal(http.status, 431);
}

static void a_token_is_found_in_lists_and_in_repeated_headers(void **state)
{
	struct http_head head;
	struct http http;
	size_t fed;

	(void)state;
	assert_int_equal(feed(&http, &head, HTTP_REQUEST,
		P("GET / HTTP/1.1\r\n" HOST "Connection: keep-alive , Upgrade\r\nconnection: close\r\n"
		"X: upgrades\r\n\r\n"),
		0, &fed), HTTP_DONE);
	assert_true(http_has_token(&head, "Connection", "upgrade"));
	assert_true(http_has_token(&head, "Connection", "keep-alive"));
	assert_true(http_has_token(&head, "Connection", "close"));
	assert_false(http_has_token(&head, "Connection", "up"));
	assert_false(http_has_token(&head, "X", "upgrade"));
	assert_int_equal(http_header_count(&head, "Connection"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_read_whole_and_byte_by_byte),
		cmocka_unit_test(a_response_is_read_whole_and_byte_by_byte),
		cmocka_unit_test(a_response_may_have_no_reason),
		cmocka_unit_test(every_bad_head_is_refused_with_its_status_at_its_last_byte_however_it_is_cut),
		cmocka_unit_test(a_bad_byte_is_refused_when_it_arrives),
		cmocka_unit_test(a_target_may_be_as_long_as_its_bound_and_not_longer),
		cmocka_unit_test(a_head_may_be_as_long_as_its_bound_and_not_longer),
		cmocka_unit_test(there_may_be_as_many_headers_as_their_bound_and_not_more),
		cmocka_unit_test(a_token_is_found_in_lists_and_in_repeated_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
