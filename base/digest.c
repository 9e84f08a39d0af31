#include "base/digest.h"

#include "base/check.h"

#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/hmac.h>
#include <wolfssl/wolfcrypt/sha.h>
#include <wolfssl/wolfcrypt/sha256.h>

void digest_sha1(const struct digest_piece *pieces, size_t piece_count, uint8_t out[SHA1_BYTES])
{
	wc_Sha sha;

	check(wc_InitSha(&sha) == 0);
	for (size_t i = 0; i < piece_count; i++)
		check(wc_ShaUpdate(&sha, pieces[i].data, (word32)pieces[i].len) == 0);
	check(wc_ShaFinal(&sha, out) == 0);
	wc_ShaFree(&sha);
}

void digest_sha256(const struct digest_piece *pieces, size_t piece_count, uint8_t out[SHA256_BYTES])
{
	wc_Sha256 sha;

	check(wc_InitSha256(&sha) == 0);
	for (size_t i = 0; i < piece_count; i++)
		check(wc_Sha256Update(&sha, pieces[i].data, (word32)pieces[i].len) == 0);
	check(wc_Sha256Final(&sha, out) == 0);
	wc_Sha256Free(&sha);
}

void digest_sha256_pull(size_t (*next)(void *owner, const uint8_t **out_bytes), void *owner,
	uint8_t out[SHA256_BYTES])
{
	const uint8_t *bytes;
	wc_Sha256 sha;
	size_t len;

	check(wc_InitSha256(&sha) == 0);
	while ((len = next(owner, &bytes)) > 0)
		check(wc_Sha256Update(&sha, bytes, (word32)len) == 0);
	check(wc_Sha256Final(&sha, out) == 0);
	wc_Sha256Free(&sha);
}

static void hmac(int type, const void *key, size_t key_len, const struct digest_piece *pieces,
	size_t piece_count, uint8_t *out)
{
	Hmac mac;

	check(wc_HmacInit(&mac, NULL, INVALID_DEVID) == 0);
	check(wc_HmacSetKey(&mac, type, key, (word32)key_len) == 0);
	for (size_t i = 0; i < piece_count; i++)
		check(wc_HmacUpdate(&mac, pieces[i].data, (word32)pieces[i].len) == 0);
	check(wc_HmacFinal(&mac, out) == 0);
	wc_HmacFree(&mac);
}

void digest_hmac_sha1(const void *key, size_t key_len, const struct digest_piece *pieces,
	size_t piece_count, uint8_t out[SHA1_BYTES])
{
	hmac(WC_SHA, key, key_len, pieces, piece_count, out);
}

void digest_hmac_sha256(const void *key, size_t key_len, const struct digest_piece *pieces,
	size_t piece_count, uint8_t out[SHA256_BYTES])
{
	hmac(WC_SHA256, key, key_len, pieces, piece_count, out);
}

bool digest_equal(const void *a, const void *b, size_t len)
{
	const volatile uint8_t *x = a, *y = b;
	uint8_t difference = 0;

	for (size_t i = 0; i < len; i++)
		difference |= x[i] ^ y[i];
	return difference == 0;
}
