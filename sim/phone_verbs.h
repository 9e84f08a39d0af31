/*
 * phone_verbs - executes TwiML as Twilio does: verb by verb, until the call ends or another document is wanted.
 *
 * Place:    sim; between phone_call (which fetches documents) and phone_stream.
 * Usage:    switch (phone_verbs_run(call, &next)) {
 *           case VERBS_FETCH: fetch next.url with next.form's fields; run again
 *           case VERBS_END: the call is over, call->end says how
 *           }
 * Limits:   Say is spoken by flite and takes its time, and so are people who are dialled and what the caller leaves
 *           behind a beep; Play is a stub that takes two seconds. Speech is not gathered, keys are.
 * Source:   TwiML reference; what happens after <Connect> ends: Twilio's Media Streams overview.
 */
#pragma once

#include "sim/phone_call.h"

enum { VERBS_FIELD_COUNT_MAX = 6, VERBS_VALUE_BYTES_MAX = 320 };

struct verbs_next {
	char url[WEBHOOK_URL_BYTES_MAX];
	bool is_get;
	bool call_is_over;              /* the caller is gone: the answer is judged, not executed */
	struct {
		const char *name;
		char value[VERBS_VALUE_BYTES_MAX];
	} fields[VERBS_FIELD_COUNT_MAX];
	size_t field_count;
};

enum verbs_result { VERBS_FETCH, VERBS_END };

enum verbs_result phone_verbs_run(struct phone_call *call, struct verbs_next *next);
