#include "proto/token.h"

#include "base/check.h"

enum {
	TOKEN_VERSION = 1,
	HEAD_BYTES = 1 + 8 + TOKEN_NONCE_BYTES + 8,
	MAC_BYTES = 16,
	RAW_BYTES_MIN = HEAD_BYTES + 1 + MAC_BYTES,
	RAW_BYTES_MAX = HEAD_BYTES + SID_BYTES_MAX + MAC_BYTES,
};

static_assert((RAW_BYTES_MAX * 4 + 2) / 3 <= TOKEN_BYTES_MAX, "the longest token fits");
static_assert(MAC_BYTES <= (int)SHA256_BYTES, "a MAC is cut, never stretched");

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

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

static void encode(const uint8_t *raw, size_t len, char *out)
{
	uint32_t bits = 0;
	int bit_count = 0;

	for (size_t i = 0; i < len; i++) {
		bits = bits << 8 | raw[i];
		bit_count += 8;
		while (bit_count >= 6) {
			bit_count -= 6;
			*out++ = alphabet[bits >> bit_count & 63];
		}
	}
	if (bit_count)
		*out++ = alphabet[bits << (6 - bit_count) & 63];
	*out = '\0';
}

/* How many bytes came out; 0 if this is not the one spelling that encode() has for them. */
static size_t decode(struct slice text, uint8_t *raw, size_t raw_bytes)
{
	uint32_t bits = 0;
	int bit_count = 0;
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		const char *digit = text.data[i] ? strchr(alphabet, text.data[i]) : NULL;

		if (!digit)
			return 0;
		bits = bits << 6 | (uint32_t)(digit - alphabet);
		bit_count += 6;
		if (bit_count < 8)
			continue;
		if (len == raw_bytes)
			return 0;
		bit_count -= 8;
		raw[len++] = (uint8_t)(bits >> bit_count);
	}
	bool has_stray_bits = bit_count >= 6 || (bits & ((1u << bit_count) - 1)) != 0;
	return has_stray_bits ? 0 : len;
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
