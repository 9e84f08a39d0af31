/* Time and money of a call, and what it has cost. */
#include "tests/unit/unit.h"

#include "relay/account.h"
#include "relay/budget.h"
#include "tests/unit/chance.h"

static struct budget budget_of(int64_t call_ms, int64_t talk_ms, int64_t micro_dollars, int64_t price)
{
	const struct budget_plan plan = { call_ms, talk_ms, micro_dollars, price };
	struct budget b;

	budget_init(&b, &plan, 1000);
	return b;
}

static void a_zeroed_budget_has_no_limit(void **state)
{
	struct budget b = { .begin_ms = 0 };

	(void)state;
	assert_int_equal(budget_next(&b, 1u << 30), BUDGET_GO_ON);
	assert_true(budget_deadline_ms(&b) == UINT64_MAX);
	assert_int_equal(budget_reason(&b), END_NONE);
}

static void a_long_call_is_warned_dismissed_and_ended(void **state)
{
	struct budget b = budget_of(600000, BUDGET_NO_LIMIT, BUDGET_NO_LIMIT, 80000);

	(void)state;
	assert_true(budget_deadline_ms(&b) == 571000);
	assert_int_equal(budget_next(&b, 570999), BUDGET_GO_ON);
	assert_int_equal(budget_next(&b, 571000), BUDGET_WARN);
	assert_int_equal(budget_next(&b, 571000), BUDGET_GO_ON);
	assert_true(budget_deadline_ms(&b) == 593000);
	assert_int_equal(budget_next(&b, 593000), BUDGET_PART);
	assert_int_equal(budget_next(&b, 600999), BUDGET_GO_ON);
	assert_int_equal(budget_next(&b, 601000), BUDGET_END);
	assert_int_equal(budget_reason(&b), END_CALL_TOO_LONG);
}

static void a_short_call_is_warned_at_its_half(void **state)
{
	struct budget b = budget_of(20000, BUDGET_NO_LIMIT, BUDGET_NO_LIMIT, 0);

	(void)state;
	assert_int_equal(budget_next(&b, 10999), BUDGET_GO_ON);
	assert_int_equal(budget_next(&b, 11000), BUDGET_WARN);
	assert_int_equal(budget_next(&b, 16000), BUDGET_PART);
}

static void the_nearest_limit_counts_and_gives_the_reason(void **state)
{
	struct budget minutes = budget_of(600000, 60000, BUDGET_NO_LIMIT, 0);
	struct budget money = budget_of(600000, BUDGET_NO_LIMIT, 40000, 80000);

	(void)state;
	assert_int_equal(budget_reason(&minutes), END_OVER_LIMIT);
	assert_int_equal(budget_next(&minutes, 61000), BUDGET_END);
	assert_int_equal(budget_reason(&money), END_OVER_LIMIT);
	assert_int_equal(budget_next(&money, 16000), BUDGET_WARN);      /* half a minute is paid for */
	assert_int_equal(budget_next(&money, 30999), BUDGET_PART);
	assert_int_equal(budget_next(&money, 31000), BUDGET_END);
}

static void a_new_account_moves_the_end_and_warns_once(void **state)
{
	struct budget b = budget_of(3600000, BUDGET_NO_LIMIT, 80000, 80000);

	(void)state;
	assert_int_equal(budget_next(&b, 31000), BUDGET_WARN);
	budget_used(&b, 10000, 31000);                  /* less than feared: 52.5 s are left */
	assert_int_equal(budget_next(&b, 31000), BUDGET_GO_ON);
	assert_int_equal(budget_next(&b, 60000), BUDGET_GO_ON);
	assert_int_equal(budget_next(&b, 83500 - BUDGET_PART_MS), BUDGET_PART);
	budget_used(&b, 80000, 83000);
	assert_int_equal(budget_next(&b, 83000), BUDGET_END);
}

/* Whatever is told when: at most one warning before at most one goodbye, and the end not later than the limit. */
static void chance_calls_end_in_time_and_in_order(void **state)
{
	(void)state;
	for (int round = 0; round < 5000; round++) {
		const int64_t call_ms = 1 + chance(100000), money = chance(3) ? BUDGET_NO_LIMIT : chance(200000);
		struct budget b = budget_of(
			call_ms, chance(2) ? BUDGET_NO_LIMIT : chance(100000), money, chance(200000));
		int warned = 0, parted = 0;
		uint64_t now_ms = 1000;
		int64_t used = 0;
		enum budget_act act;

		while ((act = budget_next(&b, now_ms)) != BUDGET_END) {
			warned += act == BUDGET_WARN;
			parted += act == BUDGET_PART;
			assert_true(warned <= 1 && parted <= 1 && (act != BUDGET_WARN || !parted));
			assert_true(now_ms < 1000 + (uint64_t)call_ms);
			assert_true(budget_deadline_ms(&b) > now_ms || act != BUDGET_GO_ON);
			if (act == BUDGET_GO_ON)
				now_ms = chance(2) ? budget_deadline_ms(&b) : now_ms + 1 + chance(20000);
			if (!chance(4)) {
				used += chance(20000);
				budget_used(&b, used, now_ms);
			}
			if (now_ms > 1000 + (uint64_t)call_ms)
				now_ms = 1000 + (uint64_t)call_ms;
		}
		assert_int_not_equal(budget_reason(&b), END_NONE);
	}
}

static const struct account_prices prices = { .audio_minute = 80000, .item = 4000 };

static struct account fresh(void)
{
	struct account a = { .is_billed = false };

	account_move(&a, &prices, 0, 0);
	return a;
}

static struct grok_usage usage_of(double billable_s, double output_s)
{
	return (struct grok_usage){ .billable_audio_seconds = billable_s, .output_audio_seconds = output_s };
}

static void the_providers_running_total_is_what_a_call_costs(void **state)
{
	struct account a;
	struct grok_usage usage = usage_of(30, 5);

	(void)state;
	a = fresh();
	assert_int_equal(account_micro_dollars(&a, 60000, 0), 80000);   /* not told yet: our own count */
	account_usage(&a, &usage);
	assert_int_equal(account_micro_dollars(&a, 60000, 0), 40000);
	usage = usage_of(90, 6);
	account_usage(&a, &usage);
	assert_int_equal(account_micro_dollars(&a, 0, 0), 120000);
	assert_int_equal(a.output_ms, 11000);
	assert_int_equal(account_micro_dollars(&a, 0, 1), 124000);
}

static void another_provider_has_other_prices(void **state)
{
	const struct account_prices dear = { .audio_minute = 300000 };
	struct account a = fresh();
	struct grok_usage usage = usage_of(30, 5);

	(void)state;
	account_usage(&a, &usage);
	account_move(&a, &dear, 40000, 2);
	assert_int_equal(account_micro_dollars(&a, 40000, 2), 48000);
	assert_int_equal(account_micro_dollars(&a, 100000, 7), 348000);  /* it tells nothing: our own count */
	assert_int_equal(a.output_ms, 5000);
}

static void a_total_that_falls_begins_another_session(void **state)
{
	struct account a;
	struct grok_usage usage = usage_of(60, 1);

	(void)state;
	a = fresh();
	account_usage(&a, &usage);
	usage = usage_of(30, 1);
	account_usage(&a, &usage);
	assert_int_equal(account_micro_dollars(&a, 0, 0), 120000);
	usage = usage_of(-1, -1);                       /* nothing told */
	account_usage(&a, &usage);
	assert_int_equal(account_micro_dollars(&a, 0, 0), 120000);
}

static void nonsense_from_the_provider_costs_nothing(void **state)
{
	struct account a;
	const double nonsense[] = { -5, 1e300, 0.0 / 1.0 };

	(void)state;
	a = fresh();
	for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++) {
		const struct grok_usage usage = usage_of(nonsense[i], nonsense[i]);

		account_usage(&a, &usage);
	}
	assert_int_equal(account_micro_dollars(&a, 0, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zeroed_budget_has_no_limit),
		cmocka_unit_test(a_long_call_is_warned_dismissed_and_ended),
		cmocka_unit_test(a_short_call_is_warned_at_its_half),
		cmocka_unit_test(the_nearest_limit_counts_and_gives_the_reason),
		cmocka_unit_test(a_new_account_moves_the_end_and_warns_once),
		cmocka_unit_test(chance_calls_end_in_time_and_in_order),
		cmocka_unit_test(the_providers_running_total_is_what_a_call_costs),
		cmocka_unit_test(another_provider_has_other_prices),
		cmocka_unit_test(a_total_that_falls_begins_another_session),
		cmocka_unit_test(nonsense_from_the_provider_costs_nothing),
	};

	return cmocka_run_group_tests_name("budget", tests, NULL, NULL);
}
