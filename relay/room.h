/*
 * room - whether the folder of recordings is there and its disk has room: a thread that looks every second, because
 * looking may hang.
 *
 * Place:    relay, above base and metrics; reels ask, main opens it.
 * Usage:    room_open(&room, root, free_bytes_min, &metrics); if (room_has_any(&room)) …; room_close(&room)
 * Rules:    recordings end while the disk still has room for the database, which often lies on the same one.
 * Fails:    without a thread there is always room; a look that hangs leaves things as they were.
 * Threads:  room_has_any(): any.
 */
#pragma once

#include "relay/metrics.h"

#include <pthread.h>

enum { ROOM_LOOK_MS = 1000 };

enum room_state { ROOM_FINE, ROOM_LOW, ROOM_GONE };

struct room {
	const char *root;               /* "": none */
	uint64_t free_bytes_min;
	struct metrics *metrics;        /* this thread's: METRIC_RECORDING_FOLDER */
	_Atomic enum room_state state;
	bool runs, stop;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t news;
};

/* Looks once before it returns; `metrics` is the thread's from then on. */
void room_open(struct room *room, const char *root, uint64_t free_bytes_min, struct metrics *metrics);
/* Does not wait for a look that hangs. Idempotent; a zeroed struct may be closed. */
void room_close(struct room *room);

/* NULL is fine, and has room. A folder that is gone is not judged here: opening files in it fails. */
static inline bool room_has_any(const struct room *room)
{
	return !room || atomic_load_explicit(&room->state, memory_order_relaxed) != ROOM_LOW;
}
