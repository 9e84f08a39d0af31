/*
 * after - what to do with a caller when the stream, or the dialled person, is gone. Pure.
 *
 * Place:    fcgi, used by the handlers of incoming and after.
 * Usage:    switch (after_decide(&facts)) { … }
 */
#pragma once

#include "base/end_reason.h"
#include "base/slice.h"
#include "db/db.h"

#include <stdbool.h>

enum after { AFTER_HANG_UP, AFTER_DIAL, AFTER_APOLOGISE };

struct after_facts {
	struct slice dial_status;       /* DialCallStatus; empty: no <Dial> has run */
	struct slice call_status;       /* CallStatus */
	bool is_recorded;               /* the database knows the call; else the next two mean nothing */
	enum call_status recorded_status;
	enum end_reason end_reason;
	bool has_fallback;              /* the merchant has a number to ring */
};

enum after after_decide(const struct after_facts *facts);
const char *after_word(enum after after);
