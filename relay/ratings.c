#include "relay/ratings.h"

#include "base/check.h"
#include "base/limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define PREFIX "receptionai_relay_"

static const struct row {
	const char *name, *help;
	size_t count;
	double bounds[RATING_BUCKETS_MAX - 1];
} rows[] = {
#define COUNT(...) (sizeof((const double[]){ __VA_ARGS__ }) / sizeof(double))
#define ROW(id, name, help, ...) [RATING_##id] = { PREFIX name, help, COUNT(__VA_ARGS__), { __VA_ARGS__ } },
	RATINGS(ROW)
#undef ROW
};

static_assert((int)QUALITY_GAP_BUCKETS == (int)RATING_BUCKETS_MAX, "a call's gaps have the buckets of the histogram");

bool ratings_open(struct ratings *r, uint32_t merchant_count)
{
	check(merchant_count <= RATINGS_MERCHANTS_MAX);
	*r = (struct ratings){ .count = merchant_count, .sets = calloc(merchant_count + 1, sizeof *r->sets) };
	return r->sets != NULL;
}

void ratings_close(struct ratings *r)
{
	free(r->sets);
	r->sets = NULL;
}

/* The merchant's set, taken if there is one left. */
static struct rating_set *set_of(struct ratings *r, int64_t merchant_id)
{
	for (uint32_t i = 0; merchant_id > 0 && i < r->count; i++) {
		int64_t owner = 0;

		if (atomic_compare_exchange_strong(&r->sets[i].merchant_id, &owner, merchant_id) ||
			owner == merchant_id)
			return &r->sets[i];
	}
	return &r->sets[r->count];
}

static void add(_Atomic uint64_t *value, uint64_t n)
{
	atomic_fetch_add_explicit(value, n, memory_order_relaxed);
}

static void observe(struct rating_set *set, enum rating rating, double value)
{
	size_t bucket = 0;

	while (bucket < rows[rating].count && value > rows[rating].bounds[bucket])
		bucket++;
	add(&set->histograms[rating].buckets[bucket], 1);
	add(&set->histograms[rating].sum_us, (uint64_t)(value * 1e6 + 0.5));
}

void ratings_put(struct ratings *r, int64_t merchant_id, const struct quality *q)
{
	if (!q->begun || !r->sets)
		return;
	struct rating_set *set = set_of(r, merchant_id);

	observe(set, RATING_DEAD_AIR, (double)q->dead_air_ms / 1000);
	observe(set, RATING_TALK_OVER, (double)q->talk_over_ms / 1000);
	observe(set, RATING_UNDERRUNS, q->underrun_count);
	observe(set, RATING_LAG, (double)q->lag_ns_max / 1e9);
	for (size_t i = 0; i < QUALITY_GAP_BUCKETS; i++)
		add(&set->histograms[RATING_GAP].buckets[i], q->gap_counts[i]);
	add(&set->histograms[RATING_GAP].sum_us, q->gap_ms_sum * 1000);
}

static bool write_set(const struct rating_set *set, enum rating rating, const char *merchant, struct buf *out)
{
	const struct row *row = &rows[rating];
	uint64_t total = 0;

	for (size_t i = 0; i <= row->count; i++) {
		char bound[32] = "+Inf";

		total += atomic_load_explicit(&set->histograms[rating].buckets[i], memory_order_relaxed);
		if (i < row->count)
			snprintf(bound, sizeof bound, "%g", row->bounds[i]);
		if (!buf_printf(out, "%s_bucket{merchant=\"%s\",le=\"%s\"} %" PRIu64 "\n", row->name, merchant, bound,
			total))
			return false;
	}
	uint64_t sum_us = atomic_load_explicit(&set->histograms[rating].sum_us, memory_order_relaxed);

	return buf_printf(out, "%s_sum{merchant=\"%s\"} %.6f\n%s_count{merchant=\"%s\"} %" PRIu64 "\n", row->name,
		merchant,
		(double)sum_us / 1e6, row->name, merchant, total);
}

static bool write_rating(const struct ratings *r, enum rating rating, struct buf *out)
{
	if (!buf_printf(out, "# HELP %s %s.\n# TYPE %s histogram\n", rows[rating].name, rows[rating].help,
	rows[rating].name))
		return false;
	for (uint32_t i = 0; i < r->count; i++) {
		int64_t id = atomic_load(&r->sets[i].merchant_id);
		char merchant[24];

		snprintf(merchant, sizeof merchant, "%" PRId64, id);
		if (id != 0 && !write_set(&r->sets[i], rating, merchant, out))
			return false;
	}
	return write_set(&r->sets[r->count], rating, "other", out);
}

bool ratings_write(const struct ratings *r, struct buf *out)
{
	for (int i = 0; i < RATING_COUNT; i++)
		if (!write_rating(r, (enum rating)i, out))
			return false;
	return true;
}
