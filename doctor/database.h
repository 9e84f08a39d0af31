/*
 * database - RECEPTIONAI_DB: whether it is there, ours, whole and writable, and what of its rows looks wrong.
 *
 * Place:    doctor, above db's state and finding.
 * Usage:    database_check(&f, "/var/lib/receptionai/receptionai.db")
 * Rules:    nothing is changed, nothing migrated. What the view config_warnings says of merchants is a warning here.
 * Limits:   DATABASE_WARNINGS_MAX of these; the view has them all.
 */
#pragma once

#include "doctor/finding.h"

enum { DATABASE_WARNINGS_MAX = 20 };

void database_check(struct findings *f, const char *path);
