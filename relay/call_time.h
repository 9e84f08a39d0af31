/*
 * call_time - every wait of a call has a deadline: which is next, and what happens when one has come.
 *
 * Place:    relay, beside call.
 * Usage:    call_keep_time(&call, now_ms) in each turn of a live call; loop_deadline(…, call_deadline_ms(&call)).
 */
#pragma once

#include "relay/call.h"

/* At the door: turned away if the handshake takes too long. */
void call_keep_door_time(struct call *call, uint64_t now_ms);
/* Waiting for its call: the same for Grok's connection only. */
void call_keep_waiting_time(struct call *call, uint64_t now_ms);
/* Live: ends the call when something took too long; sends pings. */
void call_keep_time(struct call *call, uint64_t now_ms);
uint64_t call_next_ping_ms(const struct call *call, uint64_t now_ms);
/* When the call wants its next turn at the latest. */
uint64_t call_deadline_ms(const struct call *call);
