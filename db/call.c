/*
 * A call's row: ringing when Twilio asks the webhook, live while a media stream runs, transferring
 * while a person is rung, ended once and for all. The relay knows best why a call ended; Twilio's
 * status callback only ends what the relay left open.
 */
#include "db/query.h"

#include "base/check.h"

static const char *const status_words[] = {
	[CALL_RINGING] = "ringing",
	[CALL_LIVE] = "live",
	[CALL_TRANSFERRING] = "transferring",
	[CALL_ENDED] = "ended",
};

enum db_result db_call_by_sid(struct db *db, struct slice call_sid, struct call_record *out_call)
{
	struct query q = query_open(db, STATEMENT_CALL_BY_SID);
	struct call_record c;
	char word[32];

	query_text(&q, call_sid);
	enum db_result result = query_row(&q);

	if (result == DB_OK) {
		query_text_column(&q, c.call_sid, sizeof(c.call_sid));
		query_text_column(&q, c.stream_sid, sizeof(c.stream_sid));
		query_text_column(&q, c.caller_number, sizeof(c.caller_number));
		query_text_column(&q, c.called_number, sizeof(c.called_number));
		c.merchant_id = query_int_column(&q);
		c.status = (enum call_status)query_word_column(
			&q, status_words, ARRAY_COUNT(status_words));
		c.is_complete = query_int_column(&q) != 0;
		query_text_column(&q, word, sizeof(word));
		c.end_reason = end_reason_parse(slice_of(word));
		c.created_ms = query_int_column(&q);
		c.started_ms = query_int_column(&q);
		c.answered_ms = query_int_column(&q);
		c.ended_ms = query_int_column(&q);
		query_text_column(&q, c.transfer_number, sizeof(c.transfer_number));
		query_text_column(&q, c.transfer_result, sizeof(c.transfer_result));
		c.is_outbound = query_int_column(&q) != 0;
		c.handled = (enum handled)query_word_column(
			&q, handled_words, HANDLED_COUNT);
	}
	result = query_close(&q, result);
	if (result == DB_OK)
		*out_call = c;
	return result;
}

/* Looking first keeps a repeated request from waiting for the write lock. */
enum db_result db_call_begin(
	struct db *db, const struct call_begin *begin, struct call_record *out_call)
{
	enum db_result result = db_call_by_sid(db, begin->call_sid, out_call);

	if (result != DB_NONE)
		return result;
	struct query q = query_open(db, STATEMENT_CALL_BEGIN);

	query_text(&q, begin->call_sid);
	query_int(&q, begin->merchant_id);
	query_text(&q, begin->caller_number);
	query_text(&q, begin->called_number);
	query_int(&q, begin->now_ms);
	query_int(&q, begin->is_outbound);
	query_text(&q, begin->attestation);
	result = query_run(&q);
	return result == DB_OK ? db_call_by_sid(db, begin->call_sid, out_call) : result;
}

static enum db_result read_start(
	struct db *db, struct slice call_sid, int64_t now_ms, struct call_start *out_start)
{
	struct query q = query_open(db, STATEMENT_CALL_STARTED);
	struct call_start s;

	query_int(&q, now_ms);
	query_text(&q, call_sid);
	enum db_result result = query_row(&q);

	if (result == DB_OK) {
		s.next_position = (int32_t)query_int_column(&q);
		s.clock_ms = query_int_column(&q);
		s.input_audio_ms = query_int_column(&q);
		s.output_audio_ms = query_int_column(&q);
		s.micro_dollars = query_int_column(&q);
		s.resumed_count = (int32_t)query_int_column(&q);
	}
	result = query_close(&q, result);
	if (result == DB_OK)
		*out_start = s;
	return result;
}

enum db_result db_call_start(struct db *db, struct slice call_sid, struct slice stream_sid,
	int64_t now_ms, struct call_start *out_start)
{
	struct query q = query_open(db, STATEMENT_CALL_START);

	query_text(&q, stream_sid);
	query_int(&q, now_ms);
	query_text(&q, call_sid);
	const enum db_result result = query_change(&q);

	return result == DB_OK ? read_start(db, call_sid, now_ms, out_start) : result;
}

enum db_result db_call_answer(struct db *db, struct slice call_sid, int64_t now_ms)
{
	struct query q = query_open(db, STATEMENT_CALL_ANSWER);

	query_int(&q, now_ms);
	query_text(&q, call_sid);
	return query_change(&q);
}

enum db_result db_call_recording_stopped(struct db *db, struct slice call_sid, struct slice word)
{
	struct query q = query_open(db, STATEMENT_CALL_RECORDING_STOPPED);

	query_text(&q, word);
	query_text(&q, call_sid);
	return query_change(&q);
}

enum db_result db_call_transfer(struct db *db, struct slice call_sid, struct slice number)
{
	struct query q = query_open(db, STATEMENT_CALL_TRANSFER);

	query_text(&q, number);
	query_text(&q, call_sid);
	return query_change(&q);
}

static enum db_result hand_over(struct db *db, const struct call_end *end)
{
	struct query q = query_open(db, STATEMENT_CALL_HAND_OVER);

	query_int(&q, end->heard_ms);
	query_int(&q, end->spoken_ms);
	query_int(&q, end->started_ms);
	query_int(&q, end->answered_ms);
	query_text(&q, end->call_sid);
	return query_change(&q);
}

enum db_result db_call_transferred(struct db *db, struct slice call_sid, struct slice dial_status,
	bool is_over, int64_t now_ms)
{
	struct query q = query_open(db, STATEMENT_CALL_TRANSFERRED);

	query_text(&q, dial_status);
	query_int(&q, is_over);
	query_int(&q, now_ms);
	query_text(&q, call_sid);
	return query_change(&q);
}

enum db_result db_call_lost(struct db *db, struct slice call_sid, int64_t now_ms)
{
	struct query q = query_open(db, STATEMENT_CALL_LOST);

	query_int(&q, now_ms);
	query_text(&q, call_sid);
	return query_change(&q);
}

enum db_result db_call_handled(struct db *db, struct slice call_sid, enum handled handled)
{
	struct query q = query_open(db, STATEMENT_CALL_HANDLED);

	check(handled != HANDLED_OPEN);
	query_text(&q, slice_of(handled_words[handled]));
	query_text(&q, call_sid);
	return query_change(&q);
}

enum db_result db_call_usage(struct db *db, const struct call_usage *usage)
{
	struct query q = query_open(db, STATEMENT_CALL_USAGE);

	query_int(&q, usage->is_fallback);
	query_int(&q, usage->resumed_count);
	query_int(&q, usage->input_audio_ms);
	query_int(&q, usage->output_audio_ms);
	query_int(&q, usage->micro_dollars);
	query_text(&q, usage->call_sid);
	return query_change(&q);
}

enum db_result db_call_end(struct db *db, const struct call_end *end)
{
	check(end->reason != END_NONE);
	if (end->reason == END_TRANSFERRED) {
		const enum db_result result = hand_over(db, end);

		if (result != DB_NONE)
			return result;
	}
	struct query q = query_open(db, STATEMENT_CALL_END);

	query_text(&q, slice_of(end_reason_word(end->reason)));
	query_int(&q, end->now_ms);
	query_int(&q, end->heard_ms);
	query_int(&q, end->spoken_ms);
	query_int(&q, end->started_ms);
	query_int(&q, end->answered_ms);
	query_text(&q, end->call_sid);
	return query_change(&q);
}

/* Twilio's CallStatus vocabulary: these are the last words on a call. */
static bool is_final(struct slice twilio_status)
{
	static const char *const words[] = {"completed", "busy", "failed", "no-answer", "canceled"};

	for (size_t i = 0; i < ARRAY_COUNT(words); i++)
		if (slice_equal(twilio_status, slice_of(words[i])))
			return true;
	return false;
}

static enum db_result twilio_end(struct db *db, struct slice call_sid, struct slice twilio_status,
	int64_t duration_s, int64_t now_ms)
{
	struct query q = query_open(db, STATEMENT_CALL_TWILIO_END);

	query_text(&q, twilio_status);
	if (duration_s >= 0)
		query_int(&q, duration_s);
	else
		query_null(&q);
	query_int(&q, now_ms);
	query_text(&q, call_sid);
	return query_change(&q);
}

enum db_result db_call_twilio_status(struct db *db, struct slice call_sid,
	struct slice twilio_status, int64_t duration_s, int64_t now_ms)
{
	if (is_final(twilio_status))
		return twilio_end(db, call_sid, twilio_status, duration_s, now_ms);
	struct query q = query_open(db, STATEMENT_CALL_TWILIO_NOTE);

	query_text(&q, twilio_status);
	query_text(&q, call_sid);
	return query_change(&q);
}

enum db_result db_stream_event(struct db *db, struct slice call_sid, struct slice stream_sid,
	struct slice event, struct slice error, int64_t now_ms)
{
	struct query q = query_open(db, STATEMENT_STREAM_EVENT);

	query_text(&q, call_sid);
	query_text(&q, stream_sid);
	query_text(&q, event);
	query_text(&q, error);
	query_int(&q, now_ms);
	return query_run(&q);
}
