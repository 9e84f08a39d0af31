/* base64 against an oracle that takes one character at a time, and the way there and back. */
#include "base/check.h"
#include "proto/base64.h"

#include <stdlib.h>
#include <string.h>

static int oracle_value(char c)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *found = c ? strchr(alphabet, c) : NULL;

	return found ? (int)(found - alphabet) : -1;
}

/* By the letter of RFC 4648: bit by bit; -1 if refused. */
static ptrdiff_t oracle_decode(uint8_t *out, const char *text, size_t len)
{
	size_t at = 0, bytes = 0, padding = 0;
	unsigned bits = 0, bit_count = 0;

	for (; at < len && text[at] != '='; at++) {
		if (oracle_value(text[at]) < 0)
			return -1;
		bits = (bits << 6 | (unsigned)oracle_value(text[at])) & 0xFFFF;
		bit_count += 6;
		if (bit_count >= 8) {
			bit_count -= 8;
			out[bytes++] = (uint8_t)(bits >> bit_count);
		}
	}
	for (; at < len; at++, padding++)
		if (text[at] != '=')
			return -1;
	bool canonical = (bits & ((1u << bit_count) - 1)) == 0;
	return len % 4 == 0 && padding <= 2 && canonical ? (ptrdiff_t)bytes : -1;
}

static void decode_as_the_oracle(const char *text, size_t len)
{
	struct slice slice = { text, len };
	uint8_t *expected = malloc(len + 1), *decoded = malloc(base64_decoded_len_max(len) + (len < 4));
	ptrdiff_t count = oracle_decode(expected, text, len);

	check(base64_valid(slice) == (count >= 0));
	check(base64_decode(decoded, slice) == count);
	if (count >= 0)
		check(memcmp(decoded, expected, (size_t)count) == 0 && base64_decoded_len(slice) == (size_t)count);
	free(expected);
	free(decoded);
}

static void there_and_back(const uint8_t *data, size_t len)
{
	size_t text_len = base64_encoded_len(len);
	char *text = malloc(text_len + 1);
	uint8_t *back = malloc(len + 3);
	struct slice slice = { text, text_len };

	check(base64_encode(text, data, len) == text_len);
	check(base64_valid(slice));
	check(base64_decode(back, slice) == (ptrdiff_t)len);
	check(memcmp(back, data, len) == 0);
	free(text);
	free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	decode_as_the_oracle((const char *)data, size);
	there_and_back(data, size);
	return 0;
}
