/*
 * after - what to do with a caller when the stream, the dialled person or the tone is over. Pure.
 *
 * Place:    fcgi, used by the handlers of incoming, after and voicemail.
 * Usage:    switch (after_decide(&facts)) { … }
 */
#pragma once

#include "base/end_reason.h"
#include "base/slice.h"
#include "db/db.h"

#include <stdbool.h>

enum after {
	AFTER_HANG_UP,
	AFTER_DIAL,                     /* the merchant's fallback number */
	AFTER_TRANSFER,                 /* the person whom the receptionist chose */
	AFTER_RESUME,                   /* the receptionist again, who says that nobody was there */
	AFTER_VOICEMAIL,
	AFTER_APOLOGISE,
};

struct after_facts {
	struct slice dial_status;       /* DialCallStatus; empty: this is not a <Dial>'s end */
	struct slice call_status;       /* CallStatus */
	bool is_recorded;               /* the database knows the call; else all below means nothing */
	enum call_status recorded_status;
	enum end_reason end_reason;
	bool was_answered;              /* the receptionist has talked */
	bool was_dialled;               /* a transfer's result is recorded already */
	bool has_fallback;              /* the merchant has a number to ring */
	enum transfer_fallback transfer_fallback;
};

enum after after_decide(const struct after_facts *facts);
/* Whether what is done then is the end of a call that was transferring. */
bool after_ends_transfer(const struct after_facts *facts, enum after after);
const char *after_word(enum after after);

/* A recording that short holds a click or a breath. */
enum { VOICEMAIL_MS_MIN = 1500 };

/* Whether it is a message; `duration_ms` < 0: not told, then it counts. */
bool voicemail_counts(int64_t duration_ms);
