/*
 * caller_id - who calls, as Twilio says it: the number or name in From, and how far the telephone network vouches
 * for it (STIR/SHAKEN).
 *
 * Place:    proto, above notice. The webhook reads both; what it read stands in the database.
 * Usage:    struct caller_id caller = caller_id_read(form_value(&form, "From"));
 *           enum attestation a = attestation_read(form_value(&form, "StirVerstat"));
 * Laws:     every spelling of a withheld number, also as digits of a keypad (+266696687), is "anonymous": no such
 *           number is anybody's. Any bytes are read; what is read is read again as the same.
 * Source:   twilio.com/docs/voice/twiml#request-parameters, …/trusted-calling-with-shakenstir; E.164; RFC 3323.
 */
#pragma once

#include "base/limits.h"
#include "base/slice.h"

enum caller_kind {
	CALLER_NUMBER,                  /* E.164: rules can be about it */
	CALLER_ANONYMOUS,               /* withheld, or nothing at all */
	CALLER_ADDRESS,                 /* client:…, sip:…: no telephone network between */
	CALLER_ODD,                     /* anything else: a number that is none */
};

struct caller_id {
	enum caller_kind kind;
	char text[PHONE_BYTES_MAX + 1]; /* "anonymous" or as it was given, tidied */
};

struct caller_id caller_id_read(struct slice from);

/* X(enum, word): the word stands in the log and in the database. */
#define ATTESTATIONS(X) \
	X(ATTESTATION_ABSENT, "")               /* Twilio said nothing */ \
	X(ATTESTATION_NONE, "none")             /* the call came without a signature */ \
	X(ATTESTATION_FAILED, "failed")         /* with a wrong one */ \
	X(ATTESTATION_PASSED_A, "passed-a")     /* its carrier knows the caller, and that the number is his */ \
	X(ATTESTATION_PASSED_B, "passed-b")     /* knows the caller */ \
	X(ATTESTATION_PASSED_C, "passed-c")     /* knows where the call entered its network */

enum attestation {
#define X(attestation, word) attestation,
	ATTESTATIONS(X)
#undef X
	ATTESTATION_COUNT
};

/* What is no value of StirVerstat counts as no signature. */
enum attestation attestation_read(struct slice stir_verstat);
const char *attestation_word(enum attestation attestation);
bool attestation_is_passed(enum attestation attestation);
