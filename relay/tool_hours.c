#include "relay/tool_hours.h"

#include "proto/json_write.h"

#include <stdio.h>

enum { TEXT_BYTES = 64, SPANS_BYTES = 256, SPAN_BYTES_MAX = 16 };

static const char *const day_names[] = {
	"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

static void put_now(struct json_writer *w, const struct zone_time *now)
{
	char text[TEXT_BYTES];
	int n = snprintf(text, sizeof text, "%s %04d-%02u-%02u %02u:%02u", day_names[now->weekday],
		now->year, now->month, now->day, now->hour, now->minute);

	json_put(w, "now", (struct slice){text, (size_t)n});
}

/* "today 17:00", "tomorrow 09:00", "Monday 09:00" */
static void put_change(struct json_writer *w, const struct hours_answer *answer)
{
	const char *day = answer->days_ahead == 0   ? "today"
			  : answer->days_ahead == 1 ? "tomorrow"
						    : day_names[answer->weekday];
	char text[TEXT_BYTES];
	int n = snprintf(text, sizeof text, "%s %02u:%02u", day, answer->hour, answer->minute);

	json_put(w, answer->is_open ? "closes" : "opens", (struct slice){text, (size_t)n});
}

static void put_day(struct json_writer *w, const struct merchant_hours *hours, unsigned day)
{
	char spans[SPANS_BYTES];
	size_t len = 0;

	for (uint32_t i = 0; i < hours->count; i++) {
		const struct merchant_opening *o = &hours->openings[i];

		if (o->weekday != day || len + SPAN_BYTES_MAX > sizeof spans)
			continue;
		len += (size_t)snprintf(spans + len, sizeof spans - len, "%s%02d:%02d-%02d:%02d",
			len ? ", " : "", o->opens_min / 60, o->opens_min % 60,
			o->closes_min / 60 % 24, o->closes_min % 60);
	}
	json_put(w, day_names[day], len ? (struct slice){spans, len} : SLICE("closed"));
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
		json_open(&w, "week", '{');
		for (unsigned day = 0; day < 7; day++)
			put_day(&w, hours, day);
		json_close(&w, '}');
	}
	json_close(&w, '}');
	return json_end(&w);
}
