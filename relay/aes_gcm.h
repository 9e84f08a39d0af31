/*
 * aes_gcm - AES-GCM by libcrypto, with the processor's instructions where it has them: one key, one direction.
 *
 * Place:    below tls_accel. aes_gcm.c is the only file of the relay that names libcrypto (its headers and
 *           wolfSSL's exclude each other).
 * Usage:    aes_gcm_open(&g, true); aes_gcm_load(&g, key, 16); aes_gcm_seal(&g, nonce, more, 13, in, out, len, tag);
 * Lifetime: holds libcrypto's context until aes_gcm_close(). Once the key is loaded nothing allocates.
 * Fails:    false; of aes_gcm_unseal() also when the tag is wrong, and `out` is not to be used then.
 * Source:   NIST SP 800-38D.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AES_GCM_KEY_BYTES_MAX = 32, AES_GCM_NONCE_BYTES = 12, AES_GCM_TAG_BYTES = 16 };

struct aes_gcm {
	void *context;                  /* NULL: closed */
	bool seals;
	uint32_t key_bytes;             /* 0: none loaded */
	uint8_t key[AES_GCM_KEY_BYTES_MAX];
};

/* Additional data and payload of one record; `out` may be `in`. */
struct aes_gcm_record {
	const uint8_t *nonce;
	const uint8_t *more;
	size_t more_len;
	const uint8_t *in;
	uint8_t *out;
	size_t len;
};

bool aes_gcm_open(struct aes_gcm *g, bool seals);
/* Idempotent; a zeroed struct may be closed. */
void aes_gcm_close(struct aes_gcm *g);
/* Keys of 16 or 32 bytes. Nothing happens if it is the one that is loaded already. */
bool aes_gcm_load(struct aes_gcm *g, const void *key, size_t key_bytes);
bool aes_gcm_seal(struct aes_gcm *g, const struct aes_gcm_record *record, uint8_t *tag, size_t tag_len);
bool aes_gcm_unseal(struct aes_gcm *g, const struct aes_gcm_record *record, const uint8_t *tag, size_t tag_len);
