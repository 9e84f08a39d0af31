/*
 * A job's way: put, claimed, renewed, finished. Every write names the fence of the claim; when it hits no row the
 * lease was lost. A job whose lease ended is ready again, however often that was: whoever claims it sees that its
 * attempts are used up and gives it up, so giving up has one place.
 */
#include "db/jobs.h"

#include "base/check.h"
#include "db/job_words.h"
#include "db/spooled.h"

#include <stdio.h>

static const struct {
	const char *word;
	int attempts_max;
} kinds[JOB_KIND_COUNT] = {
#define JOB_ROW(name, word, attempts_max) [JOB_##name] = { word, attempts_max },
	JOB_KINDS(JOB_ROW)
#undef JOB_ROW
};

static const char *const state_words[] = {
	[JOB_READY] = "ready",
	[JOB_RUNNING] = "running",
	[JOB_WAITING] = "waiting",
	[JOB_DONE] = "done",
	[JOB_DEAD] = "dead",
	[JOB_CANCELLED] = "cancelled",
};

static const char *const ext_words[] = {
	[JOB_EXT_NONE] = "",
	[JOB_EXT_INTENT] = "intent",
	[JOB_EXT_SUBMITTED] = "submitted",
	[JOB_EXT_UNKNOWN] = "unknown",
};

const char *job_kind_word(enum job_kind kind)
{
	check(kind < JOB_KIND_COUNT);
	return kinds[kind].word;
}

bool job_kind_parse(struct slice word, enum job_kind *out_kind)
{
	for (unsigned i = 0; i < JOB_KIND_COUNT; i++) {
		if (!slice_equal(word, slice_of(kinds[i].word)))
			continue;
		*out_kind = (enum job_kind)i;
		return true;
	}
	return false;
}

const char *job_state_word(enum job_state state)
{
	check(state < ARRAY_COUNT(state_words));
	return state_words[state];
}

int job_attempts_max(enum job_kind kind)
{
	check(kind < JOB_KIND_COUNT);
	return kinds[kind].attempts_max;
}

const char *job_kinds_text(unsigned mask, char out[JOB_KINDS_TEXT_BYTES])
{
	size_t len = (size_t)snprintf(out, JOB_KINDS_TEXT_BYTES, " ");

	for (unsigned i = 0; i < JOB_KIND_COUNT; i++)
		if (mask & 1u << i)
			len += (size_t)snprintf(out + len, JOB_KINDS_TEXT_BYTES - len, "%s ", kinds[i].word);
	check(len < JOB_KINDS_TEXT_BYTES);
	return out;
}

enum job_kind job_kind_column(struct query *q)
{
	const char *words[JOB_KIND_COUNT];

	for (unsigned i = 0; i < JOB_KIND_COUNT; i++)
		words[i] = kinds[i].word;
	return (enum job_kind)query_word_column(q, words, JOB_KIND_COUNT);
}

enum job_state job_state_column(struct query *q)
{
	return (enum job_state)query_word_column(q, state_words, ARRAY_COUNT(state_words));
}

static enum db_result put(struct db *db, enum statement statement, struct slice call_sid, enum job_kind kind,
	int64_t now_ms)
{
	struct query q = query_open(db, statement);

	query_text(&q, call_sid);
	query_text(&q, slice_of(job_kind_word(kind)));
	query_int(&q, job_attempts_max(kind));
	query_int(&q, now_ms);
	return query_run(&q);
}

enum db_result db_job_put(struct db *db, struct slice call_sid, enum job_kind kind, int64_t now_ms)
{
	return put(db, STATEMENT_JOB_PUT, call_sid, kind, now_ms);
}

static void read_job(struct query *q, struct job *j)
{
	j->id = query_int_column(q);
	query_text_column(q, j->call_sid, sizeof j->call_sid);
	j->kind = job_kind_column(q);
	j->fence = query_int_column(q);
	j->attempt = (int)query_int_column(q);
	j->attempts_max = (int)query_int_column(q);
	j->created_ms = query_int_column(q);
	j->ext.state = (enum job_ext_state)query_word_column(q, ext_words, ARRAY_COUNT(ext_words));
	query_text_column(q, j->ext.id, sizeof j->ext.id);
	query_text_column(q, j->ext.urls, sizeof j->ext.urls);
	query_text_column(q, j->ext.nonce, sizeof j->ext.nonce);
	j->cost_micro_dollars = query_int_column(q);
}

static void bind_claim(struct query *q, const struct job_claim *claim, const char *kinds_text)
{
	query_int(q, claim->now_ms);
	query_text(q, slice_of(kinds_text));
	query_text(q, claim->call_sid);
}

static enum db_result is_due(struct db *db, const struct job_claim *claim, const char *kinds_text)
{
	struct query q = query_open(db, STATEMENT_JOB_DUE);

	bind_claim(&q, claim, kinds_text);
	enum db_result result = query_row(&q);

	if (result == DB_OK && query_int_column(&q) == 0)
		result = DB_NONE;
	return query_close(&q, result);
}

static enum db_result at(struct db *db, enum statement statement, int64_t now_ms)
{
	struct query q = query_open(db, statement);

	query_int(&q, now_ms);
	return query_run(&q);
}

static enum db_result take(struct db *db, const struct job_claim *claim, const char *kinds_text, struct job *out_job)
{
	struct query q = query_open(db, STATEMENT_JOB_CLAIM);

	bind_claim(&q, claim, kinds_text);
	query_text(&q, slice_of(claim->owner));
	query_int(&q, claim->now_ms + JOB_LEASE_MS);
	enum db_result result = query_row(&q);

	if (result == DB_OK)
		read_job(&q, out_job);
	return query_close(&q, result);
}

enum db_result db_job_claim(struct db *db, const struct job_claim *claim, struct job *out_job)
{
	char text[JOB_KINDS_TEXT_BYTES];
	struct job job;
	enum db_result result = is_due(db, claim, job_kinds_text(claim->kinds, text));

	if (result == DB_OK)
		result = db_batch_begin(db);
	if (result != DB_OK)
		return result;
	result = at(db, STATEMENT_JOB_EXPIRED_NOTE, claim->now_ms);
	if (result == DB_OK)
		result = at(db, STATEMENT_JOB_EXPIRED, claim->now_ms);
	if (result == DB_OK)
		result = take(db, claim, text, &job);
	if (result != DB_OK && result != DB_NONE)
		return db_batch_drop(db, result);
	const enum db_result ended = db_batch_end(db);

	if (ended == DB_OK && result == DB_OK)
		*out_job = job;
	return ended == DB_OK ? result : ended;
}

static void bind_fence(struct query *q, const struct job *job)
{
	query_int(q, job->id);
	query_int(q, job->fence);
}

enum db_result db_job_renew(struct db *db, const struct job *job, int64_t now_ms)
{
	struct query q = query_open(db, STATEMENT_JOB_RENEW);

	query_int(&q, now_ms + JOB_LEASE_MS);
	bind_fence(&q, job);
	return query_change(&q);
}

static enum db_result ext_put(struct db *db, const struct job *job, const struct job_ext *ext, int64_t cost)
{
	struct query q = query_open(db, STATEMENT_JOB_EXT_PUT);

	query_text(&q, slice_of(ext_words[ext->state]));
	query_text(&q, slice_of(ext->id));
	query_text(&q, slice_of(ext->urls));
	query_text(&q, slice_of(ext->nonce));
	query_int(&q, cost);
	bind_fence(&q, job);
	return query_change(&q);
}

static enum db_result sum_up_cost(struct db *db, const char *call_sid)
{
	struct query q = query_open(db, STATEMENT_CALL_MEDIA_COST);

	query_text(&q, slice_of(call_sid));
	return query_change(&q);
}

enum db_result db_job_ext_put(struct db *db, struct job *job, const struct job_ext *ext, int64_t cost_micro_dollars)
{
	enum db_result result = db_batch_begin(db);

	if (result != DB_OK)
		return result;
	result = ext_put(db, job, ext, cost_micro_dollars);
	if (result == DB_OK)
		result = sum_up_cost(db, job->call_sid);
	if (result != DB_OK)
		return db_batch_drop(db, result);
	result = db_batch_end(db);
	if (result == DB_OK) {
		if (ext != &job->ext)
			job->ext = *ext;
		job->cost_micro_dollars = cost_micro_dollars;
	}
	return result;
}

static enum db_result finish_job(struct db *db, const struct job *job, const struct job_finish *f)
{
	struct query q = query_open(db, STATEMENT_JOB_FINISH);

	query_text(&q, slice_of(job_state_word(f->state)));
	query_int(&q, f->run_ms);
	query_int(&q, f->is_attempt_kept);
	query_text(&q, slice_of(f->error));
	query_int(&q, f->now_ms);
	bind_fence(&q, job);
	return query_change(&q);
}

static enum db_result keep_error(struct db *db, const struct job *job, const struct job_finish *f)
{
	if (!f->error[0] || !f->is_attempt_kept)
		return DB_OK;
	struct query q = query_open(db, STATEMENT_JOB_ERROR_PUT);

	query_int(&q, job->id);
	query_int(&q, job->attempt);
	query_int(&q, f->now_ms);
	query_text(&q, slice_of(f->error));
	const enum db_result result = query_run(&q);

	if (result != DB_OK)
		return result;
	q = query_open(db, STATEMENT_JOB_ERROR_TRIM);
	query_int(&q, job->id);
	query_int(&q, JOB_ERRORS_MAX);
	return query_run(&q);
}

static enum db_result make_next(struct db *db, const struct job *job, const struct job_finish *f)
{
	enum db_result result = DB_OK;

	for (unsigned i = 0; i < JOB_KIND_COUNT && result == DB_OK; i++)
		if (f->next_kinds & 1u << i)
			result = put(db, STATEMENT_JOB_NEXT, slice_of(job->call_sid), (enum job_kind)i, f->now_ms);
	return result;
}

static enum db_result tell_call(struct db *db, const struct job *job, const struct call_media *media)
{
	return media ? db_call_media(db, slice_of(job->call_sid), media) : DB_OK;
}

/* What works again is no longer parked. */
static enum db_result unpark(struct db *db, const char *kind_word)
{
	struct query q = query_open(db, STATEMENT_KIND_UNPARK);

	query_text(&q, slice_of(kind_word));
	return query_run(&q);
}

enum db_result db_job_finish(struct db *db, const struct job *job, const struct job_finish *finish)
{
	enum db_result result = db_batch_begin(db);

	if (result != DB_OK)
		return result;
	result = finish_job(db, job, finish);
	if (result == DB_OK)
		result = keep_error(db, job, finish);
	if (result == DB_OK)
		result = make_next(db, job, finish);
	if (result == DB_OK)
		result = tell_call(db, job, finish->media);
	if (result == DB_OK && finish->state == JOB_DONE)
		result = unpark(db, job_kind_word(job->kind));
	return result == DB_OK ? db_batch_end(db) : db_batch_drop(db, result);
}

static enum db_result is_parked_for(struct db *db, enum job_kind kind, const char *error, bool *out_is_known)
{
	struct query q = query_open(db, STATEMENT_KIND_PARKED);

	query_text(&q, slice_of(job_kind_word(kind)));
	enum db_result result = query_row(&q);

	*out_is_known = result == DB_OK && slice_equal(query_slice_column(&q), slice_of(error));
	result = query_close(&q, result);
	return result == DB_NONE ? DB_OK : result;
}

enum db_result db_kind_park(struct db *db, enum job_kind kind, const char *error, int64_t now_ms, int64_t until_ms,
	bool *out_is_news)
{
	bool is_known = false;
	enum db_result result = is_parked_for(db, kind, error, &is_known);

	if (result != DB_OK)
		return result;
	struct query q = query_open(db, STATEMENT_KIND_PARK);

	query_text(&q, slice_of(job_kind_word(kind)));
	query_text(&q, slice_of(error));
	query_int(&q, now_ms);
	query_int(&q, until_ms);
	result = query_run(&q);
	if (result == DB_OK)
		*out_is_news = !is_known;
	return result;
}

enum db_result db_kinds_unpark(struct db *db)
{
	return unpark(db, "");
}
