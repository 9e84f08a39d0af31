/* Between characters, ASCII is skipped a vector at a time; all else goes byte by byte, each byte held against
 * the range that the one before it left open: that range is what rules out overlong forms, surrogates and
 * values above U+10FFFF at their second byte. */
#include "proto/utf8.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static size_t ascii_len(const uint8_t *s, size_t len)
{
	size_t i = 0;

#ifdef __SSE2__
	for (; len - i >= 16; i += 16) {
		int high_bits = _mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(const void *)(s + i)));

		if (high_bits)
			return i + (size_t)__builtin_ctz((unsigned)high_bits);
	}
#endif
	for (uint64_t word; len - i >= sizeof word; i += sizeof word) {
		memcpy(&word, s + i, sizeof word);
		if (word & UINT64_C(0x8080808080808080))
			break;
	}
	while (i < len && s[i] < 0x80)
		i++;
	return i;
}

/* RFC 3629 section 4: what may follow a first byte. false: no character begins so. */
static bool begin_character(struct utf8 *u, uint8_t byte)
{
	if (byte < 0xC2 || byte > 0xF4)
		return false;
	u->left_count = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
	u->low = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
	u->high = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
	return true;
}

static bool continue_character(struct utf8 *u, uint8_t byte)
{
	if (byte < u->low || byte > u->high)
		return false;
	u->left_count--;
	u->low = 0x80;
	u->high = 0xBF;
	return true;
}

bool utf8_check(struct utf8 *u, const void *data, size_t len)
{
	const uint8_t *s = data;
	size_t i = 0;

	while (i < len && !u->failed) {
		if (u->left_count)
			u->failed = !continue_character(u, s[i++]);
		else if (s[i] < 0x80)
			i += ascii_len(s + i, len - i);
		else
			u->failed = !begin_character(u, s[i++]);
	}
	return !u->failed;
}

bool utf8_is_valid(const void *data, size_t len)
{
	struct utf8 u = { 0 };

	return utf8_check(&u, data, len) && utf8_complete(&u);
}
