/*
 * The end of a call: one reason, the database first, then the sockets, then the slot.
 */
#include "relay/call_end.h"

#include "base/check.h"
#include "base/clock.h"
#include "relay/call_parts.h"
#include "relay/call_record.h"
#include "relay/call_watch.h"

void call_link(struct call *c, uint64_t now_ms)
{
	struct call_env *env = c->env;

	c->phase = PHASE_AT_DOOR;
	c->begin_ms = now_ms;
	c->next = env->used_calls;
	c->at = &env->used_calls;
	if (c->next)
		c->next->at = &c->next;
	env->used_calls = c;
	env->used_count++;
	/* What a call remembers begins empty; legs and task are ready since call_init(). */
	c->bridge = (struct bridge){ 0 };
	call_watch_init(c);
	c->twilio = (struct twilio_reader){ 0 };
	c->grok = (struct grok_reader){ 0 };
	c->facts = (struct desk_call){ 0 };
	c->visitor = (struct visitor){ 0 };
	c->reel = NULL;
	c->guest = NULL;
	c->note_due = false;
	c->parcel = (struct leg_parcel){ .fd = -1 };
	c->start = c->answer = c->usage = c->end = (struct desk_order){ 0 };
	c->allowance = (struct allowance){ 0 };
	c->budget = (struct budget){ 0 };
	c->account = (struct account){ 0 };
	c->account_provider = PROVIDER_COUNT;
	c->budget_begun = false;
	c->usage_at_ms = 0;
	c->merchant = NULL;
	c->merchant_asked = c->merchant_answered = c->start_put = c->answer_put = c->end_put = false;
	c->dial_count = 0;
	c->phone_pongs = c->model_pongs = false;
	c->redial = c->phone_pong_due = c->model_pong_due = c->model_pings = false;
	c->phone_gone = c->model_gone = c->phone_closing = false;
}

void call_unlink(struct call *c)
{
	struct call_env *env = c->env;

	call_give_session(c);
	roll_leave(&env->relay->roll, &c->enrolled);
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	env->used_count--;
	c->next = env->free_calls;
	env->free_calls = c;
	c->phase = PHASE_FREE;
}

/* --- not let in ----------------------------------------------------------------------------------- */

static void log_visitor(struct call *c, const char *fault, const char *why)
{
	uint32_t left_out;
	char peer[64];

	if (log_limit_pass(&c->env->door_limit, c->env->legs->loop->now_ms, 10, &left_out))
		log_warn("door refused peer=%s fault=%s why=\"%s\" left_out=%u",
			leg_peer(&c->phone, peer, sizeof peer), fault, why ? why : "", left_out);
}

static void leave(struct call *c)
{
	relay_give(&c->env->relay->pending_count);
	c->phase = PHASE_ENDING;
	c->phone_closing = true;
}

void call_turn_away(struct call *c, int status, const char *why)
{
	check(c->phase == PHASE_AT_DOOR);
	log_visitor(c, why, http_status_phrase(status));
	leave(c);
	if (c->phone.state == LEG_DECIDING)
		leg_refuse(&c->phone, status, NULL);
	else
		leg_abort(&c->phone);
}

void call_turned_away(struct call *c, const char *fault, const char *why)
{
	check(c->phase == PHASE_AT_DOOR);
	log_visitor(c, fault, why);
	leave(c);
}

/* --- what a leg's end means ----------------------------------------------------------------------- */

enum end_reason call_phone_reason(const struct leg_event *event)
{
	switch (event->fault) {
	case LEG_FAULT_NONE:
	case LEG_FAULT_EOF:
		return END_TWILIO_CLOSED;
	case LEG_FAULT_REFUSED:
	case LEG_FAULT_RESET:
	case LEG_FAULT_TLS:
		return END_PHONE_RESET;
	case LEG_FAULT_HTTP:
	case LEG_FAULT_PROTOCOL:
		return END_PHONE_PROTOCOL;
	case LEG_FAULT_OVERFLOW:
		return END_OVERFLOW;
	case LEG_FAULT_COUNT:
		break;
	}
	check(!"a leg's fault out of range");
	return END_PHONE_RESET;
}

const char *call_phone_why(const struct leg_event *event)
{
	return event->fault == LEG_FAULT_PROTOCOL ? "Twilio broke the WebSocket protocol" :
						    "Twilio's connection is over";
}

enum upstream_loss call_model_loss(const struct leg_event *event, bool was_open)
{
	switch (event->fault) {
	case LEG_FAULT_HTTP:
		return LOSS_DENIED;
	case LEG_FAULT_PROTOCOL:
		return LOSS_PROTOCOL;
	case LEG_FAULT_NONE:
	case LEG_FAULT_EOF:
	case LEG_FAULT_REFUSED:
	case LEG_FAULT_RESET:
	case LEG_FAULT_TLS:
	case LEG_FAULT_OVERFLOW:
		return was_open ? LOSS_CLOSED : LOSS_UNREACHABLE;
	case LEG_FAULT_COUNT:
		break;
	}
	check(!"a leg's fault out of range");
	return LOSS_CLOSED;
}

/* --- the end of a live call ----------------------------------------------------------------------- */

void call_let_merchant_go(struct call *c)
{
	bool talks = c->phase == PHASE_LIVE || c->phase == PHASE_WAITING;

	if (!c->merchant || c->merchant->order.busy || (talks && bridge_needs_merchant(&c->bridge)))
		return;
	desk_page_give(&c->env->relay->desk, c->merchant);
	c->merchant = NULL;
}

static void put_end(struct call *c)
{
	if (c->facts.call_sid[0] == '\0')
		return;
	c->end = (struct desk_order){
		.kind = DESK_END,
		.call = &c->facts,
		.loop = c->env->legs->loop,
		.task = &c->task,
		.at_ms = clock_wall_ms(),
		.reason = c->bridge.reason,
		.heard_ms = (int64_t)bridge_caller_ms(&c->bridge),
		.spoken_ms = (int64_t)bridge_voice_ms(&c->bridge),
		.started_ms = c->start_put ? c->start.at_ms : 0,
		.answered_ms = c->answer_put ? c->answer.at_ms : 0,
		.usage = call_usage_now(c),
	};
	c->end_put = true;
	desk_put(&c->env->relay->desk, &c->end);
}

static void log_end(const struct call *c, uint64_t now_ms)
{
	const struct bridge *b = &c->bridge;
	void (*log)(const char *format, ...) __attribute__((format(printf, 1, 2))) =
		end_reason_is_fault(b->reason) ? log_warn : log_info;

	log("call ended call=%s reason=%s why=\"%s\" merchant=%lld caller=%s ms=%llu heard_ms=%llu spoken_ms=%llu",
		c->facts.call_sid[0] ? c->facts.call_sid : "-", end_reason_word(b->reason), b->why,
		(long long)c->facts.merchant_id, log_phone(c->facts.caller_number).text,
		(unsigned long long)(now_ms - c->live_ms), (unsigned long long)bridge_caller_ms(b),
		(unsigned long long)bridge_voice_ms(b));
}

static void log_quality(const struct call *c)
{
	const struct quality *q = &c->bridge.quality;

	if (q->begun)
		log_info("call quality call=%s merchant=%lld dead_air_ms=%llu dead_air_ms_max=%llu talk_over_ms=%llu "
			"answers=%u gap_ms_mean=%llu gap_ms_max=%u underruns=%u lag_us_max=%llu",
			c->facts.call_sid[0] ? c->facts.call_sid : "-", (long long)c->facts.merchant_id,
			(unsigned long long)q->dead_air_ms, (unsigned long long)q->dead_air_ms_max,
			(unsigned long long)q->talk_over_ms, q->gap_count,
			(unsigned long long)(q->gap_count ? q->gap_ms_sum / q->gap_count : 0), q->gap_ms_max,
			q->underrun_count, (unsigned long long)(q->lag_ns_max / 1000));
}

void call_finish(struct call *c, uint64_t now_ms)
{
	check(c->phase == PHASE_LIVE && c->bridge.reason != END_NONE);
	c->phase = PHASE_ENDING;
	c->ending_ms = now_ms;
	metrics_end(c->env->metrics, c->bridge.reason);
	metrics_observe(c->env->metrics, METRIC_CALL_SECONDS, (double)(now_ms - c->live_ms) / 1000);
	ratings_put(&c->env->relay->ratings, c->facts.merchant_id, &c->bridge.quality);
	log_end(c, now_ms);
	log_quality(c);
	call_watch_end(c);
	call_record_end(c);
	call_tools_end(c);
	if (c->bridge.reason == END_TRANSFERRED)
		call_tools_transfer(c);
	if (c->facts.call_sid[0])
		roll_end(&c->env->relay->roll, c->facts.call_sid, c->bridge.reason, now_ms);
	put_end(c);
	if (leg_is_open(&c->model))
		leg_close(&c->model, WS_CLOSE_NORMAL, NULL);
	else if (!leg_is_free(&c->model) && !c->model_gone)
		leg_abort(&c->model);
}

/* The code that Twilio's socket is closed with. */
static uint16_t close_code(enum end_reason reason)
{
	if (!end_reason_is_fault(reason) || reason == END_TWILIO_CLOSED)
		return WS_CLOSE_NORMAL;
	if (reason == END_SHUTDOWN)
		return WS_CLOSE_GOING_AWAY;
	if (reason == END_PHONE_PROTOCOL || reason == END_START_MISMATCH)
		return WS_CLOSE_POLICY;
	return WS_CLOSE_INTERNAL;
}

static void close_phone(struct call *c)
{
	c->phone_closing = true;
	if (c->end_put && (c->end.busy || c->end.is_kept)) {
		metrics_add(c->env->metrics, METRIC_DESK_LATE, 1);
		log_warn("call end not in the database yet call=%s: closing all the same", c->facts.call_sid);
	}
	if (leg_is_open(&c->phone))
		leg_close(&c->phone, close_code(c->bridge.reason), end_reason_word(c->bridge.reason));
	else if (!leg_is_free(&c->phone) && !c->phone_gone)
		leg_abort(&c->phone);
}

static bool desk_is_done(const struct call *c)
{
	return !call_tools_busy(c) && !c->start.busy && !c->answer.busy && !c->usage.busy && !c->end.busy &&
		(!c->merchant || !c->merchant->order.busy);
}

static void release(struct call *c)
{
	call_tools_end(c);
	call_let_merchant_go(c);
	buf_release(&c->briefing);
	bridge_fini(&c->bridge);
	twilio_reader_fini(&c->twilio);
	grok_reader_fini(&c->grok);
	if (c->live_ms)
		relay_give(&c->env->relay->call_count);
	c->live_ms = 0;
	loop_forget(c->env->legs->loop, &c->task);
	call_unlink(c);
}

bool call_settle(struct call *c, uint64_t now_ms)
{
	check(c->phase == PHASE_ENDING);
	if (!c->phone_closing && (!c->end.busy || now_ms >= c->ending_ms + RELAY_COMMIT_MS))
		close_phone(c);
	if (!leg_is_free(&c->phone) || !leg_is_free(&c->model) || !desk_is_done(c))
		return false;
	release(c);
	return true;
}
