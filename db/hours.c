/*
 * Days are numbered from 1 March of the year 0 on, minutes from that day's midnight: so the calendar, the week and what
 * reaches over midnight are sums. A day's openings are those of its special rows or, if it has none, its weekday's.
 */
#include "db/hours.h"

#include "base/check.h"

#include <stdio.h>

enum { DAY_MIN = 24 * 60, WEEK_DAYS = 7, FIRST_WEEKDAY = 2, ERA_YEARS = 400, ERA_DAYS = 146097 };

/* A day's openings, whichever table they come from. */
struct span {
	int32_t opens_min, closes_min;
};
enum { SPANS_MAX = MERCHANT_DAYS_MAX };
static_assert(SPANS_MAX >= (int)MERCHANT_HOURS_MAX, "a day's openings are at most all there are");

struct date {
	int32_t year;
	uint8_t month, day;
};

/* Howard Hinnant, "chrono-compatible low-level date algorithms": years begin in March. */
static int32_t number_of_day(struct date d)
{
	const int32_t year = d.year - (d.month <= 2), of_era = year % ERA_YEARS;
	const int32_t of_year = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;

	return year / ERA_YEARS * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
}

static struct date date_of(int32_t number)
{
	const int32_t of_era = number % ERA_DAYS;
	const int32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	const int32_t of_year = of_era - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;
	const uint8_t calendar_month = (uint8_t)(month < 10 ? month + 3 : month - 9);

	return (struct date){ year + number / ERA_DAYS * ERA_YEARS + (calendar_month <= 2), calendar_month,
		(uint8_t)(of_year - (153 * month + 2) / 5 + 1) };
}

static uint8_t weekday_of(int32_t number)
{
	return (uint8_t)((number + FIRST_WEEKDAY) % WEEK_DAYS);
}

/* The first row of the day; NULL: it is none that is special. */
static const struct merchant_day *special_day(const struct merchant_hours *hours, struct date date)
{
	const struct merchant_day *yearly = NULL;

	for (uint32_t i = 0; i < hours->day_count; i++) {
		const struct merchant_day *d = &hours->days[i];

		if (d->month != date.month || d->day != date.day)
			continue;
		if (d->year == date.year)
			return d;
		if (d->year == 0 && !yearly)
			yearly = d;
	}
	return yearly;
}

static bool is_same_day(const struct merchant_day *a, const struct merchant_day *b)
{
	return a->year == b->year && a->month == b->month && a->day == b->day;
}

/* The rows of a day stand behind each other. */
static const struct merchant_day *end_of(const struct merchant_hours *hours, const struct merchant_day *first)
{
	const struct merchant_day *d = first;

	while (d < hours->days + hours->day_count && is_same_day(d, first))
		d++;
	return d;
}

static uint32_t special_spans(const struct merchant_hours *hours, const struct merchant_day *first, struct span *out)
{
	const struct merchant_day *end = end_of(hours, first);
	uint32_t count = 0;

	for (const struct merchant_day *d = first; d < end; d++)
		if (!d->is_closed)
			out[count++] = (struct span){ d->opens_min, d->closes_min };
	return count;
}

static uint32_t weekly_spans(const struct merchant_opening *openings, uint32_t opening_count, uint8_t weekday,
	struct span *out)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < opening_count; i++)
		if (openings[i].weekday == weekday)
			out[count++] = (struct span){ openings[i].opens_min, openings[i].closes_min };
	return count;
}

static uint32_t spans_of(const struct merchant_hours *hours, int32_t number, struct span out[SPANS_MAX])
{
	const struct merchant_day *special = special_day(hours, date_of(number));

	if (special)
		return special_spans(hours, special, out);
	if (hours->count)
		return weekly_spans(hours->openings, hours->count, weekday_of(number), out);
	out[0] = (struct span){ 0, DAY_MIN };
	return 1;
}

/* When the openings of the day `number` that hold at `at_min` are over; at_min itself: none does. */
static int64_t holds_until(const struct span *spans, uint32_t count, int32_t number, int64_t at_min)
{
	const int64_t midnight_min = (int64_t)number * DAY_MIN;
	int64_t until_min = at_min;

	for (uint32_t i = 0; i < count; i++)
		if (midnight_min + spans[i].opens_min <= at_min && midnight_min + spans[i].closes_min > until_min)
			until_min = midnight_min + spans[i].closes_min;
	return until_min;
}

/* From opening to opening, as long as one reaches into another. */
static int64_t open_until(const struct merchant_hours *hours, int64_t now_min)
{
	const int64_t horizon_min = now_min + HOURS_AHEAD_DAYS * DAY_MIN;
	struct span spans[SPANS_MAX];
	int64_t until_min = now_min, before_min;

	do {
		const int32_t today = (int32_t)(until_min / DAY_MIN);

		before_min = until_min;
		for (int32_t number = today - 1; number <= today; number++) {
			const uint32_t count = spans_of(hours, number, spans);

			until_min = holds_until(spans, count, number, until_min);
		}
	} while (until_min > before_min && until_min < horizon_min);
	return until_min;
}

/* The next time a closed door opens. */
static int64_t opens_at(const struct merchant_hours *hours, int64_t now_min)
{
	const int32_t today = (int32_t)(now_min / DAY_MIN);
	const int64_t horizon_min = now_min + HOURS_AHEAD_DAYS * DAY_MIN;
	int64_t soonest_min = horizon_min;
	struct span spans[SPANS_MAX];

	for (int32_t number = today; number <= today + HOURS_AHEAD_DAYS && soonest_min == horizon_min; number++) {
		const uint32_t count = spans_of(hours, number, spans);

		for (uint32_t i = 0; i < count; i++) {
			const int64_t at_min = (int64_t)number * DAY_MIN + spans[i].opens_min;

			if (at_min >= now_min && at_min < soonest_min)
				soonest_min = at_min;
		}
	}
	return soonest_min;
}

struct hours_answer hours_at(const struct merchant_hours *hours, const struct zone_time *local)
{
	const struct date date = { local->year, local->month, local->day };
	const int32_t today = number_of_day(date);
	const int64_t now_min = (int64_t)today * DAY_MIN + local->hour * 60 + local->minute;
	struct hours_answer a = { .is_known = hours->count || hours->day_count };

	if (!a.is_known)
		return a;
	int64_t then_min = open_until(hours, now_min);

	a.is_open = then_min > now_min;
	if (!a.is_open)
		then_min = opens_at(hours, now_min);
	const struct date then = date_of((int32_t)(then_min / DAY_MIN));

	a.has_change = then_min < now_min + HOURS_AHEAD_DAYS * DAY_MIN;
	a.change_in_min = (uint32_t)(then_min - now_min);
	a.days_ahead = (uint32_t)(then_min / DAY_MIN - today);
	a.year = then.year;
	a.month = then.month;
	a.day = then.day;
	a.weekday = weekday_of((int32_t)(then_min / DAY_MIN));
	a.hour = (uint8_t)(then_min % DAY_MIN / 60);
	a.minute = (uint8_t)(then_min % 60);
	a.today = special_day(hours, date);
	return a;
}

bool hours_person_is_on_duty(const struct merchant_person *person, const struct zone_time *local)
{
	const int32_t now_min = local->hour * 60 + local->minute;

	for (uint32_t i = 0; i < person->opening_count; i++) {
		const struct merchant_opening *o = &person->openings[i];
		const int32_t days = (local->weekday - o->weekday + WEEK_DAYS) % WEEK_DAYS;
		const int32_t at_min = days * DAY_MIN + now_min;

		if (o->opens_min <= at_min && at_min < o->closes_min)
			return true;
	}
	return person->opening_count == 0;
}

const char *hours_weekday_word(uint8_t weekday)
{
	static const char *const words[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
		"Sunday" };

	check(weekday < ARRAY_COUNT(words));
	return words[weekday];
}

void hours_change_words(const struct hours_answer *a, char out[HOURS_WORDS_BYTES])
{
	const char *day = a->days_ahead == 0 ? "today" :
		a->days_ahead == 1 ? "tomorrow" : hours_weekday_word(a->weekday);

	if (a->days_ahead < WEEK_DAYS)
		snprintf(out, HOURS_WORDS_BYTES, "%s %02u:%02u", day, a->hour, a->minute);
	else
		snprintf(out, HOURS_WORDS_BYTES, "%s %04d-%02u-%02u %02u:%02u", day, a->year, a->month, a->day, a->hour,
			a->minute);
}

bool hours_next_special(const struct merchant_hours *hours, const struct zone_time *local, uint32_t days_ahead,
	uint32_t until_days, struct hours_day *out_day)
{
	const int32_t today = number_of_day((struct date){ local->year, local->month, local->day });

	for (; days_ahead < until_days; days_ahead++) {
		const int32_t number = today + (int32_t)days_ahead;
		const struct date date = date_of(number);
		const struct merchant_day *first = special_day(hours, date);

		if (!first)
			continue;
		*out_day = (struct hours_day){ days_ahead, date.year, date.month, date.day, weekday_of(number), first,
			end_of(hours, first) };
		return true;
	}
	return false;
}
