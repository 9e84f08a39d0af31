/*
 * One job: claimed, its call and merchant read, its step run, its result written together with what follows. A step
 * that fails is tried again after a pause, or given up; what follows a step is in the table of steps.
 */
#include "media/work.h"

#include "base/check.h"
#include "base/clock.h"
#include "db/spooled.h"
#include "media/back_off.h"
#include "media/made.h"
#include "media/owner.h"
#include "media/step_host.h"
#include "media/stop.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	DB_BUSY_MS = 5000,
	FAULT_LINES_MAX = 1,            /* a second */
	WAIT_MS = 30 * 1000,            /* of a step that waits and does not say how long */
	PARK_MS = 10 * 60 * 1000,
	WRITE_TRIES_MAX = 30,
	WRITE_PAUSE_MS = 1000,
};

static const struct {
	enum step_result (*run)(struct step *s);
	unsigned next;                  /* kinds that are made ready when it is done */
	unsigned next_without;          /* … when it was given up, or there was nothing to do */
} steps[JOB_KIND_COUNT] = {
#define STEP_ROW(kind, function, next, next_without) [JOB_##kind] = { function, next, next_without },
	STEPS(STEP_ROW)
#undef STEP_ROW
};

unsigned work_kinds(void)
{
	unsigned kinds = 0;

	for (unsigned i = 0; i < JOB_KIND_COUNT; i++)
		kinds |= steps[i].run ? 1u << i : 0;
	return kinds;
}

void work_init(struct work *w, const struct conf *conf, enum db_mode mode)
{
	memset(w, 0, sizeof *w);
	w->conf = conf;
	w->mode = mode;
	w->is_terminal = isatty(STDERR_FILENO);
	check(owner_self(w->owner));
}

void work_fini(struct work *w)
{
	db_close(w->db);
	w->db = NULL;
}

struct db *work_db(struct work *w)
{
	char why[DB_WHY_BYTES_MAX];
	uint32_t left_out;

	if (w->db)
		return w->db;
	const enum db_result result =
		db_open(&w->db, conf_text(w->conf, RECEPTIONAI_DB), w->mode, DB_BUSY_MS, why, sizeof why);

	if (result == DB_OK)
		return w->db;
	w->db = NULL;
	if (log_limit_pass(&w->limit, clock_mono_ms(), FAULT_LINES_MAX, &left_out))
		log_error("db unusable result=%s left_out=%u: %s", db_result_word(result), left_out, why);
	return NULL;
}

/* The connection is opened anew after whatever a new one may cure. */
static bool is_worth_closing(enum db_result result)
{
	switch (result) {
	case DB_READONLY:
	case DB_BROKEN:
		return true;
	case DB_OK:
	case DB_NONE:
	case DB_BUSY:
	case DB_REFUSED:
		break;
	}
	return false;
}

enum db_result work_db_fault(struct work *w, const char *what, enum db_result result)
{
	uint32_t left_out;

	if (result == DB_OK || result == DB_NONE)
		return result;
	if (log_limit_pass(&w->limit, clock_mono_ms(), FAULT_LINES_MAX, &left_out))
		log_warn("db fault at=%s result=%s left_out=%u: %s", what, db_result_word(result), left_out,
			w->db ? db_why(w->db) : "");
	if (is_worth_closing(result)) {
		db_close(w->db);
		w->db = NULL;
	}
	return result;
}

/* --- before the step ------------------------------------------------------------------------------- */

static bool make_folder(const char *path)
{
	return mkdir(path, 0750) == 0 || errno == EEXIST;
}

static bool name_folders(struct step *s, const struct conf *conf)
{
	const int folder = snprintf(s->folder, sizeof s->folder, "%s/%s", conf_text(conf, RECEPTIONAI_SPOOL),
		s->job.call_sid);
	const int made = snprintf(s->made, sizeof s->made, "%s/%s/made", conf_text(conf, RECEPTIONAI_SPOOL),
		s->job.call_sid);

	return folder > 0 && made > 0 && (size_t)made < sizeof s->made;
}

/* Everything a step is told. What is wrong here is the step's failure. */
static enum step_result prepare(struct work *w)
{
	struct step *s = &w->step;
	enum db_result result = db_call_by_sid(w->db, slice_of(s->job.call_sid), &s->call);

	if (result == DB_OK)
		result = db_merchant_by_id(w->db, s->call.merchant_id, &s->merchant);
	if (result != DB_OK)
		return step_fail(s, STEP_AGAIN, "the call cannot be read: %s", db_why(w->db));
	if (!name_folders(s, w->conf))
		return step_fail(s, STEP_CONFIG, "RECEPTIONAI_SPOOL is too long");
	/* What follows the upload needs no folder. A summary is made beside the video: it must not sweep. */
	if (make_folder(s->made)) {
		if (s->job.kind == JOB_ASSEMBLE || s->job.kind == JOB_VIDEO)
			made_sweep(s->made);
	} else if (s->job.kind == JOB_ASSEMBLE && errno != ENOENT) {
		const bool is_setting = errno == EROFS || errno == EACCES;

		return step_fail(s, is_setting ? STEP_CONFIG : STEP_AGAIN, "%s cannot be made: %s", s->made,
			strerror(errno));
	}
	return STEP_DONE;
}

static void begin(struct work *w, struct step_host *host, const struct job *job)
{
	struct step *s = &w->step;
	const uint64_t now_ms = clock_mono_ms();

	memset(s, 0, sizeof *s);
	s->db = w->db;
	s->conf = w->conf;
	s->job = *job;
	s->media.recording_ms = -1;
	s->host = host;
	*host = (struct step_host){ .renewed_ms = now_ms, .renew_at_ms = now_ms + JOB_LEASE_MS / 3,
		.is_terminal = w->is_terminal };
}

/* --- after the step -------------------------------------------------------------------------------- */

static bool is_last_attempt(const struct job *job)
{
	return job->attempt >= job->attempts_max;
}

static int64_t pause_ms(struct work *w)
{
	const struct step *s = &w->step;

	return s->retry_after_ms > 0 ? s->retry_after_ms
		: back_off_ms(s->job.attempt, conf_int(w->conf, WORKER_RETRY_MS), random_u32(&w->random));
}

static void decide_again(struct work *w, struct job_finish *f)
{
	f->is_attempt_kept = true;
	if (is_last_attempt(&w->step.job)) {
		f->state = JOB_DEAD;
		f->next_kinds = steps[w->step.job.kind].next_without;
	} else {
		f->state = JOB_READY;
		f->run_ms = f->now_ms + pause_ms(w);
	}
}

static struct job_finish decide(struct work *w, enum step_result result)
{
	const struct step *s = &w->step;
	struct job_finish f = { .now_ms = clock_wall_ms(), .error = result == STEP_DONE ? "" : s->why };

	f.run_ms = f.now_ms;
	switch (result) {
	case STEP_DONE:
		f.state = JOB_DONE;
		f.is_attempt_kept = true;
		f.next_kinds = steps[s->job.kind].next;
		f.media = &s->media;
		break;
	case STEP_AGAIN:
		decide_again(w, &f);
		break;
	case STEP_WAIT:
		f.state = JOB_WAITING;
		f.run_ms += s->retry_after_ms > 0 ? s->retry_after_ms : WAIT_MS;
		break;
	case STEP_NEVER:
		f.state = JOB_DEAD;
		f.is_attempt_kept = true;
		f.next_kinds = steps[s->job.kind].next_without;
		break;
	case STEP_NOTHING:
		f.state = JOB_CANCELLED;
		f.next_kinds = steps[s->job.kind].next_without;
		f.media = &s->media;
		break;
	case STEP_CONFIG:
	case STEP_STOPPED:
		f.state = JOB_READY;
		break;
	}
	return f;
}

/* A result is worth some patience: the disk may have room again, the lock may be free. */
static enum db_result write_result(struct work *w, const struct job_finish *f)
{
	enum db_result result = DB_BROKEN;

	for (int i = 0; i < WRITE_TRIES_MAX; i++) {
		if (work_db(w))
			result = work_db_fault(w, "job-finish", db_job_finish(w->db, &w->step.job, f));
		if (result == DB_OK || result == DB_NONE || result == DB_REFUSED || stop_asked())
			break;
		(void)stop_wait(WRITE_PAUSE_MS, -1);
	}
	return result;
}

static void park(struct work *w)
{
	const struct step *s = &w->step;
	const int64_t now_ms = clock_wall_ms();
	bool is_news = false;

	if (!work_db(w) || work_db_fault(w, "kind-park", db_kind_park(w->db, s->job.kind, s->why, now_ms,
		now_ms + PARK_MS, &is_news)) != DB_OK)
		return;
	if (is_news)
		log_error("job parked kind=%s: %s", job_kind_word(s->job.kind), s->why);
}

static const char *result_word(enum step_result result)
{
	static const char *const words[] = {
		[STEP_DONE] = "done",
		[STEP_AGAIN] = "failed",
		[STEP_WAIT] = "waiting",
		[STEP_NEVER] = "failed",
		[STEP_NOTHING] = "nothing-to-do",
		[STEP_CONFIG] = "parked",
		[STEP_STOPPED] = "stopped",
	};

	return words[result];
}

static void tell(struct work *w, enum step_result result, const struct job_finish *f, uint64_t began_ms)
{
	const struct job *job = &w->step.job;
	const long long took_ms = (long long)(clock_mono_ms() - began_ms);

	if (w->is_terminal)
		(void)fputs("\r\033[K", stderr);
	if (result == STEP_WAIT)
		log_debug("job waiting call=%s kind=%s: %s", job->call_sid, job_kind_word(job->kind), w->step.why);
	else if (result == STEP_DONE || result == STEP_NOTHING)
		log_info("job %s call=%s kind=%s attempt=%d took_ms=%lld%s%s", result_word(result), job->call_sid,
			job_kind_word(job->kind), job->attempt, took_ms, w->step.why[0] ? ": " : "", w->step.why);
	else
		log_warn("job %s call=%s kind=%s attempt=%d of=%d state=%s took_ms=%lld: %s", result_word(result),
			job->call_sid, job_kind_word(job->kind), job->attempt, job->attempts_max,
			job_state_word(f->state), took_ms, w->step.why);
}

/* Its lease had ended, or its call was deleted meanwhile: what was stored all the same is to be deleted, too. */
static void lose(struct work *w, const struct job_finish *f)
{
	const struct job *job = &w->step.job;

	log_warn("job lost call=%s kind=%s: its lease had ended, or its call is no more", job->call_sid,
		job_kind_word(job->kind));
	if (f->media && work_db(w))
		(void)work_db_fault(w, "forgotten-media",
			db_call_forgotten_media(w->db, slice_of(job->call_sid), f->media));
}

static void finish(struct work *w, enum step_result result, uint64_t began_ms)
{
	const struct job_finish f = decide(w, result);

	if (result == STEP_CONFIG)
		park(w);
	const enum db_result written = write_result(w, &f);

	tell(w, result, &f, began_ms);
	if (written == DB_NONE)
		lose(w, &f);
	else if (written != DB_OK)
		log_warn("job unwritten call=%s kind=%s: it is done again when its lease has ended",
			w->step.job.call_sid, job_kind_word(w->step.job.kind));
	w->done_count += written == DB_OK && f.state == JOB_DONE;
	w->dead_count += written == DB_OK && f.state == JOB_DEAD;
}

static enum step_result run(struct work *w)
{
	struct step *s = &w->step;

	/* Its process was killed with the last attempt: only now does anybody know. */
	if (s->job.attempt > s->job.attempts_max) {
		if (name_folders(s, w->conf))
			made_sweep(s->made);
		return step_fail(s, STEP_NEVER, "its process was killed with each attempt");
	}
	const enum step_result prepared = prepare(w);

	return prepared == STEP_DONE ? steps[s->job.kind].run(s) : prepared;
}

enum work_result work_one(struct work *w, struct slice call_sid)
{
	const uint64_t began_ms = clock_mono_ms();
	struct step_host host;
	struct job job;

	if (!work_db(w))
		return WORK_TROUBLE;
	const struct job_claim claim = { .owner = w->owner, .kinds = work_kinds(), .call_sid = call_sid,
		.now_ms = clock_wall_ms() };
	const enum db_result result = work_db_fault(w, "job-claim", db_job_claim(w->db, &claim, &job));

	if (result != DB_OK)
		return result == DB_NONE ? WORK_IDLE : WORK_TROUBLE;
	begin(w, &host, &job);
	finish(w, run(w), began_ms);
	w->step.host = NULL;
	return WORK_DID;
}
