#include "db/migrate.h"

#include "db/migrations.h"
#include "db/query.h"
#include "db/rebuild.h"

#include <stdio.h>

#define STEP_ROW(to_version, sql) {to_version, sql},
static const struct migration steps[] = {MIGRATIONS(STEP_ROW){0, NULL}};
#undef STEP_ROW

const struct migration_plan migration_plan = {db_schema_sql, steps, DB_VERSION};

struct identity {
	int64_t application_id;
	int64_t version;
	int64_t object_count;
};

static enum db_result execute(struct db *db, const char *sql)
{
	const int code = sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? DB_OK : db_fail_sqlite(db, code);
}

/* Leaves no transaction open and keeps the sentence of what went wrong. */
static enum db_result roll_back(struct db *db, enum db_result result)
{
	if (!sqlite3_get_autocommit(db->sqlite))
		(void)sqlite3_exec(db->sqlite, "ROLLBACK", NULL, NULL, NULL);
	return result;
}

static enum db_result read_number(struct db *db, const char *sql, int64_t *out_number)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(db->sqlite, sql, -1, &statement, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		*out_number = sqlite3_column_int64(statement, 0);
	const enum db_result result = code == SQLITE_ROW ? DB_OK : db_fail_sqlite(db, code);

	sqlite3_finalize(statement);
	return result;
}

static enum db_result read_identity(struct db *db, struct identity *out_identity)
{
	struct identity identity;
	enum db_result result = read_number(db, "PRAGMA application_id", &identity.application_id);

	if (result == DB_OK)
		result = read_number(db, "PRAGMA user_version", &identity.version);
	if (result == DB_OK)
		result = read_number(
			db, "SELECT count(*) FROM sqlite_schema", &identity.object_count);
	if (result == DB_OK)
		*out_identity = identity;
	return result;
}

/* All three facts out of one snapshot: another process may be making the schema right now. */
static enum db_result identify(struct db *db, struct identity *out_identity)
{
	enum db_result result = execute(db, "BEGIN");

	if (result == DB_OK)
		result = read_identity(db, out_identity);
	if (result == DB_OK)
		result = execute(db, "COMMIT");
	return roll_back(db, result);
}

static bool is_empty(const struct identity *identity)
{
	return identity->application_id == 0 && identity->version == 0 &&
	       identity->object_count == 0;
}

static enum db_result create_schema(struct db *db, const struct migration_plan *plan)
{
	struct identity now;

	if (db->mode != DB_CREATE)
		return db_fail(db, DB_BROKEN, "the file holds no schema yet");
	const enum db_result result = roll_back(db, execute(db, plan->schema));

	if (result == DB_OK)
		return DB_OK;
	/* Somebody else was faster: then everything is there. */
	char why[DB_WHY_BYTES_MAX];

	memcpy(why, db->why, sizeof(why));
	if (identify(db, &now) == DB_OK && now.application_id == DB_APPLICATION_ID &&
		now.version == plan->version)
		return DB_OK;
	return db_fail(db, result, "%s", why);
}

static enum db_result run_steps(struct db *db, const struct migration_plan *plan)
{
	struct identity now;
	enum db_result result = read_identity(db, &now);

	if (result != DB_OK || now.version == plan->version)
		return result; /* somebody else was faster */
	result = rebuild_drop_code(db);
	for (const struct migration *step = plan->steps; result == DB_OK && step->to_version;
		step++)
		if (step->to_version > now.version)
			result = execute(db, step->sql);
	if (result == DB_OK)
		result = rebuild_to(db, plan->schema);
	if (result != DB_OK)
		return result;
	int64_t violation_count = 0;

	result = read_number(db, "SELECT count(*) FROM pragma_foreign_key_check", &violation_count);
	if (result == DB_OK && violation_count)
		return db_fail(db, DB_BROKEN,
			"after the migration %lld rows refer to rows that are not there",
			(long long)violation_count);
	return result;
}

static enum db_result upgrade(struct db *db, const struct migration_plan *plan)
{
	char set_version[64];
	enum db_result result = execute(db, "BEGIN IMMEDIATE");

	(void)snprintf(set_version, sizeof(set_version), "PRAGMA user_version = %d", plan->version);
	if (result == DB_OK)
		result = run_steps(db, plan);
	if (result == DB_OK)
		result = execute(db, set_version);
	if (result == DB_OK)
		result = execute(db, "COMMIT");
	return roll_back(db, result);
}

static enum db_result recognise(struct db *db, struct identity *out_identity)
{
	const enum db_result result = identify(db, out_identity);

	if (result != DB_OK || is_empty(out_identity))
		return result;
	if (out_identity->application_id != DB_APPLICATION_ID || out_identity->version < 1)
		return db_fail(db, DB_BROKEN, "this is not a ReceptionAI database");
	return DB_OK;
}

enum db_result migrate_recognise(struct db *db)
{
	struct identity identity;

	return recognise(db, &identity);
}

enum db_result migrate(struct db *db, const struct migration_plan *plan)
{
	struct identity identity;
	const enum db_result result = recognise(db, &identity);

	if (result != DB_OK)
		return result;
	if (is_empty(&identity))
		return create_schema(db, plan);
	if (identity.version > plan->version)
		return db_fail(db, DB_BROKEN,
			"the database has version %lld, this program knows versions up to %d",
			(long long)identity.version, plan->version);
	if (identity.version == plan->version)
		return DB_OK;
	if (db->mode == DB_READ)
		return db_fail(db, DB_BROKEN,
			"the database has version %lld, this program needs %d and may not write",
			(long long)identity.version, plan->version);
	return upgrade(db, plan);
}
