/*
 * query - one run of one prepared statement: bind in order, step, read columns in order, always reset.
 *
 * Place:    db only: what merchant.c, call.c, turn.c and message.c are written with.
 * Usage:    struct query q = query_open(db, STATEMENT_CALL_ANSWER);
 *           query_int(&q, now_ms); query_text(&q, call_sid);
 *           return query_change(&q);
 *      or:  query_text(&q, sid); r = query_row(&q);
 *           if (r == DB_OK) { out->id = query_int_column(&q); … } return query_close(&q, r);
 * Lifetime: bound texts are borrowed until query_change() or query_close(), after which nothing is locked.
 */
#pragma once

#include "db/db.h"
#include "db/statements.h"

#include <sqlite3.h>

struct db {
	unsigned magic;
	bool in_batch;
	enum db_mode mode;
	int busy_ms;
	sqlite3 *sqlite;
	sqlite3_stmt *statements[STATEMENT_COUNT];
	char why[DB_WHY_BYTES_MAX];
};

struct query {
	struct db *db;
	sqlite3_stmt *statement;
	int bound_count;
	int column_count;
	enum db_result result;          /* not DB_OK: binding found a fault, or a column did not fit */
};

/* Undoes the batch, keeps the sentence; answers `result`. */
enum db_result db_batch_drop(struct db *db, enum db_result result);
/* Keeps the sentence and gives it its class. */
enum db_result db_fail(struct db *db, enum db_result result, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The class of a SQLite result code, with SQLite's own sentence. */
enum db_result db_fail_sqlite(struct db *db, int code);

struct query query_open(struct db *db, enum statement statement);
void query_text(struct query *q, struct slice text);
void query_int(struct query *q, int64_t value);
void query_null(struct query *q);
/* Runs to the end, whether or not a row changed. Closes. */
enum db_result query_run(struct query *q);
/* Runs a write: DB_OK if it changed a row, DB_NONE if none. Closes. */
enum db_result query_change(struct query *q);
/* Runs a read up to its first row: DB_OK or DB_NONE. query_close() must follow. */
enum db_result query_row(struct query *q);
/* The next column. An SQL NULL is 0 or "". What does not fit makes query_close() DB_BROKEN. */
int64_t query_int_column(struct query *q);
void query_text_column(struct query *q, char *out, size_t out_bytes);
double query_real_column(struct query *q);
/* A text in memory of SQLite's, gone with the next row. */
struct slice query_slice_column(struct query *q);
/* The number of a text in a list of words. */
unsigned query_word_column(struct query *q, const char *const *words, unsigned word_count);
/* On to the row after: DB_OK or DB_NONE. */
enum db_result query_next_row(struct query *q);
/* Resets; answers `result`, or what reading the columns found. */
enum db_result query_close(struct query *q, enum db_result result);
/* The rows of a merchant: a statement whose first question mark is its id, and the end of reading them. There may be
 * none; `result` DB_OK says that there was one more than there was room for. */
struct query query_rows(struct db *db, enum statement statement, int64_t merchant_id);
enum db_result query_close_rows(struct query *q, enum db_result result, const char *what);
