/*
 * voicemail - messages that were spoken after a tone, on their way from Twilio to our own store.
 *
 * Place:    db; used by the worker's voicemail step.
 * Usage:    for (v.id = 0; db_voicemail_next(db, call_sid, v.id, &v) == DB_OK;) …
 *           db_voicemail_kept(db, v.id, url, recording_ms)        it can be heard at our store now
 *           db_voicemail_fetched(db, v.id, now_ms)                nothing more is to be done for it
 * Lifetime: out-parameters are copies.
 * Fails:    as in db/db.h; DB_NONE where the message is no more, or was fetched already.
 */
#pragma once

#include "db/jobs.h"

struct voicemail {
	int64_t id;
	int64_t created_ms;
	char recording_sid[SID_BYTES_MAX + 1];          /* RE… */
	char twilio_url[CALL_URL_BYTES_MAX + 1];
	bool is_kept;                                   /* at our store: only Twilio's own is left to be deleted */
};

/* The next one of the call behind message `after_id` that is not fetched yet. DB_NONE: none. */
enum db_result db_voicemail_next(struct db *db, struct slice call_sid, int64_t after_id, struct voicemail *out);
enum db_result db_voicemail_kept(struct db *db, int64_t id, struct slice url, int64_t recording_ms);
enum db_result db_voicemail_fetched(struct db *db, int64_t id, int64_t now_ms);
