#include "fcgi/known.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/zone.h"
#include "fcgi/request.h"
#include "fcgi/shield.h"
#include "fcgi/webhook.h"
#include "proto/notice.h"

static struct slice first_of(const struct form *form, const char *name, const char *second_name)
{
	struct slice value = form_value(form, name);

	return value.len ? value : form_value(form, second_name);
}

void known_init(struct known *k, enum plan_question question, const struct request *r)
{
	const struct form *form = &r->form;
	struct slice status = form_value(form, "CallStatus");

	*k = (struct known){ .form = form, .call_sid = form_value(form, "CallSid"), .facts = {
		.question = question,
		.is_gone = plan_is_over(status),
		.is_picked_up = slice_equal(status, SLICE("in-progress")),
		.dial = plan_dial_of(form_value(form, "DialCallStatus")),
		.rung = plan_rung_read(r->query),
	} };
	if (notice_is_call_sid(k->call_sid))
		(void)slice_copy(k->call_sid, k->call.call_sid, sizeof k->call.call_sid);
	k->caller = caller_id_read(first_of(form, "From", "Caller"));
	k->attestation = attestation_read(form_value(form, "StirVerstat"));
	memcpy(k->call.caller_number, k->caller.text, sizeof k->call.caller_number);
	notice_tidy(first_of(form, "To", "Called"), k->call.called_number);
}

/* Only who does something else after hours needs the clock. */
static void look_at_clock(struct webhook *w, struct known *k)
{
	static struct merchant_hours hours;     /* too large for a stack; one request at a time */
	static struct zone zone;
	const char *why;

	if (k->merchant.after_hours == AFTER_HOURS_AI)
		return;
	if (webhook_db_fault(w, "hours", db_merchant_hours(w->db, k->merchant.id, &hours)) != DB_OK)
		return;
	if (!zone_load(&zone, k->merchant.time_zone, &why)) {
		log_warn("merchant without a clock merchant=%lld why=\"%s\"", (long long)k->merchant.id, why);
		return;
	}
	const struct zone_time local = zone_local(&zone, clock_wall_ms() / 1000);

	k->opening = hours_at(&hours, &local);
	k->facts.is_closed = k->opening.is_known && !k->opening.is_open;
}

/* Whoever was rung and did not pick up is not rung again under another name. */
static bool was_rung(const struct known *k, const char *number)
{
	return k->facts.is_recorded && k->facts.was_dialled && strcmp(number, k->call.transfer_number) == 0;
}

void known_merchant(struct webhook *w, struct known *k)
{
	const struct merchant *m = &k->merchant;
	struct plan_facts *f = &k->facts;

	f->merchant = m->active ? PLAN_MERCHANT_KNOWN : PLAN_MERCHANT_PAUSED;
	f->has_fallback = *m->fallback_number && !was_rung(k, m->fallback_number);
	f->has_after_hours_number = *m->after_hours_number != '\0';
	f->after_hours = m->after_hours;
	f->transfer_fallback = m->transfer_fallback;
	k->call.merchant_id = m->id;
	if (f->question == PLAN_INCOMING || f->question == PLAN_AFTER)
		look_at_clock(w, k);
}

static void remember(struct webhook *w, struct known *k)
{
	const struct fallback *row = fallbacks_find(&w->fallbacks, slice_of(k->call.called_number));

	if (!row)
		return;
	k->facts.merchant = PLAN_MERCHANT_REMEMBERED;
	k->facts.has_fallback = *row->number != '\0';
	k->merchant.id = k->call.merchant_id = row->merchant_id;
	check(slice_copy(slice_of(row->number), k->merchant.fallback_number, sizeof k->merchant.fallback_number));
}

void known_called(struct webhook *w, struct known *k)
{
	enum db_result result = DB_BROKEN;

	if (webhook_db(w))
		result = db_merchant_by_number(w->db, slice_of(k->call.called_number), &k->merchant);
	/* Text that can be nobody's number is refused; to the caller that is the same as unknown. */
	if (result == DB_NONE || result == DB_REFUSED)
		k->facts.merchant = PLAN_MERCHANT_UNKNOWN;
	else if (result == DB_OK)
		known_merchant(w, k);
	else {
		if (w->db)
			webhook_db_fault(w, "merchant", result);
		remember(w, k);
	}
}

void known_row(struct known *k)
{
	struct plan_facts *f = &k->facts;

	k->has_row = f->is_recorded = true;
	f->status = k->call.status;
	f->end_reason = k->call.end_reason;
	/* When she began to talk may be what a locked database did not take; who hung up has talked. */
	f->was_answered = k->call.answered_ms != 0 || k->call.end_reason == END_RECEPTIONIST_HUNG_UP;
	f->was_dialled = *k->call.transfer_result != '\0';
	f->handled = k->call.handled;
}

struct call_begin known_begin(const struct known *k)
{
	return (struct call_begin){
		.call_sid = k->call_sid,
		.merchant_id = k->merchant.id,
		.caller_number = slice_of(k->call.caller_number),
		.called_number = slice_of(k->call.called_number),
		.attestation = slice_of(attestation_word(k->attestation)),
		.now_ms = clock_wall_ms(),
	};
}

/* Twilio has never answered it: turned away then, as it would be now, if the shield minds. true: it has its row. */
static bool was_turned_away(struct webhook *w, struct known *k)
{
	const struct shield_call call = {
		.call_sid = k->call_sid,
		.merchant_id = k->merchant.id,
		.caller = &k->caller,
		.attestation = k->attestation,
		.called_number = slice_of(k->call.called_number),
		.now_ms = clock_wall_ms(),
	};

	if (!k->facts.is_gone || slice_equal(form_value(k->form, "CallStatus"), SLICE("completed")))
		return false;
	return shield_ask(w, &call).verdict == SCREEN_REJECT && w->db
		&& webhook_db_fault(w, "call", db_call_by_sid(w->db, k->call_sid, &k->call)) == DB_OK;
}

/* When the call came the database could not be written: better late than never. */
static void begin_late(struct webhook *w, struct known *k)
{
	if (!slice_equal(form_value(k->form, "Direction"), SLICE("inbound")))
		return;
	known_called(w, k);
	if (k->facts.merchant != PLAN_MERCHANT_KNOWN || !webhook_may_write(w))
		return;
	if (was_turned_away(w, k))
		return known_row(k);
	const struct call_begin begin = known_begin(k);

	if (!webhook_may_write(w)
		|| webhook_db_fault(w, "call-begin", db_call_begin(w->db, &begin, &k->call)) != DB_OK)
		return;
	log_warn("call recorded late call=%.*s merchant=%lld", (int)k->call_sid.len, k->call_sid.data,
		(long long)k->merchant.id);
	known_row(k);
}

void known_call(struct webhook *w, struct known *k)
{
	if (!notice_is_call_sid(k->call_sid))
		return;
	if (!webhook_db(w))
		return remember(w, k);
	enum db_result result = db_call_by_sid(w->db, k->call_sid, &k->call);

	if (result == DB_NONE)
		return begin_late(w, k);
	if (webhook_db_fault(w, "call", result) != DB_OK)
		return remember(w, k);
	known_row(k);
	result = db_merchant_by_id(w->db, k->call.merchant_id, &k->merchant);
	if (webhook_db_fault(w, "merchant", result) == DB_OK)
		known_merchant(w, k);
}
