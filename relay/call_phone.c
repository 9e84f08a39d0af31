/*
 * Twilio's leg of a call: let in at the door, met at the start message, read into the bridge.
 */
#include "relay/call_parts.h"

#include "base/clock.h"
#include "relay/call_end.h"
#include "relay/call_record.h"
#include "relay/call_time.h"

#include <stdlib.h>

/* A seed's stream says only in its start message which call it is. */
static void enroll(struct call *c, struct slice call_sid)
{
	slice_copy(call_sid, c->facts.call_sid, sizeof c->facts.call_sid);
	if (c->facts.call_sid[0])
		roll_enter(&c->env->relay->roll, &c->enrolled, c->facts.call_sid);
}

void call_go_live(struct call *c, uint64_t now_ms)
{
	relay_give(&c->env->relay->pending_count);
	c->phase = PHASE_LIVE;
	c->live_ms = c->phone_heard_ms = c->model_heard_ms = now_ms;
	c->pinged_ms = c->model_took_ms = now_ms;
	c->ping_at_ms = call_next_ping_ms(c, now_ms);
	c->facts.merchant_id = c->visitor.merchant_id;
	enroll(c, slice_of(c->visitor.call_sid));
	leg_accept(&c->phone);
	call_count(c, METRIC_CALLS_STARTED);
}

void call_let_in(struct call *c, uint64_t now_ms)
{
	struct relay *relay = c->env->relay;

	if (atomic_load_explicit(&relay->draining, memory_order_relaxed)) {
		call_count(c, METRIC_SOCKETS_REFUSED_DRAINING);
		return call_turn_away(c, 503, "draining");
	}
	if (!relay_take(&relay->call_count, relay->calls_max)) {
		call_count(c, METRIC_SOCKETS_REFUSED_FULL);
		return call_turn_away(c, 503, "full");
	}
	c->merchant = desk_page_take(&relay->desk);
	if (!c->merchant) {
		relay_give(&relay->call_count);
		call_count(c, METRIC_DESK_REFUSED);
		return call_turn_away(c, 503, "desk-full");
	}
	call_go_live(c, now_ms);
	call_open_session(c, now_ms);
}

static void at_door(struct call *c, const struct http_head *request, uint64_t now_ms)
{
	const char *why = NULL;
	int status = door_check(&c->env->relay->door, request, clock_wall_ms(), &c->visitor, &why);

	if (status) {
		call_count(c, METRIC_SOCKETS_REFUSED_AUTH);
		return call_turn_away(c, status, why);
	}
	if (!call_cross_begin(c, now_ms))
		call_let_in(c, now_ms);
}

static void copy_parameter(
	const struct twilio_event *start, const char *name, char *out, size_t out_bytes)
{
	slice_copy(twilio_parameter(start, slice_of(name)), out, out_bytes);
}

/* Who is calling whom, as the start message tells it. false: it is not the call that was let in. */
static bool meet(struct call *c, const struct twilio_event *start, uint64_t now_ms)
{
	const char *account = c->env->relay->account_sid;
	char number[32];

	if (!door_matches(&c->visitor, start->call_sid) ||
		(account[0] && start->account_sid.len &&
			!slice_equal(start->account_sid, slice_of(account)))) {
		bridge_end(&c->bridge, END_START_MISMATCH,
			"the start message is of another call or account", now_ms);
		return false;
	}
	if (c->facts.call_sid[0] == '\0')
		enroll(c, start->call_sid);
	slice_copy(start->stream_sid, c->facts.stream_sid, sizeof c->facts.stream_sid);
	copy_parameter(start, "callerPhone", c->facts.caller_number, sizeof c->facts.caller_number);
	copy_parameter(
		start, "calledNumber", c->facts.called_number, sizeof c->facts.called_number);
	if (c->facts.merchant_id == 0) {
		copy_parameter(start, "merchantId", number, sizeof number);
		c->facts.merchant_id = strtoll(number, NULL, 10);
	}
	call_ask_merchant(c);
	if (!c->merchant_asked)
		bridge_end(&c->bridge, END_MERCHANT_UNKNOWN,
			"neither token nor parameters name a merchant", now_ms);
	else
		call_record_begin(c, now_ms);
	return c->merchant_asked;
}

static void phone_message(struct call *c, const struct leg_event *message, uint64_t now_ms)
{
	struct twilio_event event;

	c->phone_heard_ms = now_ms;
	if (c->phase != PHASE_LIVE || c->bridge.reason != END_NONE)
		return;
	if (!message->is_text) {
		call_count(c, METRIC_PHONE_BAD_MESSAGES);
		return bridge_end(&c->bridge, END_PHONE_PROTOCOL, "a binary message", now_ms);
	}
	if (twilio_read(&c->twilio, FROM_TWILIO, (const char *)message->data, message->len,
		    &event) == TWILIO_BAD) {
		call_count(c, METRIC_PHONE_BAD_MESSAGES);
		return bridge_end(&c->bridge, END_PHONE_PROTOCOL, c->twilio.why, now_ms);
	}
	if (event.kind == TWILIO_START && !c->bridge.phone_started && !meet(c, &event, now_ms))
		return;
	bridge_phone(&c->bridge, &event, now_ms);
}

static void phone_over(struct call *c, const struct leg_event *event, uint64_t now_ms)
{
	c->phone_gone = true;
	if (c->phase == PHASE_AT_DOOR) {
		call_count(c, METRIC_SOCKETS_REFUSED_PROTOCOL);
		call_turned_away(c, leg_fault_word(event->fault), event->why);
	} else if (c->phase == PHASE_CROSSING) {
		call_cross_fail(c);
	} else if (c->phase == PHASE_LIVE) {
		bridge_end(&c->bridge, call_phone_reason(event), call_phone_why(event), now_ms);
	}
}

void call_read_phone(struct call *c, uint64_t now_ms)
{
	struct leg_event event;
	enum leg_event_kind kind;

	while ((kind = leg_next(&c->phone, &event)) != LEG_NONE) {
		switch (kind) {
		case LEG_NONE:
		case LEG_OPENED:
			break;
		case LEG_REQUEST:
			at_door(c, event.request, now_ms);
			break;
		case LEG_MESSAGE:
			phone_message(c, &event, now_ms);
			break;
		case LEG_PONG:
			/* A caller on mute may send nothing for long. */
			c->phone_pong_due = false;
			c->phone_pongs = true;
			call_count(c, METRIC_PONGS);
			c->phone_heard_ms = now_ms;
			break;
		case LEG_CLOSED:
		case LEG_GONE:
			phone_over(c, &event, now_ms);
			break;
		}
	}
}
