/* Jobs as a whole: whose processes are gone, what is given up, what is still to be done, what may be forgotten. */
#include "db/jobs.h"

#include "base/check.h"
#include "db/job_words.h"

enum db_result db_job_owners(struct db *db, void (*each)(void *context, const char *owner), void *context)
{
	struct query q = query_open(db, STATEMENT_JOB_OWNERS);
	enum db_result result = query_row(&q);
	char owner[JOB_OWNER_BYTES_MAX + 1];

	for (; result == DB_OK; result = query_next_row(&q)) {
		query_text_column(&q, owner, sizeof owner);
		if (q.result == DB_OK)
			each(context, owner);
	}
	return query_close(&q, result == DB_NONE ? DB_OK : result);
}

static enum db_result of_owner(struct db *db, enum statement statement, const char *owner, int64_t now_ms)
{
	struct query q = query_open(db, statement);

	query_int(&q, now_ms);
	query_text(&q, slice_of(owner));
	return query_run(&q);
}

enum db_result db_jobs_release(struct db *db, const char *owner, int64_t now_ms, int64_t *out_count)
{
	enum db_result result = db_batch_begin(db);
	int64_t count = 0;

	if (result != DB_OK)
		return result;
	result = of_owner(db, STATEMENT_JOB_OWNER_NOTE, owner, now_ms);
	if (result == DB_OK)
		result = of_owner(db, STATEMENT_JOB_OWNER_RELEASE, owner, now_ms);
	if (result != DB_OK)
		return db_batch_drop(db, result);
	count = sqlite3_changes(db->sqlite);
	result = db_batch_end(db);
	if (result == DB_OK)
		*out_count = count;
	return result;
}

enum db_result db_jobs_retry(struct db *db, struct slice call_sid, int64_t now_ms, int64_t *out_count)
{
	struct query q = query_open(db, STATEMENT_JOB_RETRY);

	query_int(&q, now_ms);
	query_text(&q, call_sid);
	const enum db_result result = query_run(&q);

	if (result == DB_OK)
		*out_count = sqlite3_changes(db->sqlite);
	return result;
}

enum db_result db_job_counts(struct db *db, unsigned kinds, struct slice call_sid, int64_t now_ms,
	struct job_counts *out_counts)
{
	char text[JOB_KINDS_TEXT_BYTES];
	struct query q = query_open(db, STATEMENT_JOB_COUNTS);
	struct job_counts c;

	query_int(&q, now_ms);
	query_text(&q, call_sid);
	query_text(&q, slice_of(job_kinds_text(kinds, text)));
	enum db_result result = query_row(&q);

	if (result == DB_OK) {
		c.due = query_int_column(&q);
		c.later = query_int_column(&q);
		c.running = query_int_column(&q);
		c.dead = query_int_column(&q);
		c.parked = query_int_column(&q);
		c.next_ms = query_int_column(&q);
	}
	result = query_close(&q, result);
	if (result == DB_OK)
		*out_counts = c;
	return result;
}

static void read_line(struct query *q, struct job_line *l)
{
	query_text_column(q, l->call_sid, sizeof l->call_sid);
	l->kind = job_kind_column(q);
	l->state = job_state_column(q);
	l->attempt = (int)query_int_column(q);
	l->attempts_max = (int)query_int_column(q);
	l->run_ms = query_int_column(q);
	query_text_column(q, l->error, sizeof l->error);
}

enum db_result db_job_list(struct db *db, struct slice call_sid,
	void (*each)(void *context, const struct job_line *line), void *context)
{
	struct query q = query_open(db, STATEMENT_JOB_LIST);

	query_text(&q, call_sid);
	enum db_result result = query_row(&q);

	for (; result == DB_OK; result = query_next_row(&q)) {
		struct job_line line;

		read_line(&q, &line);
		if (q.result == DB_OK)
			each(context, &line);
	}
	return query_close(&q, result == DB_NONE ? DB_OK : result);
}

enum db_result db_job_state(struct db *db, struct slice call_sid, enum job_kind kind, enum job_state *out_state)
{
	struct query q = query_open(db, STATEMENT_JOB_STATE);
	enum job_state state = JOB_READY;

	query_text(&q, call_sid);
	query_text(&q, slice_of(job_kind_word(kind)));
	enum db_result result = query_row(&q);

	if (result == DB_OK)
		state = job_state_column(&q);
	result = query_close(&q, result);
	if (result == DB_OK)
		*out_state = state;
	return result;
}

enum db_result db_jobs_prune(struct db *db, int64_t before_ms, int64_t *out_count)
{
	struct query q = query_open(db, STATEMENT_JOB_PRUNE);

	query_int(&q, before_ms);
	const enum db_result result = query_run(&q);

	if (result == DB_OK)
		*out_count = sqlite3_changes(db->sqlite);
	return result;
}

enum db_result db_job_told(struct db *db, int64_t job_id, struct slice nonce, struct slice ext_id, int64_t now_ms)
{
	if (!nonce.len)
		return db_fail(db, DB_NONE, "no such row");
	struct query q = query_open(db, STATEMENT_JOB_TOLD);

	query_int(&q, now_ms);
	query_text(&q, ext_id);
	query_int(&q, job_id);
	query_text(&q, nonce);
	return query_change(&q);
}
