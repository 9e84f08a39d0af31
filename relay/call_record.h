/*
 * call_record - whether a call is recorded, from when and until when.
 *
 * Place:    relay, inside call: between the bridge, which tells the recorder, and the reel, which writes.
 * Usage:    call_record_begin(c, now_ms) at the stream's start message, call_record_decide(c) when the merchant is
 *           known, in either order; call_record_turn(c, now_ms) first in each turn, call_record_heed(c) last;
 *           call_record_withdraw(c) when the caller objects; call_record_end(c) once.
 * Rules:    a merchant with recording=0 has no folder, no file, nothing. A call that cannot be recorded goes on.
 */
#pragma once

#include "relay/call.h"

/* Whether calls of that merchant are recorded here. */
bool call_record_is_wanted(const struct call *call, const struct merchant *merchant);
void call_record_begin(struct call *call, uint64_t now_ms);
void call_record_decide(struct call *call);
void call_record_turn(struct call *call, uint64_t now_ms);
void call_record_heed(struct call *call);
void call_record_withdraw(struct call *call);
void call_record_end(struct call *call);
