/*
 * dialled - how the people behave who are rung by <Dial>: one row a number, and one for all others.
 *
 * Place:    sim, pure.
 * Usage:    dialled_read(&d, "+15550199=answered:Hello, this is Bob.");
 *           const struct dialled_person *p = dialled_find(&d, "+15550199");
 * Rules:    of two rows for a number the later one counts.
 * Fails:    dialled_read(): false; NUMBER=OUTCOME or NUMBER=answered:WORDS is wanted, or there are too many.
 * Limits:   DIALLED_MAX. Texts are borrowed.
 */
#pragma once

#include "base/slice.h"

#include <stdbool.h>

enum { DIALLED_MAX = 16 };

/* X(outcome, word, DialCallStatus) */
#define DIALLED_OUTCOMES(X) \
	X(DIALLED_ANSWERED, "answered", "completed") \
	X(DIALLED_COMPLETED, "completed", "completed")  /* the same, in Twilio's word */ \
	X(DIALLED_BUSY, "busy", "busy") \
	X(DIALLED_NO_ANSWER, "no-answer", "no-answer")  /* it rings until the time is over */ \
	X(DIALLED_FAILED, "failed", "failed")           /* there is no such number */

enum dialled_outcome {
#define X(outcome, word, status) outcome,
	DIALLED_OUTCOMES(X)
#undef X
};

struct dialled_person {
	struct slice number;            /* "": all others */
	enum dialled_outcome outcome;
	const char *words;              /* who answers says so; "" nothing */
};

struct dialled {
	struct dialled_person others;
	struct dialled_person people[DIALLED_MAX];
	size_t count;
};

void dialled_init(struct dialled *d);
bool dialled_read(struct dialled *d, const char *text);
/* How all others behave: a word alone. */
bool dialled_read_others(struct dialled *d, const char *word);
const struct dialled_person *dialled_find(const struct dialled *d, const char *number);
static inline bool dialled_answers(const struct dialled_person *person)
{
	return person->outcome == DIALLED_ANSWERED || person->outcome == DIALLED_COMPLETED;
}
/* Twilio's DialCallStatus. */
const char *dialled_status(enum dialled_outcome outcome);
