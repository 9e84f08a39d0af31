#include "db/summary.h"

#include "db/query.h"

enum db_result db_turns_bytes(struct db *db, struct slice call_sid, int64_t *out_bytes)
{
	struct query q = query_open(db, STATEMENT_TURNS_BYTES);

	query_text(&q, call_sid);
	enum db_result result = query_row(&q);

	if (result == DB_OK)
		*out_bytes = query_int_column(&q);
	return query_close(&q, result);
}

enum db_result db_summary_put(struct db *db, const struct summary_row *row)
{
	struct query q = query_open(db, STATEMENT_SUMMARY_PUT);

	query_text(&q, row->call_sid);
	query_text(&q, row->text);
	query_text(&q, row->intent);
	query_text(&q, row->caller_name);
	query_int(&q, row->callback_needed);
	query_text(&q, row->items_json);
	query_text(&q, row->model);
	query_int(&q, row->micro_dollars);
	query_int(&q, row->now_ms);
	return query_run(&q);
}

enum db_result db_summary_by_sid(struct db *db, struct slice call_sid, struct summary_kept *out)
{
	struct query q = query_open(db, STATEMENT_SUMMARY_BY_SID);

	query_text(&q, call_sid);
	enum db_result result = query_row(&q);

	if (result == DB_OK) {
		query_text_column(&q, out->text, sizeof out->text);
		query_text_column(&q, out->intent, sizeof out->intent);
		query_text_column(&q, out->caller_name, sizeof out->caller_name);
		out->callback_needed = query_int_column(&q);
		query_text_column(&q, out->items_json, sizeof out->items_json);
	}
	return query_close(&q, result);
}
