/*
 * Every row of the tables in the header becomes a few lines of text; end reasons become labels of
 * one counter.
 */
#include "relay/metrics.h"

#include "base/check.h"

#include <inttypes.h>
#include <stdio.h>

#define METRIC_PREFIX "receptionai_relay_"

struct description {
	const char *name, *help, *type;
};

static const struct description descriptions[] = {
#define COUNTER(id, name, help) [METRIC_##id] = { METRIC_PREFIX name, help, "counter" },
	METRIC_COUNTERS(COUNTER)
#define GAUGE(id, name, help) [METRIC_##id] = { METRIC_PREFIX name, help, "gauge" },
	METRIC_GAUGES(GAUGE)
};

static const struct {
	const char *name, *help;
	double bounds[METRIC_BUCKET_COUNT_MAX];  /* ascending; 0 ends them */
} histograms[] = {
#define HISTOGRAM(id, name, help, ...) [METRIC_##id] = { METRIC_PREFIX name, help, { __VA_ARGS__ } },
	METRIC_HISTOGRAMS(HISTOGRAM)
};

static size_t bound_count(enum metric_histogram h)
{
	size_t n = 0;

	while (n < METRIC_BUCKET_COUNT_MAX && histograms[h].bounds[n] > 0)
		n++;
	return n;
}

void metrics_observe(struct metrics *m, enum metric_histogram h, double seconds)
{
	size_t n = bound_count(h), at = 0;

	while (at < n && seconds > histograms[h].bounds[at])
		at++;
	metrics_bump(&m->histograms[h].buckets[at], 1);
	metrics_bump(&m->histograms[h].sum_us, seconds > 0 ? (uint64_t)(seconds * 1e6) : 0);
}

void metrics_show(struct metrics *m, enum metric_histogram h, const uint64_t *counts, size_t count,
	uint64_t sum_us)
{
	check(count == bound_count(h) + 1);
	for (size_t b = 0; b < count; b++)
		atomic_store_explicit(&m->histograms[h].buckets[b], counts[b], memory_order_relaxed);
	atomic_store_explicit(&m->histograms[h].sum_us, sum_us, memory_order_relaxed);
}

uint64_t metrics_sum(struct metrics *const *all, size_t count, enum metric metric)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += metrics_get(all[i], metric);
	return sum;
}

static bool write_head(struct buf *out, const char *name, const char *help, const char *type)
{
	return buf_printf(out, "# HELP %s %s.\n# TYPE %s %s\n", name, help, name, type);
}

static bool write_ends(struct buf *out, struct metrics *const *all, size_t count)
{
	const char *name = METRIC_PREFIX "calls_ended_total";

	if (!write_head(out, name, "Calls that ended, by reason", "counter"))
		return false;
	for (size_t r = END_NONE + 1; r < END_REASON_COUNT; r++) {
		uint64_t sum = 0;

		for (size_t i = 0; i < count; i++)
			sum += atomic_load_explicit(&all[i]->ends[r], memory_order_relaxed);
		if (!buf_printf(out, "%s{reason=\"%s\"} %" PRIu64 "\n", name,
			    end_reason_word((enum end_reason)r), sum))
			return false;
	}
	return true;
}

static bool write_histogram(struct buf *out, struct metrics *const *all, size_t count, enum metric_histogram h)
{
	const char *name = histograms[h].name;
	size_t n = bound_count(h);
	uint64_t total = 0, sum_us = 0;

	if (!write_head(out, name, histograms[h].help, "histogram"))
		return false;
	for (size_t b = 0; b <= n; b++) {
		for (size_t i = 0; i < count; i++)
			total += atomic_load_explicit(&all[i]->histograms[h].buckets[b], memory_order_relaxed);
		char bound[32] = "+Inf";

		if (b < n)
			snprintf(bound, sizeof bound, "%g", histograms[h].bounds[b]);
		if (!buf_printf(out, "%s_bucket{le=\"%s\"} %" PRIu64 "\n", name, bound, total))
			return false;
	}
	for (size_t i = 0; i < count; i++)
		sum_us += atomic_load_explicit(&all[i]->histograms[h].sum_us, memory_order_relaxed);
	return buf_printf(out, "%s_sum %.6f\n%s_count %" PRIu64 "\n", name, (double)sum_us / 1e6, name, total);
}

bool metrics_write(struct buf *out, struct metrics *const *all, size_t count, const char *version)
{
	if (!write_head(out, METRIC_PREFIX "build_info", "The program that answers", "gauge") ||
		!buf_printf(out, METRIC_PREFIX "build_info{version=\"%s\"} 1\n", version))
		return false;
	for (size_t i = 0; i < ARRAY_COUNT(descriptions); i++) {
		const struct description *d = &descriptions[i];

		if (!write_head(out, d->name, d->help, d->type) ||
			!buf_printf(out, "%s %" PRIu64 "\n", d->name, metrics_sum(all, count, (enum metric)i)))
			return false;
	}
	for (size_t h = 0; h < METRIC_HISTOGRAM_COUNT; h++)
		if (!write_histogram(out, all, count, (enum metric_histogram)h))
			return false;
	return write_ends(out, all, count);
}
