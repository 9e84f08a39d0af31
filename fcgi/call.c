/* A call comes in: whose is it, and what does the caller hear? */
#include "fcgi/handlers.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "db/allowance.h"
#include "fcgi/after.h"
#include "fcgi/next.h"
#include "fcgi/shield.h"
#include "fcgi/voice.h"
#include "fcgi/webhook.h"
#include "proto/notice.h"

static struct slice first_of(const struct form *form, const char *name, const char *second_name)
{
	struct slice value = form_value(form, name);

	return value.len ? value : form_value(form, second_name);
}

static enum after decide_ended(const struct call_record *call, const struct merchant *m)
{
	struct after_facts facts = {
		.is_recorded = true,
		.recorded_status = call->status,
		.end_reason = call->end_reason,
		.was_answered = call->answered_ms != 0,
		.was_dialled = *call->transfer_result != '\0',
		.has_fallback = *m->fallback_number != '\0',
		.transfer_fallback = m->transfer_fallback,
	};

	return after_decide(&facts);
}

/* The row of a call that is new, over before it was connected if the merchant's limits say so: in one commit, lest two
 * callers take the last place. */
static enum db_result admit(struct webhook *w, const struct call_begin *begin, const struct merchant *m,
	struct call_record *out_call)
{
	const struct call_end end
		= { .call_sid = begin->call_sid, .reason = END_OVER_LIMIT, .now_ms = begin->now_ms };
	struct merchant_month month;
	enum db_result result = db_batch_begin(w->db);

	if (result != DB_OK)
		return result;
	result = db_merchant_month(w->db, m->id, begin->call_sid, begin->now_ms, &month);
	const enum allowance_over over = result == DB_OK ? allowance_of(m, &month).over : ALLOWANCE_LEFT;

	if (result == DB_OK)
		result = db_call_begin(w->db, begin, out_call);
	if (result == DB_OK && over != ALLOWANCE_LEFT)
		result = db_call_end(w->db, &end);
	if (result == DB_OK && over != ALLOWANCE_LEFT)
		result = db_call_by_sid(w->db, begin->call_sid, out_call);
	const enum db_result committed = db_batch_end(w->db);

	if (over != ALLOWANCE_LEFT)
		log_warn("call over limit call=%.*s merchant=%lld limit=%s", (int)begin->call_sid.len,
			begin->call_sid.data, (long long)m->id, allowance_word(over));
	return result == DB_OK ? committed : result;
}

/* A call that has its row was looked at before. */
static enum db_result record(struct webhook *w, const struct call_begin *begin, const struct merchant *m,
	struct call_record *out_call)
{
	enum db_result result = DB_NONE;

	if (allowance_needs_month(m))
		result = db_call_by_sid(w->db, begin->call_sid, out_call);
	if (result != DB_NONE)
		return result;
	return allowance_needs_month(m) ? admit(w, begin, m, out_call) : db_call_begin(w->db, begin, out_call);
}

/* The merchant is known and takes calls. */
static void take_call(struct webhook *w, const struct request *r, struct answer *a, const struct merchant *m)
{
	const struct caller_id caller = caller_id_read(first_of(&r->form, "From", "Caller"));
	const struct shield_call asks = {
		.call_sid = form_value(&r->form, "CallSid"),
		.merchant_id = m->id,
		.caller = &caller,
		.attestation = attestation_read(form_value(&r->form, "StirVerstat")),
		.called_number = slice_of(m->phone_number),
		.now_ms = clock_wall_ms(),
	};
	const struct screened screened = shield_ask(w, &asks);

	if (screened.verdict == SCREEN_REJECT)
		return voice_reject(a, slice_of(screen_reject_word(screened.reason)));
	struct call_begin begin = {
		.call_sid = asks.call_sid,
		.merchant_id = m->id,
		.caller_number = slice_of(caller.text),
		.called_number = asks.called_number,
		.now_ms = asks.now_ms,
		.attestation = slice_of(attestation_word(asks.attestation)),
	};
	struct call_record call;
	enum db_result result = webhook_db_fault(w, "call-begin", record(w, &begin, m, &call));

	log_info("call incoming call=%.*s merchant=%lld from=%s recorded=%s", (int)begin.call_sid.len,
		begin.call_sid.data, (long long)m->id, log_phone(caller.text).text, db_result_word(result));
	if (result != DB_OK)
		return next_person(w, a, m);
	/* A repeated request for a call that is over. */
	if (call.status == CALL_ENDED)
		return next_answer(w, a, decide_ended(&call, m), &call, m);
	if (screened.verdict == SCREEN_VOICEMAIL)
		return voice_voicemail(a, w->public_origin);
	next_stream(w, a, &call, m, SLICE(""));
}

static enum db_result find_merchant(struct webhook *w, struct slice number, struct merchant *out)
{
	if (!webhook_db(w))
		return DB_BROKEN;
	enum db_result result = db_merchant_by_number(w->db, number, out);
	/* Text that can be nobody's number is refused; to the caller that is the same as unknown. */
	if (result == DB_NONE || result == DB_REFUSED)
		return DB_NONE;
	return webhook_db_fault(w, "merchant", result);
}

void handle_incoming(struct webhook *w, const struct request *r, struct answer *a)
{
	struct slice called = first_of(&r->form, "To", "Called"), sid = form_value(&r->form, "CallSid");
	char number[PHONE_BYTES_MAX + 1];
	struct merchant m;

	if (!notice_is_call_sid(sid)) {
		log_warn("call refused why=call-sid call=%s", log_text(sid.data, sid.len).text);
		return voice_say(a, VOICE_APOLOGY);
	}
	enum db_result result = find_merchant(w, called, &m);
	if (result == DB_OK && m.active)
		return take_call(w, r, a, &m);
	if (result == DB_OK || result == DB_NONE) {
		notice_tidy(called, number);
		log_warn("call refused why=%s call=%.*s to=%s", result == DB_OK ? "inactive" : "number-unknown",
			(int)sid.len, sid.data, log_phone(number).text);
		return voice_say(a, VOICE_NOT_CONFIGURED);
	}
	log_error("call lost why=database call=%.*s", (int)sid.len, sid.data);
	voice_say(a, VOICE_APOLOGY);
}
