/*
 * jobs - what is still to be done for calls that are over: claimed, leased, fenced, tried again, given up.
 *
 * Place:    db; used by the worker, and by the webhook for db_job_told().
 * Usage:    struct job job;
 *           if (db_job_claim(db, &claim, &job) == DB_OK) {
 *                   … work outside any transaction; db_job_renew() every now and then …
 *                   db_job_finish(db, &job, &finish);
 *           }
 * Fence:    every claim and every retry counts it up. Whoever holds an older one gets DB_NONE from every function
 *           below: the lease was lost, somebody else has the job, stop at once and write nothing.
 * Attempts: counted when a job is claimed, so that one that kills its worker does not do so for ever.
 * Paying:   db_job_ext_put() with JOB_EXT_INTENT before anybody is asked for what costs money.
 * Times:    wall clock milliseconds, made by the caller.
 */
#pragma once

#include "db/db.h"

/* kind, word, attempts until it is given up */
#define JOB_KINDS(JOB) \
	JOB(ASSEMBLE, "assemble", 8) \
	JOB(SUMMARY, "summary", 5) \
	JOB(VIDEO, "video", 6) \
	JOB(UPLOAD, "upload", 20) \
	JOB(NOTIFY, "notify", 12) \
	JOB(VOICEMAIL, "voicemail", 12)

enum job_kind {
#define JOB_ENUM(name, ...) JOB_##name,
	JOB_KINDS(JOB_ENUM)
#undef JOB_ENUM
	JOB_KIND_COUNT
};

enum {
	JOB_LEASE_MS = 120 * 1000,      /* minutes: commits of others must not make a lease end */
	JOB_OWNER_BYTES_MAX = 200,
	JOB_WHY_BYTES_MAX = 1000,
	JOB_EXT_ID_BYTES_MAX = 200,
	JOB_EXT_URLS_BYTES_MAX = 4000,
	JOB_NONCE_BYTES_MAX = 64,
	JOB_ERRORS_MAX = 20,            /* kept of each job */
	CALL_URL_BYTES_MAX = 1000,
	STOPPED_BYTES_MAX = 32,
};

enum job_state { JOB_READY, JOB_RUNNING, JOB_WAITING, JOB_DONE, JOB_DEAD, JOB_CANCELLED };

enum job_ext_state {
	JOB_EXT_NONE,
	JOB_EXT_INTENT,                 /* somebody is about to be asked for what costs money, or just was */
	JOB_EXT_SUBMITTED,              /* he took it, ext_id is his name for it */
	JOB_EXT_UNKNOWN,                /* asked, and it is not known whether he took it: never ask again */
};

/* Work that somebody else does for money. */
struct job_ext {
	enum job_ext_state state;
	char id[JOB_EXT_ID_BYTES_MAX + 1];
	char urls[JOB_EXT_URLS_BYTES_MAX + 1];          /* JSON, the step's own */
	char nonce[JOB_NONCE_BYTES_MAX + 1];            /* stands in the URL that he calls back */
};

struct job {
	int64_t id;
	char call_sid[SID_BYTES_MAX + 1];
	enum job_kind kind;
	int64_t fence;
	int attempt;                    /* 1, 2, … */
	int attempts_max;
	int64_t created_ms;
	struct job_ext ext;
	int64_t cost_micro_dollars;
};

const char *job_kind_word(enum job_kind kind);
bool job_kind_parse(struct slice word, enum job_kind *out_kind);
const char *job_state_word(enum job_state state);
int job_attempts_max(enum job_kind kind);

/* --- making ---------------------------------------------------------------------------------------- */

/* The first job of a call that is over. One that is there stays as it is. DB_NONE: no such call. */
enum db_result db_job_put(struct db *db, struct slice call_sid, enum job_kind kind, int64_t now_ms);

/* --- doing ----------------------------------------------------------------------------------------- */

struct job_claim {
	const char *owner;              /* of this process */
	unsigned kinds;                 /* 1 << JOB_…: those that this worker knows how to do */
	struct slice call_sid;          /* "": of any call */
	int64_t now_ms;
};

/* The job that is due longest; the leases that are over are taken back first. DB_NONE: nothing is due. */
enum db_result db_job_claim(struct db *db, const struct job_claim *claim, struct job *out_job);
/* DB_NONE: the lease was lost. */
enum db_result db_job_renew(struct db *db, const struct job *job, int64_t now_ms);
/* What is known of work that somebody else does for money; `cost_micro_dollars` is the job's whole cost, and the
 * call's media cost follows. DB_NONE: the lease was lost, and nothing may be asked for. */
enum db_result db_job_ext_put(struct db *db, struct job *job, const struct job_ext *ext,
	int64_t cost_micro_dollars);

/* What a step learnt for the call's row. "" and -1: nothing new. */
struct call_media {
	char recording_url[CALL_URL_BYTES_MAX + 1];
	char video_url[CALL_URL_BYTES_MAX + 1];
	char captions_url[CALL_URL_BYTES_MAX + 1];
	int64_t recording_ms;
	char recording_stopped[STOPPED_BYTES_MAX + 1];
};

struct job_finish {
	enum job_state state;           /* READY: again at run_ms; WAITING: look at run_ms; DONE, DEAD, CANCELLED */
	int64_t run_ms;
	bool is_attempt_kept;           /* false: the attempt is given back, as when it waits or was stopped */
	const char *error;              /* "" or why; kept for the attempt if it is a failure */
	unsigned next_kinds;            /* 1 << JOB_…: made ready by the same commit, also if finished or waiting */
	const struct call_media *media; /* NULL: nothing; the call is complete once both URLs are there */
	int64_t now_ms;
};

/* All of it in one transaction, or nothing. DB_NONE: the lease was lost, and nothing was written. */
enum db_result db_job_finish(struct db *db, const struct job *job, const struct job_finish *finish);
/* A wrong setting keeps this kind from working: it is left alone until `until_ms`. *out_is_news: nobody knew. */
enum db_result db_kind_park(struct db *db, enum job_kind kind, const char *error, int64_t now_ms,
	int64_t until_ms, bool *out_is_news);
enum db_result db_kinds_unpark(struct db *db);

/* --- minding --------------------------------------------------------------------------------------- */

/* Each process that holds a lease. `owner` is borrowed for the call. */
enum db_result db_job_owners(struct db *db, void (*each)(void *context, const char *owner), void *context);
/* The process is gone: its jobs are ready again at once, or dead after their last attempt. */
enum db_result db_jobs_release(struct db *db, const char *owner, int64_t now_ms, int64_t *out_count);
/* Dead jobs get all their attempts anew, of one call or ("") of all. */
enum db_result db_jobs_retry(struct db *db, struct slice call_sid, int64_t now_ms, int64_t *out_count);

struct job_counts {
	int64_t due;                    /* could be claimed now */
	int64_t later;                  /* ready or waiting, not due yet */
	int64_t running;
	int64_t dead;
	int64_t parked;                 /* of the due and the later: their kind is parked */
	int64_t next_ms;                /* when the first of `later` is due; 0: none */
};

/* Of these kinds, of one call or ("") of all. */
enum db_result db_job_counts(struct db *db, unsigned kinds, struct slice call_sid, int64_t now_ms,
	struct job_counts *out_counts);
/* All jobs of one call, or ("") those of all calls that are not done; oldest first. */
struct job_line {
	char call_sid[SID_BYTES_MAX + 1];
	enum job_kind kind;
	enum job_state state;
	int attempt, attempts_max;
	int64_t run_ms;
	char error[JOB_WHY_BYTES_MAX + 1];
};
enum db_result db_job_list(struct db *db, struct slice call_sid,
	void (*each)(void *context, const struct job_line *line), void *context);
/* DB_NONE: the call has no such job. */
enum db_result db_job_state(struct db *db, struct slice call_sid, enum job_kind kind, enum job_state *out_state);
/* Jobs that were done before `before_ms`, of calls that have nothing else to do, are forgotten. */
enum db_result db_jobs_prune(struct db *db, int64_t before_ms, int64_t *out_count);

/* Whoever does the work called back, with the nonce that we gave him. His name for it is kept if none was known
 * yet, and the job is looked at at once. DB_NONE: no job of that id and nonce is waiting for it. */
enum db_result db_job_told(struct db *db, int64_t job_id, struct slice nonce, struct slice ext_id, int64_t now_ms);
