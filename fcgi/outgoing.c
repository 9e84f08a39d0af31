/* Somebody whom we called has answered: a person talks to the receptionist, a machine gets what was ordered. */
#include "fcgi/handlers.h"

#include "base/clock.h"
#include "base/log.h"
#include "db/outgoing.h"
#include "fcgi/known.h"
#include "fcgi/next.h"
#include "fcgi/request.h"
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

static void find(struct webhook *w, struct known *k, struct slice id, struct outgoing *out)
{
	k->facts.merchant = PLAN_MERCHANT_UNKNOWN;
	if (id.len == 0)
		return;
	k->facts.merchant = PLAN_MERCHANT_UNREAD;
	if (!webhook_db(w))
		return;
	enum db_result result = db_outgoing_by_id(w->db, id, out);

	if (result == DB_OK)
		result = db_merchant_by_id(w->db, out->merchant_id, &k->merchant);
	if (result == DB_OK)
		known_merchant(w, k);
	else if (result == DB_NONE || result == DB_REFUSED)
		k->facts.merchant = PLAN_MERCHANT_UNKNOWN;
	else
		webhook_db_fault(w, "outgoing", result);
}

static const char *refusal_of(enum plan_merchant merchant)
{
	switch (merchant) {
	case PLAN_MERCHANT_UNKNOWN:
		return "never-ordered";
	case PLAN_MERCHANT_PAUSED:
		return "inactive";
	case PLAN_MERCHANT_UNREAD:
	case PLAN_MERCHANT_REMEMBERED:
	case PLAN_MERCHANT_KNOWN:
		break;
	}
	return "database";
}

static enum db_result record(struct webhook *w, struct known *k, struct slice answered_by)
{
	struct call_begin begin = {
		.call_sid = k->call_sid,
		.merchant_id = k->merchant.id,
		.caller_number = slice_of(k->order->number),
		.called_number = slice_of(k->merchant.phone_number),
		.now_ms = clock_wall_ms(),
		.is_outbound = true,
	};
	enum db_result result = db_call_begin(w->db, &begin, &k->call);

	if (result == DB_OK)
		result = db_outgoing_answered(w->db, k->order->id, k->call_sid, answered_by);
	if (webhook_db_fault(w, "call-begin", result) == DB_OK)
		known_row(k);
	return result;
}

void handle_outgoing(struct webhook *w, const struct request *r, struct answer *a)
{
	const struct slice answered_by = form_value(&r->form, "AnsweredBy");
	struct outgoing order = { .id = "" };
	struct known k;

	known_init(&k, PLAN_OUTGOING, r);
	if (!notice_is_call_sid(k.call_sid)) {
		log_warn("call refused why=call-sid call=%s", log_name(k.call_sid.data, k.call_sid.len).text);
		return next_carry_out(w, a, &k);
	}
	find(w, &k, id_of(r), &order);
	if (k.facts.merchant != PLAN_MERCHANT_KNOWN) {
		log_warn("call refused why=%s call=%.*s", refusal_of(k.facts.merchant), (int)k.call_sid.len,
			k.call_sid.data);
		return next_carry_out(w, a, &k);
	}
	k.order = &order;
	k.facts.answerer = machine_decide(answered_by, order.machine);
	k.facts.has_opening = order.opening[0] != '\0';
	const enum db_result result = record(w, &k, answered_by);

	log_info("call answered call=%.*s merchant=%lld to=%s by=%s recorded=%s", (int)k.call_sid.len, k.call_sid.data,
		(long long)k.merchant.id, log_phone(order.number).text,
		log_name(answered_by.data, answered_by.len).text, db_result_word(result));
	next_carry_out(w, a, &k);
}
