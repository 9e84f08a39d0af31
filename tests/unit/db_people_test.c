/* Those whom a conversation is about: the staff, the caller, what they ask; and when the door is open. */
#include "tests/unit/db_fixture.h"

#include "db/hours.h"

static void a_merchant_is_found_by_each_of_its_numbers(void **state)
{
	struct fixture *f = *state;
	struct merchant m;

	run_sql(f, "INSERT INTO merchants(name, phone_number) VALUES('Other', '+15550200')");
	run_sql(f, "INSERT INTO merchant_numbers(phone_number, merchant_id) VALUES('+15550101', 1), ('+15550201', 2)");
	assert_int_equal(db_merchant_by_number(f->db, SLICE("+15550101"), &m), DB_OK);
	assert_int_equal(m.id, 1);
	assert_string_equal(m.phone_number, "+15550100");
	assert_int_equal(db_merchant_by_number(f->db, SLICE("+15550201"), &m), DB_OK);
	assert_int_equal(m.id, 2);
	assert_int_equal(db_merchant_by_number(f->db, SLICE("+15550202"), &m), DB_NONE);
}

static void what_comes_after_hours_is_read(void **state)
{
	struct fixture *f = *state;
	struct merchant m;

	assert_int_equal(db_merchant_by_id(f->db, 1, &m), DB_OK);
	assert_int_equal(m.after_hours, AFTER_HOURS_AI);
	assert_false(m.memory);
	assert_int_equal(m.memory_days, 90);
	assert_int_equal(m.retention_days, MERCHANT_NO_LIMIT);
	assert_string_equal(m.after_hours_notice, "");
	run_sql(f, "UPDATE merchants SET after_hours = 'forward', after_hours_number = '+15550177',"
		" after_hours_instructions = 'Whisper.', after_hours_notice = 'Closed.', memory = 1, memory_days = 7,"
		" retention_days = 30");
	assert_int_equal(db_merchant_by_id(f->db, 1, &m), DB_OK);
	assert_int_equal(m.after_hours, AFTER_HOURS_FORWARD);
	assert_string_equal(m.after_hours_number, "+15550177");
	assert_string_equal(m.after_hours_instructions, "Whisper.");
	assert_string_equal(m.after_hours_notice, "Closed.");
	assert_true(m.memory);
	assert_int_equal(m.memory_days, 7);
	assert_int_equal(m.retention_days, 30);
}

static void each_word_after_hours_is_known(void **state)
{
	static const char *const words[] = { "ai", "message", "voicemail", "forward", "closed" };
	struct fixture *f = *state;
	struct merchant m;
	char sql[120];

	run_sql(f, "UPDATE merchants SET after_hours_number = '+15550177'");
	for (unsigned i = 0; i < 5; i++) {
		snprintf(sql, sizeof sql, "UPDATE merchants SET after_hours = '%s'", words[i]);
		run_sql(f, sql);
		assert_int_equal(db_merchant_by_id(f->db, 1, &m), DB_OK);
		assert_int_equal(m.after_hours, i);
	}
}

static void special_days_come_in_the_order_of_the_calendar(void **state)
{
	struct fixture *f = *state;
	struct merchant_hours *hours = malloc(sizeof *hours);

	run_sql(f, "INSERT INTO merchant_days(merchant_id, day, opens, closes, note) VALUES"
		" (1, '2026-12-24', '14:00', '18:00', NULL), (1, '2026-12-24', '08:30', '12:00', 'Christmas Eve'),"
		" (1, '12-25', NULL, NULL, 'Christmas'), (1, '2026-12-31', '20:00', '04:00', NULL)");
	assert_int_equal(db_merchant_hours(f->db, 1, hours), DB_OK);
	assert_int_equal(hours->count, 0);
	assert_int_equal(hours->day_count, 4);
	assert_int_equal(hours->days[0].year, 0);
	assert_int_equal(hours->days[0].month, 12);
	assert_int_equal(hours->days[0].day, 25);
	assert_true(hours->days[0].is_closed);
	assert_true(slice_equal(hours_note(hours, &hours->days[0]), SLICE("Christmas")));
	assert_int_equal(hours->days[1].year, 2026);
	assert_false(hours->days[1].is_closed);
	assert_int_equal(hours->days[1].opens_min, 510);
	assert_true(slice_equal(hours_note(hours, &hours->days[1]), SLICE("Christmas Eve")));
	assert_int_equal(hours_note(hours, &hours->days[2]).len, 0);
	assert_int_equal(hours->days[2].opens_min, 840);
	assert_int_equal(hours->days[3].closes_min, 1440 + 240);
	free(hours);
}

static void as_many_days_fit_as_the_schema_allows(void **state)
{
	struct fixture *f = *state;
	struct merchant_hours *hours = malloc(sizeof *hours);

	run_sql(f, "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)"
		" INSERT INTO merchant_days(merchant_id, day, note)"
		" SELECT 1, date('2026-01-01', i || ' days'), printf('%0100d', i) FROM n");
	assert_int_equal(db_merchant_hours(f->db, 1, hours), DB_OK);
	assert_int_equal(hours->day_count, 1000);
	assert_int_equal(hours_note(hours, &hours->days[59]).len, 100);
	assert_int_equal(hours_note(hours, &hours->days[60]).len, 0);
	free(hours);
}

static void active_questions_come_with_their_answers(void **state)
{
	struct fixture *f = *state;
	struct merchant_faq *faq = malloc(sizeof *faq);

	assert_int_equal(db_merchant_faq(f->db, 1, faq), DB_OK);
	assert_int_equal(faq->count, 0);
	run_sql(f, "INSERT INTO merchant_faq(merchant_id, question, answer, active) VALUES"
		" (1, 'Parking?', 'Behind the house.', 1), (1, 'Dogs?', 'No.', 0), (1, 'Bikes?', 'Yes.', 1)");
	assert_int_equal(db_merchant_faq(f->db, 1, faq), DB_OK);
	assert_int_equal(faq->count, 2);
	assert_true(slice_equal(faq->entries[0].question, SLICE("Parking?")));
	assert_true(slice_equal(faq->entries[0].answer, SLICE("Behind the house.")));
	assert_true(slice_equal(faq->entries[1].answer, SLICE("Yes.")));
	free(faq);
}

static void staff_come_with_their_times(void **state)
{
	struct fixture *f = *state;
	struct merchant_staff *staff = malloc(sizeof *staff);

	run_sql(f, "INSERT INTO merchant_staff(merchant_id, name, role, number, active) VALUES"
		" (1, 'Zoe', NULL, '+15550171', 1), (1, 'Anna', 'orders', '+15550172', 1),"
		" (1, 'Max', NULL, '+15550173', 0)");
	run_sql(f, "INSERT INTO staff_hours VALUES (2, 4, '22:00', '06:00'), (2, 0, '09:00', '12:00')");
	assert_int_equal(db_merchant_staff(f->db, 1, staff), DB_OK);
	assert_int_equal(staff->count, 2);
	assert_string_equal(staff->people[0].name, "Anna");
	assert_string_equal(staff->people[0].role, "orders");
	assert_string_equal(staff->people[0].number, "+15550172");
	assert_int_equal(staff->people[0].opening_count, 2);
	assert_int_equal(staff->people[0].openings[0].opens_min, 540);
	assert_int_equal(staff->people[0].openings[1].weekday, 4);
	assert_int_equal(staff->people[0].openings[1].closes_min, 1440 + 360);
	assert_string_equal(staff->people[1].name, "Zoe");
	assert_string_equal(staff->people[1].role, "");
	assert_int_equal(staff->people[1].opening_count, 0);
	free(staff);
}

static void as_many_people_and_times_fit_as_the_schema_allows(void **state)
{
	struct fixture *f = *state;
	struct merchant_staff *staff = malloc(sizeof *staff);

	run_sql(f, "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 59)"
		" INSERT INTO merchant_staff(merchant_id, name, number) SELECT 1, 'P' || i, '+155501' || i FROM n");
	run_sql(f, "WITH RECURSIVE d(day) AS (SELECT 0 UNION ALL SELECT day + 1 FROM d WHERE day < 6),"
		" t(hour) AS (SELECT 10 UNION ALL SELECT hour + 2 FROM t WHERE hour < 16)"
		" INSERT INTO staff_hours SELECT id, day, hour || ':00', (hour + 1) || ':00'"
		" FROM merchant_staff, d, t");
	assert_int_equal(db_merchant_staff(f->db, 1, staff), DB_OK);
	assert_int_equal(staff->count, MERCHANT_STAFF_MAX);
	for (uint32_t i = 0; i < staff->count; i++)
		assert_int_equal(staff->people[i].opening_count, MERCHANT_STAFF_HOURS_MAX);
	assert_string_equal(staff->people[49].name, "P59");
	free(staff);
}

/* --- the caller ------------------------------------------------------------------------------------ */

#define CALLER SLICE("+14155550123")
enum { DAY_MS = 86400000 };

static struct merchant_caller look(struct fixture *f, int64_t now_ms)
{
	struct merchant_caller caller;

	assert_int_equal(db_merchant_caller(f->db, 1, SLICE("CA404"), CALLER, now_ms, &caller), DB_OK);
	return caller;
}

static void call_ends(struct fixture *f, const char *sid, int64_t at_ms)
{
	const struct call_end end = { .call_sid = slice_of(sid), .reason = END_CALLER_HUNG_UP, .now_ms = at_ms };

	begin_call(f, sid);
	assert_int_equal(db_call_end(f->db, &end), DB_OK);
}

static void nothing_is_known_of_a_stranger(void **state)
{
	const struct merchant_caller c = look(*state, NOW_MS);

	assert_string_equal(c.name, "");
	assert_string_equal(c.note, "");
	assert_string_equal(c.memory, "");
}

static void a_note_is_the_merchants_own(void **state)
{
	struct fixture *f = *state;
	struct merchant_caller c;

	run_sql(f, "INSERT INTO merchants(name, phone_number) VALUES('Other', '+15550200')");
	run_sql(f, "INSERT INTO caller_notes VALUES (1, '+14155550123', 'Ms Doe', 'Allergic to nuts.')");
	c = look(f, NOW_MS);
	assert_string_equal(c.name, "Ms Doe");
	assert_string_equal(c.note, "Allergic to nuts.");
	assert_int_equal(db_merchant_caller(f->db, 2, SLICE(""), CALLER, NOW_MS, &c), DB_OK);
	assert_string_equal(c.name, "");
}

static void who_is_remembered_is_forgotten_in_time(void **state)
{
	struct fixture *f = *state;

	run_sql(f, "UPDATE merchants SET memory = 1, memory_days = 10");
	call_ends(f, "CA1", NOW_MS);
	assert_int_equal(db_caller_remember(f->db, SLICE("CA1"), SLICE("Wanted a table."), false), DB_OK);
	assert_string_equal(look(f, NOW_MS + 10 * DAY_MS - 1).memory, "Wanted a table.");
	assert_int_equal(look(f, NOW_MS + 1).memory_ms, NOW_MS);
	assert_int_equal(look(f, NOW_MS + 1).memory_calls, 1);
	assert_string_equal(look(f, NOW_MS + 10 * (int64_t)DAY_MS).memory, "");
	run_sql(f, "UPDATE merchants SET memory = 0");
	assert_string_equal(look(f, NOW_MS + 1).memory, "");
}

static void a_memory_is_deleted_with_the_call_it_is_of_and_no_other(void **state)
{
	struct fixture *f = *state;

	run_sql(f, "UPDATE merchants SET memory = 1");
	call_ends(f, "CA1", NOW_MS);
	call_ends(f, "CA2", NOW_MS + 1000);
	assert_int_equal(db_caller_remember(f->db, SLICE("CA2"), SLICE("Wanted a table."), false), DB_OK);
	run_sql(f, "DELETE FROM calls WHERE call_sid = 'CA1'");
	assert_string_equal(look(f, NOW_MS + 2000).memory, "Wanted a table.");
	run_sql(f, "DELETE FROM calls");
	assert_int_equal(ask_number(f, "SELECT count(*) FROM caller_memory"), 0);
}

static void memory_that_is_off_is_not_written(void **state)
{
	struct fixture *f = *state;

	call_ends(f, "CA1", NOW_MS);
	assert_int_equal(db_caller_remember(f->db, SLICE("CA1"), SLICE("Wanted a table."), false), DB_OK);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM caller_memory"), 0);
}

static void the_summary_takes_the_place_of_the_last_words(void **state)
{
	struct fixture *f = *state;

	run_sql(f, "UPDATE merchants SET memory = 1");
	call_ends(f, "CA1", NOW_MS);
	assert_int_equal(db_caller_remember(f->db, SLICE("CA1"), SLICE("words"), false), DB_OK);
	assert_int_equal(db_caller_remember(f->db, SLICE("CA1"), SLICE("sum"), true), DB_OK);
	assert_int_equal(db_caller_remember(f->db, SLICE("CA1"), SLICE("words"), false), DB_OK);
	assert_string_equal(look(f, NOW_MS).memory, "sum");
	assert_int_equal(look(f, NOW_MS).memory_calls, 1);
}

static void a_job_that_is_late_does_not_bring_back_the_call_before(void **state)
{
	struct fixture *f = *state;

	run_sql(f, "UPDATE merchants SET memory = 1");
	call_ends(f, "CA1", NOW_MS);
	call_ends(f, "CA2", NOW_MS + 5000);
	assert_int_equal(db_caller_remember(f->db, SLICE("CA1"), SLICE("first"), false), DB_OK);
	assert_int_equal(db_caller_remember(f->db, SLICE("CA2"), SLICE("second"), false), DB_OK);
	assert_int_equal(db_caller_remember(f->db, SLICE("CA1"), SLICE("first, summed up"), true), DB_OK);
	assert_string_equal(look(f, NOW_MS).memory, "second");
	assert_int_equal(look(f, NOW_MS).memory_calls, 2);
}

static void the_calls_row_knows_who_calls(void **state)
{
	struct fixture *f = *state;
	struct merchant_caller c;

	run_sql(f, "INSERT INTO caller_notes VALUES (1, '+14155550123', 'Ms Doe', NULL)");
	begin_call(f, SID);
	assert_int_equal(db_merchant_caller(f->db, 1, SLICE(SID), SLICE("+14155550199"), NOW_MS, &c), DB_OK);
	assert_string_equal(c.name, "Ms Doe");
	assert_int_equal(db_merchant_caller(f->db, 1, SLICE(SID), SLICE(""), NOW_MS, &c), DB_OK);
	assert_string_equal(c.name, "Ms Doe");
	assert_false(c.was_called);
	run_sql(f, "UPDATE calls SET direction = 'outbound'");
	assert_int_equal(db_merchant_caller(f->db, 1, SLICE(SID), SLICE(""), NOW_MS, &c), DB_OK);
	assert_true(c.was_called);
}

static void whoever_forges_a_number_is_told_nothing_and_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct merchant_caller c;

	run_sql(f, "UPDATE merchants SET memory = 1");
	run_sql(f, "INSERT INTO caller_notes VALUES (1, '+14155550123', 'Ms Doe', NULL)");
	call_ends(f, SID, NOW_MS);
	run_sql(f, "UPDATE calls SET attestation = 'failed'");
	assert_int_equal(db_merchant_caller(f->db, 1, SLICE(SID), CALLER, NOW_MS, &c), DB_OK);
	assert_string_equal(c.name, "");
	assert_int_equal(db_caller_remember(f->db, SLICE(SID), SLICE("words"), false), DB_OK);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM caller_memory"), 0);
	run_sql(f, "UPDATE calls SET attestation = 'passed-a'");
	assert_int_equal(db_merchant_caller(f->db, 1, SLICE(SID), CALLER, NOW_MS, &c), DB_OK);
	assert_string_equal(c.name, "Ms Doe");
}

static void nobody_without_a_number_is_remembered(void **state)
{
	struct fixture *f = *state;
	struct call_record call;
	const struct call_begin begin = { .call_sid = SLICE("CA9"), .merchant_id = 1,
		.caller_number = SLICE("anonymous"), .called_number = SLICE("+15550100"), .now_ms = NOW_MS };

	run_sql(f, "UPDATE merchants SET memory = 1");
	assert_int_equal(db_call_begin(f->db, &begin, &call), DB_OK);
	assert_int_equal(db_caller_remember(f->db, SLICE("CA9"), SLICE("words"), false), DB_REFUSED);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM caller_memory"), 0);
}

static void the_last_turns_are_counted_in_bytes(void **state)
{
	struct fixture *f = *state;
	int32_t position = 7;

	begin_call(f, SID);
	for (int32_t i = 0; i < 4; i++) {
		const struct turn turn = { .call_sid = SLICE(SID), .position = i, .text = i == 2 ? SLICE("") :
			SLICE("0123456789"), .final = true };

		assert_int_equal(db_turn_put(f->db, &turn), DB_OK);
	}
	assert_int_equal(db_turns_last(f->db, SLICE(SID), 300, 1000, &position), DB_OK);
	assert_int_equal(position, -1);
	assert_int_equal(db_turns_last(f->db, SLICE(SID), 300, 2 * 42, &position), DB_OK);
	assert_int_equal(position, 0);
	assert_int_equal(db_turns_last(f->db, SLICE(SID), 300, 42, &position), DB_OK);
	assert_int_equal(position, 1);
	assert_int_equal(db_turns_last(f->db, SLICE(SID), 300, 41, &position), DB_OK);
	assert_int_equal(position, 3);
	assert_int_equal(db_turns_last(f->db, SLICE(SID), 5, 2 * 37, &position), DB_OK);
	assert_int_equal(position, 0);
	assert_int_equal(db_turns_last(f->db, SLICE("CA404"), 300, 41, &position), DB_OK);
	assert_int_equal(position, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DB_CASE(a_merchant_is_found_by_each_of_its_numbers),
		DB_CASE(what_comes_after_hours_is_read),
		DB_CASE(each_word_after_hours_is_known),
		DB_CASE(special_days_come_in_the_order_of_the_calendar),
		DB_CASE(as_many_days_fit_as_the_schema_allows),
		DB_CASE(active_questions_come_with_their_answers),
		DB_CASE(staff_come_with_their_times),
		DB_CASE(as_many_people_and_times_fit_as_the_schema_allows),
		DB_CASE(nothing_is_known_of_a_stranger),
		DB_CASE(a_note_is_the_merchants_own),
		DB_CASE(who_is_remembered_is_forgotten_in_time),
		DB_CASE(a_memory_is_deleted_with_the_call_it_is_of_and_no_other),
		DB_CASE(memory_that_is_off_is_not_written),
		DB_CASE(the_summary_takes_the_place_of_the_last_words),
		DB_CASE(a_job_that_is_late_does_not_bring_back_the_call_before),
		DB_CASE(the_calls_row_knows_who_calls),
		DB_CASE(whoever_forges_a_number_is_told_nothing_and_leaves_nothing),
		DB_CASE(nobody_without_a_number_is_remembered),
		DB_CASE(the_last_turns_are_counted_in_bytes),
	};

	return cmocka_run_group_tests_name("db_people", tests, NULL, NULL);
}
