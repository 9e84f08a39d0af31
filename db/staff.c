/* The staff in one reading: a row for each of their times, those of one person behind each other. */
#include "db/query.h"

static void begin_person(struct query *q, int64_t id, struct merchant_person *person)
{
	person->id = id;
	query_text_column(q, person->name, sizeof(person->name));
	query_text_column(q, person->role, sizeof(person->role));
	query_text_column(q, person->number, sizeof(person->number));
	person->opening_count = 0;
}

static void read_opening(struct query *q, struct merchant_person *person)
{
	const int64_t weekday = query_int_column(q);

	if (weekday < 0)
		return; /* no times of their own */
	if (person->opening_count == MERCHANT_STAFF_HOURS_MAX) {
		q->result = db_fail(q->db, DB_BROKEN, "somebody of the staff has more times than the schema allows");
		return;
	}
	struct merchant_opening *o = &person->openings[person->opening_count++];

	o->weekday = (uint8_t)weekday;
	o->opens_min = (uint16_t)query_int_column(q);
	o->closes_min = (uint16_t)query_int_column(q);
}

/* false: nobody more has room. */
static bool read_row(struct query *q, struct merchant_staff *staff)
{
	const int64_t id = query_int_column(q);
	struct merchant_person *person = staff->count ? &staff->people[staff->count - 1] : NULL;

	if (person && person->id == id) {
		q->column_count += 3; /* known from the row before */
	} else if (staff->count == MERCHANT_STAFF_MAX) {
		return false;
	} else {
		person = &staff->people[staff->count++];
		begin_person(q, id, person);
	}
	read_opening(q, person);
	return true;
}

/* Straight into the caller's memory: most of it is never touched. */
enum db_result db_merchant_staff(struct db *db, int64_t merchant_id, struct merchant_staff *out_staff)
{
	struct query q = query_rows(db, STATEMENT_MERCHANT_STAFF, merchant_id);
	enum db_result result = query_row(&q);

	out_staff->count = 0;
	while (result == DB_OK && read_row(&q, out_staff))
		result = query_next_row(&q);
	result = query_close_rows(&q, result, "staff");
	if (result != DB_OK)
		out_staff->count = 0;
	return result;
}
