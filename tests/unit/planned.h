/* What tests of plan read a plan with. */
#pragma once

#include "tests/unit/unit.h"

#include "fcgi/plan.h"

/* By its first verb. */
static inline const char *word_of(const struct plan *p)
{
	static const char *const sentences[] = {
		[PLAN_SENTENCE_NONE] = "?",
		[PLAN_SENTENCE_APOLOGY] = "apology",
		[PLAN_SENTENCE_NOT_CONFIGURED] = "not-configured",
		[PLAN_SENTENCE_CLOSED] = "closed",
		[PLAN_SENTENCE_CLOSED_TONE] = "closed+tone",
		[PLAN_SENTENCE_LEAVE_MESSAGE] = "sorry+tone",
		[PLAN_SENTENCE_THANKS] = "thanks",
		[PLAN_SENTENCE_NO_MESSAGE] = "no-message",
		[PLAN_SENTENCE_OPENING] = "opening",
	};
	static const char *const numbers[] = {
		[PLAN_NUMBER_NONE] = "?",
		[PLAN_NUMBER_FALLBACK] = "ring-fallback",
		[PLAN_NUMBER_AFTER_HOURS] = "ring-after-hours",
		[PLAN_NUMBER_TRANSFER] = "ring-transfer",
	};

	if (p->count == 0)
		return "nothing";
	switch (p->steps[0].verb) {
	case PLAN_STREAM:
		return p->steps[0].is_resumed ? "resume" : "stream";
	case PLAN_DIAL:
		return numbers[p->steps[0].number];
	case PLAN_SAY:
		return sentences[p->steps[0].sentence];
	case PLAN_RECORD:
		return "bare-tone";
	case PLAN_REJECT:
		return "reject";
	case PLAN_HANG_UP:
		return "hang-up";
	}
	return "?";
}
