#include "tests/unit/unit.h"

#include "base/pool.h"

static const struct pool_plan plan[] = { { 64, 2 }, { 128, 1 } };

static void a_used_up_class_is_served_by_the_next_and_then_refused(void **state)
{
	struct pool pool;
	size_t a, b, c, d;

	(void)state;
	assert_int_equal(pool_open(&pool, plan, 2), 0);
	void *p = pool_take(&pool, 10, &a), *q = pool_take(&pool, 64, &b), *r = pool_take(&pool, 1, &c);
	assert_non_null(p);
	assert_non_null(q);
	assert_non_null(r);
	assert_int_equal(c, 128);
	assert_null(pool_take(&pool, 1, &d));
	assert_int_equal(pool.classes[0].refused_count, 2);
	pool_give(&pool, q, b);
	assert_ptr_equal(pool_take(&pool, 20, &b), q);
	assert_int_equal(pool.classes[0].used_count_max, 2);
	pool_give(&pool, p, a);
	pool_give(&pool, q, b);
	pool_give(&pool, r, c);
	pool_close(&pool);
}

static void more_than_the_largest_class_is_refused(void **state)
{
	struct pool pool;
	size_t got;

	(void)state;
	assert_int_equal(pool_open(&pool, plan, 2), 0);
	assert_null(pool_take(&pool, 129, &got));
	pool_close(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_used_up_class_is_served_by_the_next_and_then_refused),
		cmocka_unit_test(more_than_the_largest_class_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
