/*
 * call_parts - what the files of a call tell each other and nobody else.
 *
 * Place:    relay, inside call: call.c (slot, desk, turn), call_phone.c (Twilio's leg), call_model.c (Grok's leg).
 */
#pragma once

#include "relay/call.h"

static inline void call_count(struct call *c, enum metric metric)
{
	metrics_add(c->env->metrics, metric, 1);
}

/* Once: as soon as it is known whose call it is. */
void call_ask_merchant(struct call *call);
/* Starts connecting to Grok; whatever fails ends the call. */
void call_dial(struct call *call, uint64_t now_ms);
/* Everything that a leg has for us goes into the bridge. */
void call_read_phone(struct call *call, uint64_t now_ms);
void call_read_model(struct call *call, uint64_t now_ms);
