/*
 *  the caller is gone         hang up, nobody listens
 *  to be handed over          ring the person; talked: hang up; not reached: as the merchant chose
 *  the fallback was dialled   talked: hang up; not reached: voicemail if the merchant chose it, or apologise
 *  ended as it should         hang up
 *  over a limit at once       as if the stream had failed
 *  anything else              the stream failed, never came, or its relay died: ring the fallback number;
 *                             without one, voicemail if the merchant chose it, or apologise
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

static enum after nobody_left(const struct after_facts *facts)
{
	return facts->is_recorded && facts->transfer_fallback == TRANSFER_FALLBACK_VOICEMAIL ? AFTER_VOICEMAIL
											      : AFTER_APOLOGISE;
}

static enum after not_reached(const struct after_facts *facts)
{
	switch (facts->transfer_fallback) {
	case TRANSFER_FALLBACK_AI:
		return AFTER_RESUME;
	case TRANSFER_FALLBACK_VOICEMAIL:
		return AFTER_VOICEMAIL;
	case TRANSFER_FALLBACK_APOLOGY:
		return AFTER_APOLOGISE;
	}
	return AFTER_APOLOGISE;
}

static bool is_well_ended(const struct after_facts *facts)
{
	if (!facts->is_recorded || facts->recorded_status != CALL_ENDED || facts->end_reason == END_NONE)
		return false;
	/* Who was not let in has heard nobody yet. */
	if (facts->end_reason == END_OVER_LIMIT && !facts->was_answered)
		return false;
	return !end_reason_is_fault(facts->end_reason);
}

enum after after_decide(const struct after_facts *facts)
{
	const bool is_transfer = facts->is_recorded && facts->recorded_status == CALL_TRANSFERRING;

	if (is_over(facts->call_status) || has_talked(facts->dial_status))
		return AFTER_HANG_UP;
	if (facts->dial_status.len)
		return is_transfer ? not_reached(facts) : nobody_left(facts);
	if (is_transfer && !facts->was_dialled)
		return AFTER_TRANSFER;
	if (is_well_ended(facts))
		return AFTER_HANG_UP;
	return facts->has_fallback ? AFTER_DIAL : nobody_left(facts);
}

bool after_ends_transfer(const struct after_facts *facts, enum after after)
{
	return facts->is_recorded && facts->recorded_status == CALL_TRANSFERRING && after != AFTER_TRANSFER
		&& after != AFTER_RESUME;
}

const char *after_word(enum after after)
{
	switch (after) {
	case AFTER_HANG_UP:
		return "hang-up";
	case AFTER_DIAL:
		return "dial";
	case AFTER_TRANSFER:
		return "transfer";
	case AFTER_RESUME:
		return "resume";
	case AFTER_VOICEMAIL:
		return "voicemail";
	case AFTER_APOLOGISE:
		return "apologise";
	}
	return "unknown";
}

bool voicemail_counts(int64_t duration_ms)
{
	return duration_ms < 0 || duration_ms >= VOICEMAIL_MS_MIN;
}
