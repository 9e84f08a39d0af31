/* The figures of a call: small calls by hand, and many by chance against a plain count of every 20 ms. */
#include "tests/unit/chance.h"

#include "relay/quality.h"

static void a_call_in_which_nobody_was_heard_has_no_figures(void **state)
{
	struct quality q = { 0 };

	(void)state;
	quality_look(&q, false, false, 1000);
	quality_caller(&q, true, 0, 2000);
	quality_look(&q, false, true, 9000);
	quality_answer(&q, 500);
	quality_underrun(&q);
	quality_lag(&q, 1000);
	quality_end(&q, 10000);
	assert_false(q.begun);
	assert_int_equal(q.dead_air_ms + q.talk_over_ms + q.gap_count + q.underrun_count + q.lag_ns_max, 0);
}

static void a_pause_of_two_seconds_is_no_dead_air_and_a_longer_one_is_all_of_it(void **state)
{
	struct quality q = { 0 };

	(void)state;
	quality_begin(&q, 1000);
	quality_look(&q, false, false, 2000);
	quality_look(&q, true, false, 4000);
	assert_int_equal(q.dead_air_ms, 0);
	quality_look(&q, false, false, 5000);
	quality_look(&q, false, false, 6000);
	quality_look(&q, true, false, 7020);
	assert_int_equal(q.dead_air_ms, 2020);
	quality_look(&q, false, false, 8000);
	quality_end(&q, 11000);
	assert_int_equal(q.dead_air_ms, 5020);
	assert_int_equal(q.dead_air_ms_max, 3000);
	quality_look(&q, false, false, 99000);
	quality_end(&q, 99000);
	assert_int_equal(q.dead_air_ms, 5020);
}

static void dead_air_ends_where_the_caller_began_not_where_that_was_told(void **state)
{
	struct quality q = { 0 };

	(void)state;
	quality_begin(&q, 1000);
	quality_look(&q, false, false, 2000);
	quality_look(&q, false, false, 5000);
	quality_caller(&q, true, 300, 5000);
	assert_int_equal(q.dead_air_ms, 2700);
}

static void dead_air_begins_where_the_caller_ended_not_where_that_was_told(void **state)
{
	struct quality q = { 0 };

	(void)state;
	quality_begin(&q, 1000);
	quality_look(&q, false, false, 1500);
	quality_caller(&q, true, 0, 2000);
	quality_look(&q, false, true, 3600);
	quality_caller(&q, false, 600, 3600);
	quality_look(&q, true, false, 5100);
	assert_int_equal(q.dead_air_ms, 2100);
}

static void who_speaks_into_the_other_s_words_talks_over_him(void **state)
{
	struct quality q = { 0 };

	(void)state;
	quality_begin(&q, 1000);
	quality_look(&q, true, false, 2000);
	quality_caller(&q, true, 160, 2000);            /* heard 160 ms late */
	quality_look(&q, true, true, 2300);             /* and stopped 300 ms later */
	quality_look(&q, false, true, 2300);
	quality_look(&q, false, true, 4000);
	assert_int_equal(q.talk_over_ms, 460);
	assert_int_equal(q.dead_air_ms, 0);
}

static void a_cough_counts_as_long_as_it_lasted(void **state)
{
	struct quality q = { 0 };

	(void)state;
	quality_begin(&q, 1000);
	quality_caller(&q, true, 0, 2000);
	quality_look(&q, true, true, 2900);
	quality_caller(&q, false, 600, 2900);
	assert_int_equal(q.talk_over_ms, 300);
}

static void gaps_fall_into_their_buckets_and_the_longest_is_known(void **state)
{
	struct quality q = { 0 };

	(void)state;
	quality_begin(&q, 0);
	quality_answer(&q, 0);
	quality_answer(&q, 250);
	quality_answer(&q, 251);
	quality_answer(&q, 10001);
	assert_int_equal(q.gap_counts[0], 2);
	assert_int_equal(q.gap_counts[1], 1);
	assert_int_equal(q.gap_counts[QUALITY_GAP_BUCKETS - 1], 1);
	assert_int_equal(q.gap_count, 4);
	assert_int_equal(q.gap_ms_sum, 10502);
	assert_int_equal(q.gap_ms_max, 10001);
}

static void the_worst_lag_is_kept(void **state)
{
	struct quality q = { 0 };

	(void)state;
	quality_lag(&q, 9000000);
	quality_begin(&q, 0);
	quality_lag(&q, 3000);
	quality_lag(&q, 70000);
	quality_lag(&q, 100);
	assert_int_equal(q.lag_ns_max, 70000);
}

/* --- by chance -------------------------------------------------------------------------------------- */

enum { FRAME_MS = 20, FRAMES = 3000 };

struct timeline {
	bool voice[FRAMES], caller[FRAMES];
	unsigned began_late, ended_late;        /* frames until it is told */
};

static void fill(bool *frames, unsigned from, unsigned count, bool value)
{
	for (unsigned i = from; i < from + count && i < FRAMES; i++)
		frames[i] = value;
}

/* While something is on its way to be told the voice stays as it was. */
static void make(struct timeline *t)
{
	*t = (struct timeline){ .began_late = chance(10), .ended_late = 1 + chance(30) };
	for (unsigned at = 0; at < FRAMES; at += 1 + chance(200))
		fill(t->voice, at, 1 + chance(150), true);
	for (unsigned at = 20 + chance(100); at + 200 < FRAMES;) {
		unsigned lasts = t->began_late + 1 + chance(150);

		fill(t->caller, at, lasts, true);
		fill(t->voice, at, t->began_late + 1, t->voice[at]);
		fill(t->voice, at + lasts, t->ended_late + 1, t->voice[at + lasts]);
		at += lasts + t->ended_late + t->began_late + 2 + chance(300);
	}
	t->voice[0] = true;
}

static void count(const struct timeline *t, uint64_t *out_dead, uint64_t *out_both)
{
	uint64_t run = 0;

	*out_dead = *out_both = 0;
	for (unsigned i = 0; i < FRAMES; i++) {
		*out_both += t->voice[i] && t->caller[i] ? FRAME_MS : 0;
		run = t->voice[i] || t->caller[i] ? 0 : run + FRAME_MS;
		bool ends = i + 1 == FRAMES || t->voice[i + 1] || t->caller[i + 1];

		if (ends && run > QUALITY_PAUSE_MS)
			*out_dead += run;
	}
}

static void tell(const struct timeline *t, unsigned i, struct quality *q, uint64_t now_ms)
{
	unsigned began = i - t->began_late, ended = i - t->ended_late;

	if (i > t->ended_late && t->caller[ended - 1] && !t->caller[ended])
		quality_caller(q, false, t->ended_late * FRAME_MS, now_ms);
	if (i > t->began_late && !t->caller[began - 1] && t->caller[began])
		quality_caller(q, true, t->began_late * FRAME_MS, now_ms);
}

static void the_figures_of_any_call_are_those_of_a_plain_count(void **state)
{
	static struct timeline t;

	(void)state;
	for (unsigned round = 0; round < 500; round++) {
		struct quality q = { 0 };
		uint64_t dead_ms, both_ms;

		make(&t);
		quality_begin(&q, 1000);
		for (unsigned i = 0; i < FRAMES; i++) {
			quality_look(&q, t.voice[i], q.caller, 1000 + i * FRAME_MS);
			tell(&t, i, &q, 1000 + i * FRAME_MS);
		}
		quality_end(&q, 1000 + FRAMES * FRAME_MS);
		count(&t, &dead_ms, &both_ms);
		assert_int_equal(q.dead_air_ms, dead_ms);
		assert_int_equal(q.talk_over_ms, both_ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_in_which_nobody_was_heard_has_no_figures),
		cmocka_unit_test(a_pause_of_two_seconds_is_no_dead_air_and_a_longer_one_is_all_of_it),
		cmocka_unit_test(dead_air_ends_where_the_caller_began_not_where_that_was_told),
		cmocka_unit_test(dead_air_begins_where_the_caller_ended_not_where_that_was_told),
		cmocka_unit_test(who_speaks_into_the_other_s_words_talks_over_him),
		cmocka_unit_test(a_cough_counts_as_long_as_it_lasted),
		cmocka_unit_test(gaps_fall_into_their_buckets_and_the_longest_is_known),
		cmocka_unit_test(the_worst_lag_is_kept),
		cmocka_unit_test(the_figures_of_any_call_are_those_of_a_plain_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
