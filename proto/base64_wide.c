#include "proto/base64_wide.h"

#ifdef __x86_64__
#include <stdbool.h>
#include <tmmintrin.h>

#define WITH_SSSE3 __attribute__((target("ssse3")))

/* A vector holds 16 characters or 12 bytes, but is always loaded and stored whole: 4 more must be there. */
enum { TEXT_STEP = 16, BYTES_STEP = 12, SLACK_BYTES = 4, SLACK_TEXT = 8 };

/* 6 bits in each byte. False: a character is foreign. The upper half of a character chooses its distance from its
 * value ('/' alone differs from its neighbours) and a bit; the lower half chooses which of those bits may be set. */
WITH_SSSE3 static inline bool values_of(__m128i text, __m128i *out)
{
	const __m128i distances = _mm_setr_epi8(0, 0, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
	const __m128i bits = _mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
	const __m128i allowed = _mm_setr_epi8((char)0xA8, (char)0xF8, (char)0xF8, (char)0xF8, (char)0xF8, (char)0xF8,
		(char)0xF8, (char)0xF8, (char)0xF8, (char)0xF8, (char)0xF0, 0x54, 0x50, 0x50, 0x50, 0x54);
	__m128i upper = _mm_and_si128(_mm_srli_epi32(text, 4), _mm_set1_epi8(0x0F));
	__m128i lower = _mm_and_si128(text, _mm_set1_epi8(0x0F));
	__m128i fits = _mm_and_si128(_mm_shuffle_epi8(allowed, lower), _mm_shuffle_epi8(bits, upper));

	if (_mm_movemask_epi8(_mm_cmpeq_epi8(fits, _mm_setzero_si128())))
		return false;
	__m128i slash = _mm_and_si128(_mm_cmpeq_epi8(text, _mm_set1_epi8('/')), _mm_set1_epi8(16 - 19));
	*out = _mm_add_epi8(text, _mm_add_epi8(_mm_shuffle_epi8(distances, upper), slash));
	return true;
}

/* Four values of 6 bits become three bytes: pairs, then fours, then the bytes in the order of the text. */
WITH_SSSE3 static inline __m128i bytes_of(__m128i values)
{
	__m128i pairs = _mm_maddubs_epi16(values, _mm_set1_epi32(0x01400140));
	__m128i fours = _mm_madd_epi16(pairs, _mm_set1_epi32(0x00011000));

	return _mm_shuffle_epi8(fours, _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));
}

WITH_SSSE3 static size_t decode(uint8_t *out, const char *text, size_t len)
{
	size_t at = 0;
	__m128i values;

	for (; len - at >= TEXT_STEP + SLACK_TEXT; at += TEXT_STEP, out += BYTES_STEP) {
		if (!values_of(_mm_loadu_si128((const __m128i *)(const void *)(text + at)), &values))
			break;
		_mm_storeu_si128((__m128i *)(void *)out, bytes_of(values));
	}
	return at;
}

/* The reverse: each group's bytes are laid out twice, its four values multiplied into their places. */
WITH_SSSE3 static inline __m128i split(__m128i bytes)
{
	__m128i groups = _mm_shuffle_epi8(bytes, _mm_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10));
	__m128i odd = _mm_mulhi_epu16(_mm_and_si128(groups, _mm_set1_epi32(0x0FC0FC00)), _mm_set1_epi32(0x04000040));
	__m128i even = _mm_mullo_epi16(_mm_and_si128(groups, _mm_set1_epi32(0x003F03F0)), _mm_set1_epi32(0x01000010));

	return _mm_or_si128(odd, even);
}

/* Adds to each value its character's distance: the value, reduced to 0 for A-Z and a-z, chooses it. */
WITH_SSSE3 static inline __m128i text_of(__m128i values)
{
	const __m128i distances = _mm_setr_epi8('a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
		'0' - 52, '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0);
	__m128i choice = _mm_subs_epu8(values, _mm_set1_epi8(51));
	__m128i upper_case = _mm_cmpgt_epi8(_mm_set1_epi8(26), values);

	choice = _mm_or_si128(choice, _mm_and_si128(upper_case, _mm_set1_epi8(13)));
	return _mm_add_epi8(values, _mm_shuffle_epi8(distances, choice));
}

WITH_SSSE3 static size_t encode(char *out, const uint8_t *data, size_t len)
{
	size_t at = 0;

	for (; len - at >= BYTES_STEP + SLACK_BYTES; at += BYTES_STEP, out += TEXT_STEP) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(data + at));
		_mm_storeu_si128((__m128i *)(void *)out, text_of(split(bytes)));
	}
	return at;
}

size_t base64_wide_decode(uint8_t *out, const char *text, size_t len)
{
	return __builtin_cpu_supports("ssse3") ? decode(out, text, len) : 0;
}

size_t base64_wide_encode(char *out, const uint8_t *data, size_t len)
{
	return __builtin_cpu_supports("ssse3") ? encode(out, data, len) : 0;
}

#else

size_t base64_wide_decode(uint8_t *out, const char *text, size_t len)
{
	(void)out;
	(void)text;
	(void)len;
	return 0;
}

size_t base64_wide_encode(char *out, const uint8_t *data, size_t len)
{
	(void)out;
	(void)data;
	(void)len;
	return 0;
}

#endif
