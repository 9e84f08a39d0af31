/* fault - names and arguments, read from and printed out of the table. */
#include "sim/fault.h"

#include <stdlib.h>
#include <string.h>

enum { VALUE_MAX = 3600000 };

static const struct {
	const char *name;
	int32_t value;
	const char *help;
} table[] = {
#define FAULT_ROW(id, name, value, help) [FAULT_##id] = { name, value, help },
	FAULTS(FAULT_ROW)
#undef FAULT_ROW
};

const char *fault_name(enum fault fault)
{
	return table[fault].name;
}

void fault_list(const struct faults *faults, char *out, size_t out_bytes)
{
	size_t len = 0;

	snprintf(out, out_bytes, "none");
	for (int i = 0; i < FAULT_COUNT && len < out_bytes; i++)
		if (fault_on(faults, (enum fault)i))
			len += (size_t)snprintf(out + len, out_bytes - len, "%s%s", len ? "," : "", table[i].name);
}

static int find_fault(const char *name, size_t len)
{
	for (int i = 0; i < FAULT_COUNT; i++)
		if (strlen(table[i].name) == len && memcmp(table[i].name, name, len) == 0)
			return i;
	return -1;
}

bool fault_parse(struct faults *faults, const char *text, char *why, size_t why_bytes)
{
	size_t len = strcspn(text, ":");
	int fault = find_fault(text, len);
	int32_t value;
	char *end = NULL;

	if (fault < 0) {
		snprintf(why, why_bytes, "no fault is called \"%.*s\": see --help", (int)len, text);
		return false;
	}
	value = table[fault].value;
	if (text[len]) {
		long number = strtol(text + len + 1, &end, 10);

		if (value < 0 || !text[len + 1] || *end || number < 0 || number > VALUE_MAX) {
			snprintf(why, why_bytes, value < 0 ? "%s takes no argument" : "%s wants a number up to 3600000",
				table[fault].name);
			return false;
		}
		value = (int32_t)number;
	}
	faults->mask |= (uint64_t)1 << fault;
	faults->values[fault] = value;
	return true;
}

void fault_help(FILE *out)
{
	for (int i = 0; i < FAULT_COUNT; i++) {
		char name[64];

		if (table[i].value < 0)
			snprintf(name, sizeof name, "%s", table[i].name);
		else
			snprintf(name, sizeof name, "%s:%d", table[i].name, (int)table[i].value);
		fprintf(out, "    %-26s %s\n", name, table[i].help);
	}
}
