#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void check_failed(const char *expression, const char *file, int line, const char *function)
{
	fprintf(stderr, "bug: %s:%d: %s: check(%s) failed\n", file, line, function, expression);
	abort();
}
