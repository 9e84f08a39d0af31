/* Everything by plain statements on a connection of its own: a file that is not ours must come through, too. */
#include "db/state.h"

#include "base/check.h"
#include "db/migrations.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { ENGINE_SAFE = 3051003 };

static sqlite3 *open_file(const char *path, int flags, char *why)
{
	sqlite3 *sqlite = NULL;

	if (sqlite3_open_v2(path, &sqlite, flags, NULL) == SQLITE_OK) {
		sqlite3_busy_timeout(sqlite, STATE_BUSY_MS);
		return sqlite;
	}
	if (why)
		snprintf(why, STATE_WHY_BYTES_MAX, "%s", sqlite ? sqlite3_errmsg(sqlite) : "no memory");
	sqlite3_close(sqlite);
	return NULL;
}

/* The first column of the first row as a text of SQLite's; "" if there is none. `out` NULL: only whether it runs. */
static bool ask_text(sqlite3 *sqlite, const char *sql, char *out, size_t out_bytes)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW && out)
		snprintf(out, out_bytes, "%s", (const char *)sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	return code == SQLITE_ROW || code == SQLITE_DONE;
}

static int64_t ask_number(sqlite3 *sqlite, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	int64_t number = 0;

	if (sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
		number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return number;
}

static void read_file(sqlite3 *sqlite, struct db_state *out)
{
	char word[32] = "";

	out->is_ours = ask_number(sqlite, "PRAGMA application_id") == DB_APPLICATION_ID;
	out->version = (int)ask_number(sqlite, "PRAGMA user_version");
	out->is_wal = ask_text(sqlite, "PRAGMA journal_mode", word, sizeof word) && strcmp(word, "wal") == 0;
	out->is_whole = ask_text(sqlite, "PRAGMA quick_check(1)", word, sizeof word) && strcmp(word, "ok") == 0;
	if (!out->is_whole)
		snprintf(out->why, sizeof out->why, "%s", word[0] ? word : sqlite3_errmsg(sqlite));
	out->merchant_count = ask_number(sqlite, "SELECT count(*) FROM merchants");
	out->active_count = ask_number(sqlite, "SELECT count(*) FROM merchants WHERE active");
}

/* A lock that is given back at once. */
static void try_writing(const char *path, struct db_state *out)
{
	sqlite3 *sqlite = open_file(path, SQLITE_OPEN_READWRITE, out->why);

	if (!sqlite)
		return;
	if (sqlite3_db_readonly(sqlite, "main") == 1)
		snprintf(out->why, sizeof out->why, "the file, or its folder, may not be written to");
	else if (ask_text(sqlite, "BEGIN IMMEDIATE", NULL, 0))
		out->can_write = true;
	else
		snprintf(out->why, sizeof out->why, "%s", sqlite3_errmsg(sqlite));
	ask_text(sqlite, "ROLLBACK", NULL, 0);
	sqlite3_close(sqlite);
}

void db_state_read(const char *path, struct db_state *out)
{
	struct stat file;

	*out = (struct db_state){
		.newest = DB_VERSION,
		.engine = sqlite3_libversion(),
		.engine_may_corrupt = sqlite3_libversion_number() < ENGINE_SAFE,
	};
	if (stat(path, &file) < 0)
		return (void)snprintf(out->why, sizeof out->why, "%s", strerror(errno));
	out->is_there = true;
	out->bytes = file.st_size;
	sqlite3 *sqlite = open_file(path, SQLITE_OPEN_READONLY, out->why);

	if (!sqlite)
		return;
	read_file(sqlite, out);
	sqlite3_close(sqlite);
	if (out->is_ours && out->is_whole)
		try_writing(path, out);
}

static struct slice text_of(sqlite3_stmt *statement, int column)
{
	return slice_of((const char *)sqlite3_column_text(statement, column));
}

void db_state_numbers(const char *path, bool (*each)(void *context, struct slice number), void *context)
{
	/* One that stands in both columns is one number. */
	static const char *const texts[] = {
		"SELECT phone_number FROM merchants WHERE active UNION"
		" SELECT merchant_numbers.phone_number FROM merchant_numbers JOIN merchants ON merchants.id = "
		"merchant_id"
		" WHERE active ORDER BY 1",
		"SELECT phone_number FROM merchants WHERE active ORDER BY 1",       /* before version 4 */
	};
	sqlite3 *sqlite = open_file(path, SQLITE_OPEN_READONLY, NULL);
	sqlite3_stmt *statement = NULL;

	for (size_t i = 0; sqlite && !statement && i < ARRAY_COUNT(texts); i++)
		(void)sqlite3_prepare_v2(sqlite, texts[i], -1, &statement, NULL);
	while (statement && sqlite3_step(statement) == SQLITE_ROW && each(context, text_of(statement, 0)))
		;
	sqlite3_finalize(statement);
	sqlite3_close(sqlite);
}

void db_state_warnings(const char *path, bool (*each)(void *context, const struct db_warning *warning), void *context)
{
	sqlite3 *sqlite = open_file(path, SQLITE_OPEN_READONLY, NULL);
	sqlite3_stmt *statement = NULL;
	bool goes_on = true;

	if (sqlite)
		(void)sqlite3_prepare_v2(sqlite, "SELECT merchant_id, merchant, \"change\", warning FROM "
		"config_warnings", -1,
			&statement, NULL);
	while (statement && goes_on && sqlite3_step(statement) == SQLITE_ROW) {
		const struct db_warning warning = {
			.merchant_id = sqlite3_column_int64(statement, 0),
			.merchant = text_of(statement, 1),
			.change = text_of(statement, 2),
			.sentence = text_of(statement, 3),
		};

		goes_on = each(context, &warning);
	}
	sqlite3_finalize(statement);
	sqlite3_close(sqlite);
}
