#include "fcgi/shield.h"

#include "fcgi/webhook.h"

static const struct screened let_in = { SCREEN_ACCEPT, SCREEN_NOTHING };

/* Both are asked before anything is written: reading waits for nobody. */
static enum db_result decide(struct webhook *w, const struct shield_call *call, struct screened *out)
{
	struct screen_facts facts = { .caller = call->caller->kind, .attestation = call->attestation };
	const enum db_result result = db_screening_facts(w->db, call->merchant_id, slice_of(call->caller->text),
		call->now_ms, &facts.stored);

	if (result == DB_OK)
		*out = screen_decide(&facts);
	return result;
}

/* DB_NONE: another request for the same call was quicker, and was let in. */
static enum db_result write_down(struct webhook *w, const struct shield_call *call, struct screened screened)
{
	const struct screening s = {
		.call_sid = call->call_sid,
		.merchant_id = call->merchant_id,
		.caller_number = slice_of(call->caller->text),
		.called_number = call->called_number,
		.at_ms = call->now_ms,
		.verdict = screened.verdict,
		.reason = screened.reason,
		.attestation = slice_of(attestation_word(call->attestation)),
	};

	return screened.verdict == SCREEN_REJECT ? db_call_turn_away(w->db, &s) : db_screening_put(w->db, &s);
}

static void tell(const struct shield_call *call, struct screened screened, enum db_result written)
{
	const char *attestation = attestation_word(call->attestation);

	log_info("call screened call=%.*s merchant=%lld from=%s verdict=%s reason=%s attestation=%s recorded=%s",
		(int)call->call_sid.len, call->call_sid.data, (long long)call->merchant_id,
		log_phone(call->caller->text).text, screen_verdict_word(screened.verdict),
		screen_reason_word(screened.reason), *attestation ? attestation : "absent", db_result_word(written));
}

struct screened shield_ask(struct webhook *w, const struct shield_call *call)
{
	struct screened screened = let_in;

	if (!webhook_db(w))
		return let_in;
	enum db_result result = db_screening_by_sid(w->db, call->call_sid, &screened);

	if (result == DB_NONE)
		result = decide(w, call, &screened);
	else if (result == DB_OK)
		return screened;
	if (webhook_db_fault(w, "screening", result) != DB_OK)
		return let_in;
	if (screened.reason == SCREEN_NOTHING)
		return screened;
	const bool may_write = webhook_may_write(w);

	result = may_write ? write_down(w, call, screened) : DB_BUSY;
	if (result == DB_NONE)
		return let_in;
	if (may_write)
		(void)webhook_db_fault(w, "screening-put", result);
	tell(call, screened, result);
	return screened;
}
