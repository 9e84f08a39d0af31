#include "db/fal.h"

#include "db/query.h"

enum db_result db_fal_keys_put(struct db *db, struct slice key_set, int64_t now_ms)
{
	struct query q = query_open(db, STATEMENT_FAL_KEYS_PUT);

	query_text(&q, key_set);
	query_int(&q, now_ms);
	return query_run(&q);
}

enum db_result db_fal_keys(struct db *db, struct fal_key_set *out)
{
	struct query q = query_open(db, STATEMENT_FAL_KEYS);
	enum db_result result = query_row(&q);

	if (result == DB_OK) {
		query_text_column(&q, out->text, sizeof out->text);
		out->fetched_ms = query_int_column(&q);
	}
	return query_close(&q, result);
}

enum db_result db_fal_tell(struct db *db, int64_t job_id, struct slice nonce, const struct fal_outcome *outcome,
	int64_t now_ms)
{
	struct query q = query_open(db, STATEMENT_FAL_TELL);

	query_text(&q, slice_of(outcome->request_id));
	query_int(&q, outcome->failed);
	query_text(&q, slice_of(outcome->error.sentence));
	query_text(&q, slice_of(outcome->video_url));
	query_int(&q, now_ms);
	query_int(&q, job_id);
	query_text(&q, nonce);
	return query_change(&q);
}

enum db_result db_fal_told(struct db *db, const struct job *job, struct fal_outcome *out)
{
	struct query q = query_open(db, STATEMENT_FAL_TOLD);
	struct fal_outcome told = { 0 };

	query_int(&q, job->id);
	query_text(&q, slice_of(job->ext.nonce));
	enum db_result result = query_row(&q);

	if (result == DB_OK) {
		query_text_column(&q, told.request_id, sizeof told.request_id);
		told.failed = query_int_column(&q) != 0;
		query_text_column(&q, told.error.sentence, sizeof told.error.sentence);
		query_text_column(&q, told.video_url, sizeof told.video_url);
	}
	result = query_close(&q, result);
	if (result == DB_OK)
		*out = told;
	return result;
}
