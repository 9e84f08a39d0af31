#include "db/hours.h"

enum { DAY_MIN = 24 * 60, WEEK_MIN = 7 * DAY_MIN };

/* Minutes from `now_min` until the opening begins: 0 to a week, less one. */
static int32_t begins_in(const struct merchant_opening *o, int32_t now_min)
{
	return (o->weekday * DAY_MIN + o->opens_min - now_min + WEEK_MIN) % WEEK_MIN;
}

/* How much longer this opening lasts at `now_min`; 0: it is closed then. */
static int32_t lasts_for(const struct merchant_opening *o, int32_t now_min)
{
	const int32_t length = o->closes_min - o->opens_min;
	const int32_t passed = (now_min - o->weekday * DAY_MIN - o->opens_min + WEEK_MIN) % WEEK_MIN;

	return passed < length ? length - passed : 0;
}

/* From opening to opening, as long as one reaches into another; a week at most. */
static int32_t open_for(const struct merchant_hours *hours, int32_t now_min)
{
	int32_t total = 0, longest;

	do {
		longest = 0;
		for (uint32_t i = 0; i < hours->count; i++) {
			const int32_t more = lasts_for(&hours->openings[i], (now_min + total) % WEEK_MIN);

			longest = more > longest ? more : longest;
		}
		total += longest;
	} while (longest > 0 && total < WEEK_MIN);
	return total;
}

static int32_t opens_in(const struct merchant_hours *hours, int32_t now_min)
{
	int32_t soonest = WEEK_MIN;

	for (uint32_t i = 0; i < hours->count; i++) {
		const int32_t wait = begins_in(&hours->openings[i], now_min);

		soonest = wait < soonest ? wait : soonest;
	}
	return soonest;
}

struct hours_answer hours_at(const struct merchant_hours *hours, const struct zone_time *local)
{
	const int32_t now_min = local->weekday * DAY_MIN + local->hour * 60 + local->minute;
	struct hours_answer a = { .is_known = hours->count > 0 };

	if (!a.is_known)
		return a;
	const int32_t open_min = open_for(hours, now_min);
	const int32_t wait_min = open_min ? open_min : opens_in(hours, now_min);
	const int32_t then_min = (now_min + wait_min) % WEEK_MIN;

	a.is_open = open_min > 0;
	a.has_change = open_min < WEEK_MIN;
	a.change_in_min = (uint32_t)wait_min;
	a.days_ahead = (uint32_t)((now_min % DAY_MIN + wait_min) / DAY_MIN);
	a.weekday = (uint8_t)(then_min / DAY_MIN);
	a.hour = (uint8_t)(then_min % DAY_MIN / 60);
	a.minute = (uint8_t)(then_min % 60);
	return a;
}
