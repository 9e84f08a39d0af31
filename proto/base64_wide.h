/*
 * base64_wide - the middle of a base64 text, sixteen characters at a time, where the processor has SSSE3.
 *
 * Place:  below base64, which does the ends, and everything on other processors; nobody else's.
 * Usage:  done = base64_wide_decode(out, text, len);   `done` characters, a multiple of 16, became done / 4 * 3 bytes
 *         done = base64_wide_encode(out, data, len);   `done` bytes, a multiple of 12, became done / 3 * 4 characters
 *         0 when the processor cannot, decoding stops at 16 characters of which one is foreign.
 * Limits: `out` has room for what the whole of the input becomes; nothing behind that is touched.
 * Source: W. Mula, D. Lemire: Faster Base64 Encoding and Decoding using AVX2 Instructions, 2018 (its SSSE3 forms).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

size_t base64_wide_decode(uint8_t *out, const char *text, size_t len);
size_t base64_wide_encode(char *out, const uint8_t *data, size_t len);
