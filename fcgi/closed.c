#include "fcgi/closed.h"

#include "base/check.h"

#include <stdio.h>

enum { WHEN_BYTES_MAX = 80 };

/* "today at 5 PM", "tomorrow at 9:30 AM", "on Monday at 9 AM", "on Monday, January 4, at 9 AM" */
static void write_when(const struct hours_answer *o, char *out, size_t bytes)
{
	static const char *const days[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
		"Sunday" };
	static const char *const months[] = { "January", "February", "March", "April", "May", "June", "July", "August",
		"September", "October", "November", "December" };
	char minutes[8] = "", day[48];

	check(o->weekday < ARRAY_COUNT(days) && o->month >= 1 && o->month <= ARRAY_COUNT(months));
	if (o->minute)
		snprintf(minutes, sizeof minutes, ":%02u", o->minute % 60U);
	if (o->days_ahead < 2)
		snprintf(day, sizeof day, "%s", o->days_ahead ? "tomorrow" : "today");
	else if (o->days_ahead < 7)
		snprintf(day, sizeof day, "on %s", days[o->weekday]);
	else
		snprintf(day, sizeof day, "on %s, %s %u,", days[o->weekday], months[o->month - 1], o->day);
	snprintf(out, bytes, "%s at %u%s %s", day, (o->hour + 11U) % 12 + 1, minutes, o->hour < 12 ? "AM" : "PM");
}

struct slice closed_sentence(const struct merchant *m, const struct hours_answer *opening, bool before_tone,
	char out[CLOSED_BYTES_MAX])
{
	char when[WHEN_BYTES_MAX], again[WHEN_BYTES_MAX + 24] = "";

	if (*m->after_hours_notice)
		return slice_of(m->after_hours_notice);
	if (opening->is_known && !opening->is_open && opening->has_change) {
		write_when(opening, when, sizeof when);
		snprintf(again, sizeof again, " We open again %s.", when);
	}
	int len = snprintf(out, CLOSED_BYTES_MAX, "You have reached %s. We are closed right now.%s %s", m->name, again,
		before_tone ? "Please leave a message after the tone." : "Goodbye.");

	check(len > 0 && len < CLOSED_BYTES_MAX);
	return (struct slice){ out, (size_t)len };
}
