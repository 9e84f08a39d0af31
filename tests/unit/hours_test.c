#include "tests/unit/unit.h"

#include "db/hours.h"
#include "tests/unit/chance.h"

enum { MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY };
enum { WEEK_MIN = 7 * 1440 };

static struct merchant_hours hours_of(const struct merchant_opening *openings, uint32_t count)
{
	struct merchant_hours hours = { .count = count };

	memcpy(hours.openings, openings, count * sizeof *openings);
	return hours;
}

static struct hours_answer ask(const struct merchant_hours *hours, unsigned minute_of_week)
{
	/* 5 January 2026 was a Monday. */
	const struct zone_time local = { .year = 2026, .month = 1, .day = (uint8_t)(5 + minute_of_week / 1440),
		.weekday = (uint8_t)(minute_of_week / 1440),
		.hour = (uint8_t)(minute_of_week % 1440 / 60), .minute = (uint8_t)(minute_of_week % 60) };

	return hours_at(hours, &local);
}

static void without_hours_nothing_is_known(void **state)
{
	const struct merchant_hours none = { .count = 0 };

	(void)state;
	assert_false(ask(&none, 0).is_known);
}

static void a_day_opens_and_closes_on_the_minute(void **state)
{
	const struct merchant_opening o[] = { { MONDAY, 540, 1020 } };
	const struct merchant_hours hours = hours_of(o, 1);
	struct hours_answer a = ask(&hours, 539);

	(void)state;
	assert_false(a.is_open);
	assert_int_equal(a.change_in_min, 1);
	assert_int_equal(a.days_ahead, 0);
	assert_true(ask(&hours, 540).is_open);
	a = ask(&hours, 1019);
	assert_true(a.is_open);
	assert_int_equal(a.hour, 17);
	assert_int_equal(a.minute, 0);
	a = ask(&hours, 1020);
	assert_false(a.is_open);
	assert_int_equal(a.weekday, MONDAY);
	assert_int_equal(a.days_ahead, 7);
}

static void an_evening_goes_on_after_midnight_and_over_the_week(void **state)
{
	const struct merchant_opening o[] = { { SUNDAY, 1200, 1440 + 120 } };
	const struct merchant_hours hours = hours_of(o, 1);
	struct hours_answer a = ask(&hours, 60);

	(void)state;
	assert_true(a.is_open);
	assert_int_equal(a.weekday, MONDAY);
	assert_int_equal(a.hour, 2);
	assert_int_equal(a.change_in_min, 60);
	assert_int_equal(a.days_ahead, 0);
	assert_false(ask(&hours, 120).is_open);
	assert_true(ask(&hours, WEEK_MIN - 1).is_open);
}

static void openings_that_touch_are_one(void **state)
{
	const struct merchant_opening o[] = { { MONDAY, 540, 1440 }, { TUESDAY, 0, 60 }, { TUESDAY, 30, 120 } };
	const struct merchant_hours hours = hours_of(o, 3);
	const struct hours_answer a = ask(&hours, 600);

	(void)state;
	assert_true(a.is_open);
	assert_int_equal(a.weekday, TUESDAY);
	assert_int_equal(a.hour, 2);
	assert_int_equal(a.days_ahead, 1);
}

static void round_the_clock_never_changes(void **state)
{
	struct merchant_hours hours = { .count = 7 };

	(void)state;
	for (uint8_t day = 0; day < 7; day++)
		hours.openings[day] = (struct merchant_opening){ day, 0, 1440 };
	for (unsigned m = 0; m < WEEK_MIN; m += 7) {
		const struct hours_answer a = ask(&hours, m);

		assert_true(a.is_open);
		assert_false(a.has_change);
	}
}

/* Minute by minute: the slow way that nobody gets wrong. */
static void chance_hours_agree_with_counting_minutes(void **state)
{
	(void)state;
	for (int round = 0; round < 300; round++) {
		struct merchant_hours hours = { .count = 1 + chance(8) };
		static bool open[WEEK_MIN];

		memset(open, 0, sizeof open);
		for (uint32_t i = 0; i < hours.count; i++) {
			const unsigned opens = chance(1440), length = 1 + chance(1439);

			hours.openings[i] = (struct merchant_opening){ (uint8_t)chance(7), (uint16_t)opens,
				(uint16_t)(opens + length) };
			for (unsigned m = 0; m < length; m++)
				open[(hours.openings[i].weekday * 1440 + opens + m) % WEEK_MIN] = true;
		}
		for (int i = 0; i < 50; i++) {
			const unsigned now = chance(WEEK_MIN);
			const struct hours_answer a = ask(&hours, now);
			unsigned wait = 0;

			while (wait < WEEK_MIN && open[(now + wait) % WEEK_MIN] == open[now])
				wait++;
			assert_int_equal(a.is_open, open[now]);
			if (a.has_change)
				assert_int_equal(a.change_in_min, wait);
			else
				assert_int_equal(wait, WEEK_MIN);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_hours_nothing_is_known),
		cmocka_unit_test(a_day_opens_and_closes_on_the_minute),
		cmocka_unit_test(an_evening_goes_on_after_midnight_and_over_the_week),
		cmocka_unit_test(openings_that_touch_are_one),
		cmocka_unit_test(round_the_clock_never_changes),
		cmocka_unit_test(chance_hours_agree_with_counting_minutes),
	};

	return cmocka_run_group_tests_name("hours", tests, NULL, NULL);
}
