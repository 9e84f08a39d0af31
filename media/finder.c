/*
 * A call's folder tells what the database may not know. New folders are told by inotify and looked at each turn until
 * they are done; a pass over all of them makes up for whatever was missed.
 */
#include "media/finder.h"

#include "base/clock.h"
#include "db/spooled.h"
#include "media/clean.h"
#include "media/stop.h"
#include "media/sweep.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

static const char *spool_of(const struct finder *f)
{
	return conf_text(f->work->conf, RECEPTIONAI_SPOOL);
}

static int64_t lost_ms(const struct finder *f)
{
	return 1000LL * conf_int(f->work->conf, WORKER_LOST_S);
}

/* --- one call -------------------------------------------------------------------------------------- */

static void say(const char *call_sid, const char *what, bool dry)
{
	if (dry)
		printf("%s: %s\n", call_sid, what);
	else
		log_info("spool %s call=%s", what, call_sid);
}

static enum finder_verdict verdict_of(struct finder *f, const char *what, enum db_result result)
{
	return work_db_fault(f->work, what, result) == DB_OK ? FINDER_DONE : FINDER_LATER;
}

static enum finder_verdict delete_sound(const struct finder *f, const char *call_sid, const char *what, bool dry)
{
	say(call_sid, what, dry);
	if (dry || found_delete(spool_of(f), call_sid))
		return FINDER_DONE;
	log_warn("spool undeleted call=%s: %s", call_sid, strerror(errno));
	return FINDER_LATER;
}

/* A folder that nobody can use stays, and is passed by for ever. */
static bool is_news(struct finder *f, const char *call_sid)
{
	for (unsigned i = 0; i < FINDER_LEFT_MAX; i++)
		if (strcmp(f->left[i], call_sid) == 0)
			return false;
	(void)slice_copy(slice_of(call_sid), f->left[f->left_count++ % FINDER_LEFT_MAX], sizeof f->left[0]);
	return true;
}

/* The relay could not write the row, or its database was replaced by an older one. */
static enum finder_verdict make_row(struct finder *f, const char *call_sid, struct found *found, bool dry)
{
	const struct spool_event *e = &found->first;

	found_read_logs(found, spool_of(f), call_sid);
	if (!found->is_known || strcmp(e->call, call_sid) != 0) {
		if (is_news(f, call_sid))
			log_warn("spool unreadable call=%s: no first line that names the call", call_sid);
		return FINDER_LEFT;
	}
	enum db_result result = db_merchant_by_id(f->work->db, e->merchant, &f->merchant);

	if (result == DB_NONE) {
		if (is_news(f, call_sid))
			log_warn("spool homeless call=%s merchant=%lld: there is no such merchant", call_sid,
				(long long)e->merchant);
		return FINDER_LEFT;
	}
	if (result != DB_OK)
		return verdict_of(f, "merchant-by-id", result);
	say(call_sid, "a call without a row", dry);
	if (dry)
		return FINDER_DONE;
	const struct call_recover recover = {
		.call_sid = slice_of(call_sid), .stream_sid = slice_of(found->last_stream),
		.merchant_id = e->merchant, .caller_number = slice_of(e->caller), .called_number = slice_of(e->called),
		.started_ms = e->wall_ms, .ended_ms = found->touched_ms,
		.end_reason = found->end_reason ? found->end_reason : END_UNREPORTED,
	};
	return verdict_of(f, "call-recover", db_call_recover(f->work->db, &recover));
}

/* A caller who came back to the receptionist has a stream of which nothing may be in the spool yet. */
static bool is_of_stream(const struct finder *f, const char *call_sid, struct found *found, const char *stream_sid)
{
	found_read_logs(found, spool_of(f), call_sid);
	return !stream_sid[0] || strcmp(stream_sid, found->last_stream) == 0;
}

/* DONE here: the call has a row that says that it is over. */
static enum finder_verdict end_call(struct finder *f, const char *call_sid, struct found *found, bool dry)
{
	struct call_record call;
	enum db_result result = db_call_by_sid(f->work->db, slice_of(call_sid), &call);

	if (result == DB_OK && call.status == CALL_ENDED)
		return FINDER_DONE;
	if (result != DB_OK && result != DB_NONE)
		return verdict_of(f, "call-by-sid", result);
	/* Who talks to a person may come back to the receptionist; a day later the cleaning ends it. */
	if (found->is_written || (result == DB_OK && call.status == CALL_TRANSFERRING))
		return FINDER_LATER;
	if (result == DB_NONE)
		return make_row(f, call_sid, found, dry);
	if (clock_wall_ms() - found->touched_ms < lost_ms(f) || !is_of_stream(f, call_sid, found, call.stream_sid))
		return FINDER_LATER;
	say(call_sid, "a call that nobody ended", dry);
	if (dry)
		return FINDER_DONE;
	result = db_call_abandoned(f->work->db, slice_of(call_sid), found->touched_ms);
	return verdict_of(f, "call-abandoned", result == DB_NONE ? DB_OK : result);
}

static enum finder_verdict tell_stopped(struct finder *f, const char *call_sid, enum spool_why why)
{
	struct call_media media = { .recording_ms = -1 };

	(void)slice_copy(slice_of(spool_why_word(why)), media.recording_stopped, sizeof media.recording_stopped);
	return verdict_of(f, "call-media", db_call_media(f->work->db, slice_of(call_sid), &media));
}

static enum finder_verdict make_job(struct finder *f, const char *call_sid, struct found *found, bool dry)
{
	found_read_logs(found, spool_of(f), call_sid);
	if (found->is_written && !found->is_ended)
		return FINDER_LATER;
	/* Nothing may yet become something. */
	if (!found->is_withdrawn && !found->sound_bytes && clock_wall_ms() - found->touched_ms < lost_ms(f))
		return FINDER_LATER;
	if (found->is_withdrawn || !found->sound_bytes) {
		const enum spool_why why = found->is_withdrawn ? SPOOL_WITHDRAWN : found->why;

		if (!dry && why != SPOOL_WHOLE && tell_stopped(f, call_sid, why) != FINDER_DONE)
			return FINDER_LATER;
		return delete_sound(f, call_sid, found->is_withdrawn ? "withdrawn" : "without sound", dry);
	}
	say(call_sid, "a call to be worked on", dry);
	if (dry)
		return FINDER_DONE;
	f->found_count++;
	return verdict_of(f, "job-put", db_job_put(f->work->db, slice_of(call_sid), JOB_ASSEMBLE, clock_wall_ms()));
}

enum finder_verdict finder_look(struct finder *f, const char *call_sid, bool dry)
{
	enum job_state state;
	struct found found;

	if (!work_db(f->work))
		return FINDER_LATER;
	/* The common case of a pass first: everything was done long ago. */
	enum db_result result = db_job_state(f->work->db, slice_of(call_sid), JOB_ASSEMBLE, &state);

	if (result != DB_NONE)
		return verdict_of(f, "job-state", result);
	found_look(&found, spool_of(f), call_sid, clock_wall_ms());
	if (!found.is_there)
		return FINDER_DONE;
	result = db_call_is_forgotten(f->work->db, slice_of(call_sid));
	if (result == DB_OK)
		return found.is_written ? FINDER_LATER : delete_sound(f, call_sid, "forgotten", dry);
	if (result != DB_NONE)
		return verdict_of(f, "call-forgotten", result);
	if (!found.part_count)
		return FINDER_LATER;
	const enum finder_verdict ended = end_call(f, call_sid, &found, dry);

	return ended == FINDER_DONE ? make_job(f, call_sid, &found, dry) : ended;
}

/* --- all calls ------------------------------------------------------------------------------------- */

static void keep_open(struct finder *f, const char *call_sid)
{
	for (int i = 0; i < f->open_count; i++)
		if (strcmp(f->open[i], call_sid) == 0)
			return;
	if (f->open_count < FINDER_OPEN_MAX)
		(void)slice_copy(slice_of(call_sid), f->open[f->open_count++], sizeof f->open[0]);
}

void finder_pass(struct finder *f, bool dry)
{
	DIR *folder = opendir(spool_of(f));

	if (!folder)
	{
		log_warn("spool unreadable: %s", strerror(errno));
		return;
	}
	for (const struct dirent *e; (e = readdir(folder)) && !stop_asked();)
		if (found_is_sid(e->d_name) && finder_look(f, e->d_name, dry) == FINDER_LATER && !dry)
			keep_open(f, e->d_name);
	(void)closedir(folder);
}

static void look_at_open(struct finder *f)
{
	int kept = 0;

	for (int i = 0; i < f->open_count; i++) {
		if (!stop_asked() && finder_look(f, f->open[i], false) != FINDER_LATER)
			continue;
		if (kept != i)
			memcpy(f->open[kept], f->open[i], sizeof f->open[0]);
		kept++;
	}
	f->open_count = kept;
}

/* Folders that are new. After a flood of them a pass finds what was not told. */
static void take_news(struct finder *f)
{
	char bytes[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n;

	while (f->watch_fd >= 0 && (n = read(f->watch_fd, bytes, sizeof bytes)) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *e = (const struct inotify_event *)(bytes + at);

			if (e->mask & IN_Q_OVERFLOW)
				f->pass_at_ms = 0;
			if (e->len && found_is_sid(e->name))
				keep_open(f, e->name);
			at += (ssize_t)(sizeof *e + e->len);
		}
}

/* The folder may not be there yet, or may be another one by now. */
static void watch_anew(struct finder *f)
{
	finder_close(f);
	f->watch_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (f->watch_fd >= 0
		&& inotify_add_watch(f->watch_fd, spool_of(f), IN_CREATE | IN_MOVED_TO | IN_ONLYDIR) < 0) {
		log_warn("spool unwatched: %s; it is looked through once a minute", strerror(errno));
		finder_close(f);
	}
}

void finder_open(struct finder *f, struct work *work)
{
	memset(f, 0, sizeof *f);
	f->work = work;
	f->watch_fd = -1;
}

void finder_close(struct finder *f)
{
	if (f->watch_fd >= 0)
		(void)close(f->watch_fd);
	f->watch_fd = -1;
}

void finder_turn(struct finder *f)
{
	const uint64_t now_ms = clock_mono_ms();

	take_news(f);
	clean_owners(f->work);
	look_at_open(f);
	if (now_ms >= f->pass_at_ms) {
		f->pass_at_ms = now_ms + FINDER_PASS_MS;
		watch_anew(f);
		finder_pass(f, false);
	}
	if (now_ms >= f->sweep_at_ms) {
		f->sweep_at_ms = now_ms + FINDER_SWEEP_MS;
		sweep_calls(f->work);
	}
	if (now_ms >= f->clean_at_ms) {
		f->clean_at_ms = now_ms + FINDER_CLEAN_MS;
		clean_up(f->work);
	}
	/* Between two rounds there is time for calls that have just ended. */
	if (now_ms >= f->old_at_ms)
		f->old_at_ms = now_ms + (clean_old(f->work) ? FINDER_MORE_MS : FINDER_CLEAN_MS);
}
