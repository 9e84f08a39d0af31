/* Bucket i < 256 holds the value i. Above, each power of two is cut into 128 buckets of equal width. */
#include "sim/histogram.h"

#include "base/check.h"

enum { SUB_COUNT = 1 << HISTOGRAM_SUB_BITS };

static unsigned bucket_of(uint64_t value)
{
	if (value < SUB_COUNT)
		return (unsigned)value;
	unsigned shift = 63 - (unsigned)__builtin_clzll(value) - HISTOGRAM_SUB_BITS;

	return (shift << HISTOGRAM_SUB_BITS) + (unsigned)(value >> shift);
}

/* The largest value that falls into the bucket. */
static uint64_t bucket_top(unsigned bucket)
{
	if (bucket < 2 * SUB_COUNT)
		return bucket;
	unsigned shift = (bucket >> HISTOGRAM_SUB_BITS) - 1;
	uint64_t sub = (bucket & (SUB_COUNT - 1)) + SUB_COUNT;

	return ((sub + 1) << shift) - 1;
}

void histogram_add(struct histogram *h, uint64_t value)
{
	if (value > HISTOGRAM_VALUE_MAX)
		value = HISTOGRAM_VALUE_MAX;
	unsigned bucket = bucket_of(value);

	check(bucket < HISTOGRAM_BUCKET_COUNT);
	h->counts[bucket]++;
	if (h->count == 0 || value < h->least)
		h->least = value;
	if (value > h->most)
		h->most = value;
	h->count++;
	h->sum += value;
}

void histogram_merge(struct histogram *h, const struct histogram *other)
{
	if (other->count == 0)
		return;
	if (h->count == 0 || other->least < h->least)
		h->least = other->least;
	if (other->most > h->most)
		h->most = other->most;
	for (unsigned i = 0; i < HISTOGRAM_BUCKET_COUNT; i++)
		h->counts[i] += other->counts[i];
	h->count += other->count;
	h->sum += other->sum;
}

uint64_t histogram_at(const struct histogram *h, double percent)
{
	double exact = (double)h->count * percent / 100.0;
	uint64_t wanted = (uint64_t)exact, seen = 0;

	check(percent > 0 && percent <= 100);
	/* A tenth of a millionth forgives what the division rounded up. */
	if (exact - (double)wanted > 1e-7)
		wanted++;
	if (wanted == 0)
		wanted = 1;
	for (unsigned i = 0; i < HISTOGRAM_BUCKET_COUNT; i++) {
		seen += h->counts[i];
		if (seen >= wanted)
			return bucket_top(i) < h->most ? bucket_top(i) : h->most;
	}
	return h->most;
}

double histogram_mean(const struct histogram *h)
{
	return h->count ? (double)h->sum / (double)h->count : 0;
}
