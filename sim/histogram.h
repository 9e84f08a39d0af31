/*
 * histogram - counts of durations in logarithmic buckets: percentiles of millions of values in a few KB.
 *
 * Place:    sim, pure.
 * Usage:    histogram_add(&h, us); ... histogram_at(&h, 99.9)
 * Lifetime: a plain struct; zeroed is empty.
 * Limits:   values below 256 are exact, larger ones are known to 1/128 (0.8 %); above HISTOGRAM_VALUE_MAX they
 *           count as that. Least and most are exact.
 */
#pragma once

#include <stdint.h>

enum {
	HISTOGRAM_SUB_BITS = 7,
	HISTOGRAM_TOP_BITS = 40,
	HISTOGRAM_BUCKET_COUNT = (HISTOGRAM_TOP_BITS - HISTOGRAM_SUB_BITS + 1) << HISTOGRAM_SUB_BITS,
};
#define HISTOGRAM_VALUE_MAX ((UINT64_C(1) << HISTOGRAM_TOP_BITS) - 1)

struct histogram {
	uint64_t counts[HISTOGRAM_BUCKET_COUNT];
	uint64_t count;
	uint64_t sum;
	uint64_t least, most;           /* of what was added; 0 while empty */
};

void histogram_add(struct histogram *h, uint64_t value);
void histogram_merge(struct histogram *h, const struct histogram *other);
/* The value that `percent` of all values do not exceed (0 < percent <= 100); 0 while empty. */
uint64_t histogram_at(const struct histogram *h, double percent);
double histogram_mean(const struct histogram *h);
