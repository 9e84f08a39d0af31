#include "db/query.h"

#include "base/check.h"

#include <stdarg.h>
#include <stdio.h>

enum db_result db_fail(struct db *db, enum db_result result, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(db->why, sizeof(db->why), format, arguments);
	va_end(arguments);
	return result;
}

static enum db_result classify(int extended_code)
{
	if (extended_code == SQLITE_CONSTRAINT_FOREIGNKEY)
		return DB_NONE;
	switch (extended_code & 0xFF) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return DB_BUSY;
	case SQLITE_READONLY:
		return DB_READONLY;
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_TOOBIG:
		return DB_REFUSED;
	default:
		return DB_BROKEN;
	}
}

enum db_result db_fail_sqlite(struct db *db, int code)
{
	const int extended_code = db->sqlite ? sqlite3_extended_errcode(db->sqlite) : code;

	return db_fail(db, classify(extended_code), "%s (SQLite %d)",
		db->sqlite ? sqlite3_errmsg(db->sqlite) : sqlite3_errstr(code), extended_code);
}

/* A restored or deleted database must not be written to behind everybody's back. */
static bool file_has_moved(struct db *db)
{
	int moved = 0;

	return sqlite3_file_control(db->sqlite, "main", SQLITE_FCNTL_HAS_MOVED, &moved) ==
		       SQLITE_OK &&
	       moved;
}

struct query query_open(struct db *db, enum statement statement)
{
	check(statement < STATEMENT_COUNT);
	struct query q = {.db = db, .statement = db->statements[statement], .result = DB_OK};

	check(q.statement && !sqlite3_stmt_busy(q.statement));
	db->why[0] = '\0';
	if (file_has_moved(db))
		q.result =
			db_fail(db, DB_BROKEN, "the database file was moved, deleted or replaced");
	else if (db->in_batch && sqlite3_get_autocommit(db->sqlite))
		q.result = db_fail(
			db, DB_BROKEN, "an error has undone the batch that this write belongs to");
	return q;
}

void query_text(struct query *q, struct slice text)
{
	const char *data = text.len ? text.data : "";

	q->bound_count++;
	if (q->result != DB_OK)
		return;
	if (text.len > INT32_MAX || memchr(data, '\0', text.len)) {
		q->result = db_fail(q->db, DB_REFUSED, "a text holds a NUL byte or is too long");
		return;
	}
	check(sqlite3_bind_text(q->statement, q->bound_count, data, (int)text.len, SQLITE_STATIC) ==
		SQLITE_OK);
}

void query_int(struct query *q, int64_t value)
{
	q->bound_count++;
	check(sqlite3_bind_int64(q->statement, q->bound_count, value) == SQLITE_OK);
}

void query_null(struct query *q)
{
	q->bound_count++; /* query_close() has cleared it */
}

static int run(struct query *q)
{
	check(q->bound_count == sqlite3_bind_parameter_count(q->statement));
	return sqlite3_step(q->statement);
}

enum db_result query_run(struct query *q)
{
	if (q->result != DB_OK)
		return query_close(q, q->result);
	const int code = run(q);

	return query_close(q, code == SQLITE_DONE ? DB_OK : db_fail_sqlite(q->db, code));
}

enum db_result query_change(struct query *q)
{
	const enum db_result result = query_run(q);

	if (result == DB_OK && sqlite3_changes(q->db->sqlite) == 0)
		return db_fail(q->db, DB_NONE, "no such row");
	return result;
}

enum db_result query_row(struct query *q)
{
	if (q->result != DB_OK)
		return q->result;
	const int code = run(q);

	if (code == SQLITE_ROW)
		return DB_OK;
	if (code == SQLITE_DONE)
		return db_fail(q->db, DB_NONE, "no such row");
	return db_fail_sqlite(q->db, code);
}

int64_t query_int_column(struct query *q)
{
	return sqlite3_column_int64(q->statement, q->column_count++);
}

void query_text_column(struct query *q, char *out, size_t out_bytes)
{
	const int column = q->column_count++;
	const char *text = (const char *)sqlite3_column_text(q->statement, column);
	const struct slice s = {text, (size_t)sqlite3_column_bytes(q->statement, column)};

	if (!slice_copy(s, out, out_bytes))
		q->result = db_fail(q->db, DB_BROKEN,
			"column %s holds a text that no rule of the schema allows",
			sqlite3_column_name(q->statement, column));
}

double query_real_column(struct query *q)
{
	return sqlite3_column_double(q->statement, q->column_count++);
}

struct slice query_slice_column(struct query *q)
{
	const int column = q->column_count++;
	const char *text = (const char *)sqlite3_column_text(q->statement, column);

	return (struct slice){text, (size_t)sqlite3_column_bytes(q->statement, column)};
}

unsigned query_word_column(struct query *q, const char *const *words, unsigned word_count)
{
	const int column = q->column_count;
	const struct slice word = query_slice_column(q);

	for (unsigned i = 0; i < word_count; i++)
		if (slice_equal(word, slice_of(words[i])))
			return i;
	q->result = db_fail(q->db, DB_BROKEN,
		"column %s holds a word that no rule of the schema allows",
		sqlite3_column_name(q->statement, column));
	return 0;
}

enum db_result query_next_row(struct query *q)
{
	const int code = sqlite3_step(q->statement);

	q->column_count = 0;
	if (code == SQLITE_ROW)
		return DB_OK;
	return code == SQLITE_DONE ? DB_NONE : db_fail_sqlite(q->db, code);
}

enum db_result query_close(struct query *q, enum db_result result)
{
	sqlite3_reset(q->statement);
	sqlite3_clear_bindings(q->statement);
	return result == DB_OK ? q->result : result;
}

struct query query_rows(struct db *db, enum statement statement, int64_t merchant_id)
{
	struct query q = query_open(db, statement);

	query_int(&q, merchant_id);
	return q;
}

enum db_result query_close_rows(struct query *q, enum db_result result, const char *what)
{
	if (result == DB_OK)
		result = db_fail(
			q->db, DB_BROKEN, "a merchant has more %s than the schema allows", what);
	else if (result == DB_NONE)
		result = DB_OK;
	return query_close(q, result);
}
