/* Where the order has URLs it is asked there; the webhook's word counts where there is no good answer. */
#include "media/fal/fal_fate.h"

#include "base/log.h"
#include "db/fal.h"
#include "media/fal/fal_books.h"
#include "media/fal/fal_input.h"
#include "media/made.h"
#include "media/video/video.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { VIDEO_BYTES_MAX = 2000 * 1000 * 1000 };

static const char picture_file[] = "fal.mp4";

/* --- the result --- */

static void clean_up(struct step *s, struct fal_desk *desk, const struct fal_note *note)
{
	char path[STEP_PATH_BYTES_MAX + sizeof picture_file];

	snprintf(path, sizeof path, "%s/%s", s->made, picture_file);
	(void)unlink(path);
	fal_input_drop(s, note->input_url);
	if (s->job.ext.id[0] && fal_forget(desk, s->job.ext.id) != FAL_YES)
		log_warn("fal payloads were not deleted call=%s why=%s", s->job.call_sid,
			log_text(desk->why, strlen(desk->why)).text);
}

static enum step_result give_up(struct step *s, struct fal_desk *desk, const struct fal_note *note, const char *why)
{
	char kept[JOB_WHY_BYTES_MAX + 1];

	/* It may stand where the cleaning writes its own troubles. */
	snprintf(kept, sizeof kept, "%s", why);
	clean_up(s, desk, note);
	return fal_not_made(s, kept);
}

static enum step_result take(struct step *s, struct fal_desk *desk, const struct fal_note *note, const char *url)
{
	char path[STEP_PATH_BYTES_MAX + sizeof picture_file];

	snprintf(path, sizeof path, "%s/%s", s->made, picture_file);
	switch (fal_fetch(desk, url, path, VIDEO_BYTES_MAX)) {
	case FAL_YES:
		break;
	case FAL_STOPPED:
		return step_fail(s, STEP_STOPPED, "stopped");
	case FAL_NO:
		return give_up(s, desk, note, desk->why);
	case FAL_LATER:
	case FAL_NO_TELLING:
		return fal_is_too_late(s, note) ? give_up(s, desk, note, desk->why) : fal_wait(s, note, desk->why);
	}
	const enum step_result result = video_with_sound(s, picture_file);

	if (result == STEP_NEVER)
		return give_up(s, desk, note, s->why);
	if (result == STEP_DONE) {
		log_info("video was made by fal call=%s request=%s micro_dollars=%lld", s->job.call_sid,
			log_text(s->job.ext.id, strlen(s->job.ext.id)).text, (long long)s->job.cost_micro_dollars);
		clean_up(s, desk, note);
	}
	return result;
}

/* --- looking after an order --- */

/* What fal.ai's own fault was is not charged. */
static enum step_result failed(struct step *s, struct fal_desk *desk, const struct fal_note *note,
	const struct fal_error *error)
{
	if (error->blame == FAL_BLAME_SERVICE && s->job.cost_micro_dollars &&
		!fal_put(s, s->job.ext.state, s->job.ext.id, note, 0))
		return fal_lost_lease(s);
	return give_up(s, desk, note, error->sentence);
}

/* The webhook's word, where what was asked has no good answer: it is signed, and knew the nonce. */
static enum step_result believe(struct step *s, struct fal_desk *desk, const struct fal_note *note,
	const struct fal_outcome *told)
{
	if (!s->job.ext.id[0] && !fal_put(s, JOB_EXT_SUBMITTED, told->request_id, note, s->job.cost_micro_dollars))
		return fal_lost_lease(s);
	if (told->failed)
		return give_up(s, desk, note, told->error.sentence);
	if (!told->video_url[0])
		return give_up(s, desk, note, "fal.ai has made it, and did not say where it is");
	return take(s, desk, note, told->video_url);
}

static bool is_told(struct step *s, struct fal_outcome *out_told)
{
	return db_fal_told(s->db, &s->job, out_told) == DB_OK;
}

static enum step_result ask_result(struct step *s, struct fal_desk *desk, const struct fal_note *note)
{
	char url[FAL_URL_BYTES_MAX + 1];
	struct fal_outcome told;
	const enum fal_said said = fal_result(desk, note->response_url, url);

	if (said == FAL_YES)
		return take(s, desk, note, url);
	if (said == FAL_STOPPED)
		return step_fail(s, STEP_STOPPED, "stopped");
	if (said != FAL_NO && !fal_is_too_late(s, note))
		return fal_wait(s, note, desk->why);
	return is_told(s, &told) ? believe(s, desk, note, &told) : give_up(s, desk, note, desk->why);
}

/* An order that nobody wants any more shall cost nothing more. */
static enum step_result cancel(struct step *s, struct fal_desk *desk, const struct fal_note *note)
{
	if (note->cancel_url[0] && fal_cancel(desk, note->cancel_url) == FAL_STOPPED)
		return step_fail(s, STEP_STOPPED, "stopped");
	return give_up(s, desk, note, "fal.ai has not made it in time");
}

static enum step_result look(struct step *s, struct fal_desk *desk, const struct fal_note *note)
{
	const char *what = "fal.ai makes it";
	struct fal_outcome told;
	struct fal_status status;
	const enum fal_said said = fal_look(desk, note->status_url, &status);

	if (said == FAL_STOPPED)
		return step_fail(s, STEP_STOPPED, "stopped");
	if (said == FAL_YES && status.failed)
		return failed(s, desk, note, &status.error);
	if (said == FAL_YES && status.state == FAL_COMPLETED)
		return ask_result(s, desk, note);
	/* FAL_NO too: an order that was just taken may not be known everywhere at once, and a key may be mended. */
	if (said != FAL_YES && is_told(s, &told))
		return believe(s, desk, note, &told);
	if (said != FAL_YES)
		what = desk->why;
	else if (status.state == FAL_IN_QUEUE)
		what = "it waits in the queue of fal.ai";
	return fal_is_too_late(s, note) ? cancel(s, desk, note) : fal_wait(s, note, what);
}

/* Without URLs the webhook's word is all there is. */
static enum step_result listen(struct step *s, struct fal_desk *desk, const struct fal_note *note)
{
	struct fal_outcome told;

	fal_fetch_keys(s, desk, FAL_KEYS_WANTED_MS);
	if (is_told(s, &told))
		return believe(s, desk, note, &told);
	if (fal_is_too_late(s, note))
		return give_up(s, desk, note, "whether fal.ai took the order is not known");
	return fal_wait(s, note, "whether fal.ai took the order is not known; its webhook may tell");
}

static int64_t changed_ns(const struct step *s, enum made made)
{
	char path[STEP_PATH_BYTES_MAX + 32];
	struct stat file;

	if (!made_path(path, sizeof path, s->made, made) || stat(path, &file) != 0)
		return -1;
	return file.st_mtim.tv_sec * 1000000000LL + file.st_mtim.tv_nsec;
}

/* What was deleted at fal.ai cannot be fetched a second time. */
static bool is_made_since(const struct step *s)
{
	const int64_t sound_ns = changed_ns(s, MADE_MIX_WAV);

	return sound_ns >= 0 && changed_ns(s, MADE_VIDEO_MP4) > sound_ns;
}

enum step_result fal_go_on(struct step *s, struct fal_desk *desk)
{
	struct fal_note note;

	fal_note_read(slice_of(s->job.ext.urls), s->job.created_ms, &note);
	/* A process died behind the last rename. */
	if (s->job.ext.state == JOB_EXT_SUBMITTED && is_made_since(s)) {
		clean_up(s, desk, &note);
		return STEP_DONE;
	}
	if (s->job.ext.state == JOB_EXT_INTENT && !fal_put(s, JOB_EXT_UNKNOWN, "", &note, s->job.cost_micro_dollars))
		return fal_lost_lease(s);
	return note.status_url[0] ? look(s, desk, &note) : listen(s, desk, &note);
}
