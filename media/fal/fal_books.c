#include "media/fal/fal_books.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "db/fal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	NONCE_BYTES = 16,
	LOOKS_APART_MAX = 6,            /* times FAL_POLL_MS */
	PUTS_MAX = 5,                   /* while others keep the database: what was paid for must not be forgotten */
};

enum step_result fal_not_made(struct step *s, const char *why)
{
	if (*why)
		log_warn("video is not made by fal call=%s why=%s", s->job.call_sid, log_text(why, strlen(why)).text);
	return step_fail(s, STEP_NOTHING, "%s", why);
}

enum step_result fal_lost_lease(struct step *s)
{
	return step_fail(s, STEP_STOPPED, "the lease was lost, or the database cannot be written");
}

/* --- what is written down --- */

static bool put(struct step *s, const struct job_ext *ext, int64_t cost_micro_dollars)
{
	enum db_result result = DB_BUSY;

	for (int i = 0; i < PUTS_MAX && result == DB_BUSY; i++)
		result = db_job_ext_put(s->db, &s->job, ext, cost_micro_dollars);
	return result == DB_OK;
}

bool fal_put(struct step *s, enum job_ext_state state, const char *id, const struct fal_note *note,
	int64_t cost_micro_dollars)
{
	struct job_ext ext = s->job.ext;

	ext.state = state;
	check(slice_copy(slice_of(id), ext.id, sizeof ext.id));
	fal_note_write(note, ext.urls, sizeof ext.urls);
	return put(s, &ext, cost_micro_dollars);
}

bool fal_put_nothing(struct step *s)
{
	const struct job_ext none = { .state = JOB_EXT_NONE };

	return put(s, &none, 0);
}

bool fal_put_intent(struct step *s, const struct fal_note *note, int64_t cost_micro_dollars)
{
	struct random random = { 0 };
	uint8_t bytes[NONCE_BYTES];

	random_fill(&random, bytes, sizeof bytes);
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(s->job.ext.nonce + 2 * i, 3, "%02x", bytes[i]);
	return fal_put(s, JOB_EXT_INTENT, "", note, cost_micro_dollars);
}

void fal_fetch_keys(struct step *s, struct fal_desk *desk, int64_t fresh_ms)
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

enum step_result fal_wait(struct step *s, const struct fal_note *note, const char *what)
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

bool fal_is_too_late(const struct step *s, const struct fal_note *note)
{
	return clock_wall_ms() >= note->since_ms + 1000 * conf_int(s->conf, FAL_WAIT_S);
}
