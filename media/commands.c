#include "media/commands.h"

#include "base/clock.h"
#include "db/jobs.h"
#include "media/clean.h"
#include "media/finder.h"
#include "media/forget.h"
#include "media/fal/video_fal.h"
#include "media/link.h"
#include "media/prune.h"
#include "media/stop.h"
#include "media/sweep.h"
#include "media/store/store.h"
#include "media/video/video.h"
#include "media/work.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum {
	WAIT_MS_MAX = 60 * 1000,
	LOOK_MS = 200,
	TROUBLES_MAX = 10,
	TROUBLE_PAUSE_MS = 1000,
	ALL_KINDS = (1 << JOB_KIND_COUNT) - 1,
};

static struct work work;
static struct finder finder;

/* --- once ------------------------------------------------------------------------------------------ */

static void find(struct slice call_sid)
{
	clean_owners(&work);
	sweep_calls(&work);
	if (call_sid.len)
		(void)finder_look(&finder, call_sid.data, false);
	else
		finder_pass(&finder, false);
}

/* What is running elsewhere is waited for as well: its worker may be gone, and then it is ours. */
static bool is_worth_waiting(const struct job_counts *c, int64_t now_ms)
{
	return c->due > 0 || c->running > 0 || (c->later > 0 && c->next_ms - now_ms <= WAIT_MS_MAX);
}

static enum db_result count(struct slice call_sid, struct job_counts *out)
{
	return work_db(&work)
		? work_db_fault(&work, "job-counts",
			db_job_counts(work.db, ALL_KINDS, call_sid, clock_wall_ms(), out))
		: DB_BROKEN;
}

static int tell_rest(const struct job_counts *c)
{
	printf("%lld done; %lld given up, %lld waiting for a setting, %lld left for later\n",
		(long long)work.done_count, (long long)c->dead, (long long)c->parked,
		(long long)(c->due + c->later + c->running));
	if (c->dead + c->parked)
		return COMMAND_DEAD;
	return c->due + c->later + c->running ? COMMAND_LATER : COMMAND_DONE;
}

static int drain(struct slice call_sid)
{
	struct job_counts c = { .due = 0 };
	int trouble_count = 0;

	for (;;) {
		enum work_result did = WORK_IDLE;

		find(call_sid);
		while (!stop_asked() && (did = work_one(&work, call_sid)) == WORK_DID)
			continue;
		if (did == WORK_TROUBLE || count(call_sid, &c) != DB_OK) {
			if (stop_asked() || ++trouble_count > TROUBLES_MAX)
				return EX_UNAVAILABLE;
			(void)stop_wait(TROUBLE_PAUSE_MS, -1);
			continue;
		}
		trouble_count = 0;
		if (stop_asked() || !is_worth_waiting(&c, clock_wall_ms()))
			return tell_rest(&c);
		(void)stop_wait(LOOK_MS, -1);
	}
}

/* COMMAND_DONE: there is such a call, and it is over. */
static int look_up(struct slice call_sid)
{
	struct call_record call;

	find(call_sid);
	if (!work_db(&work))
		return EX_UNAVAILABLE;
	const enum db_result result = work_db_fault(&work, "call-by-sid", db_call_by_sid(work.db, call_sid, &call));

	if (result == DB_OK && call.status == CALL_ENDED)
		return COMMAND_DONE;
	if (result == DB_OK) {
		printf("%s: the call is not over\n", call_sid.data);
		return COMMAND_LATER;
	}
	if (result != DB_NONE)
		return EX_UNAVAILABLE;
	printf("%s: there is no such call\n", call_sid.data);
	return COMMAND_DEAD;
}

int command_once(const struct conf *conf, struct slice call_sid)
{
	stop_catch();
	work_init(&work, conf, DB_CREATE);
	finder.work = &work;
	finder.watch_fd = -1;
	int code = EX_UNAVAILABLE;

	if (work_db(&work) && work_db_fault(&work, "kinds-unpark", db_kinds_unpark(work.db)) == DB_OK)
		code = call_sid.len ? look_up(call_sid) : COMMAND_DONE;
	if (code == COMMAND_DONE)
		code = drain(call_sid);
	work_fini(&work);
	return code;
}

/* --- retry ----------------------------------------------------------------------------------------- */

int command_retry(const struct conf *conf, struct slice call_sid)
{
	int64_t retried = 0;
	enum db_result result = DB_BROKEN;

	work_init(&work, conf, DB_CREATE);
	if (work_db(&work))
		result = work_db_fault(&work, "jobs-retry",
			db_jobs_retry(work.db, call_sid, clock_wall_ms(), &retried));
	if (result == DB_OK)
		result = work_db_fault(&work, "kinds-unpark", db_kinds_unpark(work.db));
	if (result == DB_OK)
		printf("%lld made ready again\n", (long long)retried);
	work_fini(&work);
	return result == DB_OK ? COMMAND_DONE : EX_UNAVAILABLE;
}

/* --- link ------------------------------------------------------------------------------------------ */

int command_link(const struct conf *conf, const char *call_sid, int64_t seconds)
{
	char why[STORE_WHY_BYTES_MAX];

	work_init(&work, conf, DB_READ);
	const bool is_open = work_db(&work) != NULL;
	const bool is_printed = is_open && link_print(work.db, conf, call_sid, seconds, stdout, why, sizeof why);

	work_fini(&work);
	if (is_open && !is_printed)
		fprintf(stderr, "receptionai-worker: %s: %s\n", call_sid, why);
	return is_printed ? COMMAND_DONE : is_open ? COMMAND_DEAD : EX_UNAVAILABLE;
}

/* --- dry run --------------------------------------------------------------------------------------- */

static void print_job(void *context, const struct job_line *l)
{
	const int64_t in_s = (l->run_ms - clock_wall_ms()) / 1000;

	(void)context;
	printf("%s: %s %s, attempt %d of %d", l->call_sid, job_kind_word(l->kind), job_state_word(l->state), l->attempt,
		l->attempts_max);
	if ((l->state == JOB_READY || l->state == JOB_WAITING) && in_s > 0)
		printf(", in %lld s", (long long)in_s);
	printf("%s%s\n", l->error[0] ? ": " : "", l->error);
}

int command_dry_run(const struct conf *conf, struct slice call_sid)
{
	enum db_result result = DB_BROKEN;

	work_init(&work, conf, DB_READ);
	finder.work = &work;
	if (work_db(&work)) {
		if (call_sid.len)
			(void)finder_look(&finder, call_sid.data, true);
		else
			finder_pass(&finder, true);
		result = work_db(&work)
			? work_db_fault(&work, "job-list", db_job_list(work.db, call_sid, print_job, NULL)) : DB_BROKEN;
		if (result == DB_OK && !call_sid.len)
			result = prune_show(&work);
	}
	work_fini(&work);
	return result == DB_OK ? COMMAND_DONE : EX_UNAVAILABLE;
}

/* --- prune ----------------------------------------------------------------------------------------- */

/* What is stored of calls goes right after their rows, and is tried again by the daemon. */
static enum db_result prune(bool dry)
{
	enum db_result result = DB_BROKEN;

	if (work_db(&work))
		result = dry ? prune_show(&work) : prune_all(&work);
	if (!dry && result == DB_OK)
		(void)forget_calls(&work, FORGET_ALL);
	return result;
}

int command_prune(const struct conf *conf, bool dry)
{
	/* Whoever watches through a pipe shall see how far it came. */
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	stop_catch();
	work_init(&work, conf, dry ? DB_READ : DB_CREATE);
	const enum db_result result = prune(dry);

	work_fini(&work);
	if (result == DB_OK)
		return COMMAND_DONE;
	return result == DB_BUSY ? COMMAND_LATER : EX_UNAVAILABLE;
}

/* --- check ----------------------------------------------------------------------------------------- */

static bool is_folder_good(const char *name, const char *path)
{
	if (access(path, R_OK | W_OK | X_OK) == 0)
		return true;
	fprintf(stderr, "receptionai-worker: %s %s: %s\n", name, path, strerror(errno));
	return false;
}

/* A bucket is not asked: a check shall work without a network. */
static bool is_store_good(const struct conf *conf)
{
	char text[2 * STORE_WHY_BYTES_MAX];
	struct store store;

	if (!store_open(&store, conf, text, sizeof text)) {
		fprintf(stderr, "receptionai-worker: %s\n", text);
		return false;
	}
	store_describe(&store, text, sizeof text);
	printf("# files are kept in: %s\n", text);
	store_close(&store);
	return *conf_text(conf, BUCKET_NAME) || is_folder_good("MEDIA_DIR", conf_text(conf, MEDIA_DIR));
}

static bool is_fal_good(const struct conf *conf)
{
	char why[CONF_VALUE_BYTES_MAX + CONF_WHY_BYTES_MAX];

	if (video_fal_is_well_set(conf, why, sizeof why))
		return true;
	fprintf(stderr, "receptionai-worker: %s\n", why);
	return false;
}

static bool is_video_good(const struct conf *conf)
{
	char why[JOB_WHY_BYTES_MAX + 1];

	if (video_is_well_set(conf, why, sizeof why))
		return true;
	fprintf(stderr, "receptionai-worker: %s\n", why);
	return false;
}

int command_check(const struct conf *conf)
{
	conf_print(conf, stdout, 'K');
	work_init(&work, conf, DB_READ);
	const bool is_db_good = work_db(&work) != NULL;
	const bool is_spool_good = is_folder_good("RECEPTIONAI_SPOOL", conf_text(conf, RECEPTIONAI_SPOOL));
	const bool is_kept = is_store_good(conf), is_fal_well_set = is_fal_good(conf);
	const bool is_video_well_set = is_video_good(conf);

	work_fini(&work);
	const bool is_good = is_db_good && is_spool_good && is_kept && is_fal_well_set && is_video_well_set;

	return is_good ? COMMAND_DONE : EX_CONFIG;
}
