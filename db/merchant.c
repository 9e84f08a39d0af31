#include "db/query.h"

static enum db_result read_merchant(struct query *q, struct merchant *out_merchant)
{
	struct merchant m;
	enum db_result result = query_row(q);

	if (result == DB_OK) {
		m.id = query_int_column(q);
		m.active = query_int_column(q) != 0;
		m.recording = query_int_column(q) != 0;
		query_text_column(q, m.name, sizeof(m.name));
		query_text_column(q, m.phone_number, sizeof(m.phone_number));
		query_text_column(q, m.greeting, sizeof(m.greeting));
		query_text_column(q, m.disclosure, sizeof(m.disclosure));
		query_text_column(q, m.instructions, sizeof(m.instructions));
		query_text_column(q, m.voice, sizeof(m.voice));
		query_text_column(q, m.language, sizeof(m.language));
		query_text_column(q, m.time_zone, sizeof(m.time_zone));
		query_text_column(q, m.fallback_number, sizeof(m.fallback_number));
		query_text_column(q, m.transfer_number, sizeof(m.transfer_number));
	}
	result = query_close(q, result);
	if (result == DB_OK)
		*out_merchant = m;
	return result;
}

enum db_result db_merchant_by_number(struct db *db, struct slice phone_number, struct merchant *out_merchant)
{
	struct query q = query_open(db, STATEMENT_MERCHANT_BY_NUMBER);

	query_text(&q, phone_number);
	return read_merchant(&q, out_merchant);
}

enum db_result db_merchant_by_id(struct db *db, int64_t id, struct merchant *out_merchant)
{
	struct query q = query_open(db, STATEMENT_MERCHANT_BY_ID);

	query_int(&q, id);
	return read_merchant(&q, out_merchant);
}
