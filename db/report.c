#include "db/report.h"

#include "db/query.h"

static const char *const channels[] = {
	[NOTICE_WEBHOOK] = "webhook",
	[NOTICE_MAIL] = "mail",
};

static const char *const states[] = {
	[NOTICE_PENDING] = "pending",
	[NOTICE_SENT] = "sent",
	[NOTICE_FAILED] = "failed",
};

const char *notice_channel_word(enum notice_channel channel)
{
	return channels[channel];
}

static void read_report(struct query *q, struct call_report *out)
{
	*out = (struct call_report){0};
	query_text_column(q, out->media.recording_url, sizeof out->media.recording_url);
	query_text_column(q, out->media.video_url, sizeof out->media.video_url);
	query_text_column(q, out->media.captions_url, sizeof out->media.captions_url);
	out->media.recording_ms = query_int_column(q);
	query_text_column(q, out->media.recording_stopped, sizeof out->media.recording_stopped);
	out->heard_ms = query_int_column(q);
	out->spoken_ms = query_int_column(q);
	out->turn_count = query_int_column(q);
	out->is_twilio_over = query_int_column(q);
	out->media_count = query_int_column(q);
	out->media_open_count = query_int_column(q);
	out->media_dead_count = query_int_column(q);
	out->is_more_open = query_int_column(q);
}

enum db_result db_report_by_sid(struct db *db, struct slice call_sid, struct call_report *out)
{
	struct query q = query_open(db, STATEMENT_REPORT_BY_SID);

	query_text(&q, call_sid);
	enum db_result result = query_row(&q);

	if (result == DB_OK)
		read_report(&q, out);
	return query_close(&q, result);
}

static void read_message(struct query *q, struct message *out)
{
	static const char *const kinds[] = {
		[MESSAGE_SPOKEN] = "spoken",
		[MESSAGE_VOICEMAIL] = "voicemail",
	};

	out->kind = (enum message_kind)query_word_column(q, kinds, 2);
	out->caller_name = query_slice_column(q);
	out->callback_number = query_slice_column(q);
	out->text = query_slice_column(q);
	out->urgent = query_int_column(q);
	out->recording_url = query_slice_column(q);
	out->recording_ms = query_int_column(q);
	out->now_ms = query_int_column(q);
}

enum db_result db_messages_each(struct db *db, struct slice call_sid,
	bool (*each)(void *context, const struct message *message), void *context)
{
	struct query q = query_open(db, STATEMENT_MESSAGES_OF);
	enum db_result result;

	query_text(&q, call_sid);
	for (result = query_row(&q); result == DB_OK; result = query_next_row(&q)) {
		struct message message = {0};

		read_message(&q, &message);
		if (q.result != DB_OK || !each(context, &message))
			break;
	}
	return query_close(&q, result == DB_NONE ? DB_OK : result);
}

enum db_result db_notice_put(struct db *db, const struct notice_record *notice)
{
	struct query q = query_open(db, STATEMENT_NOTICE_PUT);

	query_text(&q, notice->call_sid);
	query_text(&q, slice_of(channels[notice->channel]));
	query_text(&q, notice->event_id);
	query_text(&q, slice_of(states[notice->state]));
	query_text(&q, notice->error);
	if (notice->state == NOTICE_SENT)
		query_int(&q, notice->now_ms);
	else
		query_null(&q);
	return query_run(&q);
}

enum db_result db_notice_state(struct db *db, struct slice call_sid, enum notice_channel channel,
	enum notice_state *out)
{
	struct query q = query_open(db, STATEMENT_NOTICE_STATE);

	query_text(&q, call_sid);
	query_text(&q, slice_of(channels[channel]));
	enum db_result result = query_row(&q);

	if (result == DB_OK)
		*out = (enum notice_state)query_word_column(&q, states, 3);
	return query_close(&q, result);
}
