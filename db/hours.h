/*
 * hours - is a merchant open, and until when is that so? Pure.
 *
 * Place:    db, above merchant; used by the relay's tools and the webhook.
 * Usage:    struct hours_answer a = hours_at(&hours, &local);    local = zone_local(&zone, unix_s)
 * Rules:    openings that touch or overlap are one; one that closes after midnight belongs to the day it opened.
 *           Times are the wall's: the night in which clocks change counts as any other.
 */
#pragma once

#include "base/zone.h"
#include "db/merchant.h"

struct hours_answer {
	bool is_known;                  /* false: the merchant named no hours; nothing below counts */
	bool is_open;
	bool has_change;                /* false: open round the clock */
	/* The next opening if closed, the next closing if open. */
	uint32_t change_in_min;
	uint32_t days_ahead;            /* 0: today */
	uint8_t weekday;                /* 0 Monday … 6 Sunday */
	uint8_t hour, minute;
};

struct hours_answer hours_at(const struct merchant_hours *hours, const struct zone_time *local);
