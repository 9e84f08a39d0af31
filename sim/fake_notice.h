/*
 * fake_notice - what a response of the simulated Grok says about itself: that it began, its items, words and function
 * calls, that it is done.
 *
 * Place:    sim, pure; a part of fake_reply (it works on that struct), above fake_tools and fake_wire.
 * Order:    created, (calls if there are several), added, words beside the audio, finished, (a call), done.
 * Dialects: OpenAI tells contents in more places, says .done of items, and ends with rate_limits.updated.
 */
#pragma once

#include "sim/fake_reply.h"

void fake_notice_created(struct fake_reply *r, struct fake_wire *wire);
void fake_notice_added(struct fake_reply *r, struct fake_wire *wire);
/* The words that have become due with what was sent of the audio. */
void fake_notice_words(struct fake_reply *r, struct fake_wire *wire, struct slice rid);
void fake_notice_finished(struct fake_reply *r, struct fake_wire *wire);
/* Those that are planned. */
void fake_notice_calls(struct fake_reply *r, struct fake_wire *wire);
/* `reason` is OpenAI's, for a response that was cancelled; NULL for none. */
void fake_notice_done(struct fake_reply *r, struct fake_wire *wire, const char *status, const char *reason);
