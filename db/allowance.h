/*
 * allowance - what a merchant may still use. Pure.
 *
 * Place:    db, above merchant; asked by the webhook before a call is connected, by the relay before it dials and
 *           for what a call may come to.
 * Usage:    struct allowance a = allowance_of(&merchant, &month);      month: without the call that asks
 *           if (a.over != ALLOWANCE_LEFT) somebody else must take the call
 */
#pragma once

#include "db/merchant.h"

enum allowance_over {
	ALLOWANCE_LEFT,                 /* nothing is used up */
	ALLOWANCE_CALLS,                /* calls_max */
	ALLOWANCE_MINUTES,              /* minutes_month_max */
	ALLOWANCE_DOLLARS,              /* dollars_month_max */
};

struct allowance {
	enum allowance_over over;
	/* Each may be MERCHANT_NO_LIMIT; else what this call may use, 0 or more. */
	int64_t talk_ms;                /* of this month */
	int64_t micro_dollars;          /* of this month */
	int64_t call_ms;                /* call_s_max */
};

/* Whether the month matters: without such limits it need not be counted. */
bool allowance_needs_month(const struct merchant *merchant);
struct allowance allowance_of(const struct merchant *merchant, const struct merchant_month *month);
/* "calls", "minutes" …: for the log. */
const char *allowance_word(enum allowance_over over);
