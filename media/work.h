/*
 * work - one process of the worker: takes one job after the other and does it; and the one owner of its database.
 *
 * Place:    media, above step; used by main and by the finder.
 * Usage:    struct work w;
 *           work_init(&w, &conf, DB_CREATE);
 *           while (!stop_asked())
 *                   if (work_one(&w, SLICE("")) != WORK_DID) stop_wait(WORK_LOOK_MS, -1);
 *           work_fini(&w);
 * Database: work_db() opens it when it is not open; whatever anybody got from it goes to work_db_fault(), which says
 *           so once a second at most, and closes what is broken: full, read-only, replaced, damaged. Nothing is lost
 *           by that: a job whose result could not be written is done again when its lease has ended.
 * Lifetime: one a process, made after fork(2). `conf` is borrowed.
 */
#pragma once

#include "base/log.h"
#include "base/random.h"
#include "media/step.h"

enum { WORK_LOOK_MS = 1000 };

enum work_result {
	WORK_DID,                       /* a job, well or badly */
	WORK_IDLE,                      /* nothing is due */
	WORK_TROUBLE,                   /* the database cannot be used now */
};

struct work {
	const struct conf *conf;
	enum db_mode mode;
	struct db *db;                  /* NULL: not open */
	char owner[JOB_OWNER_BYTES_MAX + 1];
	struct random random;
	struct log_limit limit;
	bool is_terminal;               /* people watch */
	int64_t done_count, dead_count;
	struct step step;
};

/* The kinds that have a step. */
unsigned work_kinds(void);

void work_init(struct work *w, const struct conf *conf, enum db_mode mode);
void work_fini(struct work *w);
/* NULL: it cannot be opened now. */
struct db *work_db(struct work *w);
/* Hands `result` on; takes care of what is neither DB_OK nor DB_NONE. */
enum db_result work_db_fault(struct work *w, const char *what, enum db_result result);

/* The job that is due longest, of any call ("") or of one. */
enum work_result work_one(struct work *w, struct slice call_sid);
