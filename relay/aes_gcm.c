#include "relay/aes_gcm.h"

#include "base/check.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

bool aes_gcm_open(struct aes_gcm *g, bool seals)
{
	*g = (struct aes_gcm){ .context = EVP_CIPHER_CTX_new(), .seals = seals };
	return g->context != NULL;
}

void aes_gcm_close(struct aes_gcm *g)
{
	EVP_CIPHER_CTX_free(g->context);
	OPENSSL_cleanse(g, sizeof *g);
}

bool aes_gcm_load(struct aes_gcm *g, const void *key, size_t key_bytes)
{
	const EVP_CIPHER *cipher = key_bytes == 16 ? EVP_aes_128_gcm() : key_bytes == 32 ? EVP_aes_256_gcm() : NULL;

	if (cipher && g->key_bytes == key_bytes && memcmp(g->key, key, key_bytes) == 0)
		return true;
	g->key_bytes = 0;
	if (!cipher || EVP_CipherInit_ex(g->context, cipher, NULL, key, NULL, g->seals) != 1)
		return false;
	memcpy(g->key, key, key_bytes);
	g->key_bytes = (uint32_t)key_bytes;
	return true;
}

static bool run(struct aes_gcm *g, const struct aes_gcm_record *r)
{
	check(g->key_bytes);
	return EVP_CipherInit_ex2(g->context, NULL, NULL, r->nonce, g->seals, NULL) == 1
		&& (!r->more_len || EVP_Cipher(g->context, NULL, r->more, (unsigned)r->more_len) >= 0)
		&& (!r->len || EVP_Cipher(g->context, r->out, r->in, (unsigned)r->len) == (int)r->len);
}

bool aes_gcm_seal(struct aes_gcm *g, const struct aes_gcm_record *r, uint8_t *tag, size_t tag_len)
{
	OSSL_PARAM params[] = { OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag, tag_len), OSSL_PARAM_END };

	check(g->seals);
	return run(g, r) && EVP_Cipher(g->context, NULL, NULL, 0) >= 0
		&& EVP_CIPHER_CTX_get_params(g->context, params) == 1;
}

bool aes_gcm_unseal(struct aes_gcm *g, const struct aes_gcm_record *r, const uint8_t *tag, size_t tag_len)
{
	uint8_t expected[AES_GCM_TAG_BYTES];
	OSSL_PARAM params[] = { OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, expected, tag_len),
		OSSL_PARAM_END };

	check(!g->seals);
	if (tag_len > sizeof expected)
		return false;
	memcpy(expected, tag, tag_len);
	return run(g, r) && EVP_CIPHER_CTX_set_params(g->context, params) == 1
		&& EVP_Cipher(g->context, NULL, NULL, 0) >= 0;
}
