/*
 * roll - the names of the calls that this relay has, and how those of the last minutes ended, for whoever asks from
 *        another thread.
 *
 * Place:    relay, below call; one for all ring threads. The herald looks.
 * Usage:    roll_open(&roll); roll_enter(&roll, &entry, "CA…"); roll_has(&roll, call_sid); roll_leave(&roll, &entry);
 *           roll_end(&roll, "CA…", END_CALLER_HUNG_UP, now_ms); reason = roll_end_of(&roll, call_sid, now_ms);
 * Rules:    a call is on it before its row says live, until after its end was committed or given up; an end that the
 *           desk keeps for later has an entry of its own. So who reads a row that is live and does not find the call
 *           here has found a row that nobody will end.
 * Lifetime: entries are embedded in calls; the name is borrowed until roll_leave(). A zeroed entry is not entered.
 * Fails:    never.
 * Limits:   the last ROLL_ENDS_MAX ends, each for ROLL_END_MS: Twilio asks the webhook at once, and waits 15 s.
 *           Looking goes through all calls, a few microseconds; it is asked a few times a minute, and about ends only
 *           where the database is behind.
 * Threads:  safe.
 */
#pragma once

#include "base/end_reason.h"
#include "base/limits.h"
#include "base/slice.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct roll_entry {
	struct roll_entry *next, **at;  /* at NULL: not entered */
	const char *call_sid;
};

enum { ROLL_ENDS_MAX = 1024, ROLL_END_MS = 120000 };

struct roll_end {
	char call_sid[SID_BYTES_MAX + 1];
	enum end_reason reason;         /* END_NONE: nobody's */
	uint64_t at_ms;
};

struct roll {
	pthread_mutex_t lock;
	struct roll_entry *first;
	struct roll_end ends[ROLL_ENDS_MAX];    /* a ring: the oldest is at `end_next` */
	uint32_t end_next;
};

void roll_open(struct roll *roll);
/* Who is entered already stays as he is. */
void roll_enter(struct roll *roll, struct roll_entry *entry, const char *call_sid);
/* Idempotent. */
void roll_leave(struct roll *roll, struct roll_entry *entry);
bool roll_has(struct roll *roll, struct slice call_sid);
/* A stream of that call is over. */
void roll_end(struct roll *roll, const char *call_sid, enum end_reason reason, uint64_t now_ms);
/* How the last stream of that call ended; END_NONE: that is not known here, or no longer. */
enum end_reason roll_end_of(struct roll *roll, struct slice call_sid, uint64_t now_ms);
