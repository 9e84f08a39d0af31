/*
 * fal_desk - the requests that a video at fal.ai takes, and what each of them may have come to.
 *
 * Place:    media; above http and proto/fal, below video_fal. Decides nothing, writes nothing down.
 * Usage:    struct fal_desk desk;
 *           if (!fal_desk_open(&desk, s)) …
 *           switch (fal_submit(&desk, &model, input, hook_url, &order)) { … }
 *           fal_desk_close(&desk);
 * Fails:    FAL_LATER and FAL_NO leave a sentence in desk.why, without URLs, keys or payload.
 * Waits:    within http's deadlines; all but the submit stop when step_alive() says so. A submit is never stopped half
 *           way: SUBMIT_MS bounds it, far within a lease.
 */
#pragma once

#include "media/fal/fal_models.h"
#include "media/http.h"
#include "media/step.h"
#include "proto/fal.h"

enum fal_said {
	FAL_YES,
	FAL_LATER,                      /* nothing has happened; it may be asked again, after retry_after_ms if not 0 */
	FAL_NO,                         /* refused: desk.error */
	FAL_NO_TELLING,                 /* it went out, and what came of it is not known */
	FAL_STOPPED,
};

struct fal_desk {
	struct step *step;
	struct http_client *http;
	struct http_answer answer;
	struct fal_error error;
	int64_t retry_after_ms;
	char why[JOB_WHY_BYTES_MAX + 1];
	char key_header[1100];
};

bool fal_desk_open(struct fal_desk *desk, struct step *s);
void fal_desk_close(struct fal_desk *desk);

/* Costs money if it is FAL_YES or FAL_NO_TELLING. hook_url "": none. */
enum fal_said fal_submit(struct fal_desk *desk, const struct fal_model *model, struct slice input,
	const char *hook_url, struct fal_order *out);
/* FAL_NO: there is no such order (any more). */
enum fal_said fal_look(struct fal_desk *desk, const char *status_url, struct fal_status *out);
enum fal_said fal_result(struct fal_desk *desk, const char *response_url, char out_url[FAL_URL_BYTES_MAX + 1]);
/* Without the key. */
enum fal_said fal_fetch(struct fal_desk *desk, const char *video_url, const char *path, uint64_t bytes_max);
enum fal_said fal_cancel(struct fal_desk *desk, const char *cancel_url);
/* Has fal.ai delete what it keeps of the order. */
enum fal_said fal_forget(struct fal_desk *desk, const char *request_id);
/* Puts a file into fal.ai's storage, for a day. */
enum fal_said fal_store(struct fal_desk *desk, const char *path, const char *name, const char *type,
	char out_url[FAL_URL_BYTES_MAX + 1]);
/* The key set of its webhooks, in desk->answer.body; checked to hold a key. */
enum fal_said fal_key_set(struct fal_desk *desk);
