/*
 * place - places one call: the order in the database, the request to Twilio, the call's row.
 *
 * Place:    outbound, above rest and db.
 * Usage:    switch (place_call(db, &plan, &placed)) { … }
 * Order:    the order is written before Twilio is asked, and what came of it afterwards: a program that dies in
 *           between leaves an order without a CallSid, never a call that nobody ordered.
 * Repeats:  only what was certainly not sent is sent again, once.
 */
#pragma once

#include "db/outgoing.h"
#include "outbound/rest.h"

struct place_plan {
	struct rest_account account;
	struct slice public_url;
	const struct merchant *merchant;
	struct outgoing order;          /* id empty: it is drawn here */
	uint32_t ring_s;
};

struct placed {
	char call_sid[SID_BYTES_MAX + 1];
	char why[REST_WHY_BYTES_MAX];
};

enum place_result { PLACE_OK, PLACE_REFUSED, PLACE_NOT_SENT, PLACE_UNKNOWN, PLACE_DATABASE };

enum place_result place_call(struct db *db, struct place_plan *plan, struct placed *out);
/* The form that Twilio would be sent, in `out`. */
void place_form(const struct place_plan *plan, struct form *out);
