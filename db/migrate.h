/*
 * migrate - makes the schema in an empty file and brings an older file up to date.
 *
 * Place:    db only, called by db_open().
 * Fails:    DB_BROKEN for a file that is not ours, is newer than the program, or has no schema and may not get
 *           one. A step that fails leaves the file as it was.
 * Threads:  any number of processes may try at once: one does the work, the others find it done.
 */
#pragma once

#include "db/db.h"

struct migration {
	int to_version;                 /* 0: end of the list */
	const char *sql;                /* what becomes of the rows; the tables follow from `schema` */
};

struct migration_plan {
	const char *schema;             /* the newest version, whole: sets application_id and user_version */
	const struct migration *steps;  /* ascending, without gaps; the last leads to `version` */
	int version;
};

/* db/schema.sql and db/migrations.h. */
extern const struct migration_plan migration_plan;
/* Made from db/schema.sql by db/local.mk. */
extern const char db_schema_sql[];

/* DB_OK for an empty file and for ours, whatever its version. Writes nothing: somebody else's file stays as it is. */
enum db_result migrate_recognise(struct db *db);
enum db_result migrate(struct db *db, const struct migration_plan *plan);
