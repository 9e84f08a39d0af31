/* Calls as their recordings show them: those that nobody ended, those that nobody wrote down, those to be forgotten. */
#include "db/spooled.h"

#include "base/check.h"
#include "db/query.h"

enum db_result db_call_abandoned(struct db *db, struct slice call_sid, int64_t ended_ms)
{
	struct query q = query_open(db, STATEMENT_CALL_ABANDONED);

	query_int(&q, ended_ms);
	query_text(&q, call_sid);
	return query_change(&q);
}

enum db_result db_calls_abandoned(struct db *db, int64_t now_ms, void (*each)(struct slice call_sid))
{
	struct query q = query_open(db, STATEMENT_CALLS_ABANDONED);

	query_int(&q, now_ms);
	enum db_result result = query_row(&q);

	for (; result == DB_OK; result = query_next_row(&q))
		each(query_slice_column(&q));
	result = query_close(&q, result);
	return result == DB_NONE ? DB_OK : result;
}

enum db_result db_call_live_next(struct db *db, int64_t before_ms, struct live_call *call)
{
	struct query q = query_open(db, STATEMENT_CALL_LIVE_AFTER);
	struct live_call next;

	query_int(&q, before_ms);
	query_int(&q, call->created_ms);
	query_text(&q, slice_of(call->call_sid));
	enum db_result result = query_row(&q);

	if (result == DB_OK) {
		query_text_column(&q, next.call_sid, sizeof next.call_sid);
		query_text_column(&q, next.stream_sid, sizeof next.stream_sid);
		next.created_ms = query_int_column(&q);
	}
	result = query_close(&q, result);
	if (result == DB_OK)
		*call = next;
	return result;
}

enum db_result db_call_gone(struct db *db, const struct live_call *call)
{
	struct query q = query_open(db, STATEMENT_CALL_GONE);

	query_text(&q, slice_of(call->call_sid));
	query_text(&q, slice_of(call->stream_sid));
	return query_change(&q);
}

enum db_result db_call_recover(struct db *db, const struct call_recover *recover)
{
	struct query q = query_open(db, STATEMENT_CALL_RECOVER);

	check(recover->end_reason != END_NONE);
	query_text(&q, recover->call_sid);
	query_int(&q, recover->merchant_id);
	query_text(&q, recover->caller_number);
	query_text(&q, recover->called_number);
	query_int(&q, recover->started_ms);
	query_int(&q, recover->ended_ms);
	query_text(&q, slice_of(end_reason_word(recover->end_reason)));
	query_text(&q, recover->stream_sid);
	return query_run(&q);
}

enum db_result db_call_media(struct db *db, struct slice call_sid, const struct call_media *media)
{
	struct query q = query_open(db, STATEMENT_CALL_MEDIA);

	query_text(&q, slice_of(media->recording_url));
	query_text(&q, slice_of(media->video_url));
	query_text(&q, slice_of(media->captions_url));
	query_int(&q, media->recording_ms);
	query_text(&q, slice_of(media->recording_stopped));
	query_text(&q, call_sid);
	return query_change(&q);
}

static void read_urls(struct query *q, struct forgotten_call *f)
{
	query_text_column(q, f->recording_url, sizeof f->recording_url);
	query_text_column(q, f->video_url, sizeof f->video_url);
	query_text_column(q, f->captions_url, sizeof f->captions_url);
	query_text_column(q, f->voicemail_urls, sizeof f->voicemail_urls);
}

enum db_result db_call_is_forgotten(struct db *db, struct slice call_sid)
{
	struct query q = query_open(db, STATEMENT_CALL_FORGOTTEN);

	query_text(&q, call_sid);
	return query_close(&q, query_row(&q));
}

enum db_result db_call_to_forget(struct db *db, struct slice after, struct forgotten_call *out_call)
{
	struct query q = query_open(db, STATEMENT_CALLS_FORGOTTEN);

	query_text(&q, after);
	enum db_result result = query_row(&q);
	struct forgotten_call f;

	if (result == DB_OK) {
		query_text_column(&q, f.call_sid, sizeof f.call_sid);
		read_urls(&q, &f);
	}
	result = query_close(&q, result);
	if (result == DB_OK)
		*out_call = f;
	return result;
}

enum db_result db_call_forgotten(struct db *db, struct slice call_sid)
{
	struct query q = query_open(db, STATEMENT_CALL_FORGOTTEN_DONE);

	query_text(&q, call_sid);
	return query_change(&q);
}

enum db_result db_call_forgotten_media(struct db *db, struct slice call_sid, const struct call_media *media)
{
	struct query q = query_open(db, STATEMENT_CALL_FORGOTTEN_ADD);

	query_text(&q, slice_of(media->recording_url));
	query_text(&q, slice_of(media->video_url));
	query_text(&q, slice_of(media->captions_url));
	query_text(&q, call_sid);
	return query_change(&q);
}

enum db_result db_forgotten_prune(struct db *db, int64_t before_ms)
{
	struct query q = query_open(db, STATEMENT_CALLS_FORGOTTEN_PRUNE);

	query_int(&q, before_ms);
	return query_run(&q);
}
