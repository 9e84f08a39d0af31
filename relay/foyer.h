/*
 * foyer - sessions that wait for their call: announced by the webhook, opened by a ring thread, claimed by CallSid
 * when Twilio's stream comes, perhaps to another ring thread.
 *
 * Place:    relay, above proto's notice; below call. One for all ring threads; the time is told.
 * Usage:    foyer_announce(&f, &notice, now_ms, &guest)     the herald; FOYER_NEW: have a ring thread open a session
 *           foyer_seat(&f, guest, session)                  that thread, once it has: now it can be claimed
 *           guest = foyer_claim(&f, sid, merchant, now_ms)  a stream at the door: the session is its now
 *           guest = foyer_forget(&f, sid)                   the herald: the caller is gone
 *           whoever got a guest by these two posts guest->note to the session's thread, once
 *           foyer_leave(&f, guest, why)                     the session gives up, because of its time or its fate;
 *                                                           not if such a note is on the way: it must wait for that
 *           foyer_free(&f, guest)                           the session has read the note
 * States:   free -> announced -> waiting -> claimed or forgotten -> free. Announced, waiting -> free when nobody
 *           wants it. A claim while a session is only announced does not find it and ends it: the call goes the
 *           cold way.
 * Lifetime: a guest is its session's from foyer_seat() until foyer_leave() was true or foyer_free(); the note is the
 *           announcer's before that.
 * Fails:    FOYER_FULL, counted. A second announcement of a call is FOYER_KNOWN: one session.
 * Limits:   as many guests as it was opened for; a session waits until guest->expires_ms.
 * Threads:  safe; a lock is held for a look at the guests, a few times a call.
 */
#pragma once

#include "proto/notice.h"
#include "relay/loop.h"

#include <pthread.h>

enum foyer_state { FOYER_FREE, FOYER_ANNOUNCED, FOYER_WAITING, FOYER_CLAIMED, FOYER_FORGOTTEN };

enum foyer_result { FOYER_NEW, FOYER_KNOWN, FOYER_FULL };

/* Every announcement comes to one of the others: announced = claimed + early + expired + forgotten + failed + open. */
struct foyer_counters {
	uint64_t announced;
	uint64_t repeated;              /* announcements of a call that was known */
	uint64_t refused_full;
	uint64_t claimed;
	uint64_t early;                 /* its call came before a session could be opened */
	uint64_t expired;
	uint64_t forgotten;             /* the caller hung up before the stream */
	uint64_t failed;                /* the session broke while it waited, or could not be opened */
};

struct foyer_guest {
	enum foyer_state state;
	struct notice notice;
	uint64_t expires_ms;
	void *home;                     /* the ring thread's, whose session it is; the announcer's word */
	void *session;                  /* once seated */
	bool is_forgotten, is_early;    /* while announced: the caller is gone, or came already */
	struct note note;               /* for whoever has something to tell the session's thread */
};

struct foyer {
	pthread_mutex_t lock;
	struct foyer_guest *guests;
	uint32_t guest_count_max;
	uint32_t ttl_ms;
	uint32_t guest_count;
	struct foyer_counters counters;
};

/* Why a session leaves. */
enum foyer_end { FOYER_END_EXPIRED, FOYER_END_FAILED };

/* false: no memory. */
bool foyer_open(struct foyer *f, uint32_t guest_count_max, uint32_t ttl_ms);
/* Idempotent; a zeroed struct may be closed. */
void foyer_close(struct foyer *f);
enum foyer_result foyer_announce(struct foyer *f, const struct notice *notice, uint64_t now_ms,
	struct foyer_guest **out_guest);
/* false: nobody waits for it any more, and the guest is free: open no session. */
bool foyer_seat(struct foyer *f, struct foyer_guest *guest, void *session);
/* Whether a session waits for that call, or is being opened. */
bool foyer_knows(struct foyer *f, struct slice call_sid);
/* NULL: there is none. Only a session of the same merchant. */
struct foyer_guest *foyer_claim(
	struct foyer *f, struct slice call_sid, int64_t merchant_id, uint64_t now_ms);
/* true: it is gone. false: a note is on the way. */
bool foyer_leave(struct foyer *f, struct foyer_guest *guest, enum foyer_end why);
/* NULL: nobody is to be told. */
struct foyer_guest *foyer_forget(struct foyer *f, struct slice call_sid);
void foyer_free(struct foyer *f, struct foyer_guest *guest);
/* Sessions that may still be claimed. */
uint32_t foyer_waiting_count(struct foyer *f);
struct foyer_counters foyer_count(struct foyer *f);
