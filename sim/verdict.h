/*
 * verdict - what Twilio would have complained about: counts by error code, and the first instance in words.
 *
 * Place:    sim, pure. One table gives code, name and whether it fails the run.
 * Usage:    verdict_add(&v, VERDICT_31951, "clear: the member \"x\" is not allowed");
 *           exit(verdict_is_bad(&v) ? 1 : 0);
 * Laws:     Twilio itself reports 31950 and 31951 once a stream; here every instance counts.
 * Source:   Twilio's error and warning dictionary.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* VERDICT(code, bad, sentence). `bad` ones are violations. */
#define VERDICTS(VERDICT) \
	VERDICT(11200, true, "the webhook could not be retrieved") \
	VERDICT(11205, true, "no connection to the webhook") \
	VERDICT(11216, true, "an invalid or endless redirect") \
	VERDICT(11750, true, "the TwiML is too large") \
	VERDICT(12100, true, "the TwiML is not well-formed") \
	VERDICT(12200, true, "the TwiML breaks its schema") \
	VERDICT(12300, true, "the content type of the webhook's answer is not acceptable") \
	VERDICT(31901, true, "the stream's host does not answer") \
	VERDICT(31903, true, "the stream's server vanished") \
	VERDICT(31910, true, "TLS towards the stream's server failed") \
	VERDICT(31920, true, "the stream's server did not answer 101") \
	VERDICT(31921, false, "the stream's server closed the stream") \
	VERDICT(31922, true, "the scheme of the stream's URL is not wss") \
	VERDICT(31924, true, "the stream's server broke the WebSocket protocol") \
	VERDICT(31941, true, "the stream's track is invalid") \
	VERDICT(31950, true, "a message that cannot be decoded") \
	VERDICT(31951, true, "a message that is not valid")

enum verdict_code {
#define VERDICT_ENUM(code, bad, sentence) VERDICT_##code,
	VERDICTS(VERDICT_ENUM)
#undef VERDICT_ENUM
	VERDICT_COUNT
};

enum { VERDICT_FIRST_BYTES = 200 };

struct verdict {
	uint32_t counts[VERDICT_COUNT];
	char first[VERDICT_COUNT][VERDICT_FIRST_BYTES];  /* what the first instance was */
};

void verdict_add(struct verdict *v, enum verdict_code code, const char *what);
/* By Twilio's number; unknown numbers are a check(). */
enum verdict_code verdict_find(int number);
int verdict_number(enum verdict_code code);
const char *verdict_sentence(enum verdict_code code);
bool verdict_code_is_bad(enum verdict_code code);
/* Whether any violation was counted. */
bool verdict_is_bad(const struct verdict *v);
uint32_t verdict_violation_count(const struct verdict *v);
