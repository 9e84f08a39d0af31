#include "sim/fal_fault.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	int32_t value;
	const char *help;
} faults_known[] = {
#define X(id, name, value, help) { name, value, help },
	FAL_FAULTS(X)
#undef X
};

static const struct fal_failure failures[] = {
#define X(type, status, shape) { type, status, shape },
	FAL_FAILURES(X)
#undef X
};

/* Whether both are the same, '-' and '_' being one. */
static bool is_same(const char *dashes, const char *underscores)
{
	for (; *dashes && *underscores; dashes++, underscores++)
		if ((*dashes == '-' ? '_' : *dashes) != *underscores)
			return false;
	return *dashes == *underscores;
}

const struct fal_failure *fal_failure_by_type(const char *type)
{
	for (size_t i = 0; i < ARRAY_COUNT(failures); i++)
		if (is_same(type, failures[i].type))
			return &failures[i];
	return NULL;
}

static bool parse_value(struct fal_faults *faults, size_t fault, const char *text, char *why, size_t why_bytes)
{
	char *end = NULL;
	long value = text ? strtol(text, &end, 10) : faults_known[fault].value;

	if (text && (faults_known[fault].value < 0 || !*text || *end || value < 0 || value > 86400000)) {
		snprintf(why, why_bytes, "fault %s: %s", faults_known[fault].name,
			faults_known[fault].value < 0 ? "it takes no ARG" : "ARG is no number from 0 to 86400000");
		return false;
	}
	faults->mask |= (uint64_t)1 << fault;
	faults->values[fault] = (int32_t)value;
	return true;
}

bool fal_fault_parse(struct fal_faults *faults, const char *text, char *why, size_t why_bytes)
{
	const char *colon = strchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : strlen(text);

	if (strncmp(text, "fail-", 5) == 0 && !colon) {
		faults->failure = fal_failure_by_type(text + 5);
		if (faults->failure)
			return true;
	}
	for (size_t i = 0; i < ARRAY_COUNT(faults_known); i++)
		if (strlen(faults_known[i].name) == len && strncmp(faults_known[i].name, text, len) == 0)
			return parse_value(faults, i, colon ? colon + 1 : NULL, why, why_bytes);
	snprintf(why, why_bytes, "there is no fault %s", text);
	return false;
}

void fal_fault_help(FILE *out)
{
	for (size_t i = 0; i < ARRAY_COUNT(faults_known); i++) {
		fprintf(out, "  %s%s\n      %s", faults_known[i].name, faults_known[i].value < 0 ? "" : "[:ARG]",
			faults_known[i].help);
		if (faults_known[i].value < 0)
			fputc('\n', out);
		else
			fprintf(out, " (%d)\n", faults_known[i].value);
	}
	fputs("  fail-TYPE\n      orders end with the error of that type:", out);
	for (size_t i = 0; i < ARRAY_COUNT(failures); i++) {
		fputs(i % 4 ? " " : "\n      ", out);
		for (const char *c = failures[i].type; *c; c++)
			fputc(*c == '_' ? '-' : *c, out);
	}
	fputc('\n', out);
}
