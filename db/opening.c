/* Opening times as the database has them: those of the week, and the special days. */
#include "db/query.h"

static void read_opening(struct query *q, struct merchant_opening *opening)
{
	opening->weekday = (uint8_t)query_int_column(q);
	opening->opens_min = (uint16_t)query_int_column(q);
	opening->closes_min = (uint16_t)query_int_column(q);
}

static enum db_result read_week(struct db *db, int64_t merchant_id, struct merchant_hours *hours)
{
	struct query q = query_rows(db, STATEMENT_MERCHANT_HOURS, merchant_id);
	enum db_result result = query_row(&q);

	for (; result == DB_OK && hours->count < MERCHANT_HOURS_MAX; result = query_next_row(&q))
		read_opening(&q, &hours->openings[hours->count++]);
	return query_close_rows(&q, result, "opening times");
}

static void read_day(struct query *q, struct merchant_day *day)
{
	day->year = (uint16_t)query_int_column(q);
	day->month = (uint8_t)query_int_column(q);
	day->day = (uint8_t)query_int_column(q);
	day->is_closed = query_int_column(q) != 0;
	day->opens_min = (uint16_t)query_int_column(q);
	day->closes_min = (uint16_t)query_int_column(q);
	query_text_column(q, day->note, sizeof day->note);
}

static enum db_result read_days(struct db *db, int64_t merchant_id, struct merchant_hours *hours)
{
	struct query q = query_rows(db, STATEMENT_MERCHANT_DAYS, merchant_id);
	enum db_result result = query_row(&q);

	for (; result == DB_OK && hours->day_count < MERCHANT_DAYS_MAX; result = query_next_row(&q))
		read_day(&q, &hours->days[hours->day_count++]);
	return query_close_rows(&q, result, "special days");
}

/* Straight into the caller's memory: most of it is never touched. */
enum db_result db_merchant_hours(struct db *db, int64_t merchant_id, struct merchant_hours *out_hours)
{
	out_hours->count = out_hours->day_count = 0;
	enum db_result result = read_week(db, merchant_id, out_hours);

	if (result == DB_OK)
		result = read_days(db, merchant_id, out_hours);
	if (result != DB_OK)
		out_hours->count = out_hours->day_count = 0;
	return result;
}
