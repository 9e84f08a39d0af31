/*
 * Grok's leg of a call: dialled, opened, read into the bridge; once more if the first attempt came to nothing.
 */
#include "relay/call_parts.h"

#include "relay/call_end.h"


void call_dial(struct call *c, uint64_t now_ms)
{
	struct relay *relay = c->env->relay;
	const struct relay_grok *grok = &relay->grok;
	struct sockaddr_storage address;
	struct leg_dial_plan plan = {
		.address = (struct sockaddr *)&address,
		.tls_host = grok->is_tls ? grok->host : NULL,
		.host = grok->authority,
		.target = grok->target,
		.headers = grok->headers[0] ? grok->headers : NULL,
		.message_bytes_max = GROK_MESSAGE_BYTES_MAX,
	};
	uint32_t turn = atomic_fetch_add_explicit(&relay->dial_count, 1, memory_order_relaxed);

	c->redial = false;
	if (!names_pick(&relay->names, turn, c->dial_count++ > 0, &address, &plan.address_len))
		return bridge_end(&c->bridge, END_GROK_UNREACHABLE,
			"the name of GROK_URL has no address", now_ms);
	call_count(c, METRIC_MODEL_DIALS);
	leg_dial(&c->model, &plan, &c->task);
}

static void model_opened(struct call *c, uint64_t now_ms)
{
	c->connect_by_ms = 0;
	c->model_heard_ms = now_ms;
	if (c->model.is_tls && c->model.tls.was_resumed)
		call_count(c, METRIC_MODEL_RESUMED_TLS);
	bridge_model_open(&c->bridge, now_ms);
}

static void log_model(struct call *c, const char *what, struct slice text, uint64_t now_ms)
{
	uint32_t left_out;

	if (log_limit_pass(&c->env->model_limit, now_ms, 10, &left_out))
		log_warn("grok %s call=%s text=%s left_out=%u", what, c->facts.call_sid,
			log_text(text.data, text.len).text, left_out);
}

static void model_message(struct call *c, const struct leg_event *message, uint64_t now_ms)
{
	struct grok_event event;

	c->model_heard_ms = now_ms;
	if (c->bridge.reason != END_NONE)
		return;
	if (!message->is_text) {
		log_model(c, "message is binary", (struct slice){0}, now_ms);
		return bridge_model_bad(&c->bridge, now_ms);
	}
	if (grok_read(&c->grok, FROM_GROK, (const char *)message->data, message->len, &event) ==
		GROK_BAD) {
		log_model(c, "message unreadable", slice_of(c->grok.why), now_ms);
		return bridge_model_bad(&c->bridge, now_ms);
	}
	c->model_pings |= event.kind == GROK_PING;
	if (event.kind == GROK_ERROR)
		log_model(c, "error", event.error.message, now_ms);
	bridge_model(&c->bridge, &event, now_ms);
}

static void model_over(struct call *c, const struct leg_event *event, uint64_t now_ms)
{
	bool was_open = c->connect_by_ms == 0;
	enum end_reason reason = call_model_reason(event, was_open);

	c->model_gone = true;
	if (c->bridge.reason != END_NONE)
		return;
	log_model(c, was_open ? "connection over" : "connection failed",
		slice_of(event->why ? event->why : "closed by Grok"), now_ms);
	/* Another address, or another moment, may do. */
	if (reason == END_GROK_UNREACHABLE && c->dial_count < 2 && now_ms < c->connect_by_ms)
		c->redial = true;
	else
		bridge_end(&c->bridge, reason, "Grok's connection is over", now_ms);
}

/* The first words are there before anybody can hear them: they wait in the leg, and what it does not take, at Grok. */
static void hold_model(struct call *c, uint64_t now_ms)
{
	c->model_heard_ms = now_ms;
	if (!c->model.paused && buf_len(&c->model.in) > CALL_EARLY_BYTES_MAX)
		leg_pause(&c->model);
}

void call_read_model(struct call *c, uint64_t now_ms)
{
	struct leg_event event;
	enum leg_event_kind kind;

	if (c->phase == PHASE_AT_DOOR || c->phase == PHASE_CROSSING)
		return;
	if (bridge_is_early(&c->bridge))
		return hold_model(c, now_ms);
	while ((kind = leg_next(&c->model, &event)) != LEG_NONE) {
		switch (kind) {
		case LEG_NONE:
		case LEG_REQUEST:
			break;
		case LEG_OPENED:
			model_opened(c, now_ms);
			break;
		case LEG_MESSAGE:
			model_message(c, &event, now_ms);
			break;
		case LEG_PONG:
			c->model_pong_due = false;
			/* A pong proves the connection, not the model: that has pings of its own,
			 * unless it has not. */
			if (!c->model_pings)
				c->model_heard_ms = now_ms;
			break;
		case LEG_CLOSED:
		case LEG_GONE:
			model_over(c, &event, now_ms);
			break;
		}
	}
	if (c->redial && leg_is_free(&c->model) && c->bridge.reason == END_NONE) {
		c->model_gone = false;
		call_dial(c, now_ms);
	}
}
