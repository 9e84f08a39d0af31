/* The two questions that decide what a caller hears: a call comes in; what was streamed or dialled is over. */
#include "fcgi/handlers.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "fcgi/after.h"
#include "fcgi/voice.h"
#include "fcgi/webhook.h"

#include <ctype.h>

/* A number or name as Twilio gave it, made fit for the database and a <Parameter>: printable ASCII, bounded. */
static struct slice tidy_number(struct slice given, char out[PHONE_BYTES_MAX + 1])
{
	size_t len = given.len < PHONE_BYTES_MAX ? given.len : PHONE_BYTES_MAX;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)given.data[i];

		out[i] = (char)(c >= ' ' && c < 0x7F ? c : '?');
	}
	out[len] = '\0';
	return (struct slice){ out, len };
}

static struct slice first_of(const struct form *form, const char *name, const char *second_name)
{
	struct slice value = form_value(form, name);

	return value.len ? value : form_value(form, second_name);
}

static bool is_call_sid(struct slice sid)
{
	for (size_t i = 0; i < sid.len; i++)
		if (!isalnum((unsigned char)sid.data[i]) && sid.data[i] != '-' && sid.data[i] != '_')
			return false;
	return sid.len > 0 && sid.len <= SID_BYTES_MAX;
}

static bool has_fallback(const struct merchant *m)
{
	return *m->fallback_number != '\0';
}

static void answer_after(struct webhook *w, struct answer *a, enum after after, const struct merchant *m)
{
	switch (after) {
	case AFTER_HANG_UP:
		voice_hang_up(a);
		break;
	case AFTER_DIAL:
		voice_dial(a, w->public_origin, slice_of(m->fallback_number));
		break;
	case AFTER_APOLOGISE:
		voice_say(a, VOICE_APOLOGY);
		break;
	}
}

static enum after decide_ended(const struct call_record *call, const struct merchant *m)
{
	struct after_facts facts = {
		.is_recorded = true,
		.recorded_status = call->status,
		.end_reason = call->end_reason,
		.has_fallback = has_fallback(m),
	};

	return after_decide(&facts);
}

static void connect_stream(struct webhook *w, struct answer *a, const struct call_record *call)
{
	struct token token = {
		.expires_ms = clock_wall_ms() + 1000 * conf_int(w->conf, STREAM_TOKEN_TTL_S),
		.merchant_id = call->merchant_id,
	};
	char text[TOKEN_BYTES_MAX + 1];

	random_fill(&w->random, token.nonce, sizeof token.nonce);
	memcpy(token.call_sid, call->call_sid, sizeof token.call_sid);
	token_write(&w->keys, &token, text);
	voice_connect(a, &(struct voice_stream){
		.public_origin = w->public_origin,
		.relay_url = w->relay_url,
		.token = slice_of(text),
		.merchant_id = call->merchant_id,
		.caller_phone = slice_of(call->caller_number),
		.called_number = slice_of(call->called_number),
	});
}

/* The merchant is known and takes calls. */
static void take_call(struct webhook *w, const struct request *r, struct answer *a, const struct merchant *m)
{
	char caller[PHONE_BYTES_MAX + 1];
	struct call_begin begin = {
		.call_sid = form_value(&r->form, "CallSid"),
		.merchant_id = m->id,
		.caller_number = tidy_number(first_of(&r->form, "From", "Caller"), caller),
		.called_number = slice_of(m->phone_number),
		.now_ms = clock_wall_ms(),
	};
	struct call_record call;
	enum db_result result = webhook_db_fault(w, "call-begin", db_call_begin(w->db, &begin, &call));

	log_info("call incoming call=%.*s merchant=%lld from=%s recorded=%s", (int)begin.call_sid.len,
		begin.call_sid.data, (long long)m->id, log_phone(caller).text, db_result_word(result));
	if (result != DB_OK)
		return answer_after(w, a, has_fallback(m) ? AFTER_DIAL : AFTER_APOLOGISE, m);
	/* A repeated request for a call that is over. */
	if (call.status == CALL_ENDED)
		return answer_after(w, a, decide_ended(&call, m), m);
	connect_stream(w, a, &call);
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

	if (!is_call_sid(sid)) {
		log_warn("call refused why=call-sid call=%s", log_text(sid.data, sid.len).text);
		return voice_say(a, VOICE_APOLOGY);
	}
	enum db_result result = find_merchant(w, called, &m);
	if (result == DB_OK && m.active)
		return take_call(w, r, a, &m);
	if (result == DB_OK || result == DB_NONE) {
		tidy_number(called, number);
		log_warn("call refused why=%s call=%.*s to=%s", result == DB_OK ? "inactive" : "number-unknown",
			(int)sid.len, sid.data, log_phone(number).text);
		return voice_say(a, VOICE_NOT_CONFIGURED);
	}
	log_error("call lost why=database call=%.*s", (int)sid.len, sid.data);
	voice_say(a, VOICE_APOLOGY);
}

static const char *reason_word(const struct after_facts *facts)
{
	if (!facts->is_recorded)
		return "unknown";
	return facts->end_reason == END_NONE ? "open" : end_reason_word(facts->end_reason);
}

/* What the database knows of the call; as little as it may be. */
static void learn(struct webhook *w, struct slice sid, struct after_facts *facts, struct merchant *m)
{
	struct call_record call;

	if (!is_call_sid(sid) || !webhook_db(w))
		return;
	enum db_result result = db_call_by_sid(w->db, sid, &call);
	if (result != DB_OK && result != DB_NONE)
		webhook_db_fault(w, "call", result);
	if (result != DB_OK)
		return;
	facts->is_recorded = true;
	facts->recorded_status = call.status;
	facts->end_reason = call.end_reason;
	result = webhook_db_fault(w, "merchant", db_merchant_by_id(w->db, call.merchant_id, m));
	facts->has_fallback = result == DB_OK && has_fallback(m);
}

void handle_after(struct webhook *w, const struct request *r, struct answer *a)
{
	struct slice sid = form_value(&r->form, "CallSid");
	struct after_facts facts = {
		.dial_status = form_value(&r->form, "DialCallStatus"),
		.call_status = form_value(&r->form, "CallStatus"),
	};
	struct merchant m;

	learn(w, sid, &facts, &m);
	enum after after = after_decide(&facts);
	log_info("call after call=%s reason=%s dial=%s next=%s", log_text(sid.data, sid.len).text,
		reason_word(&facts), log_text(facts.dial_status.data, facts.dial_status.len).text,
		after_word(after));
	answer_after(w, a, after, &m);
}
