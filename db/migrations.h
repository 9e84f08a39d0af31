/*
 * migrations - the steps from each version of the database to the next.
 *
 * Place:  db only. db/schema.sql is the newest version whole; a step brings a file of the version before it
 *         to the same state.
 * Usage:  STEP(2, "ALTER TABLE merchants ADD COLUMN hours TEXT;")   to version 2, from version 1
 *         With each step goes a test in tests/unit/migrate_test.c: the schema as it was, upgraded, equals
 *         db/schema.sql.
 */
#pragma once

enum { DB_VERSION = 1, DB_APPLICATION_ID = 0x52414931 /* "RAI1" */ };

#define MIGRATIONS(STEP) /* none yet */
