/*
 * bridge_parts - what the files of the bridge share among each other, and nobody else.
 *
 * Place:    relay, pure. Included by bridge*.c only.
 * Files:    bridge.c       begins, ends, time
 *           bridge_setup.c until the first words
 *           bridge_phone.c what Twilio says
 *           bridge_model.c what Grok says
 */
#pragma once

#include "relay/bridge.h"

#define BRIDGE_NEVER UINT64_MAX

void bridge_count(struct bridge *b, enum metric metric);
/* The call's clock: 0 at Twilio's start. */
uint32_t bridge_call_ms(const struct bridge *b, uint64_t now_ms);
/*
 * Take what a model_out or phone_out function returned; false if the message could not be written:
 * then the call is over.
 */
bool bridge_to_model(struct bridge *b, bool ok, uint64_t now_ms);
bool bridge_to_phone(struct bridge *b, bool ok, uint64_t now_ms);

/* bridge_setup.c */
void bridge_ask_when_possible(struct bridge *b, uint64_t now_ms);
void bridge_talk_when_possible(struct bridge *b, uint64_t now_ms);
void bridge_updated(struct bridge *b, const struct grok_event *event, uint64_t now_ms);
void bridge_not_ready_in_time(struct bridge *b, uint64_t now_ms);
void bridge_not_greeted_in_time(struct bridge *b, uint64_t now_ms);

/* bridge_phone.c */
void bridge_pass_digits(struct bridge *b, uint64_t now_ms);
