#include "proto/base64.h"

#include "proto/base64_wide.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* 6 bits of each character; XX is for all that are not of the alphabet, and its bit shows in their sum. */
enum { XX = 0x80 };
static const uint8_t values[256] = {
	XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
	XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
	XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, 62, XX, XX, XX, 63,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, XX, XX, XX, XX, XX, XX,
	XX,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, XX, XX, XX, XX, XX,
	XX, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, XX, XX, XX, XX, XX,
	XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
	XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
	XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
	XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
	XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
	XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
	XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
	XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
};

static inline uint32_t value_of(char c)
{
	return values[(uint8_t)c];
}

#ifdef __SSE2__
/* All ones for each of 16 characters that is in the range: moved to the lowest signed numbers, which wraps all others
 * above it. */
static inline __m128i in_range(__m128i c, char first, char last)
{
	__m128i moved = _mm_add_epi8(c, _mm_set1_epi8((char)(-128 - first)));

	return _mm_cmplt_epi8(moved, _mm_set1_epi8((char)(-128 + (last - first) + 1)));
}

/* Setting bit 5 folds A-Z onto a-z and nothing else; / and 0-9 are neighbours. */
static inline __m128i in_alphabet(const char *text)
{
	__m128i c = _mm_loadu_si128((const __m128i *)(const void *)text);
	__m128i letter = in_range(_mm_or_si128(c, _mm_set1_epi8(0x20)), 'a', 'z');
	__m128i other = _mm_or_si128(in_range(c, '/', '9'), _mm_cmpeq_epi8(c, _mm_set1_epi8('+')));

	return _mm_or_si128(letter, other);
}

static inline bool all_in_alphabet(const char *text)
{
	__m128i first = _mm_and_si128(in_alphabet(text), in_alphabet(text + 16));
	__m128i second = _mm_and_si128(in_alphabet(text + 32), in_alphabet(text + 48));

	return _mm_movemask_epi8(_mm_and_si128(first, second)) == 0xFFFF;
}
#endif

size_t base64_span(const char *text, size_t len)
{
	size_t at = 0;

#ifdef __SSE2__
	while (len - at >= 64 && all_in_alphabet(text + at))
		at += 64;
	for (; len - at >= 16; at += 16) {
		unsigned foreign = ~(unsigned)_mm_movemask_epi8(in_alphabet(text + at)) & 0xFFFF;
		if (foreign)
			return at + (size_t)__builtin_ctz(foreign);
	}
#endif
	while (at < len && !(value_of(text[at]) & XX))
		at++;
	return at;
}

/* Characters of padding: 0, 1 or 2. */
static size_t padding_of(struct slice text)
{
	if (text.len < 4 || text.data[text.len - 1] != '=')
		return 0;
	return text.data[text.len - 2] == '=' ? 2 : 1;
}

/* RFC 4648 section 3.5: the bits of the last character that no byte uses are zero. */
bool base64_ends_well(struct slice text)
{
	size_t padding = padding_of(text);

	if (text.len % 4 != 0)
		return false;
	if (padding == 0)
		return true;
	return (value_of(text.data[text.len - padding - 1]) & (XX | (padding == 2 ? 0x0F : 0x03))) == 0;
}

bool base64_valid(struct slice text)
{
	size_t padding = padding_of(text);

	return base64_ends_well(text) && base64_span(text.data, text.len - padding) == text.len - padding;
}

static inline uint32_t group_of(const char *text, uint32_t *foreign)
{
	uint32_t a = value_of(text[0]), b = value_of(text[1]), c = value_of(text[2]), d = value_of(text[3]);

	*foreign |= a | b | c | d;
	return a << 18 | b << 12 | c << 6 | d;
}

static inline void put_bytes(uint8_t *out, uint32_t group, size_t count)
{
	for (size_t i = 0; i < count; i++)
		out[i] = (uint8_t)(group >> (16 - 8 * i));
}

ptrdiff_t base64_decode(void *out, struct slice text)
{
	size_t padding = padding_of(text), whole = text.len - (padding ? 4 : 0);
	const char *at = text.data, *end = at + whole;
	uint8_t *byte = out;
	uint32_t foreign = 0;

	if (!base64_ends_well(text))
		return -1;
	size_t done = base64_wide_decode(byte, at, text.len - padding);
	at += done;
	byte += done / 4 * 3;
	for (; at < end; at += 4, byte += 3)
		put_bytes(byte, group_of(at, &foreign), 3);
	if (padding) {
		char last[4] = { at[0], at[1], padding == 2 ? 'A' : at[2], 'A' };
		put_bytes(byte, group_of(last, &foreign), 3 - padding);
		byte += 3 - padding;
	}
	return foreign & XX ? -1 : byte - (uint8_t *)out;
}

static void put_text(char *out, uint32_t group)
{
	out[0] = alphabet[group >> 18 & 63];
	out[1] = alphabet[group >> 12 & 63];
	out[2] = alphabet[group >> 6 & 63];
	out[3] = alphabet[group & 63];
}

size_t base64_encode(char *out, const void *data, size_t len)
{
	const uint8_t *byte = data;
	size_t done = base64_wide_encode(out, byte, len);
	char *at = out + done / 3 * 4;

	byte += done;
	len -= done;
	for (; len >= 3; len -= 3, byte += 3, at += 4)
		put_text(at, (uint32_t)byte[0] << 16 | (uint32_t)byte[1] << 8 | byte[2]);
	if (len) {
		put_text(at, (uint32_t)byte[0] << 16 | (len == 2 ? (uint32_t)byte[1] << 8 : 0));
		memset(at + len + 1, '=', 3 - len);
		at += 4;
	}
	return (size_t)(at - out);
}

bool base64_append(struct buf *out, const void *data, size_t len)
{
	if (!buf_room(out, base64_encoded_len(len)))
		return false;
	buf_commit(out, base64_encode((char *)buf_tail(out), data, len));
	return true;
}
