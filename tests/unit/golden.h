/* Transcripts as the vendors document them, one message a line, from tests/unit/golden/. */
#pragma once

#include "tests/unit/unit.h"

struct golden {
	char text[32768];
	char *lines[64];
	int count;
};

static inline void golden_load(struct golden *golden, const char *name)
{
	const char *srcdir = getenv("srcdir");
	char path[4096], *save;

	snprintf(path, sizeof path, "%s/tests/unit/golden/%s", srcdir ? srcdir : ".", name);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	size_t len = fread(golden->text, 1, sizeof golden->text - 1, file);
	assert_true(len < sizeof golden->text - 1);
	fclose(file);
	golden->text[len] = '\0';
	golden->count = 0;
	for (char *line = strtok_r(golden->text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		assert_true(golden->count < 64);
		golden->lines[golden->count++] = line;
	}
	assert_true(golden->count > 0);
}
