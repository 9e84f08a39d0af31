#include "media/sound/pcmu_wide.h"

#ifdef __x86_64__
#include <immintrin.h>

#define WITH_AVX2 __attribute__((target("avx2")))

enum { STEP = 16 };

/* As ulaw_decode(): 132 and the mantissa, multiplied by a power of two that a shuffle looks up, less 132; the uppermost
 * bit of the code is the sign. */
WITH_AVX2 static inline __m256i samples_of(__m256i codes)
{
	const __m256i powers = _mm256_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0,
		1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
	const __m256i bias = _mm256_set1_epi16(132);
	__m256i bits = _mm256_xor_si256(codes, _mm256_set1_epi16(0xFF));
	__m256i mantissa = _mm256_slli_epi16(_mm256_and_si256(bits, _mm256_set1_epi16(15)), 3);
	__m256i exponent = _mm256_and_si256(_mm256_srli_epi16(bits, 4), _mm256_set1_epi16(7));
	/* 8 in the upper byte of each number looks up 0. */
	__m256i power = _mm256_shuffle_epi8(powers, _mm256_or_si256(exponent, _mm256_set1_epi16(0x0800)));
	__m256i magnitude = _mm256_sub_epi16(_mm256_mullo_epi16(_mm256_add_epi16(mantissa, bias), power), bias);
	__m256i sign = _mm256_slli_epi16(bits, 8);      /* below zero, or at least 1 by the next line */

	return _mm256_sign_epi16(magnitude, _mm256_or_si256(sign, _mm256_set1_epi16(1)));
}

WITH_AVX2 static size_t decode(int16_t *out, const uint8_t *codes, size_t count)
{
	size_t at = 0;

	for (; count - at >= STEP; at += STEP) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(codes + at));

		_mm256_storeu_si256((__m256i *)(void *)(out + at), samples_of(_mm256_cvtepu8_epi16(bytes)));
	}
	return at;
}

size_t pcmu_wide_decode(int16_t *out, const uint8_t *codes, size_t count)
{
	return __builtin_cpu_supports("avx2") ? decode(out, codes, count) : 0;
}

#else

size_t pcmu_wide_decode(int16_t *out, const uint8_t *codes, size_t count)
{
	(void)out;
	(void)codes;
	(void)count;
	return 0;
}

#endif
