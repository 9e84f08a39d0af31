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

/* 2026-12-24 is a Thursday. */
static struct hours_answer at(const struct merchant_hours *hours, uint8_t month, uint8_t day, uint8_t hour)
{
	const struct zone_time local = { .year = 2026, .month = month, .day = day, .hour = hour };

	return hours_at(hours, &local);
}

static struct merchant_hours all_week(uint16_t opens_min, uint16_t closes_min)
{
	struct merchant_hours hours = { .count = 7 };

	for (uint8_t day = 0; day < 7; day++)
		hours.openings[day] = (struct merchant_opening){ day, opens_min, closes_min };
	return hours;
}

static void a_special_day_takes_the_place_of_the_week(void **state)
{
	struct merchant_hours hours = all_week(540, 1020);

	(void)state;
	hours.days[hours.day_count++] = (struct merchant_day){ .month = 12, .day = 25, .is_closed = true };
	hours.days[hours.day_count++] = (struct merchant_day){ 2026, 12, 24, false, 600, 720, 0, 0 };
	hours.days[hours.day_count++] = (struct merchant_day){ 2026, 12, 24, false, 780, 900, 0, 0 };
	assert_false(at(&hours, 12, 24, 9).is_open);
	assert_true(at(&hours, 12, 24, 10).is_open);
	assert_false(at(&hours, 12, 24, 12).is_open);
	assert_true(at(&hours, 12, 24, 13).is_open);
	assert_ptr_equal(at(&hours, 12, 24, 13).today, &hours.days[1]);
	assert_false(at(&hours, 12, 25, 10).is_open);
	const struct hours_answer a = at(&hours, 12, 24, 15);

	assert_false(a.is_open);
	assert_int_equal(a.days_ahead, 2);
	assert_int_equal(a.day, 26);
	assert_int_equal(a.weekday, SATURDAY);
	assert_null(at(&hours, 12, 26, 10).today);
}

static void the_date_of_one_year_beats_that_of_every_year(void **state)
{
	struct merchant_hours hours = all_week(540, 1020);

	(void)state;
	hours.days[hours.day_count++] = (struct merchant_day){ .month = 12, .day = 25, .is_closed = true };
	hours.days[hours.day_count++] = (struct merchant_day){ 2026, 12, 25, false, 600, 720, 0, 0 };
	assert_true(at(&hours, 12, 25, 10).is_open);
	hours.days[1].year = 2027;
	assert_false(at(&hours, 12, 25, 10).is_open);
}

static void an_evening_goes_on_into_a_holiday(void **state)
{
	struct merchant_hours hours = all_week(1200, 1440 + 120);

	(void)state;
	hours.days[hours.day_count++] = (struct merchant_day){ .month = 12, .day = 25, .is_closed = true };
	assert_true(at(&hours, 12, 25, 1).is_open);
	assert_false(at(&hours, 12, 25, 2).is_open);
	assert_false(at(&hours, 12, 25, 20).is_open);
	assert_false(at(&hours, 12, 26, 1).is_open);
}

static void leap_days_are_days(void **state)
{
	struct merchant_hours hours = all_week(540, 1020);
	struct zone_time local = { .year = 2028, .month = 2, .day = 29, .hour = 10, .weekday = TUESDAY };
	struct hours_day day;

	(void)state;
	hours.days[hours.day_count++] = (struct merchant_day){ .month = 2, .day = 29, .is_closed = true };
	assert_false(hours_at(&hours, &local).is_open);
	assert_int_equal(hours_at(&hours, &local).month, 3);
	local.year = 2027, local.month = 3, local.day = 1;
	assert_true(hours_next_special(&hours, &local, 0, 400, &day));
	assert_int_equal(day.year, 2028);
	assert_int_equal(day.days_ahead, 365);
	assert_int_equal(day.weekday, TUESDAY);
	assert_false(hours_next_special(&hours, &local, 0, 365, &day));
	assert_false(hours_next_special(&hours, &local, 366, 400, &day));
}

static void changes_are_told_in_words(void **state)
{
	struct merchant_hours hours = all_week(540, 1020);
	struct hours_answer a;
	char words[HOURS_WORDS_BYTES];

	(void)state;
	a = at(&hours, 12, 24, 8);
	hours_change_words(&a, words);
	assert_string_equal(words, "today 09:00");
	for (uint8_t day = 0; day < 7; day++)
		hours.days[hours.day_count++] = (struct merchant_day){ .year = 2026, .month = 12,
			.day = (uint8_t)(25 + day), .is_closed = true };
	a = at(&hours, 12, 24, 18);
	hours_change_words(&a, words);
	assert_string_equal(words, "Friday 2027-01-01 09:00");
	hours.day_count = 2;
	a = at(&hours, 12, 24, 18);
	hours_change_words(&a, words);
	assert_string_equal(words, "Sunday 09:00");
	hours.day_count = 0;
	a = at(&hours, 12, 24, 18);
	hours_change_words(&a, words);
	assert_string_equal(words, "tomorrow 09:00");
}

/* Spring in Berlin: on 29 March 2026 the clock goes from 02:00 to 03:00; on 25 October from 03:00 back to 02:00. */
static void the_nights_in_which_clocks_change_go_by_the_wall(void **state)
{
	static const int64_t spring_s = 1774746000, autumn_s = 1792890000;
	const struct merchant_opening o[] = { { SUNDAY, 150, 240 } };
	const struct merchant_hours hours = hours_of(o, 1);
	static struct zone zone;
	const char *why = "";

	(void)state;
	if (!zone_load(&zone, "Europe/Berlin", &why))
		fail_msg("%s", why);
	for (int minute = -90; minute < 180; minute++) {
		const struct zone_time spring = zone_local(&zone, spring_s + minute * 60),
				       autumn = zone_local(&zone, autumn_s + minute * 60);

		/* 01:59 is followed by 03:00, in the midst of the opening from 02:30 to 04:00. */
		assert_int_equal(hours_at(&hours, &spring).is_open, minute >= 0 && minute < 60);
		/* 02:30 to 02:59 comes twice. */
		assert_int_equal(hours_at(&hours, &autumn).is_open,
			(minute >= -30 && minute < 0) || (minute >= 30 && minute < 120));
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
		cmocka_unit_test(a_special_day_takes_the_place_of_the_week),
		cmocka_unit_test(the_date_of_one_year_beats_that_of_every_year),
		cmocka_unit_test(an_evening_goes_on_into_a_holiday),
		cmocka_unit_test(leap_days_are_days),
		cmocka_unit_test(changes_are_told_in_words),
		cmocka_unit_test(the_nights_in_which_clocks_change_go_by_the_wall),
	};

	return cmocka_run_group_tests_name("hours", tests, NULL, NULL);
}
