#include "tests/unit/unit.h"

#include "sim/http_body.h"

static uint8_t in_bytes[4096], out_bytes[4096];

struct outcome {
	enum http_body_result result;
	size_t left_bytes; /* behind the body */
	char content[256];
};

/* Feeds `body` in pieces of `step` bytes; then the connection ends. */
static struct outcome read_body(
	struct slice *headers, int status, const char *bytes, size_t step, size_t bytes_max)
{
	struct http_head head = { .status = status };
	struct outcome outcome = { .result = HTTP_BODY_MORE };
	struct http_body body;
	struct buf in, out;
	size_t len = strlen(bytes);

	for (; headers && headers->data; headers += 2)
		head.headers[head.header_count++] = (struct http_header){ headers[0], headers[1] };
	buf_init_fixed(&in, in_bytes, sizeof in_bytes);
	buf_init_fixed(&out, out_bytes, sizeof out_bytes);
	http_body_init(&body, &head, bytes_max);
	for (size_t at = 0; at <= len && outcome.result == HTTP_BODY_MORE; at += step) {
		assert_true(buf_append(&in, bytes + at, len - at < step ? len - at : step));
		outcome.result = http_body_next(&body, &in, &out);
	}
	if (outcome.result == HTTP_BODY_MORE)
		outcome.result = http_body_end(&body);
	outcome.left_bytes = buf_len(&in);
	memcpy(outcome.content, buf_data(&out), buf_len(&out));
	if (outcome.result == HTTP_BODY_FAIL) {
		assert_non_null(body.why);
		assert_int_equal(http_body_next(&body, &in, &out), HTTP_BODY_FAIL);
	}
	return outcome;
}

#define CHUNKED	     ((struct slice[]){ SLICE("Transfer-Encoding"), SLICE("chunked"), { NULL, 0 } })
#define LENGTH(text) ((struct slice[]){ SLICE("Content-Length"), SLICE(text), { NULL, 0 } })

static void a_body_by_length_ends_where_it_says(void **state)
{
	(void)state;
	for (size_t step = 1; step < 12; step++) {
		struct outcome o = read_body(LENGTH("5"), 200, "hello", step, 100);

		assert_int_equal(o.result, HTTP_BODY_DONE);
		assert_string_equal(o.content, "hello");
	}
	assert_int_equal(read_body(LENGTH("5"), 200, "hello+next", 100, 100).left_bytes, 5);
	assert_int_equal(read_body(LENGTH("0"), 200, "", 1, 100).result, HTTP_BODY_DONE);
}

static void chunks_are_put_together_however_they_are_cut(void **state)
{
	(void)state;
	for (size_t step = 1; step < 64; step++) {
		struct outcome o = read_body(CHUNKED, 200,
			"4\r\nWiki\r\n6;ext=1\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\nTrailer: "
			"x\r\n\r\n",
			step, 100);

		assert_int_equal(o.result, HTTP_BODY_DONE);
		assert_string_equal(o.content, "Wikipedia in \r\n\r\nchunks.");
	}
}

static void without_a_length_the_end_of_the_connection_is_the_end(void **state)
{
	struct outcome o = read_body(NULL, 200, "all of it", 4, 100);

	(void)state;
	assert_int_equal(o.result, HTTP_BODY_DONE);
	assert_string_equal(o.content, "all of it");
}

static void no_content_has_no_body(void **state)
{
	(void)state;
	assert_int_equal(read_body(NULL, 204, "", 1, 100).result, HTTP_BODY_DONE);
	assert_int_equal(read_body(LENGTH("5"), 304, "", 1, 100).result, HTTP_BODY_DONE);
}

static void broken_bodies_fail(void **state)
{
	(void)state;
	assert_int_equal(read_body(LENGTH("5"), 200, "hell", 1, 100).result, HTTP_BODY_FAIL);
	assert_int_equal(read_body(LENGTH("-5"), 200, "hello", 1, 100).result, HTTP_BODY_FAIL);
	assert_int_equal(
		read_body(LENGTH("99999999999999999999"), 200, "hello", 1, 100).result, HTTP_BODY_FAIL);
	assert_int_equal(read_body(CHUNKED, 200, "x\r\n", 1, 100).result, HTTP_BODY_FAIL);
	assert_int_equal(read_body(CHUNKED, 200, "\r\n", 1, 100).result, HTTP_BODY_FAIL);
	assert_int_equal(read_body(CHUNKED, 200, "2\r\nabc\r\n", 1, 100).result, HTTP_BODY_FAIL);
	assert_int_equal(read_body(CHUNKED, 200, "2\r\nab\r\n", 1, 100).result, HTTP_BODY_FAIL);
	assert_int_equal(read_body(CHUNKED, 200, "fffffffffffffffff\r\n", 1, 100).result, HTTP_BODY_FAIL);
}

static void a_body_over_the_bound_fails_in_every_kind(void **state)
{
	(void)state;
	assert_int_equal(read_body(LENGTH("6"), 200, "123456", 1, 5).result, HTTP_BODY_FAIL);
	assert_int_equal(
		read_body(CHUNKED, 200, "3\r\n123\r\n3\r\n456\r\n0\r\n\r\n", 1, 5).result, HTTP_BODY_FAIL);
	assert_int_equal(read_body(NULL, 200, "123456", 1, 5).result, HTTP_BODY_FAIL);
	assert_int_equal(read_body(NULL, 200, "12345", 1, 5).result, HTTP_BODY_DONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_by_length_ends_where_it_says),
		cmocka_unit_test(chunks_are_put_together_however_they_are_cut),
		cmocka_unit_test(without_a_length_the_end_of_the_connection_is_the_end),
		cmocka_unit_test(no_content_has_no_body),
		cmocka_unit_test(broken_bodies_fail),
		cmocka_unit_test(a_body_over_the_bound_fails_in_every_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
