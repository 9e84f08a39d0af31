/*
 * call - one call: Twilio's leg, Grok's leg, the bridge between them, and everything that may end it.
 *
 * Place:    relay, above leg, bridge, desk, door; below lane. A slot that is used again and again.
 * Usage:    call_begin(&env, fd, now_ms) for an accepted socket; the slot comes back to env->free_calls by itself.
 * Phases:   at the door (the socket has not proved itself), live, ending, free. Grok is dialled when the door opens; or
 *           before, when the webhook announced the call: then a slot without a socket is waiting for its call, and
 *           the slot that the socket came to is crossing: it hands the socket over, and is free. One reason ends a
 *           call, once; then its last words and the end itself are put to the desk, Grok's leg is closed, and Twilio's
 *           when the end is committed or RELAY_COMMIT_MS have passed: Twilio asks the webhook next, which must know.
 * Lifetime: owned by the lane; both legs, the bridge and the desk's orders are embedded and are waited for.
 * Limits:   deadlines for the handshake, start, Grok's connection, silence of either side, length: all in
 *           struct relay.
 */
#pragma once

#include "db/allowance.h"
#include "proto/grok.h"
#include "proto/twilio.h"
#include "relay/account.h"
#include "relay/bridge.h"
#include "relay/budget.h"
#include "relay/call_tools.h"
#include "relay/leg.h"
#include "relay/reel.h"
#include "relay/relay.h"
#include "relay/tap.h"

/* What the calls of one ring thread share. */
struct call_env {
	struct relay *relay;
	struct leg_env *legs;
	struct metrics *metrics;
	struct reels *reels;
	struct call *slots;                     /* slot_count of them, zeroed; those never used stay untouched */
	uint32_t slot_count, fresh_count;
	struct call *free_calls;
	struct call *used_calls;
	uint32_t used_count;
	struct log_limit door_limit, model_limit;
};

#define CALL_PHASES(X) \
	X(PHASE_FREE, "free") \
	X(PHASE_AT_DOOR, "at-door") \
	X(PHASE_WAITING, "waiting") \
	X(PHASE_CROSSING, "crossing") \
	X(PHASE_LIVE, "live") \
	X(PHASE_ENDING, "ending")

enum call_phase {
#define X(name, word) name,
	CALL_PHASES(X)
#undef X
};

struct call {
	uint32_t magic;
	enum call_phase phase;
	struct call_env *env;
	struct call *next, **at;                /* in free_calls or used_calls */
	struct task task;
	struct leg phone, model;
	struct bridge bridge;
	struct upstream upstream;
	struct turn_sink sink;
	struct witness witness;
	struct tap *taps;                       /* of operators who watch */
	struct reel *reel;                      /* NULL: nothing is recorded */
	struct call_tools tools;
	struct buf briefing;                    /* the bridge's instructions, if more than the merchant's own */
	struct twilio_reader twilio;
	struct grok_reader grok;
	/* What the database knows of it, and what it is told. */
	struct desk_call facts;
	struct roll_entry enrolled;             /* by facts.call_sid */
	struct visitor visitor;
	/* Waiting: its announcement. Crossing: that of the session it goes to. */
	struct foyer_guest *guest;
	bool note_due;                          /* waiting: its end was decided elsewhere, a note is on the way */
	struct leg_parcel parcel;               /* what comes to a session once claimed: written by the other thread */
	struct desk_order start, answer, usage, end;
	struct desk_page *merchant;             /* while the bridge borrows its texts, or the desk looks for it */
	bool merchant_asked, merchant_answered, start_put, answer_put, end_put;
	/* What it may use, and what it has. */
	struct allowance allowance;
	struct budget budget;
	struct account account;
	enum upstream_provider account_provider;
	bool budget_begun;
	bool has_session;                       /* counts as one of GROK_SESSIONS_MAX */
	uint64_t usage_at_ms;
	/* Deadlines and what they watch, all on the loop's clock. */
	uint64_t begin_ms, live_ms, ending_ms;
	uint64_t phone_heard_ms, model_heard_ms, ping_at_ms, pinged_ms;
	uint64_t model_took_ms;                 /* when it had taken all that was sent */
	uint64_t connect_by_ms;                 /* Grok's leg must be open by then; 0: it is; UINT64_MAX: not dialled */
	unsigned dial_count;
	bool redial;                            /* once the leg is free */
	uint64_t paused_ms;                     /* since when Grok is not read because Twilio does not take its audio */
	bool phone_pong_due, model_pong_due;
	bool phone_pongs, model_pongs;          /* has answered a ping: a missing answer means something */
	bool model_pings;                       /* Grok sends pings of its own, as it does every ten seconds */
	bool phone_gone, model_gone;
	bool phone_closing;
};

/* Takes over the socket, which counts as pending. false: no slot, or no memory for TLS; it was closed. */
bool call_begin(struct call_env *env, int fd, uint64_t now_ms);
/* Ends it as soon as its task gets its turn: the relay is stopping. */
void call_stop(struct call *call);
/* Any thread: a session shall be opened for that guest, by that ring thread. */
void call_expect(struct call_env *env, struct foyer_guest *guest);
/* Any thread, for a guest of foyer_forget(). */
void call_forget(struct foyer_guest *guest);
const char *call_phase_word(enum call_phase phase);
