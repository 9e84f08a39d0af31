#include "sim/fal_sign.h"

#include "base/check.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fal_sign {
	EVP_PKEY *key;
};

struct fal_sign *fal_sign_open(const uint8_t seed[FAL_SIGN_SEED_BYTES])
{
	struct fal_sign *sign = malloc(sizeof *sign);

	check(sign);
	sign->key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, FAL_SIGN_SEED_BYTES);
	check(sign->key);
	return sign;
}

void fal_sign_close(struct fal_sign *sign)
{
	if (sign)
		EVP_PKEY_free(sign->key);
	free(sign);
}

void fal_sign_public(const struct fal_sign *sign, char out_text[44])
{
	uint8_t raw[FAL_SIGN_PUBLIC_BYTES], text[48];
	size_t len = sizeof raw;

	check(EVP_PKEY_get_raw_public_key(sign->key, raw, &len) == 1 && len == sizeof raw);
	check(EVP_EncodeBlock(text, raw, (int)len) == 44);
	for (size_t i = 0; i < 43; i++)
		out_text[i] = (char)(text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i]);
	out_text[43] = '\0';
}

static void write_hex(const uint8_t *bytes, size_t len, char *out)
{
	for (size_t i = 0; i < len; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

void fal_sha(const void *data, size_t len, char out_hex[FAL_SHA_HEX_BYTES])
{
	uint8_t sum[32];

	check(EVP_Digest(data, len, sum, NULL, EVP_sha256(), NULL) == 1);
	write_hex(sum, sizeof sum, out_hex);
}

void fal_sign_hook(const struct fal_sign *sign, const char *request_id, const char *user_id, int64_t sent_s,
	const void *body, size_t body_len, char out_hex[FAL_SIGN_HEX_BYTES])
{
	char message[1024], sha[FAL_SHA_HEX_BYTES];
	uint8_t signature[64];
	size_t signature_len = sizeof signature;
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	fal_sha(body, body_len, sha);
	int len = snprintf(message, sizeof message, "%s\n%s\n%lld\n%s", request_id, user_id, (long long)sent_s, sha);

	check(len > 0 && (size_t)len < sizeof message && context);
	check(EVP_DigestSignInit(context, NULL, NULL, NULL, sign->key) == 1);
	check(EVP_DigestSign(context, signature, &signature_len, (const uint8_t *)message, (size_t)len) == 1);
	EVP_MD_CTX_free(context);
	write_hex(signature, sizeof signature, out_hex);
}
