/* A call comes in: whose is it, may it, and what does the caller hear? */
#include "fcgi/handlers.h"

#include "base/clock.h"
#include "base/log.h"
#include "db/allowance.h"
#include "fcgi/known.h"
#include "fcgi/next.h"
#include "fcgi/request.h"
#include "fcgi/shield.h"
#include "fcgi/webhook.h"
#include "proto/notice.h"

static void look_at_limits(struct webhook *w, struct known *k, int64_t now_ms)
{
	struct merchant_month month;

	if (!allowance_needs_month(&k->merchant))
		return;
	const enum db_result result = db_merchant_month(w->db, k->merchant.id, k->call_sid, now_ms, &month);

	if (webhook_db_fault(w, "month", result) != DB_OK)
		return;
	const enum allowance_over over = allowance_of(&k->merchant, &month).over;

	k->facts.is_over_limit = over != ALLOWANCE_LEFT;
	if (over != ALLOWANCE_LEFT)
		log_warn("call over limit call=%.*s merchant=%lld limit=%s", (int)k->call_sid.len, k->call_sid.data,
			(long long)k->merchant.id, allowance_word(over));
}

/* The row of a call that is new, over before it was connected if that is the plan. */
static enum db_result begin_row(struct webhook *w, struct known *k, const struct call_begin *begin)
{
	const struct plan plan = plan_decide(&k->facts);
	const struct call_end end
		= { .call_sid = begin->call_sid, .reason = plan.ends_with, .now_ms = begin->now_ms };
	const enum db_result result = db_call_begin(w->db, begin, &k->call);

	/* Twilio's first question for the same call was a moment faster: its answer counts. */
	if (result == DB_OK && k->call.created_ms != begin->now_ms)
		known_row(k);
	if (result != DB_OK || k->facts.is_recorded || plan.ends_with == END_NONE)
		return result;
	return db_call_end(w->db, &end);
}

/* Whom the shield turns away has his row by then, which is over. */
static bool is_turned_away(struct webhook *w, struct known *k)
{
	const struct shield_call call = {
		.call_sid = k->call_sid,
		.merchant_id = k->merchant.id,
		.caller = &k->caller,
		.attestation = k->attestation,
		.called_number = slice_of(k->call.called_number),
		.now_ms = clock_wall_ms(),
	};
	const struct screened screened = shield_ask(w, &call);

	k->facts.verdict = screened.verdict;
	if (screened.verdict == SCREEN_REJECT)
		k->reject_reason = screen_reject_word(screened.reason);
	return screened.verdict == SCREEN_REJECT;
}

/* The row of a call that the shield lets in. */
static enum db_result let_in(struct webhook *w, struct known *k, bool is_batch)
{
	const struct call_begin begin = known_begin(k);

	look_at_limits(w, k, begin.now_ms);
	if (!w->db || !is_batch)
		return DB_BROKEN;
	const enum db_result result = webhook_db_fault(w, "call-begin", begin_row(w, k, &begin));

	k->has_row = result == DB_OK;
	return result;
}

/* In one commit, lest two callers take the last place; without the lock limits and rates hold as well as they can. */
static enum db_result admit(struct webhook *w, struct known *k)
{
	const enum db_result begun
		= webhook_may_write(w) ? webhook_db_fault(w, "call-begin", db_batch_begin(w->db)) : DB_BUSY;
	enum db_result result = w->db ? DB_OK : DB_BROKEN;

	if (w->db && !is_turned_away(w, k) && w->db)
		result = let_in(w, k, begun == DB_OK);
	if (begun != DB_OK || !w->db)
		return w->db ? begun : DB_BROKEN;
	const enum db_result committed = webhook_db_fault(w, "call-begin", db_batch_end(w->db));

	k->has_row = k->has_row && committed == DB_OK;
	return result == DB_OK ? committed : result;
}

/* What can only be read, or not even that, is in lasting trouble, and the relay's too; a lock is a matter of seconds,
 * and the relay can wait. */
static void take_new_call(struct webhook *w, struct known *k)
{
	const enum db_result result = admit(w, k);

	if (k->facts.verdict == SCREEN_REJECT)
		return;
	log_info("call incoming call=%.*s merchant=%lld from=%s recorded=%s", (int)k->call_sid.len, k->call_sid.data,
		(long long)k->merchant.id, log_phone(k->call.caller_number).text, db_result_word(result));
	if (result != DB_OK && result != DB_BUSY)
		k->facts.merchant = PLAN_MERCHANT_REMEMBERED;
}

static void take_call(struct webhook *w, struct known *k)
{
	struct call_record call;
	const enum db_result result = db_call_by_sid(w->db, k->call_sid, &call);

	if (result == DB_NONE)
		return take_new_call(w, k);
	if (webhook_db_fault(w, "call", result) != DB_OK) {
		k->facts.merchant = PLAN_MERCHANT_REMEMBERED;
		return;
	}
	k->call = call;
	known_row(k);
	if (call.end_reason == END_REJECTED)
		(void)is_turned_away(w, k);
	log_info("call incoming call=%s merchant=%lld from=%s recorded=before", k->call.call_sid,
		(long long)k->merchant.id, log_phone(k->call.caller_number).text);
}

static const char *refusal_of(const struct known *k)
{
	switch (k->facts.merchant) {
	case PLAN_MERCHANT_UNKNOWN:
		return "number-unknown";
	case PLAN_MERCHANT_PAUSED:
		return "inactive";
	case PLAN_MERCHANT_UNREAD:
	case PLAN_MERCHANT_REMEMBERED:
	case PLAN_MERCHANT_KNOWN:
		break;
	}
	return "database";
}

void handle_incoming(struct webhook *w, const struct request *r, struct answer *a)
{
	struct known k;

	known_init(&k, PLAN_INCOMING, r);
	if (!notice_is_call_sid(k.call_sid)) {
		log_warn("call refused why=call-sid call=%s", log_name(k.call_sid.data, k.call_sid.len).text);
		return next_carry_out(w, a, &k);
	}
	known_called(w, &k);
	if (k.facts.merchant == PLAN_MERCHANT_KNOWN)
		take_call(w, &k);
	else
		log_warn("call refused why=%s call=%.*s to=%s", refusal_of(&k), (int)k.call_sid.len, k.call_sid.data,
			log_phone(k.call.called_number).text);
	next_carry_out(w, a, &k);
}
