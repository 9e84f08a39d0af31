/*
 * voice - the TwiML documents that callers get.
 *
 * Place:    fcgi, above twiml. Used by the handlers.
 * Usage:    voice_say(&answer, VOICE_APOLOGY);
 * Fails:    never: every document fits an answer (a check()).
 * Source:   twilio.com/docs/voice/twiml; a <Parameter>'s name and value together have under 500 characters.
 */
#pragma once

#include "base/slice.h"

#include <stdint.h>

struct answer;

#define VOICE_APOLOGY "We are sorry, we cannot take your call right now. Please try again later. Goodbye."
#define VOICE_NOT_CONFIGURED "This number is not configured. Goodbye."

enum { DIAL_TIMEOUT_S = 25, PARAMETER_BYTES_MAX = 499 };

struct voice_stream {
	struct slice public_origin;
	struct slice relay_url;
	struct slice token;
	int64_t merchant_id;
	struct slice caller_phone;
	struct slice called_number;
};

/* Streams the call to the relay; afterwards Twilio asks /api/twilio/after. */
void voice_connect(struct answer *a, const struct voice_stream *stream);
/* Says a sentence and hangs up. */
void voice_say(struct answer *a, const char *sentence);
/* Rings a person; afterwards Twilio asks /api/twilio/after. */
void voice_dial(struct answer *a, struct slice public_origin, struct slice number);
void voice_hang_up(struct answer *a);
