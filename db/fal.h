/*
 * fal - what worker and webhook tell each other about videos that fal.ai makes: the keys that sign its webhooks, which
 * the worker fetches, and what those webhooks tell, which the worker reads.
 *
 * Place:    db; beside jobs.
 * Usage:    webhook: db_fal_keys(db, &keys); … genuine … db_fal_tell(db, job_id, nonce, &outcome, now_ms)
 *           worker:  db_fal_told(db, &job, &outcome)
 * Nonce:    stands in the URL that fal.ai calls back and is made anew for each order: who knows it was told by us or
 *           by fal.ai, and speaks of that order.
 * Race:     fal.ai may call back before the worker has written down that its order was taken: what was told waits here.
 */
#pragma once

#include "db/db.h"
#include "db/jobs.h"
#include "proto/fal.h"

enum { FAL_KEY_SET_BYTES_MAX = 16 * 1024 };

/* A JSON Web Key Set as it came, in the place of the last one. */
struct fal_key_set {
	char text[FAL_KEY_SET_BYTES_MAX + 1];
	int64_t fetched_ms;
};

enum db_result db_fal_keys_put(struct db *db, struct slice key_set, int64_t now_ms);
/* DB_NONE: none was fetched yet. */
enum db_result db_fal_keys(struct db *db, struct fal_key_set *out);
/* Told twice is told once. DB_NONE: no job has that id and nonce, or it is known under another request id. */
enum db_result db_fal_tell(struct db *db, int64_t job_id, struct slice nonce, const struct fal_outcome *outcome,
	int64_t now_ms);
/* Of the job's present nonce; the error's sentence alone is kept of it. DB_NONE: nothing yet. */
enum db_result db_fal_told(struct db *db, const struct job *job, struct fal_outcome *out);
