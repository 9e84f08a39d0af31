/*
 * loop - one thread's turn: take the batch of completions, run each dirty task once, flush each dirty leg once, sleep.
 *
 * Place:    above ring, below leg, call, pending sockets. Knows tasks, not what they are for.
 * Usage:    loop_open(&loop, &plan, why, sizeof why); task_init(&call->task, call_turn); … loop_run(&loop);
 *           An operation's done() calls loop_mark(loop, &call->task); the task's turn recovers its owner by
 *           container_of, reads what has come, writes what is owed, and says loop_deadline() for the latest time at
 *           which it wants a turn even if nothing happens.
 * Lifetime: a task is embedded in its owner; loop_forget() before the owner's memory is used for something else.
 * Threads:  everything belongs to the loop's thread, except loop_post(), loop_stop() and reading counters.
 * Limits:   task_count_max tasks with a deadline at a time (one more is a check()). A note is embedded in its owner
 *           and posted again only after it was read: so what waits is bounded by what exists.
 */
#pragma once

#include "base/random.h"
#include "relay/batch.h"
#include "relay/ring.h"
#include "relay/timers.h"

#include <pthread.h>

struct task {
	void (*turn)(struct task *task, uint64_t now_ms);
	uint64_t deadline_ms;           /* UINT64_MAX: none */
	uint64_t heap_ms;               /* not later than the deadline: where it stands in the heap */
	uint32_t heap_at;               /* 1-based; 0: not in the heap */
	bool dirty;
	bool is_flush;
	struct task *next_dirty;
};

/* Something said by another thread. Embedded in what it is about; the loop's thread calls read() once. */
struct note {
	void (*read)(struct note *note);
	struct note *next;
};

enum { LOOP_TURN_BUCKETS = 12 };        /* turns that took at most 16, 32, 64 … 16384 µs, and longer */

struct loop_counters {
	uint64_t turns;
	uint64_t busy_ns;               /* in turns, without sleeping */
	uint64_t buckets[LOOP_TURN_BUCKETS];
	uint64_t turn_ns_max;
	uint64_t last_ns;               /* of the turn before the one under way */
};

struct loop_plan {
	struct ring_plan ring;
	unsigned task_count_max;
	uint32_t batch_us_max;          /* RELAY_BATCH_US */
};

struct dirty_list {
	struct task *first;
	struct task **last;
	uint32_t count;
};

struct loop {
	struct ring *ring;
	struct random random;           /* of this thread: masks and nonces */
	uint64_t now_ms;                /* of the turn under way */
	struct batch batch;
	struct dirty_list tasks;
	struct dirty_list flushes;      /* run when no task is dirty any more */
	struct timers timers;
	struct loop_counters counters;
	bool must_listen;
	/* From other threads. */
	pthread_mutex_t lock;
	struct note *notes;
	struct note **notes_last;
	bool stop;
	int wake_fd;
	struct ring_op wake;
	uint64_t wake_count;
};

/* Opens the ring too. false with a sentence in `why`. */
bool loop_open(struct loop *loop, const struct loop_plan *plan, char *why, size_t why_bytes);
/* After loop_run() returned and all legs are free. */
void loop_close(struct loop *loop);
/* Turns until loop_stop(). */
void loop_run(struct loop *loop);
/* One turn, sleeping at most `wait_ms`: for tests and for programs with a loop of their own. */
void loop_turn(struct loop *loop, uint64_t wait_ms);

void task_init(struct task *task, void (*turn)(struct task *task, uint64_t now_ms));
/* The task gets its turn in this turn of the loop (in the next one, if it is running now). */
void loop_mark(struct loop *loop, struct task *task);
/* The same for a flush: after all dirty tasks. */
void loop_mark_flush(struct loop *loop, struct task *task);
/* A turn at `at_ms` of the monotonic clock at the latest; replaces the task's earlier deadline. UINT64_MAX: none.
 * Cheap enough to call for every message. A deadline that has passed is gone: the task sets a new one. */
void loop_deadline(struct loop *loop, struct task *task, uint64_t at_ms);
/* Neither turn nor deadline any more. */
void loop_forget(struct loop *loop, struct task *task);

/* Any thread. The note is the loop's until it has been read. */
void loop_post(struct loop *loop, struct note *note);
/* Any thread, also a signal handler's: loop_run() returns after the turn under way. */
void loop_stop(struct loop *loop);
