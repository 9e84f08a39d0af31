/*
 * roll - the names of the calls that this relay has, for whoever asks from another thread.
 *
 * Place:    relay, below call; one for all ring threads. The herald looks.
 * Usage:    roll_open(&roll); roll_enter(&roll, &entry, "CA…"); roll_has(&roll, call_sid); roll_leave(&roll, &entry);
 * Rules:    a call is on it before its row says live, until after its end was committed or given up; an end that the
 *           desk keeps for later has an entry of its own. So who reads a row that is live and does not find the call
 *           here has found a row that nobody will end.
 * Lifetime: entries are embedded in calls; the name is borrowed until roll_leave(). A zeroed entry is not entered.
 * Fails:    never.
 * Limits:   looking goes through all calls, a few microseconds; it is asked a few times a minute.
 * Threads:  safe.
 */
#pragma once

#include "base/slice.h"

#include <pthread.h>
#include <stdbool.h>

struct roll_entry {
	struct roll_entry *next, **at;  /* at NULL: not entered */
	const char *call_sid;
};

struct roll {
	pthread_mutex_t lock;
	struct roll_entry *first;
};

void roll_open(struct roll *roll);
/* Who is entered already stays as he is. */
void roll_enter(struct roll *roll, struct roll_entry *entry, const char *call_sid);
/* Idempotent. */
void roll_leave(struct roll *roll, struct roll_entry *entry);
bool roll_has(struct roll *roll, struct slice call_sid);
