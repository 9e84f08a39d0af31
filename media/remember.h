/*
 * remember - what was said in a call, kept for the next one of the same caller, if the merchant wants that.
 *
 * Place:    media, for the summary's step.
 * Usage:    result = remember_words(s);          when the call is over: its last words, until there is something better
 *           result = remember_summary(s);        once there is a summary: that
 * Rules:    merchants.memory is the switch. Nobody without a number is remembered, nor is anything of a call before the
 *           caller's last. What strangers said is made plain (plain.h); it is told to the receptionist as data only
 *           (relay/briefing.h).
 * Redo:     as often as one likes, in any order: a summary is never replaced by the words of its call.
 * Fails:    the step's result, with s->why.
 */
#pragma once

#include "media/step.h"

/* Of the call's end; with who said it. */
enum { REMEMBER_BYTES_MAX = 1500 };

enum step_result remember_words(struct step *s);
/* DB_NONE, no summary, is STEP_DONE: the words stay. */
enum step_result remember_summary(struct step *s);
