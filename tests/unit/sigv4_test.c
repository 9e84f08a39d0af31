/* sigv4 against the vectors that AWS published, and the rules behind them one at a time. */
#include "base/buf.h"
#include "proto/sigv4.h"
#include "tests/unit/unit.h"

#define EMPTY_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const struct sigv4_key s3_key = {
	.access_key = { "AKIAIOSFODNN7EXAMPLE", 20 },
	.secret = { "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", 40 },
	.region = { "us-east-1", 9 },
	.service = { "s3", 2 },
};
static const int64_t s3_time = 1369353600;              /* 20130524T000000Z */

static const struct sigv4_key suite_key = {
	.access_key = { "AKIDEXAMPLE", 11 },
	.secret = { "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 40 },
	.region = { "us-east-1", 9 },
	.service = { "service", 7 },
};
static const int64_t suite_time = 1440938160;           /* 20150830T123600Z */

static struct sigv4_field field(const char *name, const char *value)
{
	return (struct sigv4_field){ slice_of(name), slice_of(value) };
}

static const char *text_of(struct buf *b)
{
	assert_true(buf_append(b, "", 1));
	return (const char *)buf_data(b);
}

static void signs(const struct sigv4_key *key, int64_t time_s, const struct sigv4_request *request,
	const char *expected)
{
	static char memory[4096];
	struct buf out;

	buf_init_fixed(&out, memory, sizeof memory);
	assert_true(sigv4_authorize(key, time_s, request, &out));
	const char *signature = strstr(text_of(&out), "Signature=");

	assert_non_null(signature);
	assert_string_equal(signature + 10, expected);
}

static bool canonical(const struct sigv4_request *request, const char **out_text)
{
	static char memory[SIGV4_TEXT_BYTES_MAX];
	struct buf out;

	buf_init_fixed(&out, memory, sizeof memory);
	if (!sigv4_canonical(request, &out)) {
		assert_int_equal(buf_len(&out), 0);
		return false;
	}
	*out_text = text_of(&out);
	return true;
}

/* docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
static void the_examples_of_the_s3_manual(void **state)
{
	struct sigv4_field get[] = { field("Host", "examplebucket.s3.amazonaws.com"), field("Range", "bytes=0-9"),
		field("x-amz-date", "20130524T000000Z"), field("x-amz-content-sha256", EMPTY_HASH) };
	struct sigv4_field plain[] = { get[0], get[2], get[3] };
	const char *put_hash = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
	struct sigv4_field put[] = { get[0], get[2], field("x-amz-content-sha256", put_hash),
		field("x-amz-storage-class", "REDUCED_REDUNDANCY"), field("Date", "Fri, 24 May 2013 00:00:00 GMT") };
	struct sigv4_field lifecycle[] = { field("lifecycle", "") };
	struct sigv4_field list[] = { field("prefix", "J"), field("max-keys", "2") };
	struct sigv4_request request = { .method = SLICE("GET"), .path = SLICE("/test.txt"), .headers = get,
		.header_count = 4, .payload_hash = SLICE(EMPTY_HASH) };

	(void)state;
	signs(&s3_key, s3_time, &request, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
	request = (struct sigv4_request){ .method = SLICE("PUT"), .path = SLICE("/test$file.text"), .headers = put,
		.header_count = 5, .payload_hash = slice_of(put_hash) };
	signs(&s3_key, s3_time, &request, "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
	request = (struct sigv4_request){ .method = SLICE("GET"), .path = SLICE("/"), .headers = plain,
		.header_count = 3, .payload_hash = SLICE(EMPTY_HASH), .query = lifecycle, .query_count = 1 };
	signs(&s3_key, s3_time, &request, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
	request.query = list;
	request.query_count = 2;
	signs(&s3_key, s3_time, &request, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

/* sigv4-query-string-auth.html */
static void the_presigned_example_of_the_s3_manual(void **state)
{
	struct sigv4_field headers[] = { field("host", "examplebucket.s3.amazonaws.com") };
	struct sigv4_request request = { .method = SLICE("GET"), .path = SLICE("/test.txt"), .headers = headers,
		.header_count = 1 };
	static char memory[4096];
	struct buf out;

	(void)state;
	buf_init_fixed(&out, memory, sizeof memory);
	assert_true(sigv4_presign(&s3_key, s3_time, 86400, &request, &out));
	assert_string_equal(text_of(&out), "X-Amz-Algorithm=AWS4-HMAC-SHA256"
		"&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
		"&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
		"&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

/* aws-sig-v4-test-suite: get-vanilla, get-header-value-trim. */
static void examples_of_the_test_suite(void **state)
{
	struct sigv4_field headers[] = { field("Host", "example.amazonaws.com"),
		field("X-Amz-Date", "20150830T123600Z"), field("My-Header1", " value1"),
		field("My-Header2", " \"a   b   c\"") };
	struct sigv4_request request = { .method = SLICE("GET"), .path = SLICE("/"), .headers = headers,
		.header_count = 2, .payload_hash = SLICE(EMPTY_HASH) };
	const char *text;

	(void)state;
	signs(&suite_key, suite_time, &request, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
	request.header_count = 4;
	assert_true(canonical(&request, &text));
	assert_string_equal(text, "GET\n/\n\nhost:example.amazonaws.com\nmy-header1:value1\nmy-header2:\"a b c\"\n"
		"x-amz-date:20150830T123600Z\n\nhost;my-header1;my-header2;x-amz-date\n" EMPTY_HASH);
	signs(&suite_key, suite_time, &request, "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
}

/* Where signers that sort whole lines, or keep what they are given, go wrong. */
static void names_alone_are_sorted_and_everything_is_encoded_once(void **state)
{
	struct sigv4_field headers[] = { field("x-amz-meta-test-two", "2"), field("x-amz-meta-test", "1"),
		field("HOST", "h:9000") };
	struct sigv4_field query[] = { field("b", "/ +=~"), field("a b", "\xC3\xA9"), field("b", "%2f"),
		field("B", "") };
	struct sigv4_request request = { .method = SLICE("PUT"), .path = SLICE("//a/../+=:\xC3\xA9%20 b"),
		.headers = headers, .header_count = 3, .query = query, .query_count = 4,
		.payload_hash = SLICE("UNSIGNED-PAYLOAD") };
	const char *text;

	(void)state;
	assert_true(canonical(&request, &text));
	assert_string_equal(text, "PUT\n//a/../%2B%3D%3A%C3%A9%2520%20b\n"
		"B=&a%20b=%C3%A9&b=%252f&b=%2F%20%2B%3D~\n"
		"host:h:9000\nx-amz-meta-test:1\nx-amz-meta-test-two:2\n\n"
		"host;x-amz-meta-test;x-amz-meta-test-two\nUNSIGNED-PAYLOAD");
}

static void a_session_token_is_in_the_signed_query(void **state)
{
	struct sigv4_field headers[] = { field("host", "h") };
	struct sigv4_field query[] = { field("response-content-disposition", "attachment; filename=\"a b.mp4\"") };
	struct sigv4_request request = { .method = SLICE("GET"), .path = SLICE("/x"), .headers = headers,
		.header_count = 1, .query = query, .query_count = 1 };
	struct sigv4_key key = s3_key;
	static char memory[4096];
	struct buf out;

	(void)state;
	key.session_token = SLICE("a/b+c==");
	buf_init_fixed(&out, memory, sizeof memory);
	assert_true(sigv4_presign(&key, s3_time, 600, &request, &out));
	const char *text = text_of(&out);

	assert_non_null(strstr(text, "&X-Amz-Security-Token=a%2Fb%2Bc%3D%3D&"));
	assert_non_null(strstr(text,
		"&response-content-disposition=attachment%3B%20filename%3D%22a%20b.mp4%22&X-Amz-Sig"));
}

static void times_are_spelt_and_bounded(void **state)
{
	static const struct { int64_t time_s; const char *text; } good[] = {
		{ 0, "19700101T000000Z" }, { 951782399, "20000228T235959Z" }, { 951782400, "20000229T000000Z" },
		{ 951868800, "20000301T000000Z" }, { 1709164800, "20240229T000000Z" },
		{ 4107542400, "21000301T000000Z" }, { 1440938160, "20150830T123600Z" },
		{ 253402300799, "99991231T235959Z" } };
	char text[SIGV4_TIME_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_true(sigv4_time(good[i].time_s, text));
		assert_string_equal(text, good[i].text);
	}
	assert_false(sigv4_time(-1, text));
	assert_false(sigv4_time(253402300800, text));
}

static void what_cannot_be_sent_is_not_signed(void **state)
{
	struct sigv4_field headers[] = { field("host", "h"), field("x-a", "1") };
	const struct sigv4_request good = { .method = SLICE("GET"), .path = SLICE("/"), .headers = headers,
		.header_count = 2, .payload_hash = SLICE(EMPTY_HASH) };
	struct sigv4_request request = good;
	const char *text;

	(void)state;
	assert_true(canonical(&request, &text));
	request.path = SLICE("x");
	assert_false(canonical(&request, &text));
	request = good;
	request.method = SLICE("GET /");
	assert_false(canonical(&request, &text));
	request = good;
	request.headers = headers + 1;
	request.header_count = 1;
	assert_false(canonical(&request, &text));
	for (size_t i = 0; i < 5; i++) {
		headers[1] = ((const struct sigv4_field[]){ field("Host", "other"), field("", "x"), field("x y", "1"),
			field("x-a", "1\r\nx-b: 2"), field("x:a", "") })[i];
		assert_false(canonical(&good, &text));
	}
}

static void too_little_room_leaves_the_buffer_as_it_was(void **state)
{
	struct sigv4_field headers[] = { field("host", "h") };
	struct sigv4_request request = { .method = SLICE("GET"), .path = SLICE("/"), .headers = headers,
		.header_count = 1, .payload_hash = SLICE(EMPTY_HASH) };
	char memory[400];

	(void)state;
	for (size_t bytes = 8; bytes < sizeof memory; bytes++) {
		struct buf out;

		buf_init_fixed(&out, memory, bytes);
		assert_true(buf_append(&out, "before", 6));
		if (!sigv4_authorize(&s3_key, s3_time, &request, &out))
			assert_int_equal(buf_len(&out), 6);
		buf_cut(&out, 6);
		if (!sigv4_presign(&s3_key, s3_time, 60, &request, &out))
			assert_int_equal(buf_len(&out), 6);
		assert_memory_equal(memory, "before", 6);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_of_the_s3_manual),
		cmocka_unit_test(the_presigned_example_of_the_s3_manual),
		cmocka_unit_test(examples_of_the_test_suite),
		cmocka_unit_test(names_alone_are_sorted_and_everything_is_encoded_once),
		cmocka_unit_test(a_session_token_is_in_the_signed_query),
		cmocka_unit_test(times_are_spelt_and_bounded),
		cmocka_unit_test(what_cannot_be_sent_is_not_signed),
		cmocka_unit_test(too_little_room_leaves_the_buffer_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
