#include "proto/token.h"

#include "base/check.h"
#include "proto/base64.h"

enum {
	TOKEN_VERSION = 1,
	HEAD_BYTES = 1 + 8 + TOKEN_NONCE_BYTES + 8,
	MAC_BYTES = 16,
	RAW_BYTES_MIN = HEAD_BYTES + 1 + MAC_BYTES,
	RAW_BYTES_MAX = HEAD_BYTES + SID_BYTES_MAX + MAC_BYTES,
	TEXT_BYTES_MAX = (RAW_BYTES_MAX + 2) / 3 * 4,
};

static_assert(TEXT_BYTES_MAX <= (int)TOKEN_BYTES_MAX, "the longest token fits");
static_assert(RAW_BYTES_MAX % 3 == 0, "the longest token needs no padding");
static_assert(MAC_BYTES <= (int)SHA256_BYTES, "a MAC is cut, never stretched");

const char *token_result_name(enum token_result result)
{
	switch (result) {
	case TOKEN_OK:
		return "ok";
	case TOKEN_MALFORMED:
		return "malformed";
	case TOKEN_FOREIGN:
		return "foreign";
	case TOKEN_EXPIRED:
		return "expired";
	}
	return "unknown";
}

static void derive(struct token_keys *keys, const char *secret, size_t len)
{
	struct digest_piece label = { "receptionai stream token", 24 };

	if (len && keys->key_count < TOKEN_KEY_COUNT_MAX)
		digest_hmac_sha256(secret, len, &label, 1, keys->keys[keys->key_count++]);
}

void token_keys_derive(struct token_keys *keys, const char *stream_secret, const char *auth_tokens)
{
	keys->key_count = 0;
	if (*stream_secret) {
		derive(keys, stream_secret, strlen(stream_secret));
		return;
	}
	struct slice list = slice_of(auth_tokens), one;
	while (slice_next_word(&list, ',', &one))
		derive(keys, one.data, one.len);
}

static void put_u64(uint8_t *out, uint64_t value)
{
	for (int i = 7; i >= 0; i--, value >>= 8)
		out[i] = (uint8_t)value;
}

static uint64_t get_u64(const uint8_t *in)
{
	uint64_t value = 0;

	for (int i = 0; i < 8; i++)
		value = value << 8 | in[i];
	return value;
}

static void mac(const uint8_t key[SHA256_BYTES], const uint8_t *raw, size_t len, uint8_t out[SHA256_BYTES])
{
	struct digest_piece piece = { raw, len };

	digest_hmac_sha256(key, SHA256_BYTES, &piece, 1, out);
}

/* RFC 4648 section 5 is section 4 with two other characters and, here, without padding. */
static void swap(char *text, size_t len, const char *from, const char *to)
{
	for (size_t i = 0; i < len; i++)
		for (size_t k = 0; from[k]; k++)
			if (text[i] == from[k]) {
				text[i] = to[k];
				break;
			}
}

static void encode(const uint8_t *raw, size_t len, char *out)
{
	size_t text_len = base64_encode(out, raw, len);

	swap(out, text_len, "+/", "-_");
	while (out[text_len - 1] == '=')
		text_len--;
	out[text_len] = '\0';
}

/* How many bytes came out; 0 if this is not the one spelling that encode() has for them. */
static size_t decode(struct slice text, uint8_t *raw, size_t raw_bytes)
{
	char padded[TEXT_BYTES_MAX];
	size_t len = text.len;

	if (len == 0 || len > TEXT_BYTES_MAX || base64_decoded_len_max(TEXT_BYTES_MAX) > raw_bytes)
		return 0;
	memcpy(padded, text.data, len);
	/* What is padding or foreign in the other alphabet must not pass for a digit of this one. */
	swap(padded, len, "-_+/=", "+/\1\1\1");
	while (len % 4)
		padded[len++] = '=';
	ptrdiff_t decoded = base64_decode(raw, (struct slice){ padded, len });
	return decoded > 0 ? (size_t)decoded : 0;
}

void token_write(const struct token_keys *keys, const struct token *token, char out[TOKEN_BYTES_MAX + 1])
{
	uint8_t raw[RAW_BYTES_MAX + SHA256_BYTES];
	size_t sid_len = strnlen(token->call_sid, sizeof token->call_sid);

	check(keys->key_count > 0);
	check(sid_len > 0 && sid_len <= SID_BYTES_MAX);
	raw[0] = TOKEN_VERSION;
	put_u64(raw + 1, (uint64_t)token->expires_ms);
	memcpy(raw + 9, token->nonce, TOKEN_NONCE_BYTES);
	put_u64(raw + 9 + TOKEN_NONCE_BYTES, (uint64_t)token->merchant_id);
	memcpy(raw + HEAD_BYTES, token->call_sid, sid_len);
	mac(keys->keys[0], raw, HEAD_BYTES + sid_len, raw + HEAD_BYTES + sid_len);
	encode(raw, HEAD_BYTES + sid_len + MAC_BYTES, out);
}

static bool is_ours(const struct token_keys *keys, const uint8_t *raw, size_t signed_len)
{
	uint8_t wanted[SHA256_BYTES];
	bool ours = false;

	for (size_t i = 0; i < keys->key_count; i++) {
		mac(keys->keys[i], raw, signed_len, wanted);
		ours |= digest_equal(wanted, raw + signed_len, MAC_BYTES);
	}
	return ours;
}

enum token_result token_check(const struct token_keys *keys, struct slice text, int64_t now_ms,
	struct token *out_token)
{
	uint8_t raw[RAW_BYTES_MAX];
	size_t len = decode(text, raw, sizeof raw);
	struct token token = { 0 };

	if (len < RAW_BYTES_MIN || raw[0] != TOKEN_VERSION)
		return TOKEN_MALFORMED;
	size_t sid_len = len - HEAD_BYTES - MAC_BYTES;
	if (!is_ours(keys, raw, HEAD_BYTES + sid_len))
		return TOKEN_FOREIGN;
	token.expires_ms = (int64_t)get_u64(raw + 1);
	memcpy(token.nonce, raw + 9, TOKEN_NONCE_BYTES);
	token.merchant_id = (int64_t)get_u64(raw + 9 + TOKEN_NONCE_BYTES);
	memcpy(token.call_sid, raw + HEAD_BYTES, sid_len);
	*out_token = token;
	return now_ms > token.expires_ms ? TOKEN_EXPIRED : TOKEN_OK;
}
