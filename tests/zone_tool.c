/* Lends base/zone to tests/db/zone.sh: "NAME UNIX-SECONDS" a line on stdin, the local time on stdout. */
#include "base/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
	static struct zone zone;
	char line[200], last[200] = "";
	const char *why = "";

	while (fgets(line, sizeof line, stdin)) {
		char *space = strchr(line, ' ');

		if (!space)
			return 2;
		*space = '\0';
		if (strcmp(line, last) != 0 && !zone_load(&zone, line, &why)) {
			(void)fprintf(stderr, "%s: %s\n", line, why);
			return 1;
		}
		(void)snprintf(last, sizeof last, "%s", line);
		const struct zone_time t = zone_local(&zone, strtoll(space + 1, NULL, 10));

		(void)printf("%04d-%02u-%02u %02u:%02u:%02u %u %d %d %s\n", t.year, t.month, t.day, t.hour, t.minute,
			t.second, t.weekday, t.offset.east_s, t.offset.is_dst, t.offset.abbreviation);
	}
	return 0;
}
