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
#include "media/fal/video_fal.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "media/fal/fal_books.h"
#include "media/fal/fal_fate.h"
#include "media/fal/fal_input.h"
#include "media/made.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { INPUT_BYTES = 16 * 1024, HOOK_URL_BYTES = 1200, RETRY_AFTER_MS_MAX = 600 * 1000 };

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
	if (!fal_put(s, JOB_EXT_SUBMITTED, order->request_id, note, s->job.cost_micro_dollars))
		return fal_lost_lease(s);
	log_info("video was ordered at fal call=%s request=%s micro_dollars=%lld", s->job.call_sid,
		log_text(order->request_id, strlen(order->request_id)).text, (long long)s->job.cost_micro_dollars);
	return fal_wait(s, note, note->status_url[0] ? "fal.ai has the order" :
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
		if (!fal_put_nothing(s))
			return fal_lost_lease(s);
		s->retry_after_ms = desk->retry_after_ms < RETRY_AFTER_MS_MAX ? desk->retry_after_ms :
			RETRY_AFTER_MS_MAX;
		/* The last attempt belongs to those who do not need fal.ai. */
		return s->job.attempt + 1 < s->job.attempts_max ? step_fail(s, STEP_AGAIN, "%s", desk->why) :
			fal_not_made(s, desk->why);
	case FAL_NO:
		return fal_put_nothing(s) ? fal_not_made(s, desk->why) : fal_lost_lease(s);
	case FAL_STOPPED:
	case FAL_NO_TELLING:
		break;
	}
	log_warn("video may have been ordered at fal call=%s why=%s", s->job.call_sid,
		log_text(desk->why, strlen(desk->why)).text);
	if (!fal_put(s, JOB_EXT_UNKNOWN, "", note, s->job.cost_micro_dollars))
		return fal_lost_lease(s);
	return fal_wait(s, note, "whether fal.ai took the order is not known; its webhook may tell");
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
		return fal_not_made(s, desk->why);
	case FAL_LATER:
	case FAL_NO_TELLING:
		return s->job.attempt + 1 < s->job.attempts_max ? step_fail(s, STEP_AGAIN, "%s", desk->why) :
			fal_not_made(s, desk->why);
	}
	fal_fetch_keys(s, desk, FAL_KEYS_FRESH_MS);
	if (!step_alive(s))
		return step_fail(s, STEP_STOPPED, "stopped");
	note.since_ms = clock_wall_ms();
	if (!fal_put_intent(s, &note, cost_micro_dollars))
		return fal_lost_lease(s);
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
		return fal_not_made(s, why);
	const int64_t length_ms = bytes / ULAW_BYTES_PER_MS;
	const char *fault = fault_of(s, &model, length_ms);

	return fault ? fal_not_made(s, fault) : order(s, desk, &model, fal_model_cost(&model, length_ms));
}

enum step_result video_fal(struct step *s)
{
	const bool is_new = s->job.ext.state == JOB_EXT_NONE;
	enum step_result result;
	struct fal_desk desk;

	s->why[0] = '\0';
	if (is_new && s->merchant.video != VIDEO_FAL)
		return fal_not_made(s, "");
	if (!*conf_text(s->conf, FAL_KEY))
		return fal_not_made(s, "FAL_KEY is empty");
	if (!fal_desk_open(&desk, s))
		return step_fail(s, STEP_AGAIN, "no memory for requests");
	result = is_new ? begin(s, &desk) : fal_go_on(s, &desk);
	fal_desk_close(&desk);
	return result;
}

bool video_fal_is_well_set(const struct conf *conf, char *why, size_t why_bytes)
{
	const char *image = conf_text(conf, FAL_IMAGE), *dollars = conf_text(conf, FAL_MAX_DOLLARS_CALL);
	char fault[FAL_MODEL_WHY_BYTES_MAX + CONF_VALUE_BYTES_MAX];
	struct fal_model model;
	int64_t max;

	if (!*conf_text(conf, FAL_KEY))
		return true;
	if (!*image)
		snprintf(why, why_bytes, "FAL_IMAGE is empty: there is no face that could speak");
	else if (strncmp(image, "https://", 8) != 0 && access(image, R_OK) != 0)
		snprintf(why, why_bytes, "FAL_IMAGE: %s: %s", image, strerror(errno));
	else if (!fal_dollars_read(slice_of(dollars), &max))
		snprintf(why, why_bytes, "FAL_MAX_DOLLARS_CALL: %s is no number of dollars, like 1.50", dollars);
	else if (!fal_models_load(conf_text(conf, FAL_MODELS), conf_text(conf, FAL_MODEL), &model, fault, sizeof fault))
		snprintf(why, why_bytes, "FAL_MODELS: %s", fault);
	else
		return true;
	return false;
}
