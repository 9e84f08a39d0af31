#include "sim/verdict.h"

#include "base/check.h"

#include <stdio.h>

static const struct {
	int number;
	bool bad;
	const char *sentence;
} table[VERDICT_COUNT] = {
#define VERDICT_ROW(code, bad, sentence) [VERDICT_##code] = { code, bad, sentence },
	VERDICTS(VERDICT_ROW)
#undef VERDICT_ROW
};

void verdict_add(struct verdict *v, enum verdict_code code, const char *what)
{
	check(code < VERDICT_COUNT);
	if (v->counts[code]++ == 0)
		snprintf(v->first[code], sizeof v->first[code], "%s", what);
}

enum verdict_code verdict_find(int number)
{
	int code = 0;

	while (code < VERDICT_COUNT && table[code].number != number)
		code++;
	check(code < VERDICT_COUNT);
	return (enum verdict_code)code;
}

int verdict_number(enum verdict_code code)
{
	return table[code].number;
}

const char *verdict_sentence(enum verdict_code code)
{
	return table[code].sentence;
}

bool verdict_code_is_bad(enum verdict_code code)
{
	return table[code].bad;
}

uint32_t verdict_violation_count(const struct verdict *v)
{
	uint32_t count = 0;

	for (int code = 0; code < VERDICT_COUNT; code++)
		count += table[code].bad ? v->counts[code] : 0;
	return count;
}

bool verdict_is_bad(const struct verdict *v)
{
	return verdict_violation_count(v) > 0;
}
