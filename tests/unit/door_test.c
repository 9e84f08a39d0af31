#include "tests/unit/unit.h"

#include "base/check.h"
#include "proto/signature.h"
#include "relay/door.h"

#define SECRET "0123456789abcdef0123456789abcdef"
#define NOW INT64_C(1790000000000)

static struct door door;

static void open_door(const char *auth)
{
	char why[200] = "";

	if (!door_open(&door, auth, SECRET, "auth-token", "wss://voice.example.com/media-stream", why, sizeof why))
		fail_msg("%s", why);
}

static int close_door(void **state)
{
	(void)state;
	door_close(&door);
	return 0;
}

static void make_target(char *out, size_t out_bytes, const char *secret, uint8_t nonce, int64_t expires_ms)
{
	struct token_keys keys;
	struct token token = { .expires_ms = expires_ms, .merchant_id = 7, .nonce = { nonce }, .call_sid = "CA1" };
	char text[TOKEN_BYTES_MAX + 1];

	token_keys_derive(&keys, secret, "");
	token_write(&keys, &token, text);
	snprintf(out, out_bytes, "/media-stream/%s", text);
}

static int knock(const char *target, const char *signature, struct visitor *visitor, const char **why)
{
	struct http_head head = { .method = SLICE("GET"), .target = slice_of(target) };

	if (signature) {
		head.headers[0] = (struct http_header){ SLICE("x-twilio-signature"), slice_of(signature) };
		head.header_count = 1;
	}
	return door_check(&door, &head, NOW, visitor, why);
}

static void a_good_token_opens_once(void **state)
{
	struct visitor visitor;
	const char *why;
	char target[512];

	(void)state;
	open_door("token");
	make_target(target, sizeof target, SECRET, 1, NOW + 1000);
	assert_int_equal(knock(target, NULL, &visitor, &why), 0);
	assert_int_equal(visitor.merchant_id, 7);
	assert_string_equal(visitor.call_sid, "CA1");
	assert_int_equal(knock(target, NULL, &visitor, &why), 403);
	assert_string_equal(why, "used-token");
}

static void a_bad_token_is_told_apart_in_the_log_only(void **state)
{
	struct visitor visitor;
	const char *why;
	char target[512];

	(void)state;
	open_door("token");
	make_target(target, sizeof target, SECRET, 1, NOW - 1);
	assert_int_equal(knock(target, NULL, &visitor, &why), 403);
	assert_string_equal(why, "expired-token");
	make_target(target, sizeof target, "another secret of 32 bytes......", 2, NOW + 1000);
	assert_int_equal(knock(target, NULL, &visitor, &why), 403);
	assert_string_equal(why, "foreign-token");
	assert_int_equal(knock("/media-stream/nonsense", NULL, &visitor, &why), 403);
	assert_string_equal(why, "malformed-token");
	assert_int_equal(knock("/media-stream/", NULL, &visitor, &why), 403);
	assert_string_equal(why, "no-token");
}

static void a_refused_token_is_not_used_up(void **state)
{
	struct visitor visitor;
	const char *why;
	char target[512];

	(void)state;
	open_door("signature");
	make_target(target, sizeof target, SECRET, 1, NOW + 1000);
	assert_int_equal(knock(target, "wrong", &visitor, &why), 403);
	assert_string_equal(why, "bad-signature");
	door_close(&door);
	open_door("token");
	assert_int_equal(knock(target, NULL, &visitor, &why), 0);
}

static void a_signature_opens_with_or_without_a_token(void **state)
{
	struct visitor visitor;
	const char *why;
	char target[512], url[600], signature[SIGNATURE_BYTES + 1];

	(void)state;
	open_door("signature");
	signature_write(SLICE("wss://voice.example.com/media-stream"), NULL, SLICE("auth-token"), signature);
	assert_int_equal(knock("/media-stream", signature, &visitor, &why), 0);
	assert_int_equal(visitor.merchant_id, 0);
	assert_int_equal(knock("/media-stream", NULL, &visitor, &why), 403);
	make_target(target, sizeof target, SECRET, 3, NOW + 1000);
	snprintf(url, sizeof url, "wss://voice.example.com%s", target);
	signature_write(slice_of(url), NULL, SLICE("auth-token"), signature);
	assert_int_equal(knock(target, signature, &visitor, &why), 0);
	assert_int_equal(visitor.merchant_id, 7);
	assert_int_equal(knock(target, signature, &visitor, &why), 403);
	assert_string_equal(why, "used-token");
}

static void an_open_door_asks_nobody(void **state)
{
	struct visitor visitor;
	const char *why;
	char target[512];

	(void)state;
	open_door("off");
	assert_int_equal(knock("/", NULL, &visitor, &why), 0);
	assert_int_equal(visitor.merchant_id, 0);
	make_target(target, sizeof target, SECRET, 1, NOW + 1000);
	assert_int_equal(knock(target, NULL, &visitor, &why), 0);
	assert_int_equal(visitor.merchant_id, 7);
}

static void the_start_message_must_be_of_the_tokens_call(void **state)
{
	struct visitor visitor = { .merchant_id = 7, .call_sid = "CA1" }, anybody = { 0 };

	(void)state;
	assert_true(door_matches(&visitor, SLICE("CA1")));
	assert_false(door_matches(&visitor, SLICE("CA2")));
	assert_false(door_matches(&visitor, SLICE("CA11")));
	assert_true(door_matches(&visitor, SLICE("")));
	assert_true(door_matches(&anybody, SLICE("CA2")));
	open_door("off");
}

static void settings_that_cannot_work_are_refused_with_a_sentence(void **state)
{
	char why[200];

	(void)state;
	assert_false(door_open(&door, "token", "", "", "", why, sizeof why));
	assert_non_null(strstr(why, "STREAM_TOKEN_SECRET"));
	assert_false(door_open(&door, "signature", "", "", "wss://a/b", why, sizeof why));
	assert_non_null(strstr(why, "TWILIO_AUTH_TOKEN"));
	assert_false(door_open(&door, "signature", "", "t", "", why, sizeof why));
	assert_non_null(strstr(why, "RELAY_URL"));
	assert_false(door_open(&door, "signature", "", "t", "https://a/b", why, sizeof why));
	assert_non_null(strstr(why, "RELAY_URL"));
}

static void a_nonce_counts_until_its_token_has_expired(void **state)
{
	uint8_t nonce[NONCES_BYTES] = { 1, 2, 3 };

	(void)state;
	open_door("off");
	assert_int_equal(nonces_use(&door.nonces, nonce, 100, 50), NONCES_FRESH);
	assert_int_equal(nonces_use(&door.nonces, nonce, 100, 100), NONCES_USED);
	assert_int_equal(nonces_use(&door.nonces, nonce, 300, 101), NONCES_FRESH);
}

static void more_nonces_than_can_be_remembered_are_refused(void **state)
{
	uint8_t nonce[NONCES_BYTES] = { 0 };

	(void)state;
	open_door("off");
	for (uint8_t i = 0; i < NONCES_WAYS; i++) {
		nonce[7] = i;
		assert_int_equal(nonces_use(&door.nonces, nonce, 100, 50), NONCES_FRESH);
	}
	nonce[7] = NONCES_WAYS;
	assert_int_equal(nonces_use(&door.nonces, nonce, 100, 50), NONCES_FULL);
	assert_int_equal(nonces_use(&door.nonces, nonce, 200, 101), NONCES_FRESH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_good_token_opens_once, close_door),
		cmocka_unit_test_teardown(a_bad_token_is_told_apart_in_the_log_only, close_door),
		cmocka_unit_test_teardown(a_refused_token_is_not_used_up, close_door),
		cmocka_unit_test_teardown(a_signature_opens_with_or_without_a_token, close_door),
		cmocka_unit_test_teardown(an_open_door_asks_nobody, close_door),
		cmocka_unit_test_teardown(the_start_message_must_be_of_the_tokens_call, close_door),
		cmocka_unit_test(settings_that_cannot_work_are_refused_with_a_sentence),
		cmocka_unit_test_teardown(a_nonce_counts_until_its_token_has_expired, close_door),
		cmocka_unit_test_teardown(more_nonces_than_can_be_remembered_are_refused, close_door),
	};

	return cmocka_run_group_tests_name("door", tests, NULL, NULL);
}
