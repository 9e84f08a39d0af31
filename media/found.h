/*
 * found - what a call's spool folder says of the call: who, when, how it ended, whether anybody still writes.
 *
 * Place:    media, above proto's spool. For the finder.
 * Usage:    struct found f;
 *           if (found_read(&f, spool, "CA…")) …
 * Writing:  the relay holds a lock on an events.log while it writes. A log that was touched less than FOUND_FRESH_MS
 *           ago counts as written to, locked or not: the lock is not asked for while the relay may want it.
 * Limits:   FOUND_PARTS_MAX parts; a log is read with bounded memory, whatever its length.
 */
#pragma once

#include "base/end_reason.h"
#include "db/jobs.h"
#include "proto/spool.h"

#include <stdbool.h>
#include <stdint.h>

enum { FOUND_PARTS_MAX = 1000, FOUND_FRESH_MS = 2000 };

struct found {
	bool is_there;                  /* a folder of that name is in the spool */
	int part_count;
	int64_t touched_ms;             /* wall clock: when a file of it was last written */
	int64_t sound_bytes;            /* of all parts and tracks */
	bool is_written;                /* somebody writes, or may */
	/* Out of the logs, with found_read_logs(). */
	bool is_known;                  /* a first line was read: what follows holds */
	struct spool_event first;       /* of the first part that has one */
	char last_stream[SPOOL_TEXT_BYTES_MAX + 1];
	bool is_ended;                  /* the last part has its last line */
	enum end_reason end_reason;     /* of it; END_NONE: none, or no word of ours */
	enum spool_why why;             /* the first reason why less than all is kept */
	bool is_withdrawn;
};

/* Lengths and times only. */
void found_look(struct found *f, const char *spool, const char *call_sid, int64_t now_ms);
/* The logs too, after found_look(). */
void found_read_logs(struct found *f, const char *spool, const char *call_sid);
/* Deletes the folder, the sound first and the logs last: what a crash leaves is still known for what it is. */
bool found_delete(const char *spool, const char *call_sid);
/* A name that a call may have; nothing that leads out of the spool. */
bool found_is_sid(const char *name);
