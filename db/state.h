/*
 * state - a database file as it is, looked at without changing it: for --check.
 *
 * Place:    db; above query, beside db.h. Opens a connection of its own, migrates nothing, waits STATE_BUSY_MS at most.
 * Usage:    struct db_state state; db_state_read(path, &state);
 *           db_state_numbers(path, each, context); db_state_warnings(path, each, context);
 * Fails:    what could not be found out is "" or 0, and `why` says why.
 */
#pragma once

#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

enum { STATE_WHY_BYTES_MAX = 256, STATE_BUSY_MS = 2000 };

struct db_state {
	bool is_there, is_ours, is_whole, is_wal, can_write;
	int version, newest;            /* of the file, of this program */
	int64_t merchant_count, active_count;
	int64_t bytes;
	const char *engine;             /* SQLite's version */
	bool engine_may_corrupt;        /* before 3.51.3: two connections that checkpoint; see db/README.md */
	char why[STATE_WHY_BYTES_MAX];
};

void db_state_read(const char *path, struct db_state *out);
/* Numbers of active merchants, until `each` returns false. */
void db_state_numbers(const char *path, bool (*each)(void *context, struct slice number), void *context);
struct db_warning {
	int64_t merchant_id;            /* 0: all of them */
	struct slice merchant, change, sentence;        /* `change`: the column to look at */
};

/* Rows of the view config_warnings, until `each` returns false. */
void db_state_warnings(const char *path, bool (*each)(void *context, const struct db_warning *warning), void *context);
