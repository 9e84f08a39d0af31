/*
 * plan - what a caller gets: from what is known to a few verbs. Pure: the one place where that is decided.
 *
 * Place:    fcgi. The handlers gather the facts, next carries the plan out, voice writes it as TwiML.
 * Usage:    struct plan plan = plan_decide(&facts);
 *           if (plan_streams(&plan)) { ask the relay; facts.relay = its state; plan = plan_decide(&facts); }
 *           and before: if (plan_wants_end(&facts)) { ask the relay; facts.told_end = what it says; }
 * Laws:     who is on the line hears a word, a ring or the receptionist, except one who was turned away, has talked or
 *           has heard goodbye. Nobody is rung a second time, but by a receptionist who puts the caller through once
 *           more. Once the call is answered nothing is rejected. Whatever fails next, the database as well, the caller
 *           is a bounded number of plans away from the end of the call: what was rung is told by the URL that Twilio
 *           asks then, not by the row alone. What ends the row does not depend on the relay's state. (The test tries
 *           every combination.)
 *           The first question for a call is answered by its merchant, the screen, the hours, the limits and the relay,
 *           in that order; a repeated one by the call's row, so that it gets the same answer. "The same" is to the
 *           byte, but for the stream's token: each has its own, since a token opens one stream only and Twilio may
 *           ask again after the first was used.
 * Fails:    never: facts that contradict each other still give a plan that keeps the laws.
 */
#pragma once

#include "base/end_reason.h"
#include "base/slice.h"
#include "db/db.h"
#include "db/screening.h"
#include "fcgi/machine.h"
#include "fcgi/relay_ask.h"

#include <stdbool.h>

enum plan_question {
	PLAN_INCOMING,                  /* a call comes in */
	PLAN_OUTGOING,                  /* somebody whom we called has answered */
	PLAN_AFTER,                     /* what was streamed or dialled is over */
	PLAN_RECORDED,                  /* the tone is over, or its recording can be fetched */
	PLAN_STATUS,                    /* Twilio tells how the call is; nobody listens */
};

enum plan_merchant {
	PLAN_MERCHANT_UNREAD,           /* the database cannot be asked, and nothing is remembered */
	PLAN_MERCHANT_UNKNOWN,          /* there is none for that number */
	PLAN_MERCHANT_PAUSED,
	PLAN_MERCHANT_REMEMBERED,       /* the database cannot be asked: whom to ring is known from before */
	PLAN_MERCHANT_KNOWN,
};

enum plan_dial { PLAN_DIAL_NONE, PLAN_DIAL_TALKED, PLAN_DIAL_MISSED };

enum plan_recording {
	PLAN_RECORDING_NONE,            /* nothing, or a breath */
	PLAN_RECORDING_KEPT,
	PLAN_RECORDING_LOST,            /* there is a message, but it could not be written down */
};

enum plan_number {
	PLAN_NUMBER_NONE,
	PLAN_NUMBER_FALLBACK,           /* the merchant's */
	PLAN_NUMBER_AFTER_HOURS,        /* the merchant's */
	PLAN_NUMBER_TRANSFER,           /* of whom the receptionist chose: the call's */
};

enum { PLAN_NUMBER_COUNT = PLAN_NUMBER_TRANSFER + 1, PLAN_TRANSFERS_MAX = 5 };

/* What has been rung for a call: goes with the URL of the next question and comes back with it. */
struct plan_rung {
	enum plan_number number;        /* the last one */
	unsigned transfer_count;
};

struct plan_facts {
	enum plan_question question;
	/* What Twilio says. */
	bool is_gone;                   /* the caller listens no longer */
	bool is_picked_up;              /* the call is answered: too late to reject it */
	enum plan_dial dial;
	struct plan_rung rung;          /* .number PLAN_NUMBER_NONE: nothing, or the URL does not say */
	enum plan_recording recording;
	/* What the merchant wants. */
	enum plan_merchant merchant;
	bool has_fallback;              /* a number to ring that was not rung for this call yet */
	bool has_after_hours_number;
	bool is_closed;                 /* false also where no hours are known */
	enum after_hours after_hours;
	enum transfer_fallback transfer_fallback;
	/* Of a call that is new. */
	enum screen_verdict verdict;
	bool is_over_limit;
	/* What the call's row says; without one (is_recorded false) nothing of these counts. */
	bool is_recorded;
	enum call_status status;
	enum end_reason end_reason;
	bool was_answered;              /* the receptionist has talked */
	bool was_dialled;               /* a transfer's result is recorded already */
	enum handled handled;
	/* Where the row, locked as it is, does not say how the stream ended: how the relay says it did. END_NONE: it
	 * does not say either, or was not asked. */
	enum end_reason told_end;
	/* Of a call that we placed. */
	enum answerer answerer;
	bool has_opening;
	/* RELAY_UNKNOWN until it is asked. */
	enum relay_state relay;
};

enum plan_verb { PLAN_STREAM, PLAN_DIAL, PLAN_SAY, PLAN_RECORD, PLAN_REJECT, PLAN_HANG_UP };

enum plan_sentence {
	PLAN_SENTENCE_NONE,
	PLAN_SENTENCE_APOLOGY,
	PLAN_SENTENCE_NOT_CONFIGURED,
	PLAN_SENTENCE_CLOSED,           /* the merchant's notice, or one made from the hours */
	PLAN_SENTENCE_CLOSED_TONE,      /* the same, and a tone follows */
	PLAN_SENTENCE_LEAVE_MESSAGE,    /* a tone follows */
	PLAN_SENTENCE_THANKS,
	PLAN_SENTENCE_NO_MESSAGE,
	PLAN_SENTENCE_OPENING,          /* what a call of ours was to say */
};

struct plan_step {
	enum plan_verb verb;
	enum plan_number number;        /* of PLAN_DIAL */
	enum plan_sentence sentence;    /* of PLAN_SAY */
	bool is_resumed;                /* of PLAN_STREAM: the receptionist returns, nobody was reached */
};

enum { PLAN_STEPS_MAX = 4 };

struct plan {
	unsigned count;                 /* 0 only for PLAN_STATUS */
	struct plan_step steps[PLAN_STEPS_MAX];
	struct plan_rung rung;          /* for the URL of the next question */
	/* What the call's row is told. */
	enum end_reason ends_with;      /* END_NONE: it is left open */
	bool is_lost;                   /* the stream is over and the relay has not told of it, nor could it */
	bool ends_transfer;
	enum handled handled;           /* HANDLED_OPEN: not settled by this */
};

struct plan plan_decide(const struct plan_facts *facts);
/* Whether the relay is to be asked how the stream ended before the plan is decided. */
bool plan_wants_end(const struct plan_facts *facts);
/* Whether the relay is to be asked before the plan is carried out. */
bool plan_streams(const struct plan *plan);
/* "stream", "dial", "voicemail" …: for the log. */
const char *plan_word(const struct plan *plan);

enum { PLAN_RUNG_BYTES_MAX = 32 };

/* Twilio's words. */
enum plan_dial plan_dial_of(struct slice dial_call_status);
bool plan_is_over(struct slice call_status);
/* The query of a question's URL, which is Twilio's to repeat: "rung=fallback", "rung=after-hours", "rung=transfer2" for
 * the second transfer. Empty, or nothing of these: .number is PLAN_NUMBER_NONE. */
struct plan_rung plan_rung_read(struct slice query);
/* The same with its question mark; "" if nothing was rung. */
struct slice plan_rung_write(const struct plan_rung *rung, char out[PLAN_RUNG_BYTES_MAX]);

/* A recording that short holds a click or a breath. */
enum { VOICEMAIL_MS_MIN = 1500 };

/* Whether it is a message; `duration_ms` < 0: not told, then it counts. */
bool plan_recording_counts(int64_t duration_ms);
