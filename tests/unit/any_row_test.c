/* Whatever the schema takes from somebody at the plain shell, the programs can read: no text is longer than its buffer,
 * no word is unknown to them. Values of all kinds for all columns, and after each that was taken all reads. */
#include "tests/unit/chance.h"
#include "tests/unit/db_fixture.h"

#include "base/check.h"
#include "db/screening.h"

enum { STATEMENTS = 3000 };

static const char *const values[] = {
	"NULL", "''", "' '", "'x'", "0", "1", "-1", "2", "7", "30", "90", "1000", "16000",
	"9223372036854775807", "0.5", "-0.0", "1e300", "9e999", "char(0)", "'a' || char(0) || 'b'",
	"char(9, 10, 13)", "char(127)", "'+15550177'", "'+1234567'", "'+123456789012345'", "'+1415*'",
	"'+1*'", "'+14155550123'", "'24:00'", "'00:00'", "'23:59'", "'00:01'", "'12-25'", "'02-29'",
	"'2028-02-29'", "'2099-12-31'", "'2026-02-30'", "x'ff'", "CAST(x'ff' AS TEXT)",
	"CAST(x'c3' AS TEXT)", "'{\"type\":\"object\"}'", "'{}'", "'https://x/'",
	"'http://' || char(233)", "'a@b.c'", "'0123456789abcdef'",
	"replace(hex(zeroblob(500)), '0', 'é')", "replace(hex(zeroblob(150)), '0', 'é')",
	"replace(hex(zeroblob(50)), '0', char(128512))", "replace(hex(zeroblob(8000)), '0', '\"')",
	"replace(hex(zeroblob(1000)), '0', char(10))", "replace(hex(zeroblob(100)), '0', 'n')",
	"1700000000000", "'eve'", "'de'", "'pt-BR'", "'Europe/Berlin'",
	"'America/Argentina/ComodRivadavia'", "'ai'", "'message'", "'voicemail'", "'forward'",
	"'closed'", "'transfer'", "'end'", "'http'", "'mcp'", "'web_search'", "'secret'", "'off'",
	"'apology'", "'disclosure'", "'fal'", "'accept'", "'reject'", "'passed'", "'not-failed'",
	"'block'", "'allow'", "'#'", "'9'"
};

static const char *const people_write[] = {
	"merchants", "merchant_numbers", "merchant_keys", "merchant_hours", "merchant_days",
	"merchant_faq", "merchant_staff", "staff_hours", "merchant_tools", "caller_rules",
	"caller_notes", "caller_memory"
};

static const char rows[] =
	"UPDATE merchants SET caller_calls_hour_max = 5 WHERE id = 1;"
	"INSERT INTO merchants(name, phone_number) VALUES('Ann', '+15550101');"
	"INSERT INTO merchant_numbers VALUES('+15550110', 1, NULL);"
	"INSERT INTO merchant_keys VALUES(1, '0', 'transfer', NULL), (1, '1', 'end', NULL);"
	"INSERT INTO merchant_hours VALUES(1, 0, '09:00', '17:00'), (1, 1, '18:00', '02:00');"
	"INSERT INTO merchant_days VALUES(1, '12-24', NULL, NULL, NULL),"
	" (1, '2027-01-01', '09:00', '12:00', 'New Year');"
	"INSERT INTO merchant_faq(merchant_id, question, answer) VALUES(1, 'Dogs?', 'Yes.'), (1, 'Cats?', 'No.');"
	"INSERT INTO merchant_staff(merchant_id, name, number) VALUES(1, 'Ann', '+15550144'), (1, 'Bob', '+15550145');"
	"INSERT INTO staff_hours VALUES(1, 0, '09:00', '17:00');"
	"INSERT INTO merchant_tools(merchant_id, name, description, url)"
	" VALUES(1, 'book', 'Books.', 'https://b.example');"
	"INSERT INTO merchant_tools(merchant_id, name, kind) VALUES(1, 'web', 'web_search');"
	"INSERT INTO caller_rules(merchant_id, number) VALUES(1, '+14155550123'), (NULL, '+1900*');"
	"INSERT INTO caller_notes VALUES(1, '+14155550123', 'Ann', NULL);"
	"INSERT INTO caller_memory VALUES(1, '+14155550123', 'CA1', 5, 1, 'x');"
	"PRAGMA synchronous = OFF";

struct columns {
	char names[64][40];
	unsigned count;
};

static void read_columns(struct fixture *f, const char *table, struct columns *out)
{
	char question[128];
	sqlite3_stmt *statement = NULL;

	(void)snprintf(question, sizeof question, "SELECT name FROM pragma_table_info('%s')", table);
	assert_int_equal(sqlite3_prepare_v2(f->plain, question, -1, &statement, NULL), SQLITE_OK);
	for (out->count = 0; sqlite3_step(statement) == SQLITE_ROW; out->count++)
		(void)snprintf(out->names[out->count], sizeof out->names[0], "%s", sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	assert_true(out->count > 0 && out->count < 64);
}

/* A copy of a row, with another value in one column. */
static void write_insert(char *sql, size_t size, const char *table, const struct columns *columns)
{
	const unsigned other = chance(columns->count);
	size_t len = (size_t)snprintf(sql, size, "INSERT INTO %s SELECT ", table);

	for (unsigned i = 0; i < columns->count; i++) {
		const char *name = columns->names[i], *value = i == other ? values[chance(ARRAY_COUNT(values))] : name;

		len += (size_t)snprintf(sql + len, size - len, "%s%s", i ? ", " : "",
			i != other && strcmp(name, "id") == 0 ? "NULL" : value);
	}
	len += (size_t)snprintf(sql + len, size - len, " FROM %s LIMIT 1", table);
	assert_true(len < size);
}

static void write_update(char *sql, size_t size, const char *table, const struct columns *columns)
{
	(void)snprintf(sql, size, "UPDATE %s SET %s = %s%s", table, columns->names[chance(columns->count)],
		values[chance(ARRAY_COUNT(values))], strcmp(table, "merchants") == 0 ? " WHERE id = 1" : "");
}

static void read_well(struct fixture *f, const char *sql, enum db_result result)
{
	if (result != DB_OK && result != DB_NONE)
		fail_msg("after \"%s\": %s", sql, db_why(f->db));
}

/* All that webhook, relay and worker read of a merchant and of who calls. */
static void read_all(struct fixture *f, const char *sql)
{
	static struct merchant m;
	static struct merchant_keys keys;
	static struct merchant_hours hours;
	static struct merchant_tools tools;
	static struct merchant_faq faq;
	static struct merchant_staff staff;
	static struct merchant_caller caller;
	struct screening_facts facts;

	assert_int_equal(db_merchant_by_number(f->db,
				 slice_of(ask_text(f, "SELECT phone_number FROM merchants WHERE id = 1")), &m), DB_OK);
	read_well(f, sql, db_merchant_by_id(f->db, 1, &m));
	read_well(f, sql, db_merchant_keys(f->db, 1, &keys));
	read_well(f, sql, db_merchant_hours(f->db, 1, &hours));
	read_well(f, sql, db_merchant_tools(f->db, 1, &tools));
	read_well(f, sql, db_merchant_faq(f->db, 1, &faq));
	read_well(f, sql, db_merchant_staff(f->db, 1, &staff));
	read_well(f, sql, db_merchant_caller(f->db, 1, SLICE("CA1"), SLICE("+14155550123"), NOW_MS, &caller));
	read_well(f, sql, db_screening_facts(f->db, 1, SLICE("+14155550123"), NOW_MS, &facts));
}

static void what_the_schema_takes_the_programs_can_read(void **state)
{
	struct fixture *f = *state;
	unsigned taken = 0, refused = 0;
	struct columns columns;
	char sql[2000];

	run_sql(f, rows);
	for (int i = 0; i < STATEMENTS; i++) {
		const char *table = people_write[chance(ARRAY_COUNT(people_write))];

		read_columns(f, table, &columns);
		if (chance(3) == 0)
			write_insert(sql, sizeof sql, table, &columns);
		else
			write_update(sql, sizeof sql, table, &columns);
		if (sqlite3_exec(f->plain, sql, NULL, NULL, NULL) == SQLITE_OK) {
			taken++;
			read_all(f, sql);
		} else {
			refused++;
		}
	}
	print_message("%u values taken, %u refused\n", taken, refused);
	assert_true(taken > STATEMENTS / 20);
	assert_true(refused > STATEMENTS / 2);
	assert_string_equal(ask_text(f, "PRAGMA integrity_check"), "ok");
}

#define NUMBERS(n) "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < " #n ") "

static void what_is_full_to_all_bounds_can_be_read(void **state)
{
	struct fixture *f = *state;
	static struct merchant_hours hours;
	static struct merchant_staff staff;
	static struct merchant_faq faq;

	run_sql(f, "PRAGMA synchronous = OFF;"
		NUMBERS(28) "INSERT INTO merchant_hours SELECT 1, i % 7, printf('%02d:00', i / 7), '23:00' FROM n;"
		NUMBERS(1000) "INSERT INTO merchant_days SELECT 1, date('2026-01-01', '+' || (i / 4) || ' days'),"
			" printf('%02d:00', i % 4), '23:00', printf('%.*c', 300, 'n') FROM n;"
		NUMBERS(100) "INSERT INTO merchant_faq(merchant_id, question, answer)"
			" SELECT 1, printf('%040d', i), printf('%.*c', 200, 'a') FROM n;"
		NUMBERS(50) "INSERT INTO merchant_staff(merchant_id, name, role, number) SELECT 1, printf('%0100d', i),"
			" printf('%.*c', 200, 'r'), '+123456789012345' FROM n;"
		NUMBERS(28) "INSERT INTO staff_hours SELECT id, i % 7, printf('%02d:00', i / 7), '23:00'"
			" FROM n JOIN merchant_staff;"
		"INSERT INTO merchant_keys SELECT 1, substr('0123456789*#', column1, 1), 'transfer', '+123456789012345'"
			" FROM (VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12));"
		NUMBERS(16) "INSERT INTO merchant_tools(merchant_id, name, description, url)"
			" SELECT 1, printf('t%063d', i), printf('%.*c', 1000, 'd'),"
			" 'http://' || printf('%.*c', 426 + (i > 0) * 3, 'u') FROM n;"
		"INSERT INTO caller_notes VALUES(1, '+14155550123',"
			" printf('%.*c', 100, 'n'), printf('%.*c', 1000, 'n'));"
		"INSERT INTO caller_memory VALUES(1, '+14155550123', 'CA1', 1700000000000, 9,"
			" printf('%.*c', 4000, 'm'))");
	read_all(f, "all bounds");
	assert_int_equal(db_merchant_hours(f->db, 1, &hours), DB_OK);
	assert_int_equal(hours.count, MERCHANT_HOURS_MAX);
	assert_int_equal(hours.day_count, MERCHANT_DAYS_MAX);
	assert_int_equal(db_merchant_faq(f->db, 1, &faq), DB_OK);
	assert_int_equal(faq.count, MERCHANT_FAQ_MAX);
	assert_int_equal(faq.text_bytes, MERCHANT_FAQ_BYTES_MAX);
	assert_int_equal(db_merchant_staff(f->db, 1, &staff), DB_OK);
	assert_int_equal(staff.count, MERCHANT_STAFF_MAX);
	assert_int_equal(staff.people[49].opening_count, MERCHANT_STAFF_HOURS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DB_CASE(what_is_full_to_all_bounds_can_be_read),
		DB_CASE(what_the_schema_takes_the_programs_can_read),
	};

	return cmocka_run_group_tests_name("any_row", tests, NULL, NULL);
}
