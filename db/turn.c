#include "db/query.h"

#include "base/check.h"

static const char *const roles[] = {
	[TURN_CALLER] = "caller",
	[TURN_RECEPTIONIST] = "receptionist",
};

enum db_result db_turn_put(struct db *db, const struct turn *turn)
{
	struct query q = query_open(db, STATEMENT_TURN_PUT);

	query_text(&q, turn->call_sid);
	query_int(&q, turn->position);
	query_text(&q, slice_of(roles[turn->role]));
	query_text(&q, turn->text);
	query_int(&q, turn->start_ms);
	query_int(&q, turn->end_ms);
	query_int(&q, turn->final);
	query_int(&q, turn->cut);
	query_text(&q, turn->language);
	return query_run(&q);
}

enum db_result db_turn_after(struct db *db, struct slice call_sid, int32_t position, struct turn_memory *out_memory,
	struct turn *out_turn)
{
	struct query q = query_open(db, STATEMENT_TURN_AFTER);
	struct turn turn = { .call_sid = call_sid };
	enum db_result result;

	query_text(&q, call_sid);
	query_int(&q, position);
	result = query_row(&q);
	if (result == DB_OK) {
		turn.position = (int32_t)query_int_column(&q);
		turn.role = (enum turn_role)query_word_column(&q, roles, ARRAY_COUNT(roles));
		query_text_column(&q, out_memory->text, sizeof out_memory->text);
		turn.start_ms = query_int_column(&q);
		turn.end_ms = query_int_column(&q);
		turn.final = query_int_column(&q);
		turn.cut = query_int_column(&q);
		query_text_column(&q, out_memory->language, sizeof out_memory->language);
	}
	result = query_close(&q, result);
	if (result != DB_OK)
		return result;
	turn.text = slice_of(out_memory->text);
	turn.language = slice_of(out_memory->language);
	*out_turn = turn;
	return DB_OK;
}
