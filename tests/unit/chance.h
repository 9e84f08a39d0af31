/* Repeatable chance for tests: the same texts in every run. */
#pragma once

#include "tests/unit/unit.h"

#include "base/slice.h"

static unsigned chance_state = 1;

static inline unsigned chance(unsigned below)
{
	chance_state = chance_state * 1103515245 + 12345;
	return (chance_state >> 16) % below;
}

/* Valid UTF-8 with everything that needs escaping, one to twelve bits long. */
static inline struct slice chance_text(char *memory, size_t bytes)
{
	static const char *const bits[] = { "\"", "\\", "/", "\n", "\x01", "\x7F", "a", "\xC3\xA9", "\xE2\x82\xAC",
		"\xF0\x9F\x98\x80", "\\u0041", "{", "}" };
	size_t len = 0;

	for (unsigned left = 1 + chance(12); left > 0; left--) {
		const char *bit = bits[chance(sizeof bits / sizeof bits[0])];
		if (len + strlen(bit) >= bytes)
			break;
		memcpy(memory + len, bit, strlen(bit));
		len += strlen(bit);
	}
	return (struct slice){ memory, len };
}
