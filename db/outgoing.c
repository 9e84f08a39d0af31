#include "db/outgoing.h"

#include "base/check.h"
#include "db/query.h"

#include <string.h>

static const char *const machine_words[] = {
	[MACHINE_TALK] = "talk",
	[MACHINE_HANG_UP] = "hang-up",
	[MACHINE_MESSAGE] = "message",
};

const char *outgoing_machine_word(enum outgoing_machine machine)
{
	return machine_words[machine];
}

bool outgoing_machine_parse(struct slice word, enum outgoing_machine *out_machine)
{
	for (size_t i = 0; i < ARRAY_COUNT(machine_words); i++) {
		if (!slice_equal(word, slice_of(machine_words[i])))
			continue;
		*out_machine = (enum outgoing_machine)i;
		return true;
	}
	return false;
}

enum db_result db_outgoing_put(struct db *db, const struct outgoing *outgoing, int64_t now_ms)
{
	struct query q = query_open(db, STATEMENT_OUTGOING_PUT);

	query_text(&q, slice_of(outgoing->id));
	query_int(&q, outgoing->merchant_id);
	query_text(&q, slice_of(outgoing->number));
	query_text(&q, slice_of(outgoing->opening));
	query_text(&q, slice_of(machine_words[outgoing->machine]));
	query_int(&q, now_ms);
	return query_change(&q);
}

enum db_result db_outgoing_placed(struct db *db, const char *id, struct slice call_sid, struct slice error)
{
	struct query q = query_open(db, STATEMENT_OUTGOING_PLACED);

	query_text(&q, call_sid);
	query_text(&q, error);
	query_text(&q, slice_of(id));
	return query_change(&q);
}

enum db_result db_outgoing_answered(struct db *db, const char *id, struct slice call_sid, struct slice answered_by)
{
	struct query q = query_open(db, STATEMENT_OUTGOING_ANSWERED);

	query_text(&q, call_sid);
	query_text(&q, answered_by);
	query_text(&q, slice_of(id));
	return query_change(&q);
}

enum db_result db_outgoing_by_id(struct db *db, struct slice id, struct outgoing *out)
{
	struct query q = query_open(db, STATEMENT_OUTGOING_BY_ID);
	struct outgoing o = { .id = "" };

	query_text(&q, id);
	enum db_result result = query_row(&q);

	if (result == DB_OK) {
		check(slice_copy(id, o.id, sizeof o.id));
		o.merchant_id = query_int_column(&q);
		query_text_column(&q, o.number, sizeof o.number);
		query_text_column(&q, o.opening, sizeof o.opening);
		o.machine = (enum outgoing_machine)query_word_column(&q, machine_words, ARRAY_COUNT(machine_words));
	}
	result = query_close(&q, result);
	if (result == DB_OK)
		*out = o;
	return result;
}
