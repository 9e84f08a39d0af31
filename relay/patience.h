/*
 * patience - what a call waits for, how long, and what happens then: dead air has an end.
 *
 * Place:    relay, pure: no clock, no peers; below bridge, which does what it says.
 * Usage:    patience_init(&p, &bounds);
 *           patience_begin(&p, WAIT_ANSWER, now_ms)  unless it runs; patience_over(&p, WAIT_ANSWER)
 *           while ((act = patience_next(&p, now_ms, &wait)) != PATIENCE_NOTHING) …
 *           want a tick at patience_deadline_ms(&p)
 * Rules:    a wait has steps; each has a bound, counted from the step before, and a consequence. What is over begins
 *           with its first step the next time; what only rests goes on where it stood. Behind the last step a wait
 *           is over.
 *           Tools keep time by themselves (tools.h), and so do connections (call_time.h, upstream.h).
 * Limits:   a bound of 0 switches its steps off, and those behind them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* WAIT(name, word): what is waited for */
#define PATIENCE_WAITS(WAIT)                                                                       \
	WAIT(READY, "ready")            /* session.updated behind session.update */                \
	WAIT(ANSWER, "answer")          /* response.created behind the end of the caller's turn */ \
	WAIT(AUDIO, "audio")            /* the first audio behind response.created */              \
	WAIT(SILENCE, "silence")        /* a word of the caller, while nobody is heard */          \
	WAIT(GOODBYE, "goodbye")        /* the end of the last words */

/* BOUND(name): how long; where from, see struct patience_bounds */
#define PATIENCE_BOUNDS(BOUND) \
	BOUND(ready_ms)                 /* GROK_READY_MS */   \
	BOUND(answer_ms)                /* GROK_ANSWER_MS */  \
	BOUND(audio_ms)                 /* GROK_AUDIO_MS */   \
	BOUND(silence_ms)               /* CALLER_SILENCE_S */ \
	BOUND(goodbye_ms)               /* PATIENCE_GOODBYE_MS */

/* STEP(wait, bound, act): in this order */
#define PATIENCE_STEPS(STEP)               \
	STEP(READY, ready_ms, ASK_AGAIN)   \
	STEP(READY, ready_ms, LOSE)        \
	STEP(ANSWER, answer_ms, RETRY)     \
	STEP(ANSWER, audio_ms, LOSE)       \
	STEP(AUDIO, audio_ms, FILL)        \
	STEP(AUDIO, answer_ms, RETRY)      \
	STEP(AUDIO, answer_ms, LOSE)       \
	STEP(SILENCE, silence_ms, PROMPT)  \
	STEP(SILENCE, silence_ms, PROMPT)  \
	STEP(SILENCE, silence_ms, PART)    \
	STEP(GOODBYE, goodbye_ms, END)

/* ACT(name, word): what is to be done */
#define PATIENCE_ACTS(ACT)                                                            \
	ACT(NOTHING, "nothing")                                                       \
	ACT(ASK_AGAIN, "ask-again")     /* send session.update once more */           \
	ACT(RETRY, "retry")             /* ask for the answer once more */            \
	ACT(FILL, "fill")               /* say something short, that goes first */    \
	ACT(PROMPT, "prompt")           /* ask whether the caller is still there */   \
	ACT(PART, "part")               /* say goodbye: nobody speaks */              \
	ACT(END, "end")                 /* end the call, the goodbye was long enough */ \
	ACT(LOSE, "lose")               /* this connection is of no use any more */

enum { PATIENCE_GOODBYE_MS = 8000 };

enum patience_wait {
#define X(name, word) WAIT_##name,
	PATIENCE_WAITS(X)
#undef X
	PATIENCE_WAIT_COUNT
};

enum patience_act {
#define X(name, word) PATIENCE_##name,
	PATIENCE_ACTS(X)
#undef X
	PATIENCE_ACT_COUNT
};

struct patience_bounds {
#define X(name) uint32_t name;
	PATIENCE_BOUNDS(X)
#undef X
};

struct patience {
	struct patience_bounds bounds;
	uint64_t at_ms[PATIENCE_WAIT_COUNT];    /* of the next step; UINT64_MAX: the clock stands */
	uint8_t step[PATIENCE_WAIT_COUNT];      /* that comes next */
};

void patience_init(struct patience *p, const struct patience_bounds *bounds);
/* Starts the clock of the wait's next step, unless it runs already. */
void patience_begin(struct patience *p, enum patience_wait wait, uint64_t now_ms);
/* Stops the clock; the step that comes next stays the same. */
void patience_rest(struct patience *p, enum patience_wait wait);
/* It came, or is of no interest any more. */
void patience_over(struct patience *p, enum patience_wait wait);
void patience_all_over(struct patience *p);
bool patience_waits(const struct patience *p, enum patience_wait wait);
/* One consequence that is due; the clock of the step behind it runs from now. */
enum patience_act patience_next(struct patience *p, uint64_t now_ms, enum patience_wait *out_wait);
uint64_t patience_deadline_ms(const struct patience *p);
