#include "tests/unit/unit.h"

#include "proto/token.h"

static const int64_t now_ms = 1790000000000;
static const struct token sample = {
	.expires_ms = 1790000060000,
	.merchant_id = 42,
	.nonce = { 1, 2, 3, 4, 5, 6, 7, 8 },
	.call_sid = "CA00000000000000000000000000000001",
};

static struct token_keys keys_of(const char *secret, const char *tokens)
{
	struct token_keys keys;

	token_keys_derive(&keys, secret, tokens);
	return keys;
}

static enum token_result check_text(const struct token_keys *keys, const char *text, int64_t now)
{
	struct token out;

	return token_check(keys, slice_of(text), now, &out);
}

static void assert_same(const struct token *a, const struct token *b)
{
	assert_true(a->expires_ms == b->expires_ms);
	assert_true(a->merchant_id == b->merchant_id);
	assert_memory_equal(a->nonce, b->nonce, TOKEN_NONCE_BYTES);
	assert_string_equal(a->call_sid, b->call_sid);
}

static void what_is_written_is_read_back(void **state)
{
	struct token_keys keys = keys_of("a secret of sixteen", "");
	char text[TOKEN_BYTES_MAX + 1];
	struct token out;

	(void)state;
	token_write(&keys, &sample, text);
	assert_int_equal(token_check(&keys, slice_of(text), now_ms, &out), TOKEN_OK);
	assert_same(&out, &sample);
	assert_int_equal(
		strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), strlen(text));
}

/* Made with Python: base64.urlsafe_b64encode(raw + hmac.digest(key, raw, "sha256")[:16]). */
static void the_spelling_is_fixed(void **state)
{
	struct token_keys keys = keys_of("", "12345");
	char text[TOKEN_BYTES_MAX + 1];

	(void)state;
	token_write(&keys, &sample, text);
	assert_string_equal(text,
		"AQAAAaDEUVZgAQIDBAUGBwgAAAAAAAAAKkNBMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDFbATcvw2-MzbIiT4JpCqTY");
}

static void call_sids_of_every_length_fit(void **state)
{
	struct token_keys keys = keys_of("", "12345");
	struct token token = sample, out;
	char text[TOKEN_BYTES_MAX + 1];

	(void)state;
	for (size_t len = 1; len <= SID_BYTES_MAX; len++) {
		memset(token.call_sid, 0, sizeof token.call_sid);
		memset(token.call_sid, 'x', len);
		token.merchant_id = -(int64_t)len;
		token_write(&keys, &token, text);
		assert_int_equal(token_check(&keys, slice_of(text), now_ms, &out), TOKEN_OK);
		assert_same(&out, &token);
	}
}

static void time_is_up_after_the_last_millisecond(void **state)
{
	struct token_keys keys = keys_of("", "12345");
	char text[TOKEN_BYTES_MAX + 1];

	(void)state;
	token_write(&keys, &sample, text);
	assert_int_equal(check_text(&keys, text, sample.expires_ms), TOKEN_OK);
	assert_int_equal(check_text(&keys, text, sample.expires_ms + 1), TOKEN_EXPIRED);
	assert_int_equal(check_text(&keys, text, INT64_MAX), TOKEN_EXPIRED);
}

static void every_flipped_bit_is_refused(void **state)
{
	struct token_keys keys = keys_of("", "12345");
	char text[TOKEN_BYTES_MAX + 1];

	(void)state;
	token_write(&keys, &sample, text);
	for (size_t i = 0; text[i]; i++) {
		char right = text[i];

		for (int bit = 0; bit < 8; bit++) {
			text[i] = (char)(right ^ (1 << bit));
			enum token_result result = text[i] ? check_text(&keys, text, now_ms) : TOKEN_MALFORMED;
			assert_true(result == TOKEN_MALFORMED || result == TOKEN_FOREIGN);
		}
		text[i] = right;
	}
	assert_int_equal(check_text(&keys, text, now_ms), TOKEN_OK);
}

static void every_cut_and_every_addition_is_refused(void **state)
{
	struct token_keys keys = keys_of("", "12345");
	char text[TOKEN_BYTES_MAX + 2];
	struct token out;

	(void)state;
	token_write(&keys, &sample, text);
	size_t len = strlen(text);
	for (size_t cut = 0; cut < len; cut++) {
		/* An exact copy, so that a sanitizer sees a read past its end. */
		char *part = malloc(cut + 1);
		assert_non_null(part);
		memcpy(part, text, cut);
		assert_int_not_equal(token_check(&keys, (struct slice){ part, cut }, now_ms, &out), TOKEN_OK);
		free(part);
	}
	for (int c = 1; c < 256; c++) {
		text[len] = (char)c;
		text[len + 1] = '\0';
		assert_int_not_equal(check_text(&keys, text, now_ms), TOKEN_OK);
	}
	assert_int_equal(token_check(&keys, (struct slice){ text, len }, now_ms, &out), TOKEN_OK);
}

static void overlong_and_empty_texts_are_malformed(void **state)
{
	struct token_keys keys = keys_of("", "12345");
	static char text[5000];

	(void)state;
	memset(text, 'A', sizeof text - 1);
	assert_int_equal(check_text(&keys, text, now_ms), TOKEN_MALFORMED);
	assert_int_equal(check_text(&keys, "", now_ms), TOKEN_MALFORMED);
	assert_int_equal(check_text(&keys, "AQ==", now_ms), TOKEN_MALFORMED);
}

static void other_keys_and_no_keys_are_foreign(void **state)
{
	struct token_keys ours = keys_of("", "12345"), theirs = keys_of("", "12346"), none = keys_of("", " , ");
	char text[TOKEN_BYTES_MAX + 1];

	(void)state;
	token_write(&ours, &sample, text);
	assert_int_equal(check_text(&theirs, text, now_ms), TOKEN_FOREIGN);
	assert_int_equal(none.key_count, 0);
	assert_int_equal(check_text(&none, text, now_ms), TOKEN_FOREIGN);
	/* An expired token of a stranger is a stranger's. */
	assert_int_equal(check_text(&theirs, text, INT64_MAX), TOKEN_FOREIGN);
}

static void a_token_outlives_the_rotation_of_auth_tokens(void **state)
{
	struct token_keys before = keys_of("", "old"), during = keys_of("", "new,old"), after = keys_of("", "new");
	char text[TOKEN_BYTES_MAX + 1];

	(void)state;
	token_write(&before, &sample, text);
	assert_int_equal(check_text(&during, text, now_ms), TOKEN_OK);
	assert_int_equal(check_text(&after, text, now_ms), TOKEN_FOREIGN);
	token_write(&during, &sample, text);
	assert_int_equal(check_text(&after, text, now_ms), TOKEN_OK);
}

static void a_stream_secret_takes_the_place_of_the_auth_tokens(void **state)
{
	struct token_keys a = keys_of("a secret of sixteen", "12345"), b = keys_of("a secret of sixteen", "other");
	struct token_keys c = keys_of("", "12345");
	char text[TOKEN_BYTES_MAX + 1];

	(void)state;
	token_write(&a, &sample, text);
	assert_int_equal(check_text(&b, text, now_ms), TOKEN_OK);
	assert_int_equal(check_text(&c, text, now_ms), TOKEN_FOREIGN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(the_spelling_is_fixed),
		cmocka_unit_test(call_sids_of_every_length_fit),
		cmocka_unit_test(time_is_up_after_the_last_millisecond),
		cmocka_unit_test(every_flipped_bit_is_refused),
		cmocka_unit_test(every_cut_and_every_addition_is_refused),
		cmocka_unit_test(overlong_and_empty_texts_are_malformed),
		cmocka_unit_test(other_keys_and_no_keys_are_foreign),
		cmocka_unit_test(a_token_outlives_the_rotation_of_auth_tokens),
		cmocka_unit_test(a_stream_secret_takes_the_place_of_the_auth_tokens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
