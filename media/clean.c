#include "media/clean.h"

#include "base/clock.h"
#include "db/spooled.h"
#include "media/forget.h"
#include "media/found.h"
#include "media/owner.h"
#include "media/prune.h"
#include "media/stop.h"

#include <dirent.h>
#include <string.h>

enum { OLD_MS = 3000, OWNERS_MAX = 64, DAY_MS = 86400 * 1000, JOBS_KEEP_DAYS = 30, FORGOTTEN_KEEP_DAYS = 400 };

/* --- processes that are gone ----------------------------------------------------------------------- */

struct gone {
	int count;
	char owners[OWNERS_MAX][JOB_OWNER_BYTES_MAX + 1];
};

static void note_gone(void *context, const char *owner)
{
	struct gone *gone = context;

	if (gone->count < OWNERS_MAX && owner_is_gone(owner))
		(void)slice_copy(slice_of(owner), gone->owners[gone->count++], sizeof gone->owners[0]);
}

void clean_owners(struct work *w)
{
	static struct gone gone;
	int64_t count = 0;

	gone.count = 0;
	if (!work_db(w) || work_db_fault(w, "job-owners", db_job_owners(w->db, note_gone, &gone)) != DB_OK)
		return;
	for (int i = 0; i < gone.count && w->db; i++)
		if (work_db_fault(w, "jobs-release", db_jobs_release(w->db, gone.owners[i], clock_wall_ms(), &count))
			== DB_OK)
			log_warn("job released owner=%s count=%lld: its process is gone", gone.owners[i],
				(long long)count);
}

/* --- spools ---------------------------------------------------------------------------------------- */

static bool is_finished(struct work *w, const char *call_sid)
{
	struct job_counts counts;

	if (work_db_fault(w, "job-counts", db_job_counts(w->db, ~0u >> (32 - JOB_KIND_COUNT), slice_of(call_sid),
		clock_wall_ms(), &counts)) != DB_OK)
		return false;
	return counts.due + counts.later + counts.running + counts.parked + counts.dead == 0;
}

/* A call that is not complete keeps its spool: it is all that there is of it, and somebody may retry. */
static bool is_old(struct work *w, const char *call_sid)
{
	struct call_record call;
	enum job_state state;

	if (!work_db(w) || work_db_fault(w, "call-by-sid", db_call_by_sid(w->db, slice_of(call_sid), &call)) != DB_OK)
		return false;
	if (call.status != CALL_ENDED
		|| clock_wall_ms() - call.ended_ms < conf_int(w->conf, SPOOL_KEEP_DAYS) * (int64_t)DAY_MS)
		return false;
	if (work_db_fault(w, "job-state", db_job_state(w->db, slice_of(call_sid), JOB_ASSEMBLE, &state)) != DB_OK)
		return false;
	return (call.is_complete || state == JOB_CANCELLED) && is_finished(w, call_sid);
}

static void clean_spool(struct work *w)
{
	const char *spool = conf_text(w->conf, RECEPTIONAI_SPOOL);
	DIR *folder = opendir(spool);

	for (const struct dirent *e; folder && (e = readdir(folder)) && !stop_asked();)
		if (found_is_sid(e->d_name) && is_old(w, e->d_name) && found_delete(spool, e->d_name))
			log_info("spool deleted call=%s: its call is complete", e->d_name);
	if (folder)
		(void)closedir(folder);
}

/* --- rows ------------------------------------------------------------------------------------------ */

/* The jobs of a call stay as long as its spool: without them it would be taken for new. */
static int64_t jobs_keep_ms(const struct work *w)
{
	const int64_t spool_days = conf_int(w->conf, SPOOL_KEEP_DAYS);

	return (spool_days + 1 > JOBS_KEEP_DAYS ? spool_days + 1 : JOBS_KEEP_DAYS) * (int64_t)DAY_MS;
}

static void tell_abandoned(struct slice call_sid)
{
	log_warn("call abandoned call=%.*s: nobody ended it", (int)call_sid.len, call_sid.data);
}

static void clean_rows(struct work *w)
{
	const int64_t now_ms = clock_wall_ms();
	int64_t count;

	if (work_db(w))
		(void)work_db_fault(w, "calls-abandoned", db_calls_abandoned(w->db, now_ms, tell_abandoned));
	if (work_db(w))
		(void)work_db_fault(w, "jobs-prune", db_jobs_prune(w->db, now_ms - jobs_keep_ms(w), &count));
	if (work_db(w))
		(void)work_db_fault(w, "forgotten-prune",
			db_forgotten_prune(w->db, now_ms - FORGOTTEN_KEEP_DAYS * (int64_t)DAY_MS));
}

void clean_up(struct work *w)
{
	clean_spool(w);
	clean_rows(w);
}

bool clean_old(struct work *w)
{
	const uint64_t until_ms = clock_mono_ms() + OLD_MS;
	const bool is_more = prune_turn(w, until_ms);

	/* A little in any case: rows shall not run away from their files. */
	return forget_calls(w, until_ms + OLD_MS) || is_more;
}
