#include "base/end_reason.h"

#include "base/check.h"

enum { ok = 0, fault = 1 };

static const struct {
	const char *word;
	const char *sentence;
	bool is_fault;
} reasons[END_REASON_COUNT] = {
	[END_NONE] = { "", "", false },
#define END_ROW(name, kind, word, sentence) [END_##name] = { word, sentence, kind },
	END_REASONS(END_ROW)
#undef END_ROW
};

const char *end_reason_word(enum end_reason reason)
{
	check(reason < END_REASON_COUNT);
	return reasons[reason].word;
}

const char *end_reason_sentence(enum end_reason reason)
{
	check(reason < END_REASON_COUNT);
	return reasons[reason].sentence;
}

bool end_reason_is_fault(enum end_reason reason)
{
	check(reason < END_REASON_COUNT);
	return reasons[reason].is_fault;
}

enum end_reason end_reason_parse(struct slice word)
{
	for (enum end_reason reason = END_NONE + 1; reason < END_REASON_COUNT; reason++)
		if (slice_equal(word, slice_of(reasons[reason].word)))
			return reason;
	return END_NONE;
}
