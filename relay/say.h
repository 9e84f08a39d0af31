/*
 * say - words that wait to be spoken exactly as they are, one after the other, and what became of
 * each: asked for, begun, complete.
 *
 * Place:    relay, pure: no clock. Above voice_id and buf; bridge_say.c feeds it and asks Grok.
 * Usage:    say_init(&s, pool); say_put(&s, words, SAY_PROTECTED);
 *           line = say_next(&s, now_ms): if not NULL, send it, then say_asked(&s, now_ms)
 *           say_caller(), say_response(), say_response_over() as these things happen
 *           ask say_next() after each of them and at say_deadline_ms()
 * Rules:    A response that is asked for while another one is active would cancel it: a line waits
 *           until Grok is silent, and the caller's turn is answered (a protected one does not wait
 *           for the caller). The next response that begins behind it and that nobody else has asked
 *           for is its own. What does not begin in SAY_ASKED_MS is asked for once more; so is a
 *           protected line that was cancelled before it was complete. Then it is given up.
 *           A line that yields is dropped when Grok answers the caller first. One that is to be said
 *           at once waits only for a line that is being spoken.
 *           Empty words: Grok finds its own; if it does not, SAY_INSTEAD is said.
 * Lifetime: words are copied into a pooled block, given back when they are complete.
 * Fails:    say_put() returns false: SAY_LINES_MAX wait already, or no memory.
 */
#pragma once

#include "base/buf.h"
#include "relay/voice.h"

enum {
	SAY_LINES_MAX = 4,
	SAY_BYTES_MAX = 8192,
	SAY_TRIES_MAX = 2,
	SAY_ASKED_MS = 3000,            /* a response begins by then, or never */
	SAY_ANSWER_MS = 3000,           /* Grok begins to answer the caller by then, or will not */
	SAY_RESPONSE_MS = 10000,        /* a response that is silent for so long is over */
	SAY_CALLER_MS = 30000,          /* nobody is believed to speak for longer at a time */
};

#define SAY_INSTEAD "Hello! How can I help you?"

enum {
	SAY_PROTECTED = 1,              /* the caller's voice does not cut it off */
	SAY_YIELDS = 2,                 /* to an answer that Grok begins by itself */
	SAY_AT_ONCE = 4,                /* before the others, and even if it cancels a response */
	SAY_NOTICE = 8,                 /* what the caller must have heard before anything may be kept of the call */
};

enum say_state { SAY_WAITING, SAY_ASKED, SAY_BEGUN };

struct say_line {
	enum say_state state;
	unsigned flags;
	unsigned tries;
	bool finds_own;                 /* empty words */
	bool complete;                  /* all its audio was generated */
	struct buf words;
};

/* What a response that begins is. */
enum say_kind { SAY_GOES_ON, SAY_ANSWER, SAY_LINE };

struct say {
	size_t line_count;
	struct say_line lines[SAY_LINES_MAX];   /* the first is the next to be spoken, or is being spoken */
	uint64_t asked_ms;              /* something was asked for and has not begun; UINT64_MAX: nothing */
	bool others_asked;              /* and not by a line */
	bool active;                    /* Grok generates */
	struct voice_id response;       /* this one */
	uint64_t active_ms;             /* when it was last seen to */
	bool caller_speaks;
	uint64_t caller_ms;             /* when the caller began or ended to speak */
	bool answer_due;                /* the caller's turn is over and not answered */
};

void say_init(struct say *s, struct pool *pool);
/* Forgets all lines. Idempotent; a zeroed struct may be fini'd. */
void say_fini(struct say *s);

bool say_put(struct say *s, struct slice words, unsigned flags);
/* The line to ask Grok for now, if any; its words may be empty. */
struct say_line *say_next(struct say *s, uint64_t now_ms);
void say_asked(struct say *s, uint64_t now_ms);
/* What was asked for earlier could not be seen to begin: its time runs from now on. */
void say_asked_since(struct say *s, uint64_t now_ms);
/* Somebody else has asked for a response. */
void say_others_asked(struct say *s, uint64_t now_ms);

void say_caller(struct say *s, bool speaks, uint64_t now_ms);
/* A response begins, and ends the one before it; or goes on, if it is the one that is active. */
enum say_kind say_response(struct say *s, struct slice id, uint64_t now_ms);
/* All its audio came. */
void say_response_whole(struct say *s, struct slice id);
void say_response_over(struct say *s, struct slice id, bool completed);

/* The connection is gone: what was not said to its end is asked for again at the next one, as often as before. */
void say_lost(struct say *s);

/* Whether Grok speaks a line that nobody may cut off. */
bool say_is_protected(const struct say *s);
/* Whether it speaks a notice; and whether all audio of that was generated. */
bool say_is_notice(const struct say *s);
bool say_notice_is_whole(const struct say *s);
/* Whether a protected line is asked for, or not complete yet. */
bool say_wants_quiet(const struct say *s);
/* Whether a response may be asked for without cancelling another or the caller's own answer. */
bool say_is_free(const struct say *s, uint64_t now_ms);
/* When say_next() may have something though nothing happens; UINT64_MAX: never. */
uint64_t say_deadline_ms(const struct say *s);
