/*
 * hours - is a merchant open, and until when is that so? Pure.
 *
 * Place:    db, above merchant; used by the relay's tools and the webhook.
 * Usage:    struct hours_answer a = hours_at(&hours, &local);    local = zone_local(&zone, unix_s)
 *           if (a.is_known && !a.is_open) … what happens after hours …
 * Rules:    a special day takes the place of the week's openings; a date beats that of every year.
 *           Who names only special days is open on all others. Openings that touch or overlap are one; one that closes
 *           after midnight belongs to the day it opened, also when the day after is special.
 *           Times are the wall's: an opening holds while the clock on the wall shows its minutes, also in the night in
 *           which clocks change; what lies in the hour that is left out begins or ends with its end.
 * Limits:   looks HOURS_AHEAD_DAYS ahead.
 */
#pragma once

#include "base/zone.h"
#include "db/merchant.h"

enum { HOURS_AHEAD_DAYS = 400, HOURS_WORDS_BYTES = 64 };

struct hours_answer {
	bool is_known;                  /* false: the merchant named no hours; nothing below counts */
	bool is_open;
	bool has_change;                /* false: it stays so as far as we look */
	/* The next opening if closed, the next closing if open. */
	uint32_t change_in_min;         /* by the wall's clock */
	uint32_t days_ahead;            /* 0: today */
	int32_t year;
	uint8_t month, day;             /* from 1 on */
	uint8_t weekday;                /* 0 Monday … 6 Sunday */
	uint8_t hour, minute;
	/* The special day that today is; NULL: none. */
	const struct merchant_day *today;
};

struct hours_answer hours_at(const struct merchant_hours *hours, const struct zone_time *local);
/* When the door changes, for people: "today 17:00", "tomorrow 09:00", "Monday 09:00", "Monday 2026-12-28 09:00". */
void hours_change_words(const struct hours_answer *answer, char out[HOURS_WORDS_BYTES]);
const char *hours_weekday_word(uint8_t weekday);

struct hours_day {
	uint32_t days_ahead;
	int32_t year;
	uint8_t month, day, weekday;
	/* Its first row, and the row behind the last. */
	const struct merchant_day *first, *end;
};

/* The next special day, `days_ahead` or more days from today, before until_days. false: there is none. */
bool hours_next_special(const struct merchant_hours *hours, const struct zone_time *local, uint32_t days_ahead,
	uint32_t until_days, struct hours_day *out_day);
static inline struct slice hours_note(const struct merchant_hours *hours, const struct merchant_day *day)
{
	return (struct slice){ hours->notes + day->note_at, day->note_bytes };
}

/* Whether somebody is on duty: no rows, always. */
bool hours_person_is_on_duty(const struct merchant_person *person, const struct zone_time *local);
