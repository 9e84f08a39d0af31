/*
 * What is known of the order stands in the job (struct job_ext): nothing; INTENT, just before it goes out; SUBMITTED
 * with its id and URLs; UNKNOWN when nobody can tell whether it arrived. Each run of the step goes on from there:
 *
 *   nothing    is it wanted, can it be made, may it cost that much? -> files -> INTENT -> order -> SUBMITTED, or
 *              UNKNOWN, or (certainly not taken) nothing again
 *   INTENT     a process died between the commit and the answer: UNKNOWN
 *   UNKNOWN    wait for the webhook's word; the order is never repeated
 *   SUBMITTED  look, later, later … -> result -> picture -> the call's real sound under it -> payloads deleted
 *
 * Whatever cannot be had from fal.ai ends in STEP_NOTHING: the video is made here.
 */
#include "media/video_fal.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "db/fal.h"
#include "media/fal_desk.h"
#include "media/fal_input.h"
#include "media/fal_note.h"
#include "media/made.h"
#include "media/video.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	INPUT_BYTES = 16 * 1024,
	HOOK_URL_BYTES = 1200,
	NONCE_BYTES = 16,
	LOOKS_APART_MAX = 6,            /* times FAL_POLL_MS */
	KEYS_FRESH_MS = 12 * 3600 * 1000,
	KEYS_WANTED_MS = 60 * 1000,     /* when a webhook is all that there is to hope for */
	VIDEO_BYTES_MAX = 2000 * 1000 * 1000,
};

static const char picture_file[] = "fal.mp4";

/* fal.ai does not make it; whoever pays shall find out why. */
static enum step_result not_by_fal(struct step *s, const char *why)
{
	if (*why)
		log_warn("video is not made by fal call=%s why=%s", s->job.call_sid, log_text(why, strlen(why)).text);
	return step_fail(s, STEP_NOTHING, "%s", why);
}

static enum step_result lost_lease(struct step *s)
{
	return step_fail(s, STEP_STOPPED, "the lease was lost, or the database cannot be written");
}

/* --- what is written down --- */

static bool put(struct step *s, enum job_ext_state state, const char *id, const struct fal_note *note,
	int64_t cost_micro_dollars)
{
	struct job_ext ext = s->job.ext;

	ext.state = state;
	check(slice_copy(slice_of(id), ext.id, sizeof ext.id));
	fal_note_write(note, ext.urls, sizeof ext.urls);
	return db_job_ext_put(s->db, &s->job, &ext, cost_micro_dollars) == DB_OK;
}

static bool put_nothing(struct step *s)
{
	const struct job_ext none = { .state = JOB_EXT_NONE };

	return db_job_ext_put(s->db, &s->job, &none, 0) == DB_OK;
}

static bool put_intent(struct step *s, const struct fal_note *note, int64_t cost_micro_dollars)
{
	struct random random = { 0 };
	uint8_t bytes[NONCE_BYTES];

	random_fill(&random, bytes, sizeof bytes);
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(s->job.ext.nonce + 2 * i, 3, "%02x", bytes[i]);
	return put(s, JOB_EXT_INTENT, "", note, cost_micro_dollars);
}

/* The keys with which the webhook tells fal.ai from others; without them there is still the looking. */
static void fetch_keys(struct step *s, struct fal_desk *desk, int64_t fresh_ms)
{
	struct fal_key_set *kept = malloc(sizeof *kept);
	const int64_t now_ms = clock_wall_ms();

	check(kept);
	const bool is_fresh = db_fal_keys(s->db, kept) == DB_OK && kept->fetched_ms > now_ms - fresh_ms;

	free(kept);
	if (is_fresh || !*conf_text(s->conf, PUBLIC_URL))
		return;
	if (fal_key_set(desk) != FAL_YES)
		log_warn("fal keys were not fetched why=%s", log_text(desk->why, strlen(desk->why)).text);
	else if (db_fal_keys_put(s->db, (struct slice){ desk->answer.body, desk->answer.body_len }, now_ms) != DB_OK)
		log_warn("fal keys were not kept why=%s", log_text(db_why(s->db), strlen(db_why(s->db))).text);
}

/* --- waiting --- */

static enum step_result wait(struct step *s, const struct fal_note *note, const char *what)
{
	const int64_t poll_ms = conf_int(s->conf, FAL_POLL_MS), now_ms = clock_wall_ms();
	const int64_t left_ms = note->since_ms + 1000 * conf_int(s->conf, FAL_WAIT_S) - now_ms;
	int64_t next_ms = (now_ms - note->since_ms) / 4;

	if (next_ms < poll_ms)
		next_ms = poll_ms;
	if (next_ms > LOOKS_APART_MAX * poll_ms)
		next_ms = LOOKS_APART_MAX * poll_ms;
	s->retry_after_ms = next_ms < left_ms ? next_ms : left_ms < 1 ? 1 : left_ms;
	return step_fail(s, STEP_WAIT, "%s", what);
}

static bool is_too_late(const struct step *s, const struct fal_note *note)
{
	return clock_wall_ms() >= note->since_ms + 1000 * conf_int(s->conf, FAL_WAIT_S);
}

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
	clean_up(s, desk, note);
	return not_by_fal(s, why);
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
		return is_too_late(s, note) ? give_up(s, desk, note, desk->why) : wait(s, note, desk->why);
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
		!put(s, s->job.ext.state, s->job.ext.id, note, 0))
		return lost_lease(s);
	return give_up(s, desk, note, error->sentence);
}

/* The webhook's word, where what was asked has no good answer: it is signed, and knew the nonce. */
static enum step_result believe(struct step *s, struct fal_desk *desk, const struct fal_note *note,
	const struct fal_outcome *told)
{
	if (!s->job.ext.id[0] && !put(s, JOB_EXT_SUBMITTED, told->request_id, note, s->job.cost_micro_dollars))
		return lost_lease(s);
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
	if (said != FAL_NO && !is_too_late(s, note))
		return wait(s, note, desk->why);
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
	return is_too_late(s, note) ? cancel(s, desk, note) : wait(s, note, what);
}

/* Without URLs the webhook's word is all there is. */
static enum step_result listen(struct step *s, struct fal_desk *desk, const struct fal_note *note)
{
	struct fal_outcome told;

	fetch_keys(s, desk, KEYS_WANTED_MS);
	if (is_told(s, &told))
		return believe(s, desk, note, &told);
	if (is_too_late(s, note))
		return give_up(s, desk, note, "whether fal.ai took the order is not known");
	return wait(s, note, "whether fal.ai took the order is not known; its webhook may tell");
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

static enum step_result go_on(struct step *s, struct fal_desk *desk)
{
	struct fal_note note;

	fal_note_read(slice_of(s->job.ext.urls), s->job.created_ms, &note);
	/* A process died behind the last rename. */
	if (s->job.ext.state == JOB_EXT_SUBMITTED && is_made_since(s)) {
		clean_up(s, desk, &note);
		return STEP_DONE;
	}
	if (s->job.ext.state == JOB_EXT_INTENT && !put(s, JOB_EXT_UNKNOWN, "", &note, s->job.cost_micro_dollars))
		return lost_lease(s);
	return note.status_url[0] ? look(s, desk, &note) : listen(s, desk, &note);
}

/* --- a new order --- */

static void write_hook_url(const struct step *s, char out[HOOK_URL_BYTES])
{
	const char *origin = conf_text(s->conf, PUBLIC_URL);
	size_t len = strlen(origin);

	while (len && origin[len - 1] == '/')
		len--;
	out[0] = '\0';
	if (len)
		snprintf(out, HOOK_URL_BYTES, "%.*s/api/fal/%lld/%s", (int)len, origin, (long long)s->job.id,
			s->job.ext.nonce);
}

static enum step_result taken(struct step *s, struct fal_note *note, const struct fal_order *order)
{
	fal_note_order(note, order);
	if (!put(s, JOB_EXT_SUBMITTED, order->request_id, note, s->job.cost_micro_dollars))
		return lost_lease(s);
	log_info("video was ordered at fal call=%s request=%s micro_dollars=%lld", s->job.call_sid,
		log_text(order->request_id, strlen(order->request_id)).text, (long long)s->job.cost_micro_dollars);
	return wait(s, note, note->status_url[0] ? "fal.ai has the order" :
		"fal.ai has the order, and named no URLs that may be trusted; its webhook may tell");
}

static enum step_result submit(struct step *s, struct fal_desk *desk, const struct fal_model *model,
	struct fal_note *note, struct slice input)
{
	char hook_url[HOOK_URL_BYTES];
	struct fal_order order;

	write_hook_url(s, hook_url);
	switch (fal_submit(desk, model, input, hook_url, &order)) {
	case FAL_YES:
		return taken(s, note, &order);
	case FAL_LATER:
		if (!put_nothing(s))
			return lost_lease(s);
		s->retry_after_ms = desk->retry_after_ms;
		/* The last attempt belongs to those who do not need fal.ai. */
		return s->job.attempt + 1 < s->job.attempts_max ? step_fail(s, STEP_AGAIN, "%s", desk->why) :
			not_by_fal(s, desk->why);
	case FAL_NO:
		return put_nothing(s) ? not_by_fal(s, desk->why) : lost_lease(s);
	case FAL_STOPPED:
	case FAL_NO_TELLING:
		break;
	}
	log_warn("video may have been ordered at fal call=%s why=%s", s->job.call_sid,
		log_text(desk->why, strlen(desk->why)).text);
	if (!put(s, JOB_EXT_UNKNOWN, "", note, s->job.cost_micro_dollars))
		return lost_lease(s);
	return wait(s, note, "whether fal.ai took the order is not known; its webhook may tell");
}

static enum step_result order(struct step *s, struct fal_desk *desk, const struct fal_model *model,
	int64_t cost_micro_dollars)
{
	char memory[INPUT_BYTES];
	struct fal_note note = { .since_ms = clock_wall_ms() };
	struct buf input;

	buf_init_fixed(&input, memory, sizeof memory);
	switch (fal_input_make(s, desk, model, &note, &input)) {
	case FAL_YES:
		break;
	case FAL_STOPPED:
		return step_fail(s, STEP_STOPPED, "stopped");
	case FAL_NO:
		return not_by_fal(s, desk->why);
	case FAL_LATER:
	case FAL_NO_TELLING:
		return s->job.attempt + 1 < s->job.attempts_max ? step_fail(s, STEP_AGAIN, "%s", desk->why) :
			not_by_fal(s, desk->why);
	}
	fetch_keys(s, desk, KEYS_FRESH_MS);
	if (!step_alive(s))
		return step_fail(s, STEP_STOPPED, "stopped");
	note.since_ms = clock_wall_ms();
	if (!put_intent(s, &note, cost_micro_dollars))
		return lost_lease(s);
	return submit(s, desk, model, &note, (struct slice){ (const char *)buf_data(&input), buf_len(&input) });
}

/* --- whether there is to be one --- */

static int64_t dollars_max(const struct step *s)
{
	int64_t max;

	if (!fal_dollars_read(slice_of(conf_text(s->conf, FAL_MAX_DOLLARS_CALL)), &max))
		return -1;
	if (s->merchant.fal_micro_dollars_call_max != MERCHANT_NO_LIMIT &&
		s->merchant.fal_micro_dollars_call_max < max)
		return s->merchant.fal_micro_dollars_call_max;
	return max;
}

/* NULL: it may be ordered. */
static const char *fault_of(const struct step *s, const struct fal_model *model, int64_t length_ms)
{
	static _Thread_local char why[200];
	const int64_t max = dollars_max(s), cost = fal_model_cost(model, length_ms);

	if (!*conf_text(s->conf, FAL_IMAGE))
		return "FAL_IMAGE is empty: there is no face that could speak";
	if (max < 0)
		return "FAL_MAX_DOLLARS_CALL is no number of dollars, like 1.50";
	if (length_ms < 1000 * model->s_min || length_ms > 1000 * model->s_max)
		snprintf(why, sizeof why, "the call has %lld.%lld s, and %.100s makes %lld to %lld s",
			(long long)length_ms / 1000, (long long)length_ms % 1000 / 100, model->id,
			(long long)model->s_min, (long long)model->s_max);
	else if (cost > max)
		snprintf(why, sizeof why, "it would cost %lld.%06lld dollars, and %lld.%06lld are allowed",
			(long long)cost / 1000000, (long long)cost % 1000000, (long long)max / 1000000,
			(long long)max % 1000000);
	else
		return NULL;
	return why;
}

static enum step_result begin(struct step *s, struct fal_desk *desk)
{
	const int64_t bytes = made_bytes(s->made, MADE_VOICE_ULAW);
	char why[FAL_MODEL_WHY_BYTES_MAX + CONF_VALUE_BYTES_MAX];
	struct fal_model model;

	if (bytes < 0)
		return step_fail(s, STEP_AGAIN, "made/%s is not there", made_name(MADE_VOICE_ULAW));
	if (!fal_models_load(conf_text(s->conf, FAL_MODELS), conf_text(s->conf, FAL_MODEL), &model, why, sizeof why))
		return not_by_fal(s, why);
	const int64_t length_ms = bytes / ULAW_BYTES_PER_MS;
	const char *fault = fault_of(s, &model, length_ms);

	return fault ? not_by_fal(s, fault) : order(s, desk, &model, fal_model_cost(&model, length_ms));
}

enum step_result video_fal(struct step *s)
{
	const bool is_new = s->job.ext.state == JOB_EXT_NONE;
	enum step_result result;
	struct fal_desk desk;

	s->why[0] = '\0';
	if (is_new && s->merchant.video != VIDEO_FAL)
		return not_by_fal(s, "");
	if (!*conf_text(s->conf, FAL_KEY))
		return not_by_fal(s, "FAL_KEY is empty");
	if (!fal_desk_open(&desk, s))
		return step_fail(s, STEP_AGAIN, "no memory for requests");
	result = is_new ? begin(s, &desk) : go_on(s, &desk);
	fal_desk_close(&desk);
	return result;
}
