/*
 * vector - sixteen bytes that are computed at once, in the compiler's own terms: every processor has some.
 *
 * Place:  media; below pcmu and mix.
 * Usage:  vector_load(&v, from); … vector_store(to, &v); addresses need no alignment. if (vector_any(&mask)) …
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { VECTOR_BYTES = 16, VECTOR_SAMPLES = 8 };

typedef uint8_t vector_codes __attribute__((vector_size(VECTOR_BYTES)));
typedef int16_t vector_samples __attribute__((vector_size(VECTOR_BYTES)));

static inline void vector_load(void *vector, const void *from)
{
	memcpy(vector, from, VECTOR_BYTES);
}

static inline void vector_store(void *to, const void *vector)
{
	memcpy(to, vector, VECTOR_BYTES);
}

/* Whether a bit is set anywhere. */
static inline bool vector_any(const void *vector)
{
	uint64_t halves[2];

	memcpy(halves, vector, VECTOR_BYTES);
	return (halves[0] | halves[1]) != 0;
}
