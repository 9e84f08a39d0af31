/* Migrations, with a little history of their own: people; people with pets; people with pets and ages. */
#include "tests/unit/db_fixture.h"

#include "base/check.h"
#include "db/migrate.h"
#include "db/migrations.h"
#include "db/query.h"

#include <sys/wait.h>

#define ID_1 "PRAGMA application_id = 0x52414931; PRAGMA user_version = 1;"
#define PEOPLE "CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT) STRICT;"
#define PETS "CREATE TABLE pets(owner INTEGER NOT NULL REFERENCES people(id), name TEXT) STRICT;"

static const char version_1[] = "BEGIN IMMEDIATE;" PEOPLE ID_1 "COMMIT;";
static const char version_3[] = "BEGIN IMMEDIATE;"
	"CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT, age INTEGER) STRICT;" PETS
	"PRAGMA application_id = 0x52414931; PRAGMA user_version = 3; COMMIT;";

static const struct migration to_3[] = {
	{ 2, PETS },
	{ 3, "ALTER TABLE people ADD COLUMN age INTEGER;" },
	{ 0, NULL },
};
static const struct migration_plan plan_3 = { version_3, to_3, 3 };

/* A bare handle: migrate() needs the connection and the mode, nothing else. */
static struct db handle(struct fixture *f, enum db_mode mode)
{
	struct db db = { .mode = mode, .busy_ms = 5000 };

	assert_int_equal(sqlite3_open(f->path, &db.sqlite), SQLITE_OK);
	sqlite3_extended_result_codes(db.sqlite, 1);
	sqlite3_busy_timeout(db.sqlite, db.busy_ms);
	return db;
}

static void make_version_1(struct fixture *f)
{
	open_plain(f);
	run_sql(f, version_1);
	run_sql(f, "INSERT INTO people VALUES(1, 'Ann'), (2, 'Ben')");
}

static const char columns_of_everything[] =
	"SELECT group_concat(t.name || '.' || c.name || ' ' || c.type || ' ' || c.\"notnull\" || ' ' || c.pk, ', ')"
	" FROM sqlite_schema t, pragma_table_xinfo(t.name) c WHERE t.type = 'table' ORDER BY 1";

static void an_older_file_is_brought_up_to_date_with_its_rows(void **state)
{
	struct fixture *f = *state;
	char migrated[20000];

	make_version_1(f);
	struct db db = handle(f, DB_WRITE);

	assert_int_equal(migrate(&db, &plan_3), DB_OK);
	assert_int_equal(migrate(&db, &plan_3), DB_OK);
	sqlite3_close(db.sqlite);
	assert_int_equal(ask_number(f, "PRAGMA user_version"), 3);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM people WHERE age IS NULL"), 2);
	(void)snprintf(migrated, sizeof(migrated), "%s", ask_text(f, columns_of_everything));
	run_sql(f, "DROP TABLE pets; DROP TABLE people; PRAGMA user_version = 0; PRAGMA application_id = 0");
	run_sql(f, version_3);
	assert_string_equal(migrated, ask_text(f, columns_of_everything));
}

static void an_empty_file_gets_the_newest_schema_at_once(void **state)
{
	struct fixture *f = *state;
	struct db db = handle(f, DB_CREATE);

	assert_int_equal(migrate(&db, &plan_3), DB_OK);
	sqlite3_close(db.sqlite);
	open_plain(f);
	assert_int_equal(ask_number(f, "PRAGMA user_version"), 3);
	run_sql(f, "INSERT INTO people(name, age) VALUES('Ann', 40)");
}

static void a_reader_asks_for_somebody_who_may_write(void **state)
{
	struct fixture *f = *state;

	make_version_1(f);
	struct db db = handle(f, DB_READ);

	assert_int_equal(migrate(&db, &plan_3), DB_BROKEN);
	assert_string_equal(db.why, "the database has version 1, this program needs 3 and may not write");
	sqlite3_close(db.sqlite);
	assert_int_equal(ask_number(f, "PRAGMA user_version"), 1);
}

static void a_step_that_fails_leaves_the_file_as_it_was(void **state)
{
	static const struct migration broken[] = {
		{ 2, PETS },
		{ 3, "ALTER TABLE nobody ADD COLUMN age INTEGER;" },
		{ 0, NULL },
	};
	static const struct migration_plan plan = { version_3, broken, 3 };
	struct fixture *f = *state;

	make_version_1(f);
	struct db db = handle(f, DB_WRITE);

	assert_int_equal(migrate(&db, &plan), DB_BROKEN);
	assert_string_equal(db.why, "no such table: nobody (SQLite 1)");
	assert_int_equal(sqlite3_get_autocommit(db.sqlite), 1);
	sqlite3_close(db.sqlite);
	assert_int_equal(ask_number(f, "PRAGMA user_version"), 1);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM sqlite_schema WHERE name = 'pets'"), 0);
}

static void a_step_that_leaves_dangling_rows_is_undone(void **state)
{
	static const struct migration dangling[] = {
		{ 2, PETS "INSERT INTO pets VALUES(99, 'Rex');" },
		{ 0, NULL },
	};
	static const struct migration_plan plan = { version_3, dangling, 2 };
	struct fixture *f = *state;

	make_version_1(f);
	struct db db = handle(f, DB_WRITE);

	assert_int_equal(migrate(&db, &plan), DB_BROKEN);
	assert_string_equal(db.why, "after the migration 1 rows refer to rows that are not there");
	sqlite3_close(db.sqlite);
	assert_int_equal(ask_number(f, "PRAGMA user_version"), 1);
}

static void a_migration_waits_its_turn(void **state)
{
	struct fixture *f = *state;

	make_version_1(f);
	struct db db = handle(f, DB_WRITE);

	sqlite3_busy_timeout(db.sqlite, 50);
	run_sql(f, "BEGIN IMMEDIATE");
	assert_int_equal(migrate(&db, &plan_3), DB_BUSY);
	run_sql(f, "ROLLBACK");
	assert_int_equal(migrate(&db, &plan_3), DB_OK);
	sqlite3_close(db.sqlite);
}

static void processes_that_migrate_at_once_do_the_work_once(void **state)
{
	struct fixture *f = *state;
	pid_t children[6];
	int gate[2];
	char byte;

	make_version_1(f);
	run_sql(f, "PRAGMA journal_mode = WAL");
	close_all(f);
	assert_return_code(pipe(gate), 0);
	for (size_t i = 0; i < ARRAY_COUNT(children); i++) {
		children[i] = fork();
		assert_return_code(children[i], 0);
		if (children[i] != 0)
			continue;
		struct db db = handle(f, DB_WRITE);

		(void)close(gate[1]);
		(void)!read(gate[0], &byte, 1);         /* end of file: everybody is here */
		const enum db_result result = migrate(&db, &plan_3);

		if (result != DB_OK)
			(void)fprintf(stderr, "# %s\n", db.why);
		_exit(result == DB_OK ? 0 : 1);
	}
	(void)close(gate[0]);
	(void)close(gate[1]);
	for (size_t i = 0; i < ARRAY_COUNT(children); i++) {
		int status = -1;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	open_plain(f);
	assert_int_equal(ask_number(f, "PRAGMA user_version"), 3);
}

static void the_real_steps_lead_to_the_real_version_without_gaps(void **state)
{
	int version = 1;

	(void)state;
	for (const struct migration *step = migration_plan.steps; step->to_version; step++)
		assert_int_equal(step->to_version, ++version);
	assert_int_equal(version, DB_VERSION);
	assert_int_equal(migration_plan.version, DB_VERSION);
}

#define FOLDER_CASE(name) cmocka_unit_test_setup_teardown(name, set_up_folder, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_CASE(an_older_file_is_brought_up_to_date_with_its_rows),
		FOLDER_CASE(an_empty_file_gets_the_newest_schema_at_once),
		FOLDER_CASE(a_reader_asks_for_somebody_who_may_write),
		FOLDER_CASE(a_step_that_fails_leaves_the_file_as_it_was),
		FOLDER_CASE(a_step_that_leaves_dangling_rows_is_undone),
		FOLDER_CASE(a_migration_waits_its_turn),
		FOLDER_CASE(processes_that_migrate_at_once_do_the_work_once),
		cmocka_unit_test(the_real_steps_lead_to_the_real_version_without_gaps),
	};

	return cmocka_run_group_tests_name("migrate", tests, NULL, NULL);
}
