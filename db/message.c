#include "db/query.h"

enum db_result db_message_put(struct db *db, const struct message *message)
{
	static const char *const kinds[] = {
		[MESSAGE_SPOKEN] = "spoken",
		[MESSAGE_VOICEMAIL] = "voicemail",
	};
	struct query q = query_open(db, STATEMENT_MESSAGE_PUT);

	query_text(&q, slice_of(kinds[message->kind]));
	query_text(&q, message->source_id);
	query_text(&q, message->caller_name);
	query_text(&q, message->callback_number);
	query_text(&q, message->text);
	query_int(&q, message->urgent);
	query_text(&q, message->recording_url);
	query_int(&q, message->recording_ms);
	query_int(&q, message->now_ms);
	query_text(&q, message->call_sid);
	return query_change(&q);
}

enum db_result db_tool_call_put(struct db *db, const struct tool_call *tool_call)
{
	struct query q = query_open(db, STATEMENT_TOOL_CALL_PUT);

	query_text(&q, tool_call->call_sid);
	query_text(&q, tool_call->tool_call_id);
	query_text(&q, tool_call->name);
	query_text(&q, tool_call->status);
	query_int(&q, tool_call->started_ms);
	query_int(&q, tool_call->took_ms);
	return query_run(&q);
}
