/*
 * digest - SHA-1, SHA-256 and their HMACs, over pieces, by wolfCrypt. The only file that names wolfCrypt's hashes.
 *
 * Place:    base. Pure: no I/O, no allocation.
 * Usage:    struct digest_piece p[] = { { url, url_len }, { name, name_len } };
 *           digest_hmac_sha1(key, key_len, p, 2, out);
 * Fails:    never for valid arguments (a failing hash is a check()).
 * Source:   FIPS 180-4, RFC 2104.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHA1_BYTES = 20, SHA256_BYTES = 32 };

struct digest_piece {
	const void *data;
	size_t len;
};

void digest_sha1(const struct digest_piece *pieces, size_t piece_count, uint8_t out[SHA1_BYTES]);
void digest_sha256(const struct digest_piece *pieces, size_t piece_count, uint8_t out[SHA256_BYTES]);
/* Of all that `next` gives, until it gives nothing. */
void digest_sha256_pull(size_t (*next)(void *owner, const uint8_t **out_bytes), void *owner,
	uint8_t out[SHA256_BYTES]);
void digest_hmac_sha1(const void *key, size_t key_len, const struct digest_piece *pieces,
	size_t piece_count, uint8_t out[SHA1_BYTES]);
void digest_hmac_sha256(const void *key, size_t key_len, const struct digest_piece *pieces,
	size_t piece_count, uint8_t out[SHA256_BYTES]);
/* Whether two secrets of the same length agree, in time that does not depend on where they differ. */
bool digest_equal(const void *a, const void *b, size_t len);
