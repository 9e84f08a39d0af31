/* Facts that Twilio tells without asking: recorded if they can be, and always acknowledged; Twilio would not tell them
 * again. And the load balancer's question. */
#include "fcgi/handlers.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "fcgi/answer.h"
#include "fcgi/known.h"
#include "fcgi/next.h"
#include "fcgi/relay_ask.h"
#include "fcgi/request.h"
#include "fcgi/webhook.h"

#include <stdlib.h>

/* Unknown calls are normal: numbers that are not configured have no row. */
static void log_outcome(struct webhook *w, const char *what, struct slice sid, struct slice word,
	enum db_result result)
{
	if (result != DB_OK && result != DB_NONE && w->db)
		webhook_db_fault(w, what, result);
	log_info("call %s call=%s value=%s recorded=%s", what, log_name(sid.data, sid.len).text,
		log_name(word.data, word.len).text, db_result_word(result));
}

static int64_t duration_of(const struct form *form)
{
	struct slice text = form_value(form, "CallDuration");
	char digits[12];

	if (!text.len || !slice_copy(text, digits, sizeof digits)
		|| strspn(digits, "0123456789") != text.len)
		return -1;
	return strtoll(digits, NULL, 10);
}

/* A session that waits for that call need not wait on. */
static void let_relay_forget(struct webhook *w, struct slice sid)
{
	struct notice notice = { .kind = NOTICE_FORGET };

	if (notice_is_call_sid(sid) && slice_copy(sid, notice.call_sid, sizeof notice.call_sid))
		relay_ask(conf_text(w->conf, RELAY_SOCKET), &notice, (uint32_t)conf_int(w->conf, RELAY_SOCKET_MS));
}

void handle_status(struct webhook *w, const struct request *r, struct answer *a)
{
	const struct slice status = form_value(&r->form, "CallStatus");
	enum db_result result = DB_BROKEN;
	struct known k;

	a->status = 204;
	known_init(&k, PLAN_STATUS, r);
	if (k.facts.is_gone) {
		let_relay_forget(w, k.call_sid);
		known_call(w, &k);
	}
	if (webhook_may_write(w))
		result = db_call_twilio_status(w->db, k.call_sid, status, duration_of(&r->form), clock_wall_ms());
	log_outcome(w, "status", k.call_sid, status, result);
	next_note(w, &k);
}

void handle_stream_status(struct webhook *w, const struct request *r, struct answer *a)
{
	struct slice sid = form_value(&r->form, "CallSid"), event = form_value(&r->form, "StreamEvent");
	struct slice error = form_value(&r->form, "StreamError");
	enum db_result result = DB_BROKEN;

	a->status = 204;
	if (webhook_db(w))
		result = db_stream_event(w->db, sid, form_value(&r->form, "StreamSid"), event,
			error.data ? error : SLICE(""), clock_wall_ms());
	if (error.len)
		log_warn("call stream-error call=%s error=%s", log_name(sid.data, sid.len).text,
			log_text(error.data, error.len).text);
	log_outcome(w, "stream", sid, event, result);
}

void handle_health(struct webhook *w, const struct request *r, struct answer *a)
{
	enum db_result result = DB_BROKEN;

	(void)r;
	if (webhook_db(w))
		result = webhook_db_fault(w, "health", db_health(w->db));
	a->status = result == DB_OK ? 200 : 503;
	a->content_type = "application/json";
	check(buf_printf(&a->body, "{\"status\":\"%s\",\"database\":\"%s\"}\n", result == DB_OK ? "ok" : "unavailable",
		db_result_word(result)));
}
