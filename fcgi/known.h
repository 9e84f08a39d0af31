/*
 * known - what is known of a call and its merchant when Twilio asks: the facts of a plan, gathered.
 *
 * Place:    fcgi, above plan and db; filled by the handlers, carried out by next.
 * Usage:    struct known k;
 *           known_init(&k, PLAN_AFTER, r); known_call(w, &k); … next_carry_out(w, a, &k);
 * Lifetime: borrows the request.
 * Fails:    never: what the database does not tell stays unknown, and the plan copes.
 */
#pragma once

#include "db/db.h"
#include "db/hours.h"
#include "db/outgoing.h"
#include "fcgi/plan.h"
#include "proto/caller_id.h"

struct form;
struct request;
struct webhook;

struct known {
	struct plan_facts facts;
	const struct form *form;
	struct slice call_sid;
	struct caller_id caller;
	enum attestation attestation;
	struct merchant merchant;       /* known or paused; of one that is remembered, its id and fallback_number */
	struct call_record call;        /* of a call without a row, what its row would begin with */
	bool has_row;                   /* also one that is as new as this request: facts.is_recorded is false then */
	struct hours_answer opening;    /* looked up where the merchant does something else after hours */
	const char *reject_reason;
	const struct outgoing *order;   /* of a call that we placed */
};

void known_init(struct known *k, enum plan_question question, const struct request *r);
/* The merchant of the number that was called, in the database or remembered; and whether it is open. */
void known_called(struct webhook *w, struct known *k);
/* The call's row and its merchant. A call that has none, since it could not be written when the call came, gets it. */
void known_call(struct webhook *w, struct known *k);
/* After k->merchant was read. */
void known_merchant(struct webhook *w, struct known *k);
/* After k->call was read. */
void known_row(struct known *k);
/* What the call's row begins with. */
struct call_begin known_begin(const struct known *k);
