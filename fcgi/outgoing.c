/* Somebody whom we called has answered: a person talks to the receptionist, a machine gets what was ordered. */
#include "fcgi/handlers.h"

#include "base/clock.h"
#include "base/log.h"
#include "db/outgoing.h"
#include "fcgi/machine.h"
#include "fcgi/next.h"
#include "fcgi/voice.h"
#include "fcgi/webhook.h"
#include "proto/notice.h"

/* The query is Twilio's to repeat: "id=" and what we put there. */
static struct slice id_of(const struct request *r)
{
	static const char name[] = "id=";

	if (r->query.len != sizeof name - 1 + OUTGOING_ID_BYTES || memcmp(r->query.data, name, sizeof name - 1) != 0)
		return (struct slice){ 0 };
	return (struct slice){ r->query.data + sizeof name - 1, OUTGOING_ID_BYTES };
}

static enum db_result find(struct webhook *w, struct slice id, struct outgoing *out, struct merchant *out_merchant)
{
	if (id.len == 0)
		return DB_NONE;
	if (!webhook_db(w))
		return DB_BROKEN;
	enum db_result result = db_outgoing_by_id(w->db, id, out);

	if (result == DB_OK)
		result = db_merchant_by_id(w->db, out->merchant_id, out_merchant);
	return result == DB_NONE || result == DB_REFUSED ? DB_NONE : webhook_db_fault(w, "outgoing", result);
}

static enum db_result record(struct webhook *w, struct slice sid, const struct outgoing *o, const struct merchant *m,
	struct slice answered_by, struct call_record *out_call)
{
	struct call_begin begin = {
		.call_sid = sid,
		.merchant_id = m->id,
		.caller_number = slice_of(o->number),
		.called_number = slice_of(m->phone_number),
		.now_ms = clock_wall_ms(),
		.is_outbound = true,
	};
	enum db_result result = db_call_begin(w->db, &begin, out_call);

	if (result == DB_OK)
		result = db_outgoing_answered(w->db, o->id, sid, answered_by);
	return webhook_db_fault(w, "call-begin", result);
}

/* A machine is no caller: the call is over, whatever it still records. */
static void leave(struct webhook *w, struct answer *a, struct slice sid, const char *message)
{
	const struct call_end end = { .call_sid = sid, .reason = END_MACHINE_ANSWERED, .now_ms = clock_wall_ms() };
	enum db_result result = db_call_end(w->db, &end);

	if (result != DB_NONE)
		webhook_db_fault(w, "call-end", result);
	if (message)
		voice_say(a, message);
	else
		voice_hang_up(a);
}

static void connect(struct webhook *w, struct answer *a, const struct call_record *call, const struct outgoing *o)
{
	if (next_outgoing(w, a, call, slice_of(o->opening)))
		return;
	/* Who was called shall at least hear why. */
	voice_say(a, o->opening[0] ? o->opening : VOICE_APOLOGY);
}

static void answered(struct webhook *w, const struct request *r, struct answer *a, const struct outgoing *o,
	const struct merchant *m)
{
	struct slice sid = form_value(&r->form, "CallSid"), answered_by = form_value(&r->form, "AnsweredBy");
	struct call_record call;
	enum db_result result = record(w, sid, o, m, answered_by, &call);

	log_info("call answered call=%.*s merchant=%lld to=%s by=%s recorded=%s", (int)sid.len, sid.data,
		(long long)m->id, log_phone(o->number).text, log_text(answered_by.data, answered_by.len).text,
		db_result_word(result));
	if (result != DB_OK)
		return voice_say(a, o->opening[0] ? o->opening : VOICE_APOLOGY);
	switch (machine_decide(answered_by, o->machine)) {
	case ANSWERER_PERSON:
		return call.status == CALL_ENDED ? voice_hang_up(a) : connect(w, a, &call, o);
	case ANSWERER_LEAVE_MESSAGE:
		return leave(w, a, sid, o->opening);
	case ANSWERER_HANG_UP:
		return leave(w, a, sid, NULL);
	}
}

void handle_outgoing(struct webhook *w, const struct request *r, struct answer *a)
{
	struct slice sid = form_value(&r->form, "CallSid");
	struct outgoing o;
	struct merchant m;

	if (!notice_is_call_sid(sid)) {
		log_warn("call refused why=call-sid call=%s", log_text(sid.data, sid.len).text);
		return voice_hang_up(a);
	}
	enum db_result result = find(w, id_of(r), &o, &m);

	if (result == DB_OK && m.active)
		return answered(w, r, a, &o, &m);
	log_warn("call refused why=%s call=%.*s", result == DB_OK ? "inactive" : result == DB_NONE ? "never-ordered" :
		"database", (int)sid.len, sid.data);
	voice_hang_up(a);
}
