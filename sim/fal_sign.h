/*
 * fal_sign - the key with which the simulated fal.ai signs its webhooks. OpenSSL's Ed25519 and SHA-256, on purpose:
 * who checks the signatures uses another library.
 *
 * Place:    sim.
 * Usage:    key = fal_sign_open(seed); fal_sign_public(key, raw); fal_sign_hook(key, id, user, sent_s, body, len, hex)
 * Lifetime: until fal_sign_close().
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { FAL_SIGN_SEED_BYTES = 32, FAL_SIGN_PUBLIC_BYTES = 32, FAL_SIGN_HEX_BYTES = 129, FAL_SHA_HEX_BYTES = 65 };

struct fal_sign;

struct fal_sign *fal_sign_open(const uint8_t seed[FAL_SIGN_SEED_BYTES]);
void fal_sign_close(struct fal_sign *key);
/* base64url without padding, as "x" of a JSON Web Key. */
void fal_sign_public(const struct fal_sign *key, char out_text[44]);
void fal_sign_hook(const struct fal_sign *key, const char *request_id, const char *user_id, int64_t sent_s,
	const void *body, size_t body_len, char out_hex[FAL_SIGN_HEX_BYTES]);
void fal_sha(const void *data, size_t len, char out_hex[FAL_SHA_HEX_BYTES]);
