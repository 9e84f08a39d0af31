#include "db/handled.h"

const char *const handled_words[HANDLED_COUNT] = {
#define X(handled, word) [handled] = word,
	HANDLED_WORDS(X)
#undef X
};
