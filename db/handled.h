/*
 * handled - what a caller got in the end: one table for the webhook's decision and the value in calls.handled.
 *
 * Place:    db, plain data.
 * Rules:    the last that happens counts, but "receptionist" and "nobody" only where nothing else is known.
 */
#pragma once

#include "base/slice.h"

/* X(enum, word) */
#define HANDLED_WORDS(X) \
	X(HANDLED_OPEN, "")                     /* not settled: NULL */ \
	X(HANDLED_RECEPTIONIST, "receptionist") /* talked with her, no more */ \
	X(HANDLED_PERSON, "person")             /* was put through, and answered */ \
	X(HANDLED_VOICEMAIL, "voicemail")       /* left a message after the tone */ \
	X(HANDLED_MESSAGE, "message")           /* left a message with the receptionist */ \
	X(HANDLED_NOTICE, "notice")             /* was told that it is closed */ \
	X(HANDLED_APOLOGY, "apology") \
	X(HANDLED_REJECTED, "rejected")         /* was not answered, as the spam shield decided */ \
	X(HANDLED_NOBODY, "nobody")             /* gave up before anything else, or said nothing after the tone */

enum handled {
#define X(handled, word) handled,
	HANDLED_WORDS(X)
#undef X
	HANDLED_COUNT
};

extern const char *const handled_words[HANDLED_COUNT];
