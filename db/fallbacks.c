#include "db/fallbacks.h"

#include "db/query.h"

static bool keep(struct query *q, struct fallback *row)
{
	const struct slice called = query_slice_column(q);
	const bool fits = slice_copy(called, row->called, sizeof(row->called));

	row->merchant_id = query_int_column(q);
	return slice_copy(query_slice_column(q), row->number, sizeof(row->number)) && fits;
}

/* Into what was known: a read that breaks off leaves some rows new and some old, and all of them true once. */
enum db_result fallbacks_load(struct fallbacks *f, struct db *db)
{
	struct query q = query_open(db, STATEMENT_FALLBACKS);
	uint32_t count = 0;

	query_int(&q, FALLBACKS_MAX);
	enum db_result result = query_row(&q);

	for (; result == DB_OK && count < FALLBACKS_MAX; result = query_next_row(&q))
		count += keep(&q, &f->rows[count]);
	if (result == DB_OK || result == DB_NONE)
		f->count = count;
	else if (f->count < count)
		f->count = count;
	return query_close(&q, result == DB_NONE ? DB_OK : result);
}

const struct fallback *fallbacks_find(const struct fallbacks *f, struct slice called)
{
	for (uint32_t i = 0; i < f->count; i++)
		if (slice_equal(called, slice_of(f->rows[i].called)))
			return &f->rows[i];
	return NULL;
}
