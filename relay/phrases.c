#include "relay/phrases.h"

#include <stddef.h>

static const char languages[][3] = {"en", "de", "es", "fr", "it", "pt"};

enum { LANGUAGE_COUNT = sizeof languages / sizeof languages[0] };

static const char *const texts[PHRASE_COUNT][LANGUAGE_COUNT] = {
#define X(name, ...) [PHRASE_##name] = {__VA_ARGS__},
	PHRASES(X)
#undef X
};

/* "de", "de-AT", "DE_at" are German; "den" is not. */
static bool is_language(struct slice tag, const char *code)
{
	if (tag.len < 2 || (tag.data[0] | 0x20) != code[0] || (tag.data[1] | 0x20) != code[1])
		return false;
	return tag.len == 2 || tag.data[2] == '-' || tag.data[2] == '_';
}

struct slice phrase(enum phrase_name name, struct slice language)
{
	for (size_t i = 0; i < LANGUAGE_COUNT; i++)
		if (is_language(language, languages[i]))
			return slice_of(texts[name][i]);
	return slice_of(texts[name][0]);
}
