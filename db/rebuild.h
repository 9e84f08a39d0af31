/*
 * rebuild - gives a file the tables, indexes, views and triggers of a schema; rows stay.
 *
 * Place:    db, under migrate. Inside its transaction, with foreign keys off.
 * Usage:    rebuild_drop_code(db)       views, triggers and indexes are made anew afterwards
 *           … the steps change rows …
 *           rebuild_to(db, schema)
 * Rows:     a table whose text differs is made anew and filled from the old one, column by column
 * of the same name; a column of the old one that is no more is gone with its values. A table that
 * the schema lacks is dropped. Fails:    DB_REFUSED when old rows break a new rule: the sentence is
 * the rule's.
 */
#pragma once

#include "db/db.h"

enum db_result rebuild_drop_code(struct db *db);
enum db_result rebuild_to(struct db *db, const char *schema);
