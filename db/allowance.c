#include "db/allowance.h"

static int64_t rest_of(int64_t most, int64_t used)
{
	if (most == MERCHANT_NO_LIMIT)
		return MERCHANT_NO_LIMIT;
	return used < most ? most - used : 0;
}

static int64_t times(int64_t count, int64_t unit)
{
	return count == MERCHANT_NO_LIMIT ? MERCHANT_NO_LIMIT : count * unit;
}

bool allowance_needs_month(const struct merchant *m)
{
	return m->calls_max != MERCHANT_NO_LIMIT || m->minutes_month_max != MERCHANT_NO_LIMIT
		|| m->micro_dollars_month_max != MERCHANT_NO_LIMIT;
}

struct allowance allowance_of(const struct merchant *m, const struct merchant_month *month)
{
	struct allowance a = {
		.over = ALLOWANCE_LEFT,
		.talk_ms = rest_of(times(m->minutes_month_max, 60000), month->talked_ms),
		.micro_dollars = rest_of(m->micro_dollars_month_max, month->micro_dollars),
		.call_ms = times(m->call_s_max, 1000),
	};

	if (rest_of(m->calls_max, month->call_count) == 0)
		a.over = ALLOWANCE_CALLS;
	else if (a.talk_ms == 0)
		a.over = ALLOWANCE_MINUTES;
	else if (a.micro_dollars == 0)
		a.over = ALLOWANCE_DOLLARS;
	return a;
}

const char *allowance_word(enum allowance_over over)
{
	switch (over) {
	case ALLOWANCE_LEFT:
		return "none";
	case ALLOWANCE_CALLS:
		return "calls";
	case ALLOWANCE_MINUTES:
		return "minutes";
	case ALLOWANCE_DOLLARS:
		return "dollars";
	}
	return "unknown";
}
