/*
 * voice - writes plans as TwiML: the documents that callers get.
 *
 * Place:    fcgi, above plan and twiml. Used by next.
 * Usage:    voice_write(&answer, &plan, &facts);
 * Fails:    never: every document fits an answer (a check()).
 * Source:   twilio.com/docs/voice/twiml; a <Parameter>'s name and value together have under 500 characters.
 */
#pragma once

#include "base/slice.h"
#include "fcgi/plan.h"

#include <stdint.h>

struct answer;

enum {
	DIAL_TIMEOUT_S = 25,
	VOICEMAIL_MAX_S = 180,
	VOICEMAIL_SILENCE_S = 5,        /* ends the message */
	PARAMETER_BYTES_MAX = 499,
};

/* Only what the plan's verbs need must be there. */
struct voice_facts {
	struct slice public_origin;
	struct slice relay_url;
	struct slice token;
	int64_t merchant_id;
	struct slice caller_phone;
	struct slice called_number;
	struct slice opening;           /* first words of a call of ours; empty: the greeting */
	struct slice numbers[PLAN_NUMBER_COUNT];
	/* What a person who is rung sees; the fallback: Twilio decides, but who calls from no telephone is put through
	 * by it only if it is told. */
	struct slice caller_id;
	bool has_caller_number;
	struct slice closed;            /* PLAN_SENTENCE_CLOSED, PLAN_SENTENCE_CLOSED_TONE */
	bool is_closed_given;           /* the merchant wrote it: in his language, whether or not it is one of ours */
	struct slice language;          /* the merchant's; empty: not known */
	const char *reject_reason;      /* of <Reject>; NULL: rejected */
};

/* A stream and a dialled number end at /api/twilio/after, a recording at /api/twilio/voicemail, which is told once more
 * when it can be fetched. */
void voice_write(struct answer *a, const struct plan *plan, const struct voice_facts *facts);
