#include "db/retention.h"

#include "db/query.h"

enum db_result db_retention_next(struct db *db, int64_t after_id, int64_t now_ms, struct retention *out_retention)
{
	struct query q = query_open(db, STATEMENT_RETENTION_NEXT);
	struct retention r = { .now_ms = now_ms };

	query_int(&q, after_id);
	query_int(&q, now_ms);
	enum db_result result = query_row(&q);

	if (result == DB_OK) {
		r.merchant_id = query_int_column(&q);
		query_text_column(&q, r.merchant_name, sizeof r.merchant_name);
		r.calls_before_ms = query_int_column(&q);
		r.memories_before_ms = query_int_column(&q);
	}
	result = query_close(&q, result);
	if (result == DB_OK)
		*out_retention = r;
	return result;
}

enum db_result db_retention_count(struct db *db, const struct retention *r, struct retention_counts *out_counts)
{
	struct query q = query_open(db, STATEMENT_RETENTION_COUNT);
	struct retention_counts c;

	query_int(&q, r->merchant_id);
	query_int(&q, r->calls_before_ms);
	query_int(&q, r->memories_before_ms);
	enum db_result result = query_row(&q);

	if (result == DB_OK) {
		c.calls = query_int_column(&q);
		c.screenings = query_int_column(&q);
		c.orders = query_int_column(&q);
		c.memories = query_int_column(&q);
	}
	result = query_close(&q, result);
	if (result == DB_OK)
		*out_counts = c;
	return result;
}

/* What a statement with (merchant, time, number of rows) deleted. */
static enum db_result prune(struct db *db, enum statement statement, const struct retention *r, int64_t before_ms,
	int64_t rows_max, int64_t *out_count)
{
	struct query q = query_open(db, statement);

	query_int(&q, r->merchant_id);
	query_int(&q, before_ms);
	query_int(&q, rows_max);
	const enum db_result result = query_run(&q);

	if (result == DB_OK)
		*out_count = sqlite3_changes(db->sqlite);
	return result;
}

/* Before the calls are gone: what they used counts until the month is over. */
static enum db_result keep_use(struct db *db, const struct retention *r, int64_t rows_max)
{
	struct query q = query_open(db, STATEMENT_RETENTION_KEEP_USE);

	query_int(&q, r->merchant_id);
	query_int(&q, r->calls_before_ms);
	query_int(&q, rows_max);
	query_int(&q, r->now_ms);
	return query_run(&q);
}

static enum db_result prune_all(struct db *db, const struct retention *r, int64_t rows_max,
	struct retention_counts *c)
{
	enum db_result result = keep_use(db, r, rows_max);

	if (result == DB_OK)
		result = prune(db, STATEMENT_PRUNE_CALLS, r, r->calls_before_ms, rows_max, &c->calls);
	if (result == DB_OK)
		result = prune(db, STATEMENT_PRUNE_SCREENINGS, r, r->calls_before_ms, rows_max, &c->screenings);
	if (result == DB_OK)
		result = prune(db, STATEMENT_PRUNE_ORDERS, r, r->calls_before_ms, rows_max, &c->orders);
	if (result == DB_OK)
		result = prune(db, STATEMENT_PRUNE_MEMORIES, r, r->memories_before_ms, rows_max, &c->memories);
	return result;
}

enum db_result db_retention_prune(struct db *db, const struct retention *r, int64_t rows_max,
	struct retention_counts *out_counts)
{
	struct retention_counts c;
	enum db_result result = db_batch_begin(db);

	if (result != DB_OK)
		return result;
	result = prune_all(db, r, rows_max, &c);
	if (result != DB_OK)
		return db_batch_drop(db, result);
	result = db_batch_end(db);
	if (result == DB_OK)
		*out_counts = c;
	return result;
}

bool retention_is_left(const struct retention_counts *c, int64_t rows_max)
{
	return c->calls >= rows_max || c->screenings >= rows_max || c->orders >= rows_max || c->memories >= rows_max;
}
