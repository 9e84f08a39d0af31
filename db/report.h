/*
 * report - what is known of a call that is over, what is still to come, and whether its merchant was told.
 *
 * Place:    db; used by the worker's notify step.
 * Usage:    db_report_by_sid(db, sid, &report); db_messages_each(db, sid, take_message, &mine);
 *           db_notice_put(db, &notice);
 * Lifetime: out-parameters are copies; a message that is shown is borrowed for the call of `each`.
 * Fails:    as in db/db.h.
 */
#pragma once

#include "db/jobs.h"

struct call_report {
	struct call_media media;
	int64_t heard_ms, spoken_ms;
	int64_t turn_count;
	bool is_twilio_over;            /* Twilio's status callback told of the end of the call */
	/* Jobs that make media, and the summary's. */
	int64_t media_count;
	int64_t media_open_count;       /* not done, dead or cancelled */
	int64_t media_dead_count;
	/* The summary, or a voicemail on its way from Twilio: worth waiting for, since it has not failed twice. */
	bool is_more_open;
};

/* DB_NONE: no such call. */
enum db_result db_report_by_sid(struct db *db, struct slice call_sid, struct call_report *out);
/* Messages of the call, oldest first, until `each` returns false; message.call_sid is empty. None: DB_OK. */
enum db_result db_messages_each(struct db *db, struct slice call_sid,
	bool (*each)(void *context, const struct message *message), void *context);

enum notice_channel { NOTICE_WEBHOOK, NOTICE_MAIL, NOTICE_CHANNEL_COUNT };
enum notice_state { NOTICE_PENDING, NOTICE_SENT, NOTICE_FAILED };

struct notice_record {
	struct slice call_sid;
	enum notice_channel channel;
	enum notice_state state;
	struct slice event_id;
	struct slice error;             /* "": none */
	int64_t now_ms;
};

/* What was sent stays sent. DB_NONE: no such call. */
enum db_result db_notice_put(struct db *db, const struct notice_record *notice);
/* DB_NONE: nobody tried yet. */
enum db_result db_notice_state(struct db *db, struct slice call_sid, enum notice_channel channel,
	enum notice_state *out);
const char *notice_channel_word(enum notice_channel channel);
