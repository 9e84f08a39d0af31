/*
 * ed25519 - whether a signature is a key's, by wolfCrypt.
 *
 * Place:    base, beside digest. Pure: no I/O, no allocation. Nothing here signs.
 * Usage:    if (!ed25519_verify(key, message, len, signature)) somebody else wrote it;
 * Fails:    false: not that key's signature of that message, or a key that is no point of the curve.
 * Source:   RFC 8032 section 5.1.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ED25519_KEY_BYTES = 32, ED25519_SIGNATURE_BYTES = 64 };

bool ed25519_verify(const uint8_t key[ED25519_KEY_BYTES], const void *message, size_t len,
	const uint8_t signature[ED25519_SIGNATURE_BYTES]);
