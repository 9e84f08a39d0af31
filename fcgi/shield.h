/*
 * shield - keeps unwanted calls out: asks the database, has screen decide, writes down what was decided, and logs it.
 *
 * Place:    fcgi, above screen; used by the handler of incoming calls, before anything else is done for the caller,
 *           and by known for a call that has no row yet when it is over.
 * Usage:    struct shield_call call = { … };
 *           struct screened s = shield_ask(w, &call);
 * Fails:    never: where the database cannot be asked the call is let in, and where it cannot be written the log line
 *           is all that there is until Twilio tells of the call's end: then it is asked again.
 * Laws:     idempotent on the CallSid: a repeated request gets what the first one got. Within a batch of the database
 *           rates hold to the call, however many come at once; without one a few more may slip through.
 */
#pragma once

#include "fcgi/screen.h"

struct webhook;

struct shield_call {
	struct slice call_sid;
	int64_t merchant_id;
	const struct caller_id *caller;
	enum attestation attestation;
	struct slice called_number;
	int64_t now_ms;
};

/* SCREEN_REJECT: the call has its row, which is over. Otherwise it has none yet. */
struct screened shield_ask(struct webhook *w, const struct shield_call *call);
