/* Plans against a track that is filled sample by sample. */
#include "tests/unit/unit.h"

#include "media/sound/placement.h"
#include "tests/unit/chance.h"

enum { TRACK = 400, FILE_BYTES = 300 };

static void what_is_there_first_stays_and_the_rest_is_cut(void **state)
{
	struct plan p;

	(void)state;
	plan_init(&p, 1000);
	plan_put(&p, 100, 0, 50);
	plan_put(&p, 200, 50, 50);
	plan_put(&p, 120, 500, 100);
	assert_int_equal(p.count, 3);
	assert_int_equal(p.items[1].sample, 150);
	assert_int_equal(p.items[1].at, 530);
	assert_int_equal(p.items[1].bytes, 50);
	assert_int_equal(p.lost_bytes, 50);
	plan_fini(&p);
}

static void neighbours_that_go_on_are_one_item(void **state)
{
	struct plan p;

	(void)state;
	plan_init(&p, 1000);
	for (int i = 0; i < 5; i++)
		plan_put(&p, 160 * i, 160 * i, 160);
	assert_int_equal(p.count, 1);
	assert_int_equal(plan_end(&p), 800);
	plan_cut(&p, 333);
	assert_int_equal(plan_end(&p), 333);
	plan_cut(&p, 0);
	assert_int_equal(p.count, 0);
	plan_fini(&p);
}

static void nothing_reaches_beyond_the_file_or_the_day(void **state)
{
	struct plan p;

	(void)state;
	plan_init(&p, 1000);
	plan_put(&p, -30, 0, 100);
	plan_put(&p, PLAN_SAMPLES_MAX - 10, 100, 100);
	plan_put(&p, 500, 990, INT64_MAX);
	plan_put(&p, INT64_MAX, 0, 100);
	plan_put(&p, INT64_MIN, 0, 100);
	plan_put(&p, 600, INT64_MAX, INT64_MAX);
	plan_put(&p, 600, -1, 10);
	assert_int_equal(p.count, 3);
	assert_int_equal(p.items[0].sample, 0);
	assert_int_equal(p.items[0].at, 30);
	assert_int_equal(p.items[0].bytes, 70);
	assert_int_equal(p.items[1].bytes, 10);
	assert_int_equal(p.items[2].bytes, 10);
	plan_fini(&p);
}

/* The same by the simplest means: one number for each sample; -1: silence. */
static void fill(int track[TRACK], int64_t sample, int64_t at, int64_t bytes)
{
	for (int64_t i = 0; i < bytes; i++)
		if (sample + i >= 0 && sample + i < TRACK && track[sample + i] < 0 && at + i < FILE_BYTES)
			track[sample + i] = (int)(at + i);
}

static void check_equal(const struct plan *p, const int track[TRACK])
{
	int filled[TRACK];

	for (int i = 0; i < TRACK; i++)
		filled[i] = -1;
	for (size_t i = 0; i < p->count; i++) {
		assert_true(i == 0 || p->items[i].sample >= p->items[i - 1].sample + p->items[i - 1].bytes);
		for (int64_t k = 0; k < p->items[i].bytes; k++)
			filled[p->items[i].sample + k] = (int)(p->items[i].at + k);
	}
	assert_memory_equal(filled, track, sizeof filled);
}

/* Stretches that cover no whole item that is there: such a one is cut at the item and lost behind it. */
static void stretches_in_any_order_fill_what_is_free(void **state)
{
	(void)state;
	for (int round = 0; round < 2000; round++) {
		int track[TRACK];
		struct plan p;

		for (int i = 0; i < TRACK; i++)
			track[i] = -1;
		plan_init(&p, FILE_BYTES);
		for (int i = 0; i < 20; i++) {
			int64_t sample = 10 * (int64_t)chance(TRACK / 10 - 1), at = chance(FILE_BYTES - 10);

			plan_put(&p, sample, at, 10);
			fill(track, sample, at, 10);
		}
		check_equal(&p, track);
		plan_fini(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_there_first_stays_and_the_rest_is_cut),
		cmocka_unit_test(neighbours_that_go_on_are_one_item),
		cmocka_unit_test(nothing_reaches_beyond_the_file_or_the_day),
		cmocka_unit_test(stretches_in_any_order_fill_what_is_free),
	};

	return cmocka_run_group_tests_name("placement", tests, NULL, NULL);
}
