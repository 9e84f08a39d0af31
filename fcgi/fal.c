/*
 * fal.ai tells what became of an order. It is believed when the path holds the order's nonce, which nobody else was
 * told, and the signature is of one of the keys that the worker fetched: nothing is asked of anybody here, and
 * fal.ai, which is refused while they are missing or old, tells it again. What it tells is kept for the worker.
 */
#include "fcgi/handlers.h"

#include "base/clock.h"
#include "base/log.h"
#include "db/fal.h"
#include "fcgi/webhook.h"
#include "proto/fal.h"

#include <stdlib.h>

enum {
	ID_DIGITS_MAX = 18,
	REFUSALS_BURST = 5,
	KEYS_OLD_MS = 36 * 3600 * 1000, /* the worker fetches them anew before an order, which may wait for a day */
};

static void refuse(struct webhook *w, struct answer *a, int status, const char *why)
{
	uint32_t left_out;

	answer_refuse(a, status);
	if (log_limit_pass(&w->refusals, clock_mono_ms(), REFUSALS_BURST, &left_out))
		log_warn("fal refused status=%d why=\"%s\" left_out=%u", status, why, left_out);
}

/* /api/fal/JOB/NONCE */
static bool split(struct slice path, int64_t *out_job_id, struct slice *out_nonce)
{
	static const char start[] = "/api/fal/";
	struct slice rest = { path.data + sizeof start - 1, path.len - (sizeof start - 1) };
	const char *slash = memchr(rest.data, '/', rest.len);
	char digits[ID_DIGITS_MAX + 1];

	if (!slash || !slice_copy((struct slice){ rest.data, (size_t)(slash - rest.data) }, digits, sizeof digits))
		return false;
	*out_job_id = strtoll(digits, NULL, 10);
	*out_nonce = (struct slice){ slash + 1, rest.len - strlen(digits) - 1 };
	return *digits && digits[strspn(digits, "0123456789")] == '\0' && out_nonce->len > 0 &&
		out_nonce->len <= JOB_NONCE_BYTES_MAX;
}

static bool read_keys(struct webhook *w, struct fal_keys *out)
{
	struct fal_key_set *set = malloc(sizeof *set);
	const char *why;
	bool ok = set && db_fal_keys(w->db, set) == DB_OK && set->fetched_ms > clock_wall_ms() - KEYS_OLD_MS &&
		fal_read_keys(slice_of(set->text), out, &why);

	free(set);
	return ok;
}

/* NULL, or why not. */
static const char *fault_of(struct webhook *w, const struct request *r, struct fal_outcome *out)
{
	const char *wanted = conf_text(w->conf, FAL_USER_ID), *why = "";
	const struct fal_hook hook = {
		.request_id = request_variable(r, "HTTP_X_FAL_WEBHOOK_REQUEST_ID"),
		.user_id = request_variable(r, "HTTP_X_FAL_WEBHOOK_USER_ID"),
		.timestamp = request_variable(r, "HTTP_X_FAL_WEBHOOK_TIMESTAMP"),
		.signature = request_variable(r, "HTTP_X_FAL_WEBHOOK_SIGNATURE"),
		.body = r->body,
	};
	struct fal_keys keys;

	if (!read_keys(w, &keys))
		return "the worker has fetched no keys lately";
	enum fal_hook_result result = fal_hook_verify(&hook, &keys, clock_wall_ms() / 1000);

	if (result != FAL_HOOK_GENUINE)
		return fal_hook_sentence(result);
	if (*wanted && !slice_equal(hook.user_id, slice_of(wanted)))
		return "it is for another user of fal.ai";
	if (!fal_read_outcome(r->body, out, &why))
		return why;
	return slice_equal(hook.request_id, slice_of(out->request_id)) ? NULL : "header and body name two requests";
}

static void keep(struct webhook *w, struct answer *a, int64_t job_id, struct slice nonce,
	const struct fal_outcome *outcome)
{
	const int64_t now_ms = clock_wall_ms();
	const enum db_result result = db_fal_tell(w->db, job_id, nonce, outcome, now_ms);

	if (result == DB_NONE)
		return refuse(w, a, 404, "there is no such order");
	if (result != DB_OK) {
		webhook_db_fault(w, "fal", result);
		return refuse(w, a, 503, "the database cannot be written");
	}
	/* A worker that has the job in hand looks by itself. */
	const enum db_result told = db_job_told(w->db, job_id, nonce, slice_of(outcome->request_id), now_ms);

	if (told != DB_OK && told != DB_NONE)
		webhook_db_fault(w, "fal", told);
	log_info("fal told job=%lld request=%s failed=%d", (long long)job_id,
		log_text(outcome->request_id, strlen(outcome->request_id)).text, outcome->failed);
}

void handle_fal(struct webhook *w, const struct request *r, struct answer *a)
{
	struct fal_outcome outcome;
	struct slice nonce;
	int64_t job_id;

	if (!split(r->path, &job_id, &nonce))
		return refuse(w, a, 404, "the path names no order");
	if (!webhook_db(w))
		return refuse(w, a, 503, "there is no database");
	const char *fault = fault_of(w, r, &outcome);

	if (fault)
		return refuse(w, a, 403, fault);
	keep(w, a, job_id, nonce, &outcome);
}
