/*
 * bridge_parts - what the files of the bridge share among each other, and nobody else.
 *
 * Place:    relay, pure. Included by bridge*.c only.
 * Files:    bridge.c       begins, ends, time
 *           bridge_setup.c until the first words
 *           bridge_say.c   asks Grok to speak
 *           bridge_interrupt.c  the caller's voice stops the receptionist's
 *           bridge_tools.c what Grok's function calls come to, and leaving
 *           bridge_keys.c  the keypad
 *           bridge_phone.c what Twilio says
 *           bridge_model.c what Grok says
 *           bridge_upstream.c when there is no Grok, and what comes after that
 *           bridge_patience.c when nothing comes
 *           bridge_words.c what was said, for the transcript
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
void bridge_ask_again(struct bridge *b, uint64_t now_ms);

/* bridge_say.c: nobody else asks Grok to speak. */
/* Grok is to find its own words now; `source` comes back with its response. */
bool bridge_respond(struct bridge *b, struct slice source, uint64_t now_ms);
/* Asks for the next words that wait, if it may be. */
void bridge_say_next(struct bridge *b, uint64_t now_ms);

/* bridge_words.c */
void bridge_words(struct bridge *b, const struct grok_event *event, uint64_t now_ms);
/* Whether words of the event's response may still be said. */
bool bridge_is_spoken(const struct bridge *b, const struct grok_event *event);

/* bridge_interrupt.c */
void bridge_mind_manners(struct bridge *b, const struct bridge_manners *manners);
/* Grok heard the caller begin or end to speak. */
void bridge_caller_speaks(struct bridge *b, bool speaks, uint64_t now_ms);
/* A frame of the caller's. */
void bridge_listen(struct bridge *b, struct slice base64, uint64_t now_ms);
/* Stops the receptionist if it is time; to be asked whenever something happens. */
void bridge_heed_caller(struct bridge *b, uint64_t now_ms);
/* Who is to be heard right now; and when the caller was heard last, as far as can be told at speech_stopped. */
void bridge_rate(struct bridge *b, uint64_t now_ms);
uint64_t bridge_caller_quiet_ms(const struct bridge *b, uint64_t now_ms);
/* A response is over that may have been cut off. */
void bridge_cut_over(struct bridge *b, struct slice response_id, bool completed, uint64_t now_ms);

/* bridge_phone.c */
/* The transcript is told of items that marks have proven to be played. */
void bridge_note_played(struct bridge *b);

/* bridge_tools.c */
/* An event shows a function call. */
void bridge_tool_shown(struct bridge *b, const struct grok_event *event, uint64_t now_ms);
/* A response is done; it may list calls, too. */
void bridge_tools_done(struct bridge *b, const struct grok_event *event, uint64_t now_ms);
/* The receptionist was interrupted: if it was about to go, it stays. */
void bridge_stay(struct bridge *b, uint64_t now_ms);
void bridge_tools_tick(struct bridge *b, uint64_t now_ms);
/* The call is over: what was not told is told to the record. */
void bridge_tools_end(struct bridge *b, uint64_t now_ms);
uint64_t bridge_tools_deadline_ms(const struct bridge *b);

/* bridge_keys.c */
void bridge_key(struct bridge *b, char digit, uint64_t now_ms);
/* What of the caller's audio may be heard by anybody: silence while a secret is entered, whose tones may be in it. */
bool bridge_hides(const struct bridge *b);
struct slice bridge_shield(const struct bridge *b, struct slice base64);
/* The entry under way is complete. */
void bridge_pass_keys(struct bridge *b, uint64_t now_ms);

/* bridge_upstream.c */
/* A new session is ready in the midst of the talk. */
void bridge_back(struct bridge *b, uint64_t now_ms);
void bridge_comfort(struct bridge *b, uint64_t now_ms);
/* An event that only tells what was said before the connection was lost. */
bool bridge_is_replay(const struct bridge *b, const struct grok_event *event);

/* bridge_patience.c */
/* Before the event has its effect. */
void bridge_heed_model(struct bridge *b, const struct grok_event *event, uint64_t now_ms);
void bridge_heed_digit(struct bridge *b);
void bridge_be_patient(struct bridge *b, uint64_t now_ms);
