#include "tests/unit/unit.h"

#include "db/allowance.h"

static struct merchant merchant_with(int64_t calls, int64_t minutes, int64_t micro_dollars, int64_t call_s)
{
	return (struct merchant){ .calls_max = calls, .minutes_month_max = minutes,
		.micro_dollars_month_max = micro_dollars, .call_s_max = call_s };
}

static struct allowance ask(const struct merchant *m, int64_t calls, int64_t talked_ms, int64_t micro_dollars)
{
	const struct merchant_month month
		= { .call_count = calls, .talked_ms = talked_ms, .micro_dollars = micro_dollars };

	return allowance_of(m, &month);
}

static void without_limits_there_is_no_end(void **state)
{
	const struct merchant m
		= merchant_with(MERCHANT_NO_LIMIT, MERCHANT_NO_LIMIT, MERCHANT_NO_LIMIT, MERCHANT_NO_LIMIT);
	const struct allowance a = ask(&m, 9999, INT64_MAX / 2, INT64_MAX / 2);

	(void)state;
	assert_false(allowance_needs_month(&m));
	assert_int_equal(a.over, ALLOWANCE_LEFT);
	assert_int_equal(a.talk_ms, MERCHANT_NO_LIMIT);
	assert_int_equal(a.micro_dollars, MERCHANT_NO_LIMIT);
	assert_int_equal(a.call_ms, MERCHANT_NO_LIMIT);
}

static void each_limit_is_reached_exactly(void **state)
{
	const struct merchant m = merchant_with(2, 10, 500000, 90);

	(void)state;
	assert_true(allowance_needs_month(&m));
	assert_int_equal(ask(&m, 1, 599999, 499999).over, ALLOWANCE_LEFT);
	assert_int_equal(ask(&m, 2, 0, 0).over, ALLOWANCE_CALLS);
	assert_int_equal(ask(&m, 0, 600000, 0).over, ALLOWANCE_MINUTES);
	assert_int_equal(ask(&m, 0, 0, 500000).over, ALLOWANCE_DOLLARS);
	assert_int_equal(ask(&m, 0, 0, 500001).micro_dollars, 0);
}

static void what_is_left_is_for_this_call(void **state)
{
	const struct merchant m = merchant_with(2, 10, 500000, 90);
	const struct allowance a = ask(&m, 1, 240000, 100000);

	(void)state;
	assert_int_equal(a.talk_ms, 360000);
	assert_int_equal(a.micro_dollars, 400000);
	assert_int_equal(a.call_ms, 90000);
}

static void each_limit_has_its_word(void **state)
{
	(void)state;
	assert_string_equal(allowance_word(ALLOWANCE_LEFT), "none");
	assert_string_equal(allowance_word(ALLOWANCE_CALLS), "calls");
	assert_string_equal(allowance_word(ALLOWANCE_MINUTES), "minutes");
	assert_string_equal(allowance_word(ALLOWANCE_DOLLARS), "dollars");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_limits_there_is_no_end),
		cmocka_unit_test(each_limit_is_reached_exactly),
		cmocka_unit_test(what_is_left_is_for_this_call),
		cmocka_unit_test(each_limit_has_its_word),
	};

	return cmocka_run_group_tests_name("allowance", tests, NULL, NULL);
}
