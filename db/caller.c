/* What is known of those who call: by people, and from the last time. */
#include "db/query.h"

enum db_result db_merchant_caller(struct db *db, int64_t merchant_id, struct slice call_sid, struct slice number,
	int64_t now_ms, struct merchant_caller *out_caller)
{
	struct query q = query_open(db, STATEMENT_MERCHANT_CALLER);
	struct merchant_caller caller;

	query_int(&q, merchant_id);
	query_text(&q, call_sid);
	query_text(&q, number);
	query_int(&q, now_ms);
	enum db_result result = query_row(&q);

	if (result == DB_OK) {
		caller.was_called = query_int_column(&q) != 0;
		query_text_column(&q, caller.name, sizeof(caller.name));
		query_text_column(&q, caller.note, sizeof(caller.note));
		query_text_column(&q, caller.memory, sizeof(caller.memory));
		caller.memory_ms = query_int_column(&q);
		caller.memory_calls = query_int_column(&q);
	}
	result = query_close(&q, result);
	if (result == DB_OK)
		*out_caller = caller;
	return result;
}

enum db_result db_caller_remember(struct db *db, struct slice call_sid, struct slice text, bool is_summary)
{
	struct query q = query_open(db, STATEMENT_CALLER_REMEMBER);

	query_text(&q, text);
	query_text(&q, call_sid);
	query_int(&q, is_summary);
	return query_run(&q);
}

enum db_result db_turns_last(struct db *db, struct slice call_sid, int64_t turn_bytes_max, int64_t bytes_max,
	int32_t *out_position)
{
	struct query q = query_open(db, STATEMENT_TURN_BACK_FROM);
	int32_t position = -1;

	query_text(&q, call_sid);
	query_int(&q, turn_bytes_max);
	query_int(&q, bytes_max);
	enum db_result result = query_row(&q);

	if (result == DB_OK)
		position = (int32_t)query_int_column(&q);
	result = query_close(&q, result);
	if (result == DB_OK)
		*out_position = position;
	return result;
}
