#include "sim/phone_fault.h"

#include "base/check.h"

#include <assert.h>
#include <string.h>

static_assert(PHONE_FAULT_COUNT <= 64, "a set is 64 bits");

static const struct {
	const char *name, *help;
} table[] = {
#define PHONE_FAULT_ROW(name, word, help) { word, help },
	PHONE_FAULTS(PHONE_FAULT_ROW)
#undef PHONE_FAULT_ROW
};

bool phone_fault_parse(uint64_t *set, const char *name)
{
	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		if (strcmp(name, table[i].name) != 0)
			continue;
		*set |= UINT64_C(1) << i;
		return true;
	}
	return false;
}

void phone_fault_print(FILE *out)
{
	for (size_t i = 0; i < ARRAY_COUNT(table); i++)
		fprintf(out, "  %-20s %s\n", table[i].name, table[i].help);
}
