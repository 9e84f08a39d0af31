/*
 * hours_tool - answers questions about opening times, a line each: "ZONE UNIX_S WEEK DAYS".
 * WEEK: "weekday,opens,closes;…"; DAYS: "year,month,day,closed,opens,closes;…"; minutes; "-" for none.
 * Answers: "known open changes minutes year-month-day hour:minute weekday".
 */
#include "db/hours.h"

#include <stdio.h>
#include <stdlib.h>

static void read_week(char *text, struct merchant_hours *hours)
{
	char *rest;

	for (char *one = strtok_r(text, ";", &rest); one; one = strtok_r(NULL, ";", &rest)) {
		struct merchant_opening *o = &hours->openings[hours->count];

		if (sscanf(one, "%hhu,%hu,%hu", &o->weekday, &o->opens_min, &o->closes_min) == 3)
			hours->count++;
	}
}

static void read_days(char *text, struct merchant_hours *hours)
{
	char *rest;

	for (char *one = strtok_r(text, ";", &rest); one; one = strtok_r(NULL, ";", &rest)) {
		struct merchant_day *d = &hours->days[hours->day_count];
		unsigned closed;

		if (sscanf(one, "%hu,%hhu,%hhu,%u,%hu,%hu", &d->year, &d->month, &d->day, &closed, &d->opens_min,
			    &d->closes_min) == 6) {
			d->is_closed = closed;
			hours->day_count++;
		}
	}
}

int main(void)
{
	static char line[65536], name[128], week[8192], days[32768];
	static struct merchant_hours hours;
	static struct zone zone;
	long long unix_s;
	const char *why;

	while (fgets(line, sizeof line, stdin)) {
		hours.count = hours.day_count = 0;
		if (sscanf(line, "%127s %lld %8191s %32767s", name, &unix_s, week, days) != 4 ||
			!zone_load(&zone, name, &why))
			return 1;
		read_week(week, &hours);
		read_days(days, &hours);
		const struct zone_time local = zone_local(&zone, unix_s);
		const struct hours_answer a = hours_at(&hours, &local);

		printf("%d %d %d %u %04d-%02u-%02u %02u:%02u %u\n", a.is_known, a.is_open, a.has_change,
			a.change_in_min, a.year, a.month, a.day, a.hour, a.minute, a.weekday);
	}
	return 0;
}
