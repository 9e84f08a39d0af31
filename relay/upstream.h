/*
 * upstream - which provider a call talks to, and what follows when the connection to it is lost.
 *
 * Place:    relay, pure but for the breakers' atomics: no sockets, no clock. Below call.
 * Usage:    upstream_init(&u, &plan, now_ms)             chooses the first provider
 *           switch (upstream_next(&u, quiet, now_ms))          in each turn
 *               UPSTREAM_DIAL: connect to u.provider; u.conversation, if any, goes into the URL; upstream_dialled(&u)
 *               UPSTREAM_MOVE: the session gets old: close it, then upstream_lost(&u, LOSS_PLANNED, now_ms)
 *               UPSTREAM_DROP: it takes too long: cut the connection, then upstream_lost(&u, LOSS_STALLED, now_ms)
 *               UPSTREAM_GIVE_UP: the call ends with u.reason
 *           upstream_ready(&u, now_ms) at session.updated; upstream_lost(&u, loss, now_ms) when it is over
 *           want a tick at upstream_deadline_ms(&u)
 * Rules:    a lost session is resumed at its provider, at most UPSTREAM_TRIES_MAX times, after 0.5 and 1 s and
 *           within UPSTREAM_OUTAGE_MS; then the fallback takes over, if there is one; else the call ends with the
 *           last loss's reason. A session that lasted UPSTREAM_STEADY_MS, or until it was left, has its tries back.
 *           Before the first words nothing is resumed: the fallback takes over at once, or the call ends and the
 *           webhook's fallback rings.
 * Breaker:  one a provider, shared by all threads. BREAKER_FAULTS_MAX failures to begin a session, without a success
 *           between them, open it: nobody dials that provider for BREAKER_OPEN_MS, twice as long each time; then one
 *           call tries, and the others go on past it until that one has got through.
 * Limits:   a try's own deadlines (connect, ready) are the caller's.
 */
#pragma once

#include "base/end_reason.h"
#include "base/limits.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define UPSTREAM_PROVIDERS(X) \
	X(PROVIDER_GROK, "grok") \
	X(PROVIDER_FALLBACK, "fallback")

/*
 * LOSS(name, word, blame, again, reason): how a connection was lost; whether a session that could not begin for it
 * counts against the provider; whether the same provider may be tried again; how the call ends if nobody takes over.
 */
#define UPSTREAM_LOSSES(LOSS) \
	LOSS(UNREACHABLE, "unreachable", true, true, END_GROK_UNREACHABLE) \
	LOSS(DENIED, "denied", true, false, END_GROK_REFUSED)           /* by HTTP, at the door */ \
	LOSS(REFUSED, "refused", false, false, END_GROK_REFUSED)        /* the session that was asked for */ \
	LOSS(CLOSED, "closed", true, true, END_GROK_CLOSED)             /* close, reset, end of file */ \
	LOSS(STALLED, "stalled", true, true, END_GROK_STALLED)          /* silent, half-open, no answers */ \
	LOSS(PROTOCOL, "protocol", false, true, END_GROK_PROTOCOL) \
	LOSS(WRONG_AUDIO, "wrong-audio", false, false, END_GROK_WRONG_AUDIO) \
	LOSS(SESSION_OVER, "session-over", false, true, END_CALL_TOO_LONG) /* max_duration */ \
	LOSS(PLANNED, "planned", false, true, END_GROK_CLOSED)          /* moved before that */

enum {
	UPSTREAM_TRIES_MAX = 2,
	UPSTREAM_PAUSE_MS = 500,                /* before the first try; doubled before the next */
	UPSTREAM_OUTAGE_MS = 10000,             /* for all tries at one provider */
	UPSTREAM_STEADY_MS = 30000,
	UPSTREAM_MOVE_MS = 60000,               /* that a planned move waits for a moment in which nobody speaks */
	BREAKER_FAULTS_MAX = 5,
	BREAKER_OPEN_MS = 5000,
	BREAKER_OPEN_MS_MAX = 60000,
};

enum upstream_provider {
#define X(name, word) name,
	UPSTREAM_PROVIDERS(X)
#undef X
	PROVIDER_COUNT
};

enum upstream_loss {
#define X(name, ...) LOSS_##name,
	UPSTREAM_LOSSES(X)
#undef X
	LOSS_COUNT
};

/* Zeroed: closed. */
struct breaker {
	_Atomic uint32_t fault_count;           /* since the last success */
	_Atomic uint32_t open_count;            /* times it opened since then */
	_Atomic uint64_t until_ms;              /* nobody dials before; 0: closed */
	_Atomic bool tried;                     /* open, and one was let through */
};

/* Whether that provider may be dialled. An open one lets one caller through whenever its time is over. */
bool breaker_allows(struct breaker *breaker, uint64_t now_ms);
bool breaker_is_open(const struct breaker *breaker);
/* Whether it would let nobody through now; to ask changes nothing. */
bool breaker_bars(const struct breaker *breaker, uint64_t now_ms);
void breaker_failed(struct breaker *breaker, uint64_t now_ms);
void breaker_worked(struct breaker *breaker);

enum upstream_state {
	UPSTREAM_WAITING,                       /* dials at dial_at_ms */
	UPSTREAM_DIALLING,                      /* until the session is ready */
	UPSTREAM_UP,
	UPSTREAM_OVER,
};

enum upstream_step { UPSTREAM_NOTHING, UPSTREAM_DIAL, UPSTREAM_MOVE, UPSTREAM_DROP, UPSTREAM_GIVE_UP };

struct upstream_plan {
	struct breaker *breakers;               /* PROVIDER_COUNT of them, borrowed */
	bool has[PROVIDER_COUNT];               /* configured */
	uint64_t session_ms_max[PROVIDER_COUNT]; /* a session moves then; 0: never */
};

struct upstream {
	struct upstream_plan plan;
	enum upstream_provider provider;
	enum upstream_state state;
	enum end_reason reason;                 /* how the call ends if nothing helps */
	enum upstream_loss loss;                /* the last one */
	bool spoken;                            /* a session was ready once: the caller may have heard a voice */
	bool move_due;                          /* only a quiet moment is waited for */
	unsigned try_count;                     /* since the provider was up, or taken over */
	unsigned resumed_count;                 /* sessions after the first, for the record of the call */
	uint64_t dial_at_ms, give_up_at_ms, ready_ms;
	uint64_t outage_ms;                     /* when the voice was lost; 0: it was not */
	char conversation[GROK_ID_BYTES_MAX + 1]; /* to be resumed; "": a new one, told what was said */
};

void upstream_init(struct upstream *u, const struct upstream_plan *plan, uint64_t now_ms);
enum upstream_step upstream_next(struct upstream *u, bool quiet, uint64_t now_ms);
void upstream_dialled(struct upstream *u);
/* The provider's name of the conversation; too long: as if it had none. */
void upstream_conversation(struct upstream *u, struct slice id);
void upstream_ready(struct upstream *u, uint64_t now_ms);
void upstream_lost(struct upstream *u, enum upstream_loss loss, uint64_t now_ms);
uint64_t upstream_deadline_ms(const struct upstream *u);

const char *upstream_provider_word(enum upstream_provider provider);
const char *upstream_loss_word(enum upstream_loss loss);
/* How a call ends for it when nobody takes over. */
enum end_reason upstream_loss_reason(enum upstream_loss loss);
