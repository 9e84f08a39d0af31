/*
 *  a person was dialled   talked: hang up; not reached: apologise
 *  the caller is gone     hang up, nobody listens
 *  ended as it should     hang up
 *  anything else          the stream failed, never came, or its relay died: ring the fallback number, or apologise
 */
#include "fcgi/after.h"

#include "base/check.h"

static bool is_one_of(struct slice word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal(word, slice_of(words[i])))
			return true;
	return false;
}

static bool has_talked(struct slice dial_status)
{
	static const char *const words[] = { "completed", "answered" };

	return is_one_of(dial_status, words, ARRAY_COUNT(words));
}

static bool is_over(struct slice call_status)
{
	static const char *const words[] = { "completed", "busy", "failed", "no-answer", "canceled" };

	return is_one_of(call_status, words, ARRAY_COUNT(words));
}

enum after after_decide(const struct after_facts *facts)
{
	if (is_over(facts->call_status))
		return AFTER_HANG_UP;
	if (facts->dial_status.len)
		return has_talked(facts->dial_status) ? AFTER_HANG_UP : AFTER_APOLOGISE;
	bool is_well_ended = facts->is_recorded && facts->recorded_status == CALL_ENDED
		&& facts->end_reason != END_NONE && !end_reason_is_fault(facts->end_reason);
	if (is_well_ended)
		return AFTER_HANG_UP;
	return facts->has_fallback ? AFTER_DIAL : AFTER_APOLOGISE;
}

const char *after_word(enum after after)
{
	switch (after) {
	case AFTER_HANG_UP:
		return "hang-up";
	case AFTER_DIAL:
		return "dial";
	case AFTER_APOLOGISE:
		return "apologise";
	}
	return "unknown";
}
