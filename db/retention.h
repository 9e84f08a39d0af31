/*
 * retention - what is older than its merchant wants it kept: counted, and deleted in batches.
 *
 * Place:    db; used by the worker.
 * Usage:    for (id = 0; db_retention_next(db, id, now_ms, &r) == DB_OK; id = r.merchant_id)
 *                   do db_retention_prune(db, &r, rows_max, &counts); while (retention_is_left(&counts, rows_max));
 * Deletes:  after retention_days the merchant's calls that are over, with all that hangs on them, decisions about
 *           callers, and orders for calls; after memory_days without a call what is remembered of a caller. What stood
 *           in a bucket or a spool goes with the table forgotten_calls. A month's limits remember what was used.
 * Waits:    a batch is one commit; between two of them others write.
 */
#pragma once

#include "db/db.h"

struct retention {
	int64_t merchant_id;
	char merchant_name[MERCHANT_NAME_BYTES_MAX + 1];
	int64_t calls_before_ms;        /* 0: they are kept for ever */
	int64_t memories_before_ms;
	int64_t now_ms;
};

struct retention_counts {
	int64_t calls;
	int64_t screenings;             /* of calls that have no row */
	int64_t orders;
	int64_t memories;
};

/* The next merchant behind `after_id` of whom something is too old; DB_NONE: there is none. */
enum db_result db_retention_next(struct db *db, int64_t after_id, int64_t now_ms, struct retention *out_retention);
/* How much there is to delete. */
enum db_result db_retention_count(struct db *db, const struct retention *retention,
	struct retention_counts *out_counts);
/* Deletes at most `rows_max` of each kind, oldest first; says how many it were. */
enum db_result db_retention_prune(struct db *db, const struct retention *retention, int64_t rows_max,
	struct retention_counts *out_counts);
/* Whether a batch of that size may not have been the last. */
bool retention_is_left(const struct retention_counts *counts, int64_t rows_max);
