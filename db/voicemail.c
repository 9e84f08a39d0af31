#include "db/voicemail.h"

#include "db/query.h"

enum db_result db_voicemail_next(struct db *db, struct slice call_sid, int64_t after_id, struct voicemail *out)
{
	struct query q = query_open(db, STATEMENT_VOICEMAIL_NEXT);
	struct voicemail v;

	query_text(&q, call_sid);
	query_int(&q, after_id);
	enum db_result result = query_row(&q);

	if (result == DB_OK) {
		v.id = query_int_column(&q);
		v.created_ms = query_int_column(&q);
		query_text_column(&q, v.recording_sid, sizeof v.recording_sid);
		query_text_column(&q, v.twilio_url, sizeof v.twilio_url);
		v.is_kept = query_int_column(&q) != 0;
	}
	result = query_close(&q, result);
	if (result == DB_OK)
		*out = v;
	return result;
}

enum db_result db_voicemail_kept(struct db *db, int64_t id, struct slice url, int64_t recording_ms)
{
	struct query q = query_open(db, STATEMENT_VOICEMAIL_KEPT);

	query_text(&q, url);
	query_int(&q, recording_ms);
	query_int(&q, id);
	return query_change(&q);
}

enum db_result db_voicemail_fetched(struct db *db, int64_t id, int64_t now_ms)
{
	struct query q = query_open(db, STATEMENT_VOICEMAIL_FETCHED);

	query_int(&q, now_ms);
	query_int(&q, id);
	return query_change(&q);
}
