#include "fcgi/next.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "fcgi/answer.h"
#include "fcgi/closed.h"
#include "fcgi/known.h"
#include "fcgi/relay_ask.h"
#include "fcgi/request.h"
#include "fcgi/voice.h"
#include "fcgi/webhook.h"

/* --- the relay ------------------------------------------------------------------------------------- */

/* One that takes the call has begun to prepare for it; a caller who returns, or is ours, begins differently. */
static enum relay_state ask_relay(struct webhook *w, const struct known *k, bool is_resumed)
{
	const bool is_new = k->facts.question == PLAN_INCOMING && !is_resumed;
	struct notice notice = { .kind = is_new && k->call.merchant_id > 0 ? NOTICE_EXPECT : NOTICE_ASK,
		.merchant_id = k->call.merchant_id };

	memcpy(notice.call_sid, k->call.call_sid, sizeof notice.call_sid);
	/* Before its row can be read, if it can, the relay looks up whose the number is: not for whoever forged it. */
	if (k->attestation != ATTESTATION_FAILED)
		notice_tidy(slice_of(k->call.caller_number), notice.caller_number);
	notice_tidy(slice_of(k->call.called_number), notice.called_number);
	enum relay_state state = relay_ask(conf_text(w->conf, RELAY_SOCKET), &notice,
		(uint32_t)conf_int(w->conf, RELAY_SOCKET_MS));

	if (!relay_takes(state))
		log_warn("call diverted call=%s relay=%s", k->call.call_sid, relay_state_word(state));
	return state;
}

/* While somebody keeps the database locked the row lags behind, or there is none. */
static void ask_end(struct webhook *w, struct known *k)
{
	if (!*k->call.call_sid || !plan_wants_end(&k->facts))
		return;
	k->facts.told_end = relay_ask_end(conf_text(w->conf, RELAY_SOCKET), k->call.call_sid,
		(uint32_t)conf_int(w->conf, RELAY_SOCKET_MS));
	if (k->facts.told_end != END_NONE)
		log_info("call told call=%s end=%s", k->call.call_sid, end_reason_word(k->facts.told_end));
}

static struct plan decide(struct webhook *w, struct known *k)
{
	ask_end(w, k);
	struct plan plan = plan_decide(&k->facts);

	if (plan_streams(&plan)) {
		k->facts.relay = ask_relay(w, k, plan.steps[0].is_resumed);
		plan = plan_decide(&k->facts);
	}
	return plan;
}

/* --- the document ---------------------------------------------------------------------------------- */

static struct slice write_token(struct webhook *w, const struct known *k, char out[TOKEN_BYTES_MAX + 1])
{
	struct token token = {
		.expires_ms = clock_wall_ms() + 1000 * conf_int(w->conf, STREAM_TOKEN_TTL_S),
		.merchant_id = k->call.merchant_id,
	};

	random_fill(&w->random, token.nonce, sizeof token.nonce);
	memcpy(token.call_sid, k->call.call_sid, sizeof token.call_sid);
	token_write(&w->keys, &token, out);
	return slice_of(out);
}

static bool is_telephone_number(const char *text)
{
	return *text == '+' && strspn(text + 1, "0123456789") == strlen(text + 1) && strlen(text) >= 8
		&& strlen(text) <= 16;
}

static bool is_shown(const struct known *k)
{
	return !k->call.is_outbound && is_telephone_number(k->call.caller_number);
}

/* The person sees who calls; a caller who hides or has no number, or whom we have called, is shown as the merchant's
 * number, or, as long as that is not known, as the one that was called. */
static struct slice caller_id(const struct known *k)
{
	if (is_shown(k))
		return slice_of(k->call.caller_number);
	return slice_of(*k->merchant.phone_number ? k->merchant.phone_number : k->call.called_number);
}

static bool says(const struct plan *plan, enum plan_sentence sentence)
{
	return plan->count > 0 && plan->steps[0].sentence == sentence;
}

static void write_answer(struct webhook *w, struct answer *a, const struct known *k, const struct plan *plan)
{
	char token[TOKEN_BYTES_MAX + 1], closed[CLOSED_BYTES_MAX];
	struct voice_facts facts = {
		.public_origin = w->public_origin,
		.relay_url = w->relay_url,
		.merchant_id = k->call.merchant_id,
		.caller_phone = slice_of(k->call.caller_number),
		.called_number = slice_of(k->call.called_number),
		.opening = k->order ? slice_of(k->order->opening) : SLICE(""),
		.numbers = {
			[PLAN_NUMBER_FALLBACK] = slice_of(k->merchant.fallback_number),
			[PLAN_NUMBER_AFTER_HOURS] = slice_of(k->merchant.after_hours_number),
			[PLAN_NUMBER_TRANSFER] = slice_of(k->call.transfer_number),
		},
		.caller_id = caller_id(k),
		.has_caller_number = is_shown(k),
		.is_closed_given = *k->merchant.after_hours_notice != '\0',
		.language = slice_of(k->merchant.language),
		.reject_reason = k->reject_reason,
	};

	if (plan_streams(plan))
		facts.token = write_token(w, k, token);
	if (says(plan, PLAN_SENTENCE_CLOSED) || says(plan, PLAN_SENTENCE_CLOSED_TONE))
		facts.closed = closed_sentence(&k->merchant, &k->opening, says(plan, PLAN_SENTENCE_CLOSED_TONE),
			closed);
	voice_write(a, plan, &facts);
}

/* --- the row --------------------------------------------------------------------------------------- */

/* What became of the person who was rung. */
static void note_transfer(struct webhook *w, const struct known *k, const struct plan *plan)
{
	const struct slice status = form_value(k->form, "DialCallStatus");
	const struct slice result = status.len ? status : SLICE("canceled");

	(void)webhook_db_fault(w, "transferred",
		db_call_transferred(w->db, k->call_sid, result, plan->ends_transfer, clock_wall_ms()));
}

static void note_one(struct webhook *w, const char *what, enum db_result result)
{
	if (result != DB_NONE)
		(void)webhook_db_fault(w, what, result);
}

static bool is_transfer_news(const struct known *k, const struct plan *plan)
{
	const struct plan_facts *f = &k->facts;

	return f->question == PLAN_AFTER && f->is_recorded && f->status == CALL_TRANSFERRING
		&& (f->dial != PLAN_DIAL_NONE || plan->ends_transfer);
}

/* The row of a call that comes in has ended in the commit that began it. */
static bool is_ending(const struct known *k, const struct plan *plan)
{
	return plan->ends_with != END_NONE && k->facts.question != PLAN_INCOMING;
}

static void note_all(struct webhook *w, const struct known *k, const struct plan *plan)
{
	const struct call_end end
		= { .call_sid = k->call_sid, .reason = plan->ends_with, .now_ms = clock_wall_ms() };

	if (is_transfer_news(k, plan))
		note_transfer(w, k, plan);
	/* A call that stayed open for ever would count against its merchant's calls_max. */
	if (w->db && plan->is_lost)
		note_one(w, "lost", db_call_lost(w->db, k->call_sid, end.now_ms));
	if (w->db && is_ending(k, plan))
		note_one(w, "call-end", db_call_end(w->db, &end));
	if (w->db && plan->handled != HANDLED_OPEN)
		note_one(w, "handled", db_call_handled(w->db, k->call_sid, plan->handled));
}

static void note(struct webhook *w, const struct known *k, const struct plan *plan)
{
	const bool has_news = is_transfer_news(k, plan) || plan->is_lost || is_ending(k, plan)
		|| plan->handled != HANDLED_OPEN;

	if (!k->has_row || !has_news || !webhook_may_write(w))
		return;
	if (webhook_db_fault(w, "note", db_batch_begin(w->db)) != DB_OK)
		return;
	note_all(w, k, plan);
	if (w->db)
		(void)webhook_db_fault(w, "note", db_batch_end(w->db));
}

void next_note(struct webhook *w, struct known *k)
{
	const struct plan plan = plan_decide(&k->facts);

	note(w, k, &plan);
}

static const char *row_word(const struct plan_facts *f)
{
	if (!f->is_recorded)
		return "none";
	if (f->status == CALL_TRANSFERRING)
		return "transferring";
	return f->end_reason == END_NONE ? "open" : end_reason_word(f->end_reason);
}

void next_carry_out(struct webhook *w, struct answer *a, struct known *k)
{
	const struct slice dialled = form_value(k->form, "DialCallStatus");
	const struct plan plan = decide(w, k);

	log_info("call planned call=%s row=%s dial=%s next=%s handled=%s", k->call.call_sid, row_word(&k->facts),
		log_name(dialled.data, dialled.len).text, plan_word(&plan), handled_words[plan.handled]);
	note(w, k, &plan);
	write_answer(w, a, k, &plan);
}
