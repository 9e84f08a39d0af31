/*
 * The schema is loaded into a database in memory, and the file is made to look like it: text for
 * text, so that an upgraded file cannot differ from a new one.
 */
#include "db/rebuild.h"

#include "db/query.h"

#define OBJECTS	   " FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
#define OLD_PREFIX "old table "

static enum db_result run_sql(struct db *db, const char *sql)
{
	const int code = sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? DB_OK : db_fail_sqlite(db, code);
}

static enum db_result run_and_free(struct db *db, char *sql)
{
	const enum db_result result = sql ? run_sql(db, sql) : db_fail(db, DB_BROKEN, "no memory");

	sqlite3_free(sql);
	return result;
}

/* Runs every statement that `question` answers with; it answers with all of them before the first
 * is run. */
static enum db_result run_answer(struct db *db, const char *question)
{
	sqlite3_stmt *statement = NULL;
	char *statements = NULL;
	int code = sqlite3_prepare_v2(db->sqlite, question, -1, &statement, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		statements = sqlite3_mprintf("%s", sqlite3_column_text(statement, 0));
	const enum db_result result = code == SQLITE_ROW ? DB_OK : db_fail_sqlite(db, code);

	sqlite3_finalize(statement);
	return result == DB_OK ? run_and_free(db, statements) : result;
}

enum db_result rebuild_drop_code(struct db *db)
{
	return run_answer(
		db, "SELECT coalesce(group_concat(printf('DROP %s IF EXISTS \"%w\";', type, name), "
		    "''), '')" OBJECTS " AND type IN ('view', 'trigger', 'index')");
}

/* The text of the file's table of that name; to be freed. NULL: there is none. */
static char *table_text(struct db *db, const char *name)
{
	sqlite3_stmt *statement = NULL;
	char *text = NULL;

	if (sqlite3_prepare_v2(db->sqlite,
		    "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?", -1,
		    &statement, NULL) != SQLITE_OK)
		return NULL;
	(void)sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	if (sqlite3_step(statement) == SQLITE_ROW)
		text = sqlite3_mprintf("%s", sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	return text;
}

static enum db_result fill_from_old(struct db *db, const char *name)
{
	char *question = sqlite3_mprintf(
		"SELECT printf('INSERT INTO \"%%w\"(%%s) SELECT %%s FROM \"" OLD_PREFIX
		"%%w\"', %Q, columns, columns, %Q) FROM (SELECT group_concat(printf('\"%%w\"', "
		"name)) AS columns"
		" FROM pragma_table_info(%Q) WHERE name IN (SELECT name FROM "
		"pragma_table_info('" OLD_PREFIX "%q')))",
		name, name, name, name);
	enum db_result result =
		question ? run_answer(db, question) : db_fail(db, DB_BROKEN, "no memory");

	sqlite3_free(question);
	if (result == DB_OK)
		result = run_and_free(db, sqlite3_mprintf("DROP TABLE \"" OLD_PREFIX "%w\"", name));
	return result;
}

static enum db_result rebuild_table(struct db *db, const char *name, const char *text)
{
	char *old_text = table_text(db, name);
	const bool is_new = !old_text, is_equal = old_text && strcmp(old_text, text) == 0;
	enum db_result result = DB_OK;

	sqlite3_free(old_text);
	if (is_equal)
		return DB_OK;
	if (!is_new)
		result = run_and_free(
			db, sqlite3_mprintf("ALTER TABLE \"%w\" RENAME TO \"" OLD_PREFIX "%w\"",
				    name, name));
	if (result == DB_OK)
		result = run_sql(db, text);
	if (result == DB_OK && !is_new)
		result = fill_from_old(db, name);
	return result;
}

/* The objects of the model, tables first, in the order in which the schema makes them. */
static enum db_result copy_model(struct db *db, sqlite3 *model)
{
	sqlite3_stmt *objects = NULL;
	enum db_result result = DB_OK;
	int code = sqlite3_prepare_v2(model,
		"SELECT type, name, sql" OBJECTS " ORDER BY type <> 'table', rowid", -1, &objects,
		NULL);

	while (code == SQLITE_OK && result == DB_OK && sqlite3_step(objects) == SQLITE_ROW) {
		const char *type = (const char *)sqlite3_column_text(objects, 0);
		const char *name = (const char *)sqlite3_column_text(objects, 1);
		const char *text = (const char *)sqlite3_column_text(objects, 2);

		result = strcmp(type, "table") == 0 ? rebuild_table(db, name, text)
						    : run_sql(db, text);
	}
	sqlite3_finalize(objects);
	return code == SQLITE_OK ? result : db_fail(db, DB_BROKEN, "%s", sqlite3_errmsg(model));
}

/* Renaming must not make other tables refer to the old one. */
enum db_result rebuild_to(struct db *db, const char *schema)
{
	sqlite3 *model = NULL;
	int code = sqlite3_open(":memory:", &model);
	enum db_result result;

	if (code == SQLITE_OK)
		code = sqlite3_exec(model, schema, NULL, NULL, NULL);
	if (code == SQLITE_OK) {
		result = run_sql(db, "PRAGMA legacy_alter_table = ON");
		if (result == DB_OK)
			result = copy_model(db, model);
		(void)sqlite3_exec(db->sqlite, "PRAGMA legacy_alter_table = OFF", NULL, NULL, NULL);
	} else {
		result = db_fail(db, DB_BROKEN, "the schema is wrong: %s", sqlite3_errmsg(model));
	}
	sqlite3_close(model);
	return result;
}
