/*
 * spooled - calls as the worker finds them by their recordings.
 *
 * Place:  db, used by the worker.
 */
#pragma once

#include "db/jobs.h"

/* Nobody told how it ended and nobody can any more: ended as unreported, or as no-stream or transferred. The relay's
 * word still replaces it. DB_NONE: no such call, or it has ended. */
enum db_result db_call_abandoned(struct db *db, struct slice call_sid, int64_t ended_ms);
/* The same for all that rang an hour ago or were live 25 hours ago: longer than a call may be. `each` is told which. */
enum db_result db_calls_abandoned(struct db *db, int64_t now_ms, void (*each)(struct slice call_sid));

/* A call whose row says that a stream is running. */
struct live_call {
	char call_sid[SID_BYTES_MAX + 1], stream_sid[SID_BYTES_MAX + 1];
	int64_t created_ms;
};

/* The next one behind *call (zeroed: the first), oldest first, that was live before `before_ms`. DB_NONE: none. */
enum db_result db_call_live_next(struct db *db, int64_t before_ms, struct live_call *call);
/* It is certain that nobody has it any more: ended as unreported, with its last words. DB_NONE: it has ended, or gone
 * on otherwise. */
enum db_result db_call_gone(struct db *db, const struct live_call *call);

struct call_recover {
	struct slice call_sid, stream_sid;
	int64_t merchant_id;
	struct slice caller_number, called_number;
	int64_t started_ms, ended_ms;
	enum end_reason end_reason;
};

/* Makes the row of a call that nobody could write down. One that is there stays as it is. DB_NONE: no such merchant. */
enum db_result db_call_recover(struct db *db, const struct call_recover *recover);
enum db_result db_call_media(struct db *db, struct slice call_sid, const struct call_media *media);

enum { FORGOTTEN_VOICEMAILS_MAX = 16 };

/* A call whose row was deleted, with what was stored of it: "" or a URL. */
struct forgotten_call {
	char call_sid[SID_BYTES_MAX + 1];
	char recording_url[CALL_URL_BYTES_MAX + 1];
	char video_url[CALL_URL_BYTES_MAX + 1];
	char captions_url[CALL_URL_BYTES_MAX + 1];
	char voicemail_urls[FORGOTTEN_VOICEMAILS_MAX * (CALL_URL_BYTES_MAX + 1)]; /* spaces between them */
};

/* DB_OK: its row was deleted. DB_NONE: it was not. */
enum db_result db_call_is_forgotten(struct db *db, struct slice call_sid);
/* The next one behind `after` ("": the first), by call_sid, of which something is still stored; DB_NONE: none. */
enum db_result db_call_to_forget(struct db *db, struct slice after, struct forgotten_call *out_call);
/* This was stored of it after its row was deleted. DB_NONE: the call is not a forgotten one. */
enum db_result db_call_forgotten_media(struct db *db, struct slice call_sid, const struct call_media *media);
/* Nothing is stored of it any more. */
enum db_result db_call_forgotten(struct db *db, struct slice call_sid);
enum db_result db_forgotten_prune(struct db *db, int64_t before_ms);
