/*
 * finder - finds calls that are over and have no job yet, and cleans up after all the others.
 *
 * Place:    media, above work and found; a process of its own, or before and between jobs with --once.
 * Usage:    struct finder f;
 *           finder_open(&f, &w);  while (!stop_asked()) { finder_turn(&f); stop_wait(1000, f.watch_fd); }
 * Does:     per spool folder: ends the call if nobody did and nobody writes any more; makes its row if it has none;
 *           deletes the sound of one that does not want to be recorded or that was forgotten; makes the first job.
 *           Besides: ends calls that the relay does not have; gives back the jobs of processes that are gone; deletes
 *           spools of calls that were complete SPOOL_KEEP_DAYS ago, old rows of jobs, and what is stored of forgotten
 *           calls.
 * Redo:     everything may be done twice, by any number of finders.
 * Limits:   FINDER_OPEN_MAX calls are looked at each turn; a full pass over the spool, once a minute, finds the rest.
 */
#pragma once

#include "media/found.h"
#include "media/work.h"

enum { FINDER_OPEN_MAX = 4096, FINDER_PASS_MS = 60 * 1000, FINDER_CLEAN_MS = 10 * 60 * 1000,
	FINDER_MORE_MS = 1000, FINDER_SWEEP_MS = 15 * 1000, FINDER_LEFT_MAX = 64 };

enum finder_verdict {
	FINDER_LATER,                   /* the call goes on, or the database cannot be used now */
	FINDER_DONE,                    /* it has its job, or needs none */
	FINDER_LEFT,                    /* nobody can say whose call it is: left alone, and said once, or rarely */
};

struct finder {
	struct work *work;
	int watch_fd;                   /* inotify on the spool; -1: none */
	uint64_t pass_at_ms, clean_at_ms, old_at_ms, sweep_at_ms;
	int open_count;
	char open[FINDER_OPEN_MAX][SID_BYTES_MAX + 1];
	unsigned left_count;
	char left[FINDER_LEFT_MAX][SID_BYTES_MAX + 1];  /* the last ones */
	int64_t found_count;            /* jobs made */
	struct merchant merchant;       /* the last one that was looked up */
};

void finder_open(struct finder *f, struct work *work);
void finder_close(struct finder *f);
/* What is due now: bounded by the calls that are open. */
void finder_turn(struct finder *f);
/* One call. `dry`: nothing is written, what would be is said on stdout. */
enum finder_verdict finder_look(struct finder *f, const char *call_sid, bool dry);
/* Every folder of the spool. */
void finder_pass(struct finder *f, bool dry);
