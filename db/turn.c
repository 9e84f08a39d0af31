#include "db/query.h"

enum db_result db_turn_put(struct db *db, const struct turn *turn)
{
	static const char *const roles[] = {
		[TURN_CALLER] = "caller",
		[TURN_RECEPTIONIST] = "receptionist",
	};
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
