#include "proto/ws_mask.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* The key as it applies from `offset` on: rotated by whole bytes, in memory order. */
static uint32_t key_at(uint32_t key, size_t offset)
{
	uint8_t bytes[4], turned[4];

	memcpy(bytes, &key, sizeof bytes);
	for (size_t i = 0; i < sizeof turned; i++)
		turned[i] = bytes[(offset + i) % sizeof bytes];
	memcpy(&key, turned, sizeof key);
	return key;
}

/* `to` may be `from`: each vector is read before it is written. Steps are multiples of the key's length, so the
 * key never turns again. */
static void mask(uint8_t *to, const uint8_t *from, size_t len, uint32_t key)
{
	const uint64_t key_twice = (uint64_t)key << 32 | key;
	uint8_t key_bytes[4];
	size_t i = 0;

#ifdef __SSE2__
	const __m128i key_vector = _mm_set1_epi32((int)key);

	for (; len - i >= 16; i += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(from + i));

		_mm_storeu_si128((__m128i *)(void *)(to + i), _mm_xor_si128(v, key_vector));
	}
#endif
	for (uint64_t word; len - i >= sizeof word; i += sizeof word) {
		memcpy(&word, from + i, sizeof word);
		word ^= key_twice;
		memcpy(to + i, &word, sizeof word);
	}
	memcpy(key_bytes, &key, sizeof key_bytes);
	for (size_t k = 0; i < len; i++, k++)
		to[i] = from[i] ^ key_bytes[k % sizeof key_bytes];
}

void ws_mask(uint8_t *data, size_t len, uint32_t key, size_t offset)
{
	if (key)
		mask(data, data, len, key_at(key, offset));
}

void ws_mask_copy(uint8_t *to, const void *from, size_t len, uint32_t key, size_t offset)
{
	mask(to, from, len, key_at(key, offset));
}
