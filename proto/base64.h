/*
 * base64 - RFC 4648 section 4, strict: whole groups, padding where it belongs, unused bits zero, no white space.
 *
 * Place:   proto, on the audio path: both peers carry audio as base64 text. Includes base/ only.
 * Usage:   base64_encode(text, audio, len) with room for base64_encoded_len(len) characters (no NUL is written);
 *          base64_decode(audio, text) with room for base64_decoded_len_max(text.len) bytes.
 *          Text that base64_valid() accepted may be forwarded as it stands.
 * Fails:   base64_decode() returns -1 for text that base64_valid() refuses; `out` then holds rubbish.
 * Limits:  none of its own: one pass, no memory.
 */
#pragma once

#include "base/buf.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline size_t base64_encoded_len(size_t bytes)
{
	return (bytes + 2) / 3 * 4;
}

/* Enough room for the bytes of any valid text of that length. */
static inline size_t base64_decoded_len_max(size_t text_len)
{
	return text_len / 4 * 3;
}

/* Exact number of bytes that a valid text stands for (8 of them are a millisecond of mu-law). */
static inline size_t base64_decoded_len(struct slice text)
{
	if (text.len < 4)
		return 0;
	return text.len / 4 * 3 - (text.data[text.len - 1] == '=') - (text.data[text.len - 2] == '=');
}

/* How many characters at the head are of the alphabet A-Z a-z 0-9 + / (padding is not). */
size_t base64_span(const char *text, size_t len);
bool base64_valid(struct slice text);
/* The part of base64_valid() that is left when only alphabet, then only '=' are known to stand in the text. */
bool base64_ends_well(struct slice text);
/* Number of bytes written, or -1. */
ptrdiff_t base64_decode(void *out, struct slice text);
/* Number of characters written: base64_encoded_len(len). */
size_t base64_encode(char *out, const void *data, size_t len);
/* Encodes to the tail of a buf. */
bool base64_append(struct buf *out, const void *data, size_t len);
