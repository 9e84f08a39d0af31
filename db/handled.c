#include "db/handled.h"

const char *handled_word(enum handled handled)
{
	static const char *const words[] = {
#define X(handled, word) [handled] = word,
		HANDLED_WORDS(X)
#undef X
	};

	return words[handled];
}
