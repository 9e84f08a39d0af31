/*
 * summary - what a call was about, as a model summed it up.
 *
 * Place:    db; used by the worker's summary and notify steps.
 * Usage:    db_summary_put(db, &row); db_summary_by_sid(db, sid, &kept)
 * Lifetime: a row's texts are borrowed for the put; what is read is a copy.
 * Fails:    as in db/db.h.
 */
#pragma once

#include "db/db.h"

enum {
	SUMMARY_ROW_TEXT_BYTES_MAX = 4000,
	SUMMARY_ROW_WORD_BYTES_MAX = 200,
	SUMMARY_ROW_ITEMS_BYTES_MAX = 8000,
};

/* How many bytes the texts of the call's turns have together. */
enum db_result db_turns_bytes(struct db *db, struct slice call_sid, int64_t *out_bytes);

struct summary_row {
	struct slice call_sid;
	struct slice text, intent, caller_name, items_json, model;
	bool callback_needed;
	int64_t micro_dollars;
	int64_t now_ms;
};

/* The first one stays: DB_OK and nothing changed if there is one. DB_NONE: no such call. */
enum db_result db_summary_put(struct db *db, const struct summary_row *row);

struct summary_kept {
	char text[SUMMARY_ROW_TEXT_BYTES_MAX + 1];
	char intent[SUMMARY_ROW_WORD_BYTES_MAX + 1];
	char caller_name[SUMMARY_ROW_WORD_BYTES_MAX + 1];       /* "": not told */
	bool callback_needed;
	char items_json[SUMMARY_ROW_ITEMS_BYTES_MAX + 1];       /* an array of strings */
};

/* DB_NONE: there is none. */
enum db_result db_summary_by_sid(struct db *db, struct slice call_sid, struct summary_kept *out);
