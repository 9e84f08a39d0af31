/* What was streamed, dialled or recorded is over: what does the caller hear now, and what is kept of it? */
#include "base/clock.h"
#include "base/log.h"
#include "fcgi/after.h"
#include "fcgi/handlers.h"
#include "fcgi/next.h"
#include "fcgi/voice.h"
#include "fcgi/webhook.h"
#include "proto/notice.h"

#include <stdlib.h>

/* What the database knows of the call; as little as it may be. */
struct known {
	struct after_facts facts;
	struct call_record call;
	struct merchant merchant;
};

static const char *reason_word(const struct after_facts *facts)
{
	if (!facts->is_recorded)
		return "unknown";
	if (facts->recorded_status == CALL_TRANSFERRING)
		return "transferring";
	return facts->end_reason == END_NONE ? "open" : end_reason_word(facts->end_reason);
}

static void learn(struct webhook *w, struct slice sid, struct known *known)
{
	struct after_facts *facts = &known->facts;

	if (!notice_is_call_sid(sid) || !webhook_db(w))
		return;
	enum db_result result = db_call_by_sid(w->db, sid, &known->call);
	if (result != DB_OK && result != DB_NONE)
		webhook_db_fault(w, "call", result);
	if (result != DB_OK)
		return;
	facts->is_recorded = true;
	facts->recorded_status = known->call.status;
	facts->end_reason = known->call.end_reason;
	facts->was_answered = known->call.answered_ms != 0;
	facts->was_dialled = *known->call.transfer_result != '\0';
	result = webhook_db_fault(w, "merchant", db_merchant_by_id(w->db, known->call.merchant_id, &known->merchant));
	if (result != DB_OK)
		return;
	facts->has_fallback = *known->merchant.fallback_number != '\0';
	facts->transfer_fallback = known->merchant.transfer_fallback;
}

/* What became of the person who was rung; the caller does not wait for it. */
static void note_transfer(struct webhook *w, const struct after_facts *facts, struct slice sid, enum after after)
{
	const bool is_over = after_ends_transfer(facts, after);

	if (!facts->is_recorded || facts->recorded_status != CALL_TRANSFERRING || (!facts->dial_status.len && !is_over))
		return;
	const struct slice result = facts->dial_status.len ? facts->dial_status : SLICE("canceled");

	if (w->db)
		(void)webhook_db_fault(w, "transferred",
			db_call_transferred(w->db, sid, result, is_over, clock_wall_ms()));
}

/* A call that stayed open for ever would count against its merchant's calls_max. */
static void note_loss(struct webhook *w, const struct after_facts *facts, struct slice sid)
{
	const bool is_open = facts->recorded_status == CALL_RINGING || facts->recorded_status == CALL_LIVE;

	if (!facts->is_recorded || !is_open || facts->dial_status.len || !w->db)
		return;
	const enum db_result result = db_call_lost(w->db, sid, clock_wall_ms());

	if (result != DB_OK && result != DB_NONE)
		webhook_db_fault(w, "lost", result);
}

void handle_after(struct webhook *w, const struct request *r, struct answer *a)
{
	struct slice sid = form_value(&r->form, "CallSid");
	struct known known = { .facts = {
		.dial_status = form_value(&r->form, "DialCallStatus"),
		.call_status = form_value(&r->form, "CallStatus"),
	} };
	struct after_facts *facts = &known.facts;

	learn(w, sid, &known);
	enum after after = after_decide(facts);

	log_info("call after call=%s reason=%s dial=%s next=%s", log_text(sid.data, sid.len).text, reason_word(facts),
		log_text(facts->dial_status.data, facts->dial_status.len).text, after_word(after));
	note_transfer(w, facts, sid, after);
	note_loss(w, facts, sid);
	next_answer(w, a, after, &known.call, &known.merchant);
}

/* Twilio tells whole seconds; -1: not told. */
static int64_t recording_ms(const struct form *form)
{
	struct slice text = form_value(form, "RecordingDuration");
	char digits[8];

	if (!text.len || !slice_copy(text, digits, sizeof digits) || strspn(digits, "0123456789") != text.len)
		return -1;
	return 1000 * strtoll(digits, NULL, 10);
}

/* RE…; where Twilio does not name it, the URL ends with it. */
static struct slice recording_sid(const struct form *form)
{
	const struct slice sid = form_value(form, "RecordingSid"), url = form_value(form, "RecordingUrl");
	size_t at = url.len;

	if (sid.len)
		return sid;
	while (at > 0 && url.data[at - 1] != '/')
		at--;
	return (struct slice){ url.data + at, url.len - at };
}

static enum db_result keep_voicemail(struct webhook *w, const struct request *r, int64_t duration_ms)
{
	const struct message message = {
		.call_sid = form_value(&r->form, "CallSid"),
		.kind = MESSAGE_VOICEMAIL,
		.source_id = recording_sid(&r->form),
		.recording_url = form_value(&r->form, "RecordingUrl"),
		.recording_ms = duration_ms,
		.now_ms = clock_wall_ms(),
	};
	enum db_result result = DB_BROKEN;

	if (webhook_db(w)) {
		result = db_message_put(w->db, &message);
		if (result != DB_OK)
			webhook_db_fault(w, "message", result);
	}
	return result;
}

/* Asked twice for each recording: when the caller has spoken, and when it can be fetched. */
void handle_voicemail(struct webhook *w, const struct request *r, struct answer *a)
{
	const struct slice sid = form_value(&r->form, "CallSid"), url = form_value(&r->form, "RecordingUrl");
	const bool is_callback = form_value(&r->form, "RecordingStatus").len > 0;
	const int64_t duration_ms = recording_ms(&r->form);
	const bool counts = url.len > 0 && voicemail_counts(duration_ms);
	const enum db_result result = counts ? keep_voicemail(w, r, duration_ms) : DB_NONE;

	log_info("call voicemail call=%s ms=%lld counts=%d recorded=%s", log_text(sid.data, sid.len).text,
		(long long)duration_ms, counts, db_result_word(result));
	if (is_callback)
		a->status = 204;
	else if (!counts)
		voice_say(a, VOICE_NO_MESSAGE);
	else
		voice_say(a, result == DB_OK ? VOICE_THANKS : VOICE_APOLOGY);
}
