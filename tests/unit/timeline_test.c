/*
 * How well the timeline knows from the log alone what the caller heard and when: thousands of calls on a virtual clock,
 * against the phone simulator's own playback.
 *
 * Error: for each 20 ms of audio that were heard and are placed, where they are placed less where they were heard, in
 * milliseconds, rounded. Beside that, in milliseconds for each clear: what was thrown away and is placed all the same
 * ("unheard": the mean, and by clears), and what was heard and is not placed ("missing"). The naive recorder writes
 * down all that was sent when it is sent, behind what it wrote before.
 *
 * TIMELINE_CALLS=N simulates N calls of each condition, TIMELINE_CONDITION=N one condition alone, TIMELINE_SEED=N one
 * call of it.
 */
#include "tests/unit/unit.h"

#include "media/sound/timeline.h"
#include "tests/unit/spooled_call.h"

#include <math.h>

enum { CALLS = 25, ERROR_MS_MAX = 60000, STEP = ULAW_FRAME_BYTES, MISSING_MS_MOST = 25 };

enum aim { AIM_NONE, AIM_P99, AIM_BOTH };

#define WAYS .delay_most = 150, .turns = 12
#define FAST .speed_least = 50, .speed_most = 200

static const struct {
	enum aim aim;
	double unheard_ms_most;         /* of a clear, in the mean */
	struct condition c;
} conditions[] = {
	{ AIM_BOTH, 1, { .name = "steady delay", WAYS, FAST } },
	{ AIM_BOTH, 1, { .name = "some jitter", WAYS, FAST, .jitter_chance = 100, .jitter_most = 20 } },
	{ AIM_BOTH, 1, { .name = "bursts on the way back", WAYS, FAST, .jitter_chance = 100, .jitter_most = 10,
		.back_stall_chance = 20, .back_stall_most = 400 } },
	{ AIM_BOTH, 1, { .name = "slow model, underruns", WAYS, .speed_least = 7, .speed_most = 15,
		.jitter_chance = 100, .jitter_most = 10, .back_stall_chance = 5, .back_stall_most = 200,
		.gap_chance = 200, .gap_most = 700 } },
	{ AIM_BOTH, 5, { .name = "stalls on the way out", WAYS, .speed_least = 8, .speed_most = 200,
		.jitter_chance = 100, .jitter_most = 10, .back_stall_chance = 5, .back_stall_most = 200,
		.out_stall_chance = 20, .out_stall_most = 300, .gap_chance = 50, .gap_most = 700 } },
	{ AIM_BOTH, 5, { .name = "all of these", WAYS, .speed_least = 8, .speed_most = 200, .jitter_chance = 150,
		.jitter_most = 20, .back_stall_chance = 10, .back_stall_most = 400, .out_stall_chance = 10,
		.out_stall_most = 300, .gap_chance = 50, .gap_most = 700 } },
	{ AIM_BOTH, 1, { .name = "a phone that wakes every 20 ms", WAYS, FAST, .jitter_chance = 100, .jitter_most = 10,
		.ticks = true } },
	{ AIM_P99, 2, { .name = "played in frames of 20 ms, ahead", WAYS, FAST, .jitter_chance = 100, .jitter_most = 10,
		.ahead = true } },
	{ AIM_P99, 5, { .name = "every message jitters 0-30 ms", WAYS, .speed_least = 8, .speed_most = 200,
		.jitter_chance = 1000, .jitter_most = 30, .back_stall_chance = 10, .back_stall_most = 400,
		.gap_chance = 50, .gap_most = 700 } },
	{ AIM_BOTH, 1, { .name = "frames lost, doubled, late", WAYS, FAST, .jitter_chance = 100, .jitter_most = 10,
		.lost = 20, .twice = 20, .late = 20 } },
	{ AIM_P99, 1, { .name = "and their stamps jitter by 3 ms", WAYS, FAST, .jitter_chance = 100, .jitter_most = 10,
		.lost = 20, .twice = 20, .late = 20, .stamp_jitter = 3 } },
	{ AIM_BOTH, 1, { .name = "the log ends anywhere", WAYS, FAST, .jitter_chance = 100, .jitter_most = 20,
		.killed = true } },
	{ AIM_BOTH, 1, { .name = "an hour", .delay_most = 150, .turns = 360, FAST, .jitter_chance = 100,
		.jitter_most = 10, .back_stall_chance = 2, .back_stall_most = 300 } },
	{ AIM_BOTH, 10, { .name = "ways that change", WAYS, FAST, .jitter_chance = 100, .jitter_most = 10,
		.reroute = 200 } },
	{ AIM_BOTH, 1, { .name = "short answers", .delay_most = 150, .turns = 40, FAST, .jitter_chance = 100,
		.jitter_most = 10, .back_stall_chance = 5, .back_stall_most = 200, .short_most = 1200 } },
	{ AIM_BOTH, 1, { .name = "both tracks", WAYS, FAST, .jitter_chance = 100, .jitter_most = 20, .far = true } },
};

enum { CONDITIONS = sizeof conditions / sizeof conditions[0], LONG_CONDITION = 12 };

struct tally {
	uint64_t count, unheard, missing, heard, clears;
	double signed_sum;
	uint64_t by_ms[ERROR_MS_MAX + 1];       /* how many errors of so many ms */
	uint64_t cut_by_ms[ERROR_MS_MAX + 1];   /* how many clears of which so many ms stay, though thrown away */
};

/* --- a rebuilt track against what was heard -------------------------------------------------------------- */

static void note(struct tally *t, int64_t samples)
{
	double error = (double)samples / ULAW_BYTES_PER_MS;
	long ms = lround(fabs(error));

	t->by_ms[ms < ERROR_MS_MAX ? ms : ERROR_MS_MAX]++;
	t->signed_sum += error;
	t->count++;
}

/* Where byte `at` is on the track; -1: nowhere. `next` goes up with `at`. */
static int64_t sample_of(const struct plan *p, size_t *next, int64_t at)
{
	while (*next < p->count && p->items[*next].at + p->items[*next].bytes <= at)
		++*next;
	if (*next == p->count || p->items[*next].at > at)
		return -1;
	return p->items[*next].sample + at - p->items[*next].at;
}

static int64_t bytes_of(const struct plan *p)
{
	int64_t bytes = 0;

	for (size_t i = 0; i < p->count; i++)
		bytes += p->items[i].bytes;
	return bytes;
}

/* How much of `a` is in `b` as well; both go up in the file. */
static int64_t bytes_common(const struct plan *a, const struct plan *b)
{
	int64_t bytes = 0;
	size_t k = 0;

	for (size_t i = 0; i < a->count; i++) {
		int64_t from = a->items[i].at, to = from + a->items[i].bytes;

		while (k < b->count && b->items[k].at + b->items[k].bytes <= from)
			k++;
		for (size_t m = k; m < b->count && b->items[m].at < to; m++) {
			int64_t begin = b->items[m].at, end = begin + b->items[m].bytes;

			bytes += (end < to ? end : to) - (begin > from ? begin : from);
		}
	}
	return bytes;
}

static int compare(const void *a, const void *b)
{
	const struct placement *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/* In the file's order: frames that came late are not in their track's. */
static struct plan in_file_order(const struct plan *p)
{
	struct plan sorted = *p;

	sorted.items = malloc((p->count + 1) * sizeof *p->items);
	assert_non_null(sorted.items);
	if (p->count)
		memcpy(sorted.items, p->items, p->count * sizeof *p->items);
	qsort(sorted.items, p->count, sizeof *p->items, compare);
	return sorted;
}

static void judge_sorted(struct tally *t, const struct plan *ours, const struct plan *truth)
{
	int64_t common = bytes_common(truth, ours), heard = bytes_of(truth);
	size_t next = 0;

	for (size_t i = 0; i < truth->count; i++) {
		const struct placement *item = &truth->items[i];

		for (int64_t b = 0; b < item->bytes; b += STEP) {
			int64_t sample = sample_of(ours, &next, item->at + b);

			if (sample >= 0)
				note(t, sample - item->sample - b);
		}
	}
	t->heard += (uint64_t)heard;
	t->missing += (uint64_t)(heard - common);
	t->unheard += (uint64_t)(bytes_of(ours) - common);
}

/* Where in the file the last byte before `to` ends that is on the track; at least `from`. */
static int64_t end_within(const struct plan *p, size_t *next, int64_t from, int64_t to)
{
	int64_t end = from;

	for (; *next < p->count && p->items[*next].at < to; ++*next) {
		int64_t item_end = p->items[*next].at + p->items[*next].bytes;

		end = item_end < to ? item_end : to;
		if (item_end > to)
			break;
	}
	return end > from ? end : from;
}

/* Of what each clear ended. */
static void judge_cuts(struct tally *t, const struct plan *ours, const struct plan *truth, const struct spooled_call *c)
{
	size_t next_ours = 0, next_truth = 0;

	for (unsigned i = 0; i < c->clears; i++) {
		int64_t from = i ? c->cuts[i - 1] : 0;
		int64_t more = end_within(ours, &next_ours, from, c->cuts[i]) -
			end_within(truth, &next_truth, from, c->cuts[i]);
		long ms = more > 0 ? lround((double)more / ULAW_BYTES_PER_MS) : 0;

		t->cut_by_ms[ms < ERROR_MS_MAX ? ms : ERROR_MS_MAX]++;
	}
	t->clears += c->clears;
}

static void judge(struct tally *t, const struct plan *ours, const struct plan *truth, const struct spooled_call *c)
{
	struct plan a = in_file_order(ours), b = in_file_order(truth);

	judge_sorted(t, &a, &b);
	judge_cuts(t, &a, &b, c);
	plan_fini(&a);
	plan_fini(&b);
}

static void rebuild(const struct spooled_call *c, struct timeline *t)
{
	const int64_t bytes[TIMELINE_FILE_COUNT] = { c->caller_bytes, c->voice_bytes, c->far_bytes };
	struct slice log = { c->log, c->log_len };
	struct spool_reader reader;
	struct spool_event e;
	enum spool_result result;

	timeline_init(t, bytes);
	spool_reader_init(&reader);
	while ((result = spool_read(&reader, &log, &e)) == SPOOL_EVENT)
		timeline_take(t, &e);
	assert_int_equal(result, SPOOL_MORE);
	timeline_settle(t);
}

struct tallies {
	struct tally ours, naive, caller;
};

static void one_call(const struct condition *condition, unsigned seed, struct tallies *all)
{
	static struct spooled_call c;
	enum timeline_file file;
	struct timeline t;

	simulate(condition, seed, &c);
	rebuild(&c, &t);
	if (condition->killed) {
		plan_cut(&c.truth, t.samples);
		plan_cut(&c.caller_truth, t.samples);
		plan_cut(&c.naive, t.samples);
	}
	judge(&all->ours, timeline_voice(&t, &file), &c.truth, &c);
	assert_int_equal(file, condition->far ? TIMELINE_PLAYED_FILE : TIMELINE_VOICE_FILE);
	judge(&all->caller, timeline_caller(&t), &c.caller_truth, &c);
	if (!condition->far)
		judge(&all->naive, &c.naive, &c.truth, &c);
	timeline_fini(&t);
	forget(&c);
}

/* --- the table --------------------------------------------------------------------------------------------- */

static int quantile_of(const uint64_t by_ms[ERROR_MS_MAX + 1], uint64_t count, unsigned per_thousand)
{
	uint64_t rank = count ? (count - 1) * per_thousand / 1000 : 0, seen = 0;
	int ms = 0;

	while (ms < ERROR_MS_MAX && (seen += by_ms[ms]) <= rank)
		ms++;
	return ms;
}

static int quantile(const struct tally *t, unsigned per_thousand)
{
	return quantile_of(t->by_ms, t->count, per_thousand);
}

static int cut_quantile(const struct tally *t, unsigned per_thousand)
{
	return quantile_of(t->cut_by_ms, t->clears, per_thousand);
}

static double per_clear_ms(const struct tally *t, uint64_t samples)
{
	return t->clears ? (double)samples / ULAW_BYTES_PER_MS / (double)t->clears : 0;
}

static void print_row(const char *name, const char *who, const struct tally *t)
{
	if (t->count == 0)
		return;
	printf("# %-33s %-6s %8llu %6d %4d %5d %6d %8.1f %9.1f %5d %5d %6d %8.1f\n", name, who,
		(unsigned long long)t->count, quantile(t, 500), quantile(t, 900), quantile(t, 990), quantile(t, 1000),
		t->signed_sum / (double)t->count, per_clear_ms(t, t->unheard), cut_quantile(t, 900),
		cut_quantile(t, 990), cut_quantile(t, 1000), per_clear_ms(t, t->missing));
}

static void print_condition(const char *name, const struct tallies *t)
{
	print_row(name, "ours", &t->ours);
	print_row("", "caller", &t->caller);
	print_row("", "naive", &t->naive);
}

static void add(struct tally *to, const struct tally *from)
{
	for (int i = 0; i <= ERROR_MS_MAX; i++) {
		to->by_ms[i] += from->by_ms[i];
		to->cut_by_ms[i] += from->cut_by_ms[i];
	}
	to->count += from->count;
	to->unheard += from->unheard;
	to->missing += from->missing;
	to->heard += from->heard;
	to->clears += from->clears;
	to->signed_sum += from->signed_sum;
}

static unsigned number(const char *name, unsigned otherwise)
{
	const char *text = getenv(name);

	return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

static void simulate_condition(size_t i, unsigned calls, struct tallies *t)
{
	unsigned seed = number("TIMELINE_SEED", UINT32_MAX);

	if (i == LONG_CONDITION)
		calls = calls / 25 + 1;
	if (seed != UINT32_MAX)
		return one_call(&conditions[i].c, (unsigned)(i * 100000) + seed, t);
	for (seed = 0; seed < calls; seed++)
		one_call(&conditions[i].c, (unsigned)(i * 100000) + seed, t);
}

static void check_aims(size_t i, const struct tallies *t)
{
	if (conditions[i].aim != AIM_NONE)
		assert_true(quantile(&t->ours, 990) <= 30);
	if (conditions[i].aim == AIM_BOTH)
		assert_int_equal(quantile(&t->ours, 500), 0);
	assert_true(per_clear_ms(&t->ours, t->ours.unheard) <= conditions[i].unheard_ms_most);
	assert_true(cut_quantile(&t->ours, 900) <= conditions[i].unheard_ms_most);
	assert_true(t->ours.heard > 0 && per_clear_ms(&t->ours, t->ours.missing) <= MISSING_MS_MOST);
	/* The caller's side has nothing to guess, if his stamps are right. */
	assert_true(quantile(&t->caller, 1000) <= (int)conditions[i].c.stamp_jitter);
	if (conditions[i].c.stamp_jitter)
		return;
	assert_int_equal(t->caller.unheard, 0);
	assert_int_equal(t->caller.missing, 0);
}

static void the_timeline_knows_what_was_heard(void **state)
{
	unsigned calls = number("TIMELINE_CALLS", CALLS), only = number("TIMELINE_CONDITION", UINT32_MAX);
	static struct tallies all, t;

	(void)state;
	printf("# |error| in ms                     of          n median  p90   p99    max     mean"
		"   unheard   p90   p99    max  missing\n");
	for (size_t i = 0; i < CONDITIONS; i++) {
		if (only != UINT32_MAX && only != i)
			continue;
		memset(&t, 0, sizeof t);
		simulate_condition(i, calls, &t);
		print_condition(conditions[i].c.name, &t);
		add(&all.ours, &t.ours);
		add(&all.naive, &t.naive);
		add(&all.caller, &t.caller);
		if (!getenv("TIMELINE_LOOK"))
			check_aims(i, &t);
	}
	print_condition("all together", &all);
	printf("# of %.0f s that were sent or heard, %.0f s were never heard: the naive recording holds them\n",
		(double)(all.naive.heard + all.naive.unheard) / 8000, (double)all.naive.unheard / 8000);
	if (only != UINT32_MAX || getenv("TIMELINE_LOOK"))
		return;
	assert_int_equal(quantile(&all.ours, 500), 0);
	assert_true(quantile(&all.ours, 990) <= 30);
	assert_true(quantile(&all.naive, 990) > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_timeline_knows_what_was_heard),
	};

	return cmocka_run_group_tests_name("timeline", tests, NULL, NULL);
}
