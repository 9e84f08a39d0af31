#include "relay/aes_gcm.h"

#include "base/check.h"

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
	int n = 0;

	check(g->key_bytes);
	return EVP_CipherInit_ex(g->context, NULL, NULL, NULL, r->nonce, g->seals) == 1
		&& (!r->more_len || EVP_CipherUpdate(g->context, NULL, &n, r->more, (int)r->more_len) == 1)
		&& (!r->len || EVP_CipherUpdate(g->context, r->out, &n, r->in, (int)r->len) == 1);
}

bool aes_gcm_seal(struct aes_gcm *g, const struct aes_gcm_record *r, uint8_t *tag, size_t tag_len)
{
	uint8_t rest[16];
	int n = 0;

	check(g->seals);
	return run(g, r) && EVP_CipherFinal_ex(g->context, rest, &n) == 1
		&& EVP_CIPHER_CTX_ctrl(g->context, EVP_CTRL_AEAD_GET_TAG, (int)tag_len, tag) == 1;
}

bool aes_gcm_unseal(struct aes_gcm *g, const struct aes_gcm_record *r, const uint8_t *tag, size_t tag_len)
{
	uint8_t expected[AES_GCM_TAG_BYTES], rest[16];
	int n = 0;

	check(!g->seals);
	if (tag_len > sizeof expected)
		return false;
	memcpy(expected, tag, tag_len);
	return run(g, r) && EVP_CIPHER_CTX_ctrl(g->context, EVP_CTRL_AEAD_SET_TAG, (int)tag_len, expected) == 1
		&& EVP_CipherFinal_ex(g->context, rest, &n) == 1;
}
