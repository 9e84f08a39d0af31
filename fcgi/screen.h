/*
 * screen - whether a call is answered at all. Pure.
 *
 * Place:    fcgi, below the handler of incoming calls.
 * Usage:    struct screened s = screen_decide(&facts);
 *           if (s.verdict == SCREEN_REJECT) <Reject reason=screen_reject_word(s.reason)>
 * Laws:     an allow lets a caller in whatever else is the matter with him; then the first that speaks against him
 *           counts, in the order of the reasons. What is turned away is not answered, and so not paid for.
 */
#pragma once

#include "db/screening.h"
#include "proto/caller_id.h"

struct screen_facts {
	enum caller_kind caller;
	enum attestation attestation;
	struct screening_facts stored;
};

struct screened screen_decide(const struct screen_facts *facts);
/* What a caller who is turned away hears: "rejected" (the number is not in service) or, where trying again later may
 * help, "busy". */
const char *screen_reject_word(enum screen_reason reason);
