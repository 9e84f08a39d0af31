#include "sim/timeline.h"

#include <stdarg.h>

void timeline_open(struct timeline *t, FILE *out, uint64_t now_ms)
{
	*t = (struct timeline){ out, now_ms };
}

void timeline_tell(const struct timeline *t, uint64_t now_ms, const char *who, const char *format, ...)
{
	uint64_t ms = now_ms - t->start_ms;
	va_list args;

	if (!t->out)
		return;
	fprintf(t->out, "%4llu.%03llu  %-13s ", (unsigned long long)(ms / 1000),
		(unsigned long long)(ms % 1000), who);
	va_start(args, format);
	vfprintf(t->out, format, args);
	va_end(args);
	fputc('\n', t->out);
	fflush(t->out);
}
