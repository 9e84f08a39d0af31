/*
 * db - merchants, calls and what was said, in SQLite. The only folder that speaks SQL.
 *
 * Place:    above proto; used by the webhook, the relay's desk and the worker.
 * Usage:    struct db *db; char why[DB_WHY_BYTES_MAX];
 *           if (db_open(&db, path, DB_CREATE, 5000, why, sizeof why) != DB_OK) log_error("db open …", why);
 *           struct merchant m;
 *           switch (db_merchant_by_number(db, slice_of("+15550100"), &m)) { … }
 *           db_close(db);
 * Lifetime: one connection a thread, never used across fork(2): open it in the child. Out-parameters are
 *           copies; they are the caller's and are untouched unless the result is DB_OK.
 * Fails:    every function answers with a db_result; db_why() is the sentence for the log. DB_BUSY may be tried
 *           again; after DB_BROKEN close and open again, later.
 * Waits:    at most `busy_ms` for another writer's lock, plus the disk. Never call it on an audio thread.
 * Limits:   texts are bounded by base/limits.h and the enum below; what is longer is DB_REFUSED, never cut.
 * Times:    milliseconds since 1970 UTC, made by the caller; those of turns count from the stream's start.
 */
#pragma once

#include "base/end_reason.h"
#include "base/limits.h"
#include "base/slice.h"
#include "db/handled.h"
#include "db/merchant.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DB_WHY_BYTES_MAX = 512,
	CALL_WORD_BYTES_MAX = 32,                       /* transfer_result */
	LANGUAGE_BYTES_MAX = 35,
	MESSAGE_TEXT_BYTES_MAX = 4000,
	MESSAGE_NAME_BYTES_MAX = 200,
	MESSAGE_URL_BYTES_MAX = 1000,
	MESSAGE_SOURCE_BYTES_MAX = 64,
};

enum db_result {
	DB_OK,
	DB_NONE,                        /* no such row */
	DB_BUSY,                        /* another process kept its lock longer than busy_ms */
	DB_READONLY,                    /* the file, its folder or this connection may not be written */
	DB_REFUSED,                     /* the values break a rule of the schema */
	DB_BROKEN,                      /* missing, full, damaged, of a newer version, not ours */
};

enum db_mode {
	DB_READ,                        /* must exist; nothing is written */
	DB_WRITE,                       /* must exist; an older schema is migrated */
	DB_CREATE,                      /* made from db/schema.sql if there is none */
};

struct db;

enum db_result db_open(struct db **out_db, const char *path, enum db_mode mode, int busy_ms,
	char *why, size_t why_bytes);
/* NULL is fine. */
void db_close(struct db *db);
/* Why the last call on `db` was not DB_OK: a sentence. Valid until the next call. */
const char *db_why(const struct db *db);
/* "ok", "none", "busy" …: for logs and metrics. */
const char *db_result_word(enum db_result result);
/* Whether the database answers: for /healthz. */
enum db_result db_health(struct db *db);
/* The writes between begin and end become one commit. A write that fails in between leaves the others
 * alone. Nothing is durable before db_batch_end() was DB_OK; when it is not, none of them happened. */
enum db_result db_batch_begin(struct db *db);
enum db_result db_batch_end(struct db *db);
/* Moves the log into the database file. Exactly one process of a host may call it: the relay's desk, about
 * once a minute (see db/README.md for why). DB_BUSY: not now. */
enum db_result db_checkpoint(struct db *db);

/* --- merchants ------------------------------------------------------------------------------------ */

/* By any of its numbers. Active or not: look at `active`. */
enum db_result db_merchant_by_number(struct db *db, struct slice phone_number, struct merchant *out_merchant);
enum db_result db_merchant_by_id(struct db *db, int64_t id, struct merchant *out_merchant);
/* No rows: DB_OK and a count of 0. */
enum db_result db_merchant_keys(struct db *db, int64_t merchant_id, struct merchant_keys *out_keys);
/* With the special days. */
enum db_result db_merchant_hours(struct db *db, int64_t merchant_id, struct merchant_hours *out_hours);
enum db_result db_merchant_tools(struct db *db, int64_t merchant_id, struct merchant_tools *out_tools);
enum db_result db_merchant_faq(struct db *db, int64_t merchant_id, struct merchant_faq *out_faq);
enum db_result db_merchant_staff(struct db *db, int64_t merchant_id, struct merchant_staff *out_staff);
/* What is known of who calls: of `number` where the call has no row yet; nothing where the network found the number to
 * be forged. A memory that the merchant has switched off, or that is too old at now_ms, is none. */
enum db_result db_merchant_caller(struct db *db, int64_t merchant_id, struct slice call_sid, struct slice number,
	int64_t now_ms, struct merchant_caller *out_caller);
/* What was said in a call that is over, for the next one of the same number. `is_summary`: replaces what is known of
 * this call already. Nothing is written for a merchant who remembers nobody, of a forged number, or of a call before
 * the last: DB_OK all the same. DB_REFUSED: its caller has no number. */
enum db_result db_caller_remember(struct db *db, struct slice call_sid, struct slice text, bool is_summary);
/* `but_call_sid` is not counted: the call that asks. */
enum db_result db_merchant_month(struct db *db, int64_t merchant_id, struct slice but_call_sid, int64_t now_ms,
	struct merchant_month *out_month);

/* --- calls ---------------------------------------------------------------------------------------- */

enum call_status {
	CALL_RINGING,                   /* Twilio asked the webhook; no media stream yet */
	CALL_LIVE,                      /* the media stream runs */
	CALL_TRANSFERRING,              /* the stream is over, a person is being rung */
	CALL_ENDED,                     /* whether or not all media are made: call_record.is_complete */
};

struct call_record {
	char call_sid[SID_BYTES_MAX + 1];
	char stream_sid[SID_BYTES_MAX + 1];             /* "" before the stream */
	char caller_number[PHONE_BYTES_MAX + 1];        /* as Twilio gave it: may be "anonymous" */
	char called_number[PHONE_BYTES_MAX + 1];
	int64_t merchant_id;
	enum call_status status;
	bool is_complete;                               /* recording and video are there */
	enum end_reason end_reason;                     /* END_NONE until ended */
	int64_t created_ms;
	int64_t started_ms;                             /* 0: not yet; so the next two */
	int64_t answered_ms;
	int64_t ended_ms;
	char transfer_number[PHONE_BYTES_MAX + 1];      /* "": never handed over; and the next */
	char transfer_result[CALL_WORD_BYTES_MAX + 1];
	bool is_outbound;
	enum handled handled;
};

struct call_begin {
	struct slice call_sid;
	int64_t merchant_id;
	struct slice caller_number;
	struct slice called_number;
	int64_t now_ms;
	bool is_outbound;
	struct slice attestation;       /* what STIR/SHAKEN said of the number; "": nothing */
};

/* What a stream that begins finds: all 0 unless it is not the call's first. */
struct call_start {
	int32_t next_position;          /* of its turns */
	int64_t clock_ms;               /* since the first stream's start: what its turns' times begin at */
	int64_t input_audio_ms;         /* as all of call_usage: what the streams before it had used */
	int64_t output_audio_ms;
	int64_t micro_dollars;
	int32_t resumed_count;
};

/* Of the whole call, all of its streams: each put replaces the one before. */
struct call_usage {
	struct slice call_sid;
	bool is_fallback;               /* the provider that speaks now */
	int32_t resumed_count;
	int64_t input_audio_ms;
	int64_t output_audio_ms;
	int64_t micro_dollars;
};

struct call_end {
	struct slice call_sid;
	enum end_reason reason;
	int64_t now_ms;
	int64_t heard_ms;               /* audio that the caller sent, in this stream */
	int64_t spoken_ms;              /* audio that was sent to the caller, in this stream */
	/* When it began, as the relay knows it; 0: not told. For a row that missed it while the database was locked. */
	int64_t started_ms, answered_ms;
};

/* Idempotent on the CallSid: whoever asks second (a retry, the relay after the webhook) gets the row that
 * is there, unchanged. DB_NONE: no such merchant. */
enum db_result db_call_begin(struct db *db, const struct call_begin *begin, struct call_record *out_call);
enum db_result db_call_by_sid(struct db *db, struct slice call_sid, struct call_record *out_call);
/* The media stream's start message came: status live, also after transferring. DB_NONE: no such call, or it has
 * ended. */
enum db_result db_call_start(struct db *db, struct slice call_sid, struct slice stream_sid, int64_t now_ms,
	struct call_start *out_start);
/* The receptionist is ready to talk. First time counts. DB_NONE: no such call. */
enum db_result db_call_answer(struct db *db, struct slice call_sid, int64_t now_ms);
/* Why less than the whole call is kept. Withdrawn is withdrawn: no later word replaces it. DB_NONE: no such call. */
enum db_result db_call_recording_stopped(struct db *db, struct slice call_sid, struct slice word);
/* Whom the caller is to be connected with; the stream's end with END_TRANSFERRED does it. DB_NONE: no such call, or
 * it has ended. */
enum db_result db_call_transfer(struct db *db, struct slice call_sid, struct slice number);
/* Once a stream: DB_NONE if there is no such call or it has ended already. END_TRANSFERRED after db_call_transfer()
 * leaves the call transferring, and only then. Replaces an end that only Twilio's status callback had reported
 * (no-stream, unreported). */
enum db_result db_call_end(struct db *db, const struct call_end *end);
/* What became of the transfer, in Twilio's word. `is_over`: the call ends with END_TRANSFERRED. DB_NONE: the call
 * was not transferring. */
enum db_result db_call_transferred(struct db *db, struct slice call_sid, struct slice dial_status, bool is_over,
	int64_t now_ms);
/* Twilio says that the stream is over, and the relay has not told of it: it died, or is late, and then its word counts.
 * DB_NONE: the call is not open. */
enum db_result db_call_lost(struct db *db, struct slice call_sid, int64_t now_ms);
enum db_result db_call_usage(struct db *db, const struct call_usage *usage);
/* What the caller got in the end; HANDLED_RECEPTIONIST becomes HANDLED_MESSAGE if she took one. DB_NONE: no such
 * call. */
enum db_result db_call_handled(struct db *db, struct slice call_sid, enum handled handled);

/* Twilio's status callback. A final status (completed, busy, failed, no-answer, canceled) ends a call that
 * the relay has not ended; nothing ever reopens one. `duration_s` < 0: not told. DB_NONE: no such call. */
enum db_result db_call_twilio_status(struct db *db, struct slice call_sid, struct slice twilio_status,
	int64_t duration_s, int64_t now_ms);

/* Twilio's stream callback. `event` is stream-started, stream-stopped or stream-error (anything else is
 * DB_REFUSED); a repetition changes nothing. `error` is "" or Twilio's text. DB_NONE: no such call. */
enum db_result db_stream_event(struct db *db, struct slice call_sid, struct slice stream_sid,
	struct slice event, struct slice error, int64_t now_ms);

/* --- turns: who said what ------------------------------------------------------------------------- */

enum turn_role { TURN_CALLER, TURN_RECEPTIONIST };

struct turn {
	struct slice call_sid;
	int32_t position;               /* 0, 1, 2 … in the order of the conversation; the relay counts */
	enum turn_role role;
	struct slice text;              /* UTF-8, at most TRANSCRIPT_BYTES_MAX */
	int64_t start_ms;               /* since the stream's start message */
	int64_t end_ms;
	bool final;                     /* false: still being said, will be put again */
	bool cut;                       /* the receptionist was interrupted: `text` is about what the caller heard */
	struct slice language;          /* "": not known; like en or pt-BR */
};

/* Writes the turn at (call, position), or writes it again with more text. A final turn stays as it is: a later
 * put of it is DB_OK and changes nothing. DB_NONE: no such call. */
enum db_result db_turn_put(struct db *db, const struct turn *turn);

/* What a turn that was read points into. */
struct turn_memory {
	char text[TRANSCRIPT_BYTES_MAX + 1];
	char language[LANGUAGE_BYTES_MAX + 1];
};

/* The first turn of the call behind `position` (-1: the first of all), final or not. call_sid is borrowed, the other
 * texts lie in out_memory. DB_NONE: there is no further one. */
enum db_result db_turn_after(struct db *db, struct slice call_sid, int32_t position, struct turn_memory *out_memory,
	struct turn *out_turn);

/* The position behind which the call's last turns are, as many as have `bytes_max` of text together, with 32 bytes for
 * each and no more than `turn_bytes_max` of any; -1: that is all of them. */
enum db_result db_turns_last(struct db *db, struct slice call_sid, int64_t turn_bytes_max, int64_t bytes_max,
	int32_t *out_position);

/* --- messages and tools --------------------------------------------------------------------------- */

enum message_kind { MESSAGE_SPOKEN, MESSAGE_VOICEMAIL };

struct message {
	struct slice call_sid;
	enum message_kind kind;
	struct slice source_id;         /* the tool's call or the recording: put twice it is there once */
	struct slice caller_name, callback_number, text;
	bool urgent;
	struct slice recording_url;     /* of a voicemail, with its length; -1: not known */
	int64_t recording_ms;
	int64_t now_ms;
};

/* DB_NONE: no such call. */
enum db_result db_message_put(struct db *db, const struct message *message);

struct tool_call {
	struct slice call_sid;
	struct slice tool_call_id;
	struct slice name;
	struct slice status;            /* a word: ok, failed, timeout … */
	int64_t started_ms;             /* since the stream's start message */
	int64_t took_ms;
};

/* The last put of a tool_call_id counts. DB_NONE: no such call. */
enum db_result db_tool_call_put(struct db *db, const struct tool_call *tool_call);
