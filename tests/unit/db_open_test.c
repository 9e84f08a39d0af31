/* Opening: what is made, what is refused, what a connection is set to, and how it behaves in trouble. */
#include "tests/unit/db_fixture.h"

#include "base/check.h"
#include "db/migrations.h"
#include "db/query.h"

#include <fcntl.h>
#include <sys/wait.h>

static struct call_start start;

static void a_missing_file_is_made_with_its_schema(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(db_health(f->db), DB_OK);
	assert_int_equal(ask_number(f, "PRAGMA application_id"), DB_APPLICATION_ID);
	assert_int_equal(ask_number(f, "PRAGMA user_version"), DB_VERSION);
	assert_string_equal(ask_text(f, "PRAGMA journal_mode"), "wal");
	assert_int_equal(ask_number(f, "PRAGMA auto_vacuum"), 2);
	assert_string_equal(ask_text(f, "PRAGMA integrity_check"), "ok");
}

static void refused(const char *path, enum db_mode mode, enum db_result wanted, const char *sentence)
{
	char why[DB_WHY_BYTES_MAX] = "";
	struct db *db = NULL;

	assert_int_equal(db_open(&db, path, mode, 100, why, sizeof(why)), wanted);
	assert_null(db);
	if (!strstr(why, sentence))
		fail_msg("\"%s\" does not say \"%s\"", why, sentence);
	assert_non_null(strstr(why, path));
}

static void a_missing_folder_is_refused(void **state)
{
	(void)state;
	refused("/nonexistent/folder/r.db", DB_CREATE, DB_BROKEN, "unable to open database file");
}

static void a_file_that_must_exist_is_not_made(void **state)
{
	struct fixture *f = *state;

	refused(f->path, DB_READ, DB_BROKEN, "unable to open database file");
	refused(f->path, DB_WRITE, DB_BROKEN, "unable to open database file");
	assert_int_not_equal(access(f->path, F_OK), 0);
}

static void an_empty_file_gets_its_schema_only_when_asked(void **state)
{
	struct fixture *f = *state;
	char why[DB_WHY_BYTES_MAX];

	assert_return_code(close(open(f->path, O_CREAT | O_WRONLY, 0600)), 0);
	refused(f->path, DB_WRITE, DB_BROKEN, "holds no schema yet");
	assert_int_equal(db_open(&f->db, f->path, DB_CREATE, 100, why, sizeof(why)), DB_OK);
}

static void a_file_that_is_no_database_is_refused(void **state)
{
	struct fixture *f = *state;
	FILE *file = fopen(f->path, "w");

	for (int i = 0; i < 1000; i++)
		assert_true(fputs("this is a letter, not a database\n", file) >= 0);
	assert_int_equal(fclose(file), 0);
	refused(f->path, DB_CREATE, DB_BROKEN, "file is not a database");
}

static void a_database_of_somebody_else_is_refused_and_left_alone(void **state)
{
	struct fixture *f = *state;

	open_plain(f);
	run_sql(f, "CREATE TABLE recipes(name TEXT)");
	refused(f->path, DB_CREATE, DB_BROKEN, "this is not a ReceptionAI database");
	assert_int_equal(ask_number(f, "SELECT count(*) FROM sqlite_schema"), 1);
	/* Not even its journal mode was changed: 2 in byte 18 of the file would be WAL. */
	FILE *file = fopen(f->path, "rb");
	assert_non_null(file);
	assert_int_equal(fseek(file, 18, SEEK_SET), 0);
	assert_int_equal(fgetc(file), 1);
	fclose(file);
}

static void a_newer_version_is_refused(void **state)
{
	struct fixture *f = *state;

	run_sql(f, "PRAGMA user_version = 999");
	refused(f->path, DB_CREATE, DB_BROKEN, "the database has version 999, this program knows versions up to 4");
	refused(f->path, DB_READ, DB_BROKEN, "the database has version 999");
}

static void a_schema_that_lost_a_table_is_an_open_error(void **state)
{
	struct fixture *f = *state;

	run_sql(f, "DROP TABLE fal_keys");
	refused(f->path, DB_WRITE, DB_BROKEN, "no such table: fal_keys");
}

static int64_t pragma_number(struct db *db, const char *sql)
{
	sqlite3_stmt *statement = NULL;

	assert_int_equal(sqlite3_prepare_v2(db->sqlite, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	const int64_t number = sqlite3_column_int64(statement, 0);

	sqlite3_finalize(statement);
	return number;
}

static void a_connection_is_set_to_be_safe(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(pragma_number(f->db, "PRAGMA foreign_keys"), 1);
	assert_int_equal(pragma_number(f->db, "PRAGMA synchronous"), 2);
	assert_int_equal(pragma_number(f->db, "PRAGMA trusted_schema"), 0);
	assert_int_equal(pragma_number(f->db, "PRAGMA wal_autocheckpoint"), 0);
	assert_int_equal(pragma_number(f->db, "PRAGMA mmap_size"), 0);
	assert_int_equal(pragma_number(f->db, "PRAGMA busy_timeout"), 200);
}

static void every_statement_is_prepared_at_open(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < STATEMENT_COUNT; i++)
		assert_non_null(f->db->statements[i]);
}

static void many_processes_may_open_a_missing_file_at_once(void **state)
{
	struct fixture *f = *state;
	int gate[2];
	pid_t children[8];
	char byte;

	assert_return_code(pipe(gate), 0);
	for (size_t i = 0; i < ARRAY_COUNT(children); i++) {
		children[i] = fork();
		assert_return_code(children[i], 0);
		if (children[i] != 0)
			continue;
		char why[DB_WHY_BYTES_MAX] = "";
		struct db *db = NULL;

		(void)close(gate[1]);
		(void)!read(gate[0], &byte, 1);         /* end of file: everybody is here */
		const enum db_result result = db_open(&db, f->path, DB_CREATE, 5000, why, sizeof(why));

		if (result != DB_OK)
			(void)fprintf(stderr, "# %s\n", why);
		_exit(result == DB_OK && db_health(db) == DB_OK ? 0 : 1);
	}
	(void)close(gate[0]);
	(void)close(gate[1]);
	for (size_t i = 0; i < ARRAY_COUNT(children); i++) {
		int status = -1;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	open_plain(f);
	assert_string_equal(ask_text(f, "PRAGMA integrity_check"), "ok");
	assert_int_equal(ask_number(f, "SELECT count(*) FROM voices WHERE name = 'eve'"), 1);
}

static void a_lock_that_is_held_too_long_is_busy(void **state)
{
	struct fixture *f = *state;

	begin_call(f, SID);
	run_sql(f, "BEGIN IMMEDIATE");
	assert_int_equal(db_call_start(f->db, SLICE(SID), SLICE("MZ1"), NOW_MS, &start), DB_BUSY);
	assert_string_equal(db_why(f->db), "database is locked (SQLite 5)");
	assert_int_equal(db_batch_begin(f->db), DB_BUSY);
	assert_int_equal(db_checkpoint(f->db), DB_BUSY);
	struct merchant m;

	assert_int_equal(db_merchant_by_id(f->db, 1, &m), DB_OK);
	run_sql(f, "COMMIT");
	assert_int_equal(db_call_start(f->db, SLICE(SID), SLICE("MZ1"), NOW_MS, &start), DB_OK);
}

static void a_reading_connection_reads_and_says_that_it_may_not_write(void **state)
{
	struct fixture *f = *state;
	char why[DB_WHY_BYTES_MAX];
	struct merchant m;
	struct db *db;

	begin_call(f, SID);
	assert_int_equal(db_open(&db, f->path, DB_READ, 100, why, sizeof(why)), DB_OK);
	assert_int_equal(db_merchant_by_number(db, SLICE("+15550100"), &m), DB_OK);
	assert_int_equal(db_call_answer(db, SLICE(SID), NOW_MS), DB_READONLY);
	assert_non_null(strstr(db_why(db), "readonly"));
	assert_int_equal(db_batch_begin(db), DB_READONLY);
	db_close(db);
}

/* Root may write everything, so the test becomes nobody. */
static int as_nobody(const char *path)
{
	char why[DB_WHY_BYTES_MAX] = "";
	struct merchant m;
	struct db *db;

	if (geteuid() == 0 && setuid(65534) != 0)
		return 2;
	if (db_open(&db, path, DB_CREATE, 100, why, sizeof(why)) != DB_OK) {
		(void)fprintf(stderr, "# %s\n", why);
		return 3;
	}
	if (db_merchant_by_number(db, SLICE("+15550100"), &m) != DB_OK)
		return 4;
	return db_call_answer(db, SLICE(SID), NOW_MS) == DB_READONLY ? 0 : 5;
}

static void a_file_without_write_permission_can_be_read(void **state)
{
	struct fixture *f = *state;
	char path[128];

	begin_call(f, SID);
	assert_return_code(chmod(f->folder, 0755), 0);
	assert_return_code(chmod(f->path, 0444), 0);
	(void)snprintf(path, sizeof(path), "%s-wal", f->path);
	assert_return_code(chmod(path, 0444), 0);
	(void)snprintf(path, sizeof(path), "%s-shm", f->path);
	assert_return_code(chmod(path, 0444), 0);
	close_all(f);
	const pid_t child = fork();

	assert_return_code(child, 0);
	if (child == 0)
		_exit(as_nobody(f->path));
	int status = -1;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_file_that_was_replaced_is_broken_for_whoever_has_it_open(void **state)
{
	struct fixture *f = *state;
	char elsewhere[128];
	struct merchant m;

	(void)snprintf(elsewhere, sizeof(elsewhere), "%s.old", f->path);
	assert_return_code(rename(f->path, elsewhere), 0);
	assert_int_equal(db_health(f->db), DB_BROKEN);
	assert_string_equal(db_why(f->db), "the database file was moved, deleted or replaced");
	assert_int_equal(db_merchant_by_id(f->db, 1, &m), DB_BROKEN);
	assert_return_code(rename(elsewhere, f->path), 0);
	assert_int_equal(db_health(f->db), DB_OK);
}

static off_t wal_bytes(struct fixture *f)
{
	char path[128];
	struct stat facts;

	(void)snprintf(path, sizeof(path), "%s-wal", f->path);
	return stat(path, &facts) == 0 ? facts.st_size : -1;
}

static void only_db_checkpoint_moves_the_log_into_the_file(void **state)
{
	struct fixture *f = *state;
	char why[DB_WHY_BYTES_MAX];

	begin_call(f, SID);
	for (int i = 0; i < 1200; i++)
		assert_int_equal(db_call_start(f->db, SLICE(SID), SLICE("MZ1"), NOW_MS, &start), DB_OK);
	assert_true(wal_bytes(f) > 1200 * 4096);
	sqlite3_close(f->plain);
	f->plain = NULL;
	db_close(f->db);
	assert_true(wal_bytes(f) > 1200 * 4096);
	assert_int_equal(db_open(&f->db, f->path, DB_WRITE, 200, why, sizeof(why)), DB_OK);
	assert_int_equal(db_checkpoint(f->db), DB_OK);
	assert_int_equal(wal_bytes(f), 0);
	assert_int_equal(pragma_number(f->db, "PRAGMA busy_timeout"), 200);
}

static void a_reader_makes_a_checkpoint_busy_but_not_broken(void **state)
{
	struct fixture *f = *state;

	begin_call(f, SID);
	run_sql(f, "BEGIN");
	assert_int_equal(ask_number(f, "SELECT count(*) FROM calls"), 1);
	assert_int_equal(db_call_start(f->db, SLICE(SID), SLICE("MZ1"), NOW_MS, &start), DB_OK);
	assert_int_equal(db_checkpoint(f->db), DB_BUSY);
	run_sql(f, "COMMIT");
	assert_int_equal(db_checkpoint(f->db), DB_OK);
	assert_string_equal(ask_text(f, "PRAGMA integrity_check"), "ok");
}

static void a_batch_is_seen_by_others_when_it_ends_and_not_before(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(db_batch_begin(f->db), DB_OK);
	begin_call(f, SID);
	assert_int_equal(db_call_start(f->db, SLICE(SID), SLICE("MZ1"), NOW_MS, &start), DB_OK);
	assert_int_equal(db_call_start(f->db, SLICE("CAnobody"), SLICE("MZ1"), NOW_MS, &start), DB_NONE);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM calls"), 0);
	assert_int_equal(db_batch_end(f->db), DB_OK);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM calls WHERE status = 'live'"), 1);
}

static void a_batch_that_was_undone_writes_nothing_more_and_says_so(void **state)
{
	struct fixture *f = *state;

	begin_call(f, SID);
	assert_int_equal(db_batch_begin(f->db), DB_OK);
	assert_int_equal(sqlite3_exec(f->db->sqlite, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(db_call_start(f->db, SLICE(SID), SLICE("MZ1"), NOW_MS, &start), DB_BROKEN);
	assert_int_equal(db_batch_end(f->db), DB_BROKEN);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM calls WHERE status = 'live'"), 0);
	assert_int_equal(db_call_start(f->db, SLICE(SID), SLICE("MZ1"), NOW_MS, &start), DB_OK);
}

static void each_result_has_its_word(void **state)
{
	(void)state;
	assert_string_equal(db_result_word(DB_OK), "ok");
	assert_string_equal(db_result_word(DB_BROKEN), "broken");
}

#define FOLDER_CASE(name) cmocka_unit_test_setup_teardown(name, set_up_folder, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DB_CASE(a_missing_file_is_made_with_its_schema),
		cmocka_unit_test(a_missing_folder_is_refused),
		FOLDER_CASE(a_file_that_must_exist_is_not_made),
		FOLDER_CASE(an_empty_file_gets_its_schema_only_when_asked),
		FOLDER_CASE(a_file_that_is_no_database_is_refused),
		FOLDER_CASE(a_database_of_somebody_else_is_refused_and_left_alone),
		DB_CASE(a_newer_version_is_refused),
		DB_CASE(a_schema_that_lost_a_table_is_an_open_error),
		DB_CASE(a_connection_is_set_to_be_safe),
		DB_CASE(every_statement_is_prepared_at_open),
		FOLDER_CASE(many_processes_may_open_a_missing_file_at_once),
		DB_CASE(a_lock_that_is_held_too_long_is_busy),
		DB_CASE(a_reading_connection_reads_and_says_that_it_may_not_write),
		DB_CASE(a_file_without_write_permission_can_be_read),
		DB_CASE(a_file_that_was_replaced_is_broken_for_whoever_has_it_open),
		DB_CASE(only_db_checkpoint_moves_the_log_into_the_file),
		DB_CASE(a_reader_makes_a_checkpoint_busy_but_not_broken),
		DB_CASE(a_batch_is_seen_by_others_when_it_ends_and_not_before),
		DB_CASE(a_batch_that_was_undone_writes_nothing_more_and_says_so),
		cmocka_unit_test(each_result_has_its_word),
	};

	return cmocka_run_group_tests_name("db_open", tests, NULL, NULL);
}
