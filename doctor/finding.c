#include "doctor/finding.h"

#include "base/check.h"

#include <stdarg.h>

static const char *const words[] = {
	[FINDING_OK] = "OK",
	[FINDING_WARN] = "WARN",
	[FINDING_FAIL] = "FAIL",
};

void finding(struct findings *f, enum finding_kind kind, const char *about, const char *format, ...)
{
	va_list args;

	check(kind < FINDING_KIND_COUNT);
	f->counts[kind]++;
	fprintf(f->out, "%-4s %s: ", words[kind], about);
	va_start(args, format);
	vfprintf(f->out, format, args);
	va_end(args);
	fputc('\n', f->out);
	fflush(f->out);         /* the next one may take seconds */
}

int findings_sum(struct findings *f)
{
	unsigned failed = f->counts[FINDING_FAIL];

	fprintf(f->out, "%u in order, %u to look at, %u to mend\n", f->counts[FINDING_OK], f->counts[FINDING_WARN],
		failed);
	return failed > 0;
}
