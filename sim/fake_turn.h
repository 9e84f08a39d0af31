/*
 * fake_turn - the caller's side of a session: audio in, turns found, heard, transcribed, answered.
 *
 * Place:    sim, pure; a part of fake_grok (it works on that struct), above listener and fake_reply.
 * Order:    speech_started, item.added; transcript in progress (at the first pause); speech_stopped, committed,
 *           transcript completed 130 ms later, then the answer.
 * Rules:    Speech that resumes before the answer has audio belongs to the same turn, and that answer is abandoned
 *           without a response.done. Speech during the answer interrupts it.
 */
#pragma once

#include "sim/fake_grok.h"

/* Audio of the caller, μ-law. */
void fake_turn_audio(struct fake_grok *g, struct slice ulaw);
void fake_turn_heard(struct fake_grok *g, uint32_t number, const char *text);
/* Manual mode: what was said so far is a turn. */
void fake_turn_commit(struct fake_grok *g);
void fake_turn_tick(struct fake_grok *g);
/* After the response has moved on: the turn is over once its answer can be heard. */
void fake_turn_settle(struct fake_grok *g);
uint64_t fake_turn_due_ms(const struct fake_grok *g);
/* Answers words, with the function calls that go with the answer. */
void fake_turn_respond(struct fake_grok *g, const char *heard, const struct grok_event *create, uint32_t delay_ms);
/* Begins a response, whatever is under way. `create` as in fake_reply_begin(). */
void fake_turn_answer(struct fake_grok *g, const char *text, const struct grok_event *create, uint32_t delay_ms);
