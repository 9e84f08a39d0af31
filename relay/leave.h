/*
 * leave - the last words before the receptionist goes: said, heard, then gone.
 *
 * Place:    relay, pure. Below bridge, which says what is to be said and ends the call.
 * Usage:    leave_begin(&l, END_TRANSFERRED, always, now_ms);
 *           leave_voice(&l) when audio of an answer comes
 *           switch (leave_next(&l, &view)) { LEAVE_WAIT, LEAVE_SAY: say the words, LEAVE_GO: the call is over }
 * Rules:    what Grok says by itself in the response under way counts as last words, unless words are set to be
 *           said always; when it said nothing, they are said in any case. Nobody goes before they were
 *           heard, but LEAVE_MS are the longest wait for them to come and again for them to be heard.
 */
#pragma once

#include "base/end_reason.h"

#include <stdint.h>

enum { LEAVE_MS = 8000 };

enum leave_act { LEAVE_WAIT, LEAVE_SAY, LEAVE_GO };

struct leave_view {
	uint64_t now_ms;
	bool generating;                /* a response is under way */
	bool playing;                   /* the caller has not heard everything yet */
};

struct leave {
	enum end_reason reason;         /* END_NONE: nobody is leaving */
	bool always;                    /* words are set */
	bool spoken;                    /* audio came since the words were asked for, or in the response that left */
	bool asked;                     /* LEAVE_SAY was answered */
	bool complete;                  /* no more words will come */
	uint64_t until_ms;
};

/* `spoken`: the response under way has been heard to say something. A second one changes nothing. */
bool leave_begin(struct leave *l, enum end_reason reason, bool always, bool spoken, uint64_t now_ms);
/* Audio of an answer came. */
void leave_voice(struct leave *l);
enum leave_act leave_next(struct leave *l, const struct leave_view *view);
/* UINT64_MAX: nobody is leaving. */
uint64_t leave_deadline_ms(const struct leave *l);
static inline bool leave_is_on(const struct leave *l)
{
	return l->reason != END_NONE;
}
