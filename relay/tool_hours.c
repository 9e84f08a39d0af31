#include "relay/tool_hours.h"

#include "proto/json_write.h"

#include <stdio.h>

enum {
	TEXT_BYTES = 64,
	SPANS_BYTES = 512,
	SPAN_BYTES_MAX = 16,
	SPECIAL_DAYS = 31, /* how far ahead we tell of them */
	SPECIAL_DAYS_MAX = 10, /* so many at most */
	SPECIAL_NOTE_BYTES_MAX = 100,
};

static void put_now(struct json_writer *w, const struct zone_time *now)
{
	char text[TEXT_BYTES];
	int n = snprintf(text, sizeof text, "%s %04d-%02u-%02u %02u:%02u", hours_weekday_word(now->weekday),
		now->year, now->month, now->day, now->hour, now->minute);

	json_put(w, "now", (struct slice){text, (size_t)n});
}

static void put_change(struct json_writer *w, const struct hours_answer *answer)
{
	char text[HOURS_WORDS_BYTES];

	hours_change_words(answer, text);
	json_put(w, answer->is_open ? "closes" : "opens", slice_of(text));
}

static size_t add_span(char spans[SPANS_BYTES], size_t len, int opens_min, int closes_min)
{
	if (len + SPAN_BYTES_MAX > SPANS_BYTES)
		return len;
	return len + (size_t)snprintf(spans + len, SPANS_BYTES - len, "%s%02d:%02d-%02d:%02d", len ? ", " : "",
			     opens_min / 60, opens_min % 60, closes_min / 60 % 24, closes_min % 60);
}

static void put_day(struct json_writer *w, const struct merchant_hours *hours, unsigned day)
{
	char spans[SPANS_BYTES];
	size_t len = 0;

	for (uint32_t i = 0; i < hours->count; i++) {
		const struct merchant_opening *o = &hours->openings[i];

		if (o->weekday == day)
			len = add_span(spans, len, o->opens_min, o->closes_min);
	}
	json_put(w, hours_weekday_word((uint8_t)day), len ? (struct slice){spans, len} : SLICE("closed"));
}

static void put_week(struct json_writer *w, const struct merchant_hours *hours)
{
	json_open(w, "week", '{');
	for (unsigned day = 0; day < 7; day++)
		put_day(w, hours, day);
	json_close(w, '}');
}

static void put_special_day(struct json_writer *w, const struct merchant_hours *hours, const struct hours_day *day)
{
	char spans[SPANS_BYTES], date[TEXT_BYTES];
	const struct slice note = hours_note(hours, day->first);
	size_t len = 0;

	for (const struct merchant_day *d = day->first; d < day->end; d++)
		if (!d->is_closed)
			len = add_span(spans, len, d->opens_min, d->closes_min);
	snprintf(date, sizeof date, "%s %04d-%02u-%02u", hours_weekday_word(day->weekday), day->year, day->month,
		day->day);
	json_open(w, NULL, '{');
	json_put(w, "day", slice_of(date));
	json_put(w, "hours", len ? (struct slice){spans, len} : SLICE("closed"));
	if (note.len && note.len <= SPECIAL_NOTE_BYTES_MAX)
		json_put(w, "why", note);
	json_close(w, '}');
}

/* Left out when there is none. */
static void put_special_days(
	struct json_writer *w, const struct merchant_hours *hours, const struct zone_time *local)
{
	struct hours_day day;
	unsigned count = 0;

	for (uint32_t ahead = 0; count < SPECIAL_DAYS_MAX; ahead = day.days_ahead + 1) {
		if (!hours_next_special(hours, local, ahead, SPECIAL_DAYS, &day))
			break;
		if (count++ == 0)
			json_open(w, "special_days", '[');
		put_special_day(w, hours, &day);
	}
	if (count)
		json_close(w, ']');
}

bool tool_hours_write(
	struct buf *out, const struct merchant_hours *hours, const struct zone_time *local)
{
	struct hours_answer answer = hours_at(hours, local);
	struct json_writer w;

	json_begin(&w, out);
	json_open(&w, NULL, '{');
	json_put_bool(&w, "ok", answer.is_known);
	put_now(&w, local);
	if (!answer.is_known) {
		json_put(&w, "error", SLICE("the opening hours are not known"));
	} else {
		json_put_bool(&w, "open", answer.is_open);
		if (answer.has_change)
			put_change(&w, &answer);
		if (hours->count)
			put_week(&w, hours);
		put_special_days(&w, hours, local);
	}
	json_close(&w, '}');
	return json_end(&w);
}
