/*
 * Open: the connection, its pragmas, the schema, all statements. A statement that does not prepare
 * is an open error: no caller meets it in the middle of a call. Whatever fails on the way closes
 * the connection again.
 */
#include "db/db.h"

#include "base/check.h"
#include "base/clock.h"
#include "db/migrate.h"
#include "db/query.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	DB_MAGIC = 0x64624F4B,
	CHECKPOINT_WAIT_MS = 250, /* for readers, while no other process can write */
};

static const char *const statement_texts[STATEMENT_COUNT] = {
#define STATEMENT_TEXT(name, sql) [STATEMENT_##name] = sql,
	STATEMENTS(STATEMENT_TEXT)
#undef STATEMENT_TEXT
};

static enum db_result connect_file(struct db *db, const char *path)
{
	static const int flags[] = {
		[DB_READ] = SQLITE_OPEN_READONLY,
		[DB_WRITE] = SQLITE_OPEN_READWRITE,
		[DB_CREATE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
	};
	const int code = sqlite3_open_v2(path, &db->sqlite,
		flags[db->mode] | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

	return code == SQLITE_OK ? DB_OK : db_fail_sqlite(db, code);
}

/*
 * SQLite before 3.51.3 can lose pages when two connections checkpoint (sqlite.org/wal.html, "the
 * WAL-reset bug"). So no connection checkpoints by itself, neither at a thousand pages nor when the
 * last one closes: only db_checkpoint() does, and only one process calls it.
 */
static enum db_result configure(struct db *db)
{
	static const char pragmas[] = "PRAGMA synchronous = FULL;"
				      "PRAGMA mmap_size = 0;"
				      "PRAGMA secure_delete = ON;"
				      "PRAGMA wal_autocheckpoint = 0;";
	int code = sqlite3_busy_timeout(db->sqlite, db->busy_ms);

	if (code == SQLITE_OK)
		code = sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_exec(db->sqlite, pragmas, NULL, NULL, NULL);
	return code == SQLITE_OK ? DB_OK : db_fail_sqlite(db, code);
}

/* A pragma's answer. */
struct word {
	char text[16];
};

static int take_word(void *word, int column_count, char **texts, char **names)
{
	char *text = ((struct word *)word)->text;

	(void)names;
	return column_count == 1 && texts[0] &&
			       slice_copy(slice_of(texts[0]), text, sizeof(struct word))
		       ? 0
		       : 1;
}

/* Only counts while the file is empty, and entering WAL mode already writes to it. */
static enum db_result set_auto_vacuum(struct db *db)
{
	struct word pages = {""};
	int code = sqlite3_exec(db->sqlite, "PRAGMA page_count", take_word, &pages, NULL);

	if (code == SQLITE_OK && strcmp(pages.text, "0") == 0)
		code = sqlite3_exec(
			db->sqlite, "PRAGMA auto_vacuum = INCREMENTAL", NULL, NULL, NULL);
	return code == SQLITE_OK ? DB_OK : db_fail_sqlite(db, code);
}

static enum db_result use_wal(struct db *db)
{
	struct word word = {""};
	int code = sqlite3_exec(db->sqlite, "PRAGMA journal_mode", take_word, &word, NULL);

	if (code == SQLITE_OK && db->mode != DB_READ && strcmp(word.text, "wal") != 0) {
		code = sqlite3_exec(
			db->sqlite, "PRAGMA journal_mode = WAL", take_word, &word, NULL);
		if (code == SQLITE_OK && strcmp(word.text, "wal") != 0)
			return db_fail(db, DB_BROKEN, "the file system does not support WAL mode");
	}
	return code == SQLITE_OK ? DB_OK : db_fail_sqlite(db, code);
}

/* Off while migrating: rebuilding a table must not cascade. */
static enum db_result enforce_foreign_keys(struct db *db)
{
	const int code = sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);

	return code == SQLITE_OK ? DB_OK : db_fail_sqlite(db, code);
}

static enum db_result prepare_all(struct db *db)
{
	for (int i = 0; i < STATEMENT_COUNT; i++) {
		const int code = sqlite3_prepare_v3(db->sqlite, statement_texts[i], -1,
			SQLITE_PREPARE_PERSISTENT, &db->statements[i], NULL);

		if (code != SQLITE_OK)
			return db_fail_sqlite(db, code);
	}
	return DB_OK;
}

static enum db_result prepare_file(struct db *db)
{
	enum db_result result = migrate_recognise(db);

	if (result == DB_OK && db->mode == DB_CREATE)
		result = set_auto_vacuum(db);
	if (result == DB_OK)
		result = use_wal(db);
	if (result == DB_OK)
		result = migrate(db, &migration_plan);
	return result;
}

/* Entering WAL mode does not wait for others who are about to do the same (SQLite asks no busy
 * handler). */
static enum db_result prepare_file_patiently(struct db *db)
{
	const uint64_t deadline_ms = clock_mono_ms() + (uint64_t)db->busy_ms;
	enum db_result result = prepare_file(db);

	while (result == DB_BUSY && clock_mono_ms() < deadline_ms) {
		(void)sqlite3_sleep(5);
		result = prepare_file(db);
	}
	return result;
}

static enum db_result open_steps(struct db *db, const char *path)
{
	enum db_result result = connect_file(db, path);

	if (result != DB_OK)
		return result;
	if (sqlite3_db_readonly(db->sqlite, "main") == 1)
		db->mode = DB_READ; /* merchants can still be read; writes answer DB_READONLY */
	result = configure(db);
	if (result == DB_OK)
		result = prepare_file_patiently(db);
	if (result == DB_OK)
		result = enforce_foreign_keys(db);
	if (result == DB_OK)
		result = prepare_all(db);
	return result;
}

enum db_result db_open(struct db **out_db, const char *path, enum db_mode mode, int busy_ms,
	char *why, size_t why_bytes)
{
	check(path && busy_ms >= 0 && why_bytes > 0);
	struct db *db = calloc(1, sizeof(*db));

	check(db); /* a program that cannot start for want of memory is not a peer's fault */
	db->magic = DB_MAGIC;
	db->mode = mode;
	db->busy_ms = busy_ms;
	const enum db_result result = open_steps(db, path);

	if (result == DB_OK) {
		*out_db = db;
		return DB_OK;
	}
	(void)snprintf(why, why_bytes, "%s: %s", path, db->why);
	db_close(db);
	return result;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	check(db->magic == DB_MAGIC);
	for (int i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(db->statements[i]);
	check(sqlite3_close(db->sqlite) == SQLITE_OK);
	db->magic = 0;
	free(db);
}

const char *db_why(const struct db *db)
{
	check(db->magic == DB_MAGIC);
	return db->why;
}

const char *db_result_word(enum db_result result)
{
	static const char *const words[] = {
		[DB_OK] = "ok",
		[DB_NONE] = "none",
		[DB_BUSY] = "busy",
		[DB_READONLY] = "readonly",
		[DB_REFUSED] = "refused",
		[DB_BROKEN] = "broken",
	};

	check(result < ARRAY_COUNT(words));
	return words[result];
}

enum db_result db_health(struct db *db)
{
	struct query q = query_open(db, STATEMENT_HEALTH);

	return query_close(&q, query_row(&q));
}

enum db_result db_batch_begin(struct db *db)
{
	check(!db->in_batch);
	if (db->mode == DB_READ) /* SQLite would begin, and refuse the first write */
		return db_fail(db, DB_READONLY, "the database is open for reading only");
	struct query q = query_open(db, STATEMENT_BEGIN);
	const enum db_result result = query_run(&q);

	db->in_batch = result == DB_OK;
	return result;
}

enum db_result db_batch_end(struct db *db)
{
	check(db->in_batch);
	struct query q = query_open(db, STATEMENT_COMMIT);
	const enum db_result result = query_run(&q);

	db->in_batch = false;
	if (result != DB_OK && !sqlite3_get_autocommit(db->sqlite))
		(void)sqlite3_exec(db->sqlite, "ROLLBACK", NULL, NULL, NULL);
	return result;
}

enum db_result db_batch_drop(struct db *db, enum db_result result)
{
	check(db->in_batch);
	db->in_batch = false;
	if (!sqlite3_get_autocommit(db->sqlite))
		(void)sqlite3_exec(db->sqlite, "ROLLBACK", NULL, NULL, NULL);
	return result;
}

/*
 * TRUNCATE holds the write lock, so nobody can reset the log under it; but when it does not get
 * that lock in time, SQLite goes on without it. Hence first a transaction: is there a writer that
 * keeps us out? Then a short wait, since everybody else waits with us for the slowest reader.
 */
enum db_result db_checkpoint(struct db *db)
{
	enum db_result result = db_batch_begin(db);

	if (result == DB_OK)
		result = db_batch_end(db);
	if (result != DB_OK)
		return result;
	(void)sqlite3_busy_timeout(db->sqlite, CHECKPOINT_WAIT_MS);
	const int code = sqlite3_wal_checkpoint_v2(
		db->sqlite, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

	(void)sqlite3_busy_timeout(db->sqlite, db->busy_ms);
	return code == SQLITE_OK ? DB_OK : db_fail_sqlite(db, code);
}
