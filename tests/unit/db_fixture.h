/* A database in a fresh folder for each test, and a second, plain connection that knows no rules of ours. */
#pragma once

#include "tests/unit/unit.h"

#include "base/slice.h"
#include "db/db.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
	char folder[64];
	char path[96];
	struct db *db;
	sqlite3 *plain;
};

static const int64_t NOW_MS = 1700000000000;
#define SID "CA00000000000000000000000000000001"

static inline void run_sql(struct fixture *f, const char *sql)
{
	char *message = NULL;

	if (sqlite3_exec(f->plain, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
}

static inline int64_t ask_number(struct fixture *f, const char *sql)
{
	sqlite3_stmt *statement = NULL;

	assert_int_equal(sqlite3_prepare_v2(f->plain, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	const int64_t number = sqlite3_column_int64(statement, 0);

	sqlite3_finalize(statement);
	return number;
}

/* Valid until the next question. */
static inline const char *ask_text(struct fixture *f, const char *sql)
{
	static char answer[20000];
	sqlite3_stmt *statement = NULL;

	assert_int_equal(sqlite3_prepare_v2(f->plain, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	const char *text = (const char *)sqlite3_column_text(statement, 0);

	(void)snprintf(answer, sizeof(answer), "%s", text ? text : "(null)");
	sqlite3_finalize(statement);
	return answer;
}

static inline void open_plain(struct fixture *f)
{
	assert_int_equal(sqlite3_open(f->path, &f->plain), SQLITE_OK);
	sqlite3_busy_timeout(f->plain, 5000);
	sqlite3_wal_autocheckpoint(f->plain, 0);
	sqlite3_db_config(f->plain, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
}

/* Before fork(2): SQLite's connections, and its memory of locks, must not enter a child. */
static inline void close_all(struct fixture *f)
{
	db_close(f->db);
	f->db = NULL;
	assert_int_equal(sqlite3_close(f->plain), SQLITE_OK);
	f->plain = NULL;
}

/* A folder and a path, nothing there yet. */
static inline int set_up_folder(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	(void)snprintf(f->folder, sizeof(f->folder), "/tmp/receptionai-db-test.XXXXXX");
	if (!mkdtemp(f->folder))
		return -1;
	(void)snprintf(f->path, sizeof(f->path), "%s/r.db", f->folder);
	*state = f;
	return 0;
}

/* Merchant 1, Bella's, +15550100. */
static inline int set_up(void **state)
{
	char why[DB_WHY_BYTES_MAX];

	if (set_up_folder(state) != 0)
		return -1;
	struct fixture *f = *state;

	if (db_open(&f->db, f->path, DB_CREATE, 200, why, sizeof(why)) != DB_OK) {
		print_error("%s\n", why);
		return -1;
	}
	open_plain(f);
	run_sql(f, "INSERT INTO merchants(name, phone_number) VALUES('Bella''s', '+15550100')");
	return 0;
}

static inline int tear_down(void **state)
{
	static const char *const endings[] = { "", "-wal", "-shm", "-journal" };
	struct fixture *f = *state;
	char path[128];

	db_close(f->db);
	sqlite3_close(f->plain);
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", f->path, endings[i]);
		(void)unlink(path);
	}
	(void)rmdir(f->folder);
	free(f);
	return 0;
}

static inline struct call_record begin_call(struct fixture *f, const char *sid)
{
	struct call_record call;
	const struct call_begin begin = {
		.call_sid = slice_of(sid),
		.merchant_id = 1,
		.caller_number = SLICE("+14155550123"),
		.called_number = SLICE("+15550100"),
		.now_ms = NOW_MS,
	};

	assert_int_equal(db_call_begin(f->db, &begin, &call), DB_OK);
	return call;
}

#define DB_CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
