/* Any bytes: refused, or a zone that knows every instant. */
#include "base/check.h"
#include "base/zone.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct zone zone;
	const char *why = NULL;

	(void)zone_name_is_safe((struct slice){ (const char *)data, size });
	if (!zone_init(&zone, (struct slice){ (const char *)data, size }, &why))
		check(why);
	for (int64_t unix_s = -70000000000; unix_s < 260000000000; unix_s += 2000000033) {
		const struct zone_time t = zone_local(&zone, unix_s);

		check(t.month >= 1 && t.month <= 12 && t.day >= 1 && t.day <= 31 && t.hour < 24 && t.minute < 60
			&& t.second < 60 && t.weekday < 7);
	}
	return 0;
}
