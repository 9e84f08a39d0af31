/*
 * call_end - how a call's slot is taken and given back, and everything in between that belongs to its end.
 *
 * Place:    relay, beside call.
 * Usage:    call_link() when a socket comes; call_finish() once, when the bridge has a reason; call_settle() in
 *           every turn after that until it returns true: then the slot is free, and the task has no turn any more.
 *           A socket that is not let in: call_turn_away() or, if it left by itself, call_turned_away().
 */
#pragma once

#include "relay/call.h"

/* Among the used ones, with an empty memory; and back to the free ones. */
void call_link(struct call *call, uint64_t now_ms);
void call_unlink(struct call *call);
/* Answers the upgrade request with an HTTP status. */
void call_turn_away(struct call *call, int status, const char *why);
/* The socket is over, or will be aborted, without an answer. */
void call_turned_away(struct call *call, const char *fault, const char *why);
/* Exactly once: log, metrics, the last turns and the end to the desk, Grok's leg closed. */
void call_finish(struct call *call, uint64_t now_ms);
/* Closes Twilio's leg once the end is committed or has taken too long; true when the slot is free again. */
bool call_settle(struct call *call, uint64_t now_ms);
/* Gives the merchant's page back when nobody needs it any more. */
void call_let_merchant_go(struct call *call);

/* What the end of a leg means for the call. */
enum end_reason call_phone_reason(const struct leg_event *event);
const char *call_phone_why(const struct leg_event *event);
enum upstream_loss call_model_loss(const struct leg_event *event, bool was_open);
