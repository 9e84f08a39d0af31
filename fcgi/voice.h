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
#define VOICE_LEAVE_MESSAGE "We are sorry, nobody can take your call right now. Please leave a message after the tone."
#define VOICE_THANKS "Thank you. Your message has been recorded. Goodbye."
#define VOICE_NO_MESSAGE "We did not hear a message. Goodbye."

enum {
	DIAL_TIMEOUT_S = 25,
	VOICEMAIL_MAX_S = 180,
	VOICEMAIL_SILENCE_S = 5,        /* ends the message */
	PARAMETER_BYTES_MAX = 499,
};

struct voice_stream {
	struct slice public_origin;
	struct slice relay_url;
	struct slice token;
	int64_t merchant_id;
	struct slice caller_phone;
	struct slice called_number;
	struct slice opening;           /* first words instead of the greeting; empty: the greeting */
	struct slice resume;            /* why the receptionist is back: "no-answer"; empty: a new call */
};

/* Streams the call to the relay; afterwards Twilio asks /api/twilio/after. */
void voice_connect(struct answer *a, const struct voice_stream *stream);
/* Says a sentence and hangs up. */
void voice_say(struct answer *a, const char *sentence);
/* Rings a person, who sees `caller_id` (empty: Twilio decides); afterwards Twilio asks /api/twilio/after. */
void voice_dial(struct answer *a, struct slice public_origin, struct slice number, struct slice caller_id);
/* Records a message after a tone; afterwards Twilio asks /api/twilio/voicemail and tells it once more when the
 * recording can be fetched. Silence ends with VOICE_NO_MESSAGE. */
void voice_voicemail(struct answer *a, struct slice public_origin);
void voice_hang_up(struct answer *a);
/* Does not answer: the call costs nothing. `reason` is "rejected" or "busy". */
void voice_reject(struct answer *a, struct slice reason);
