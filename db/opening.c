/* Opening times as the database has them: those of the week, and the special days. */
#include "db/query.h"

#include <string.h>

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

/* Why a day is special is good to know, and no more. */
static void keep_note(struct query *q, struct merchant_hours *hours, struct merchant_day *day)
{
	const struct slice note = query_slice_column(q);

	day->note_at = (uint16_t)hours->note_bytes;
	day->note_bytes = 0;
	if (note.len == 0 || note.len > sizeof hours->notes - hours->note_bytes)
		return;
	memcpy(hours->notes + hours->note_bytes, note.data, note.len);
	day->note_bytes = (uint16_t)note.len;
	hours->note_bytes += (uint32_t)note.len;
}

static void read_day(struct query *q, struct merchant_hours *hours, struct merchant_day *day)
{
	day->year = (uint16_t)query_int_column(q);
	day->month = (uint8_t)query_int_column(q);
	day->day = (uint8_t)query_int_column(q);
	day->is_closed = query_int_column(q) != 0;
	day->opens_min = (uint16_t)query_int_column(q);
	day->closes_min = (uint16_t)query_int_column(q);
	keep_note(q, hours, day);
}

static enum db_result read_days(struct db *db, int64_t merchant_id, struct merchant_hours *hours)
{
	struct query q = query_rows(db, STATEMENT_MERCHANT_DAYS, merchant_id);
	enum db_result result = query_row(&q);

	for (; result == DB_OK && hours->day_count < MERCHANT_DAYS_MAX; result = query_next_row(&q))
		read_day(&q, hours, &hours->days[hours->day_count++]);
	return query_close_rows(&q, result, "special days");
}

/* Straight into the caller's memory: most of it is never touched. */
enum db_result db_merchant_hours(struct db *db, int64_t merchant_id, struct merchant_hours *out_hours)
{
	out_hours->count = out_hours->day_count = out_hours->note_bytes = 0;
	enum db_result result = read_week(db, merchant_id, out_hours);

	if (result == DB_OK)
		result = read_days(db, merchant_id, out_hours);
	if (result != DB_OK)
		out_hours->count = out_hours->day_count = 0;
	return result;
}
