#include "tests/unit/unit.h"

#include "sim/histogram.h"

static struct histogram h, other;

static int teardown(void **state)
{
	(void)state;
	memset(&h, 0, sizeof h);
	memset(&other, 0, sizeof other);
	return 0;
}

static void an_empty_histogram_answers_nought(void **state)
{
	(void)state;
	assert_int_equal(histogram_at(&h, 50), 0);
	assert_int_equal(histogram_at(&h, 100), 0);
	assert_true(histogram_mean(&h) == 0);
}

static void small_values_are_exact(void **state)
{
	(void)state;
	for (uint64_t v = 1; v <= 100; v++)
		histogram_add(&h, v);
	assert_int_equal(histogram_at(&h, 50), 50);
	assert_int_equal(histogram_at(&h, 90), 90);
	assert_int_equal(histogram_at(&h, 99), 99);
	assert_int_equal(histogram_at(&h, 99.9), 100);
	assert_int_equal(histogram_at(&h, 100), 100);
	assert_int_equal(histogram_at(&h, 0.1), 1);
	assert_int_equal(h.least, 1);
	assert_true(histogram_mean(&h) == 50.5);
}

static void every_magnitude_is_known_to_one_percent_and_never_too_low(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < HISTOGRAM_TOP_BITS; bits++) {
		for (uint64_t extra = 0; extra < 3; extra++) {
			uint64_t v = (UINT64_C(1) << bits) + extra * ((UINT64_C(1) << bits) / 3);

			memset(&h, 0, sizeof h);
			histogram_add(&h, v);
			histogram_add(&h, HISTOGRAM_VALUE_MAX);
			uint64_t got = histogram_at(&h, 50);

			assert_true(got >= v);
			assert_true((double)(got - v) <= (double)v / 128);
		}
	}
}

static void percentiles_of_a_known_distribution_are_within_one_percent(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 1000000; i++)
		histogram_add(&h, i * 7919 % 1000003);
	static const double percents[] = { 50, 90, 99, 99.9 };

	for (size_t i = 0; i < sizeof percents / sizeof percents[0]; i++) {
		double expected = 1000003 * percents[i] / 100;

		assert_true((double)histogram_at(&h, percents[i]) > expected * 0.99);
		assert_true((double)histogram_at(&h, percents[i]) < expected * 1.01);
	}
}

static void one_outlier_is_the_maximum_and_nothing_else(void **state)
{
	(void)state;
	for (int i = 0; i < 999; i++)
		histogram_add(&h, 200);
	histogram_add(&h, 1234567);
	assert_int_equal(histogram_at(&h, 99.9), 200);
	assert_int_equal(histogram_at(&h, 100), 1234567);
	assert_int_equal(h.most, 1234567);
}

static void values_beyond_the_bound_count_as_the_bound(void **state)
{
	(void)state;
	histogram_add(&h, UINT64_MAX);
	assert_int_equal(h.count, 1);
	assert_true(histogram_at(&h, 100) == HISTOGRAM_VALUE_MAX);
}

static void merged_histograms_are_as_one(void **state)
{
	(void)state;
	for (uint64_t v = 1; v <= 50; v++)
		histogram_add(&h, v + 50);
	histogram_merge(&h, &other);
	for (uint64_t v = 1; v <= 50; v++)
		histogram_add(&other, v);
	histogram_merge(&h, &other);
	assert_int_equal(h.count, 100);
	assert_int_equal(h.least, 1);
	assert_int_equal(h.most, 100);
	assert_int_equal(histogram_at(&h, 25), 25);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(an_empty_histogram_answers_nought, teardown),
		cmocka_unit_test_teardown(small_values_are_exact, teardown),
		cmocka_unit_test_teardown(
			every_magnitude_is_known_to_one_percent_and_never_too_low, teardown),
		cmocka_unit_test_teardown(
			percentiles_of_a_known_distribution_are_within_one_percent, teardown),
		cmocka_unit_test_teardown(one_outlier_is_the_maximum_and_nothing_else, teardown),
		cmocka_unit_test_teardown(values_beyond_the_bound_count_as_the_bound, teardown),
		cmocka_unit_test_teardown(merged_histograms_are_as_one, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
