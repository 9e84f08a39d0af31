/*
 * Grok's leg of a call, or its stand-in's: dialled, opened, read into the bridge; when it is lost, dialled again.
 * How it fails: the call's upstream gives up, and the call ends with the last loss's reason.
 */
#include "relay/call_parts.h"

#include "base/check.h"
#include "relay/call_end.h"

static struct provider *provider_of(const struct call *c)
{
	return &c->env->relay->providers[c->upstream.provider];
}

/* One connection, of which a try at a provider may have two: to different addresses. */
static void dial(struct call *c, uint64_t now_ms)
{
	struct relay *relay = c->env->relay;
	struct provider *provider = provider_of(c);
	struct sockaddr_storage address;
	char target[PROVIDER_TARGET_BYTES_MAX];
	struct leg_dial_plan plan = {
		.address = (struct sockaddr *)&address,
		.tls_host = provider->is_tls ? provider->host : NULL,
		.host = provider->authority,
		.target = target,
		.headers = provider->headers[0] ? provider->headers : NULL,
		.message_bytes_max = GROK_MESSAGE_BYTES_MAX,
	};
	uint32_t turn = atomic_fetch_add_explicit(&relay->dial_count, 1, memory_order_relaxed);

	check(leg_is_free(&c->model));
	c->redial = c->model_gone = c->model_pong_due = c->model_pings = c->model_pongs = false;
	if (!provider_target(provider, c->upstream.conversation, target, sizeof target))
		return bridge_lose(&c->bridge, LOSS_UNREACHABLE, "no room for the URL", now_ms);
	if (!names_pick(&provider->names, turn, c->dial_count++ > 0, &address, &plan.address_len))
		return bridge_lose(&c->bridge, LOSS_UNREACHABLE, "the provider's name has no address", now_ms);
	call_count(c, METRIC_MODEL_DIALS);
	leg_dial(&c->model, &plan, &c->task);
}

static void try_provider(struct call *c, uint64_t now_ms)
{
	upstream_dialled(&c->upstream);
	call_heed_provider(c);
	c->dial_count = 0;
	c->connect_by_ms = now_ms + c->env->relay->grok_connect_ms;
	c->bridge.model.dialect = provider_of(c)->dialect;
	if (c->upstream.provider == PROVIDER_FALLBACK && c->upstream.try_count == 0)
		call_count(c, METRIC_MODEL_FALLBACKS);
	dial(c, now_ms);
}

void call_dial(struct call *c, uint64_t now_ms)
{
	struct relay *relay = c->env->relay;
	struct upstream_plan plan = { .breakers = relay->breakers };
	const bool has_session = call_take_session(c);

	if (!has_session && !relay->providers[PROVIDER_FALLBACK].is_there)
		return bridge_end(&c->bridge, END_OVER_LIMIT, "GROK_SESSIONS_MAX is reached", now_ms);
	for (int i = 0; i < PROVIDER_COUNT; i++) {
		plan.has[i] = relay->providers[i].is_there && (i != PROVIDER_GROK || has_session);
		plan.session_ms_max[i] = (uint64_t)relay->providers[i].session_s_max * 1000;
	}
	c->connect_by_ms = UINT64_MAX;
	upstream_init(&c->upstream, &plan, now_ms);
	if (c->upstream.state == UPSTREAM_OVER || c->upstream.provider != PROVIDER_GROK)
		call_count(c, METRIC_MODEL_SKIPPED);
	call_keep_model(c, now_ms);
}

/* --- what it says --------------------------------------------------------------------------------- */

static void model_opened(struct call *c, uint64_t now_ms)
{
	c->connect_by_ms = 0;
	c->model_heard_ms = c->model_took_ms = now_ms;
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

/* The same as before: what was said is known there. */
static void meet_conversation(struct call *c, struct slice id)
{
	if (!provider_of(c)->dialect->resumption)
		return;
	if (id.len && slice_equal(id, slice_of(c->upstream.conversation)))
		bridge_model_knows(&c->bridge);
	upstream_conversation(&c->upstream, id);
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
	if (event.kind == GROK_CONVERSATION_CREATED)
		meet_conversation(c, event.conversation_id);
	if (event.kind == GROK_ERROR)
		log_model(c, "error", event.error.message, now_ms);
	bridge_model(&c->bridge, &event, now_ms);
	if (event.kind == GROK_RESPONSE_DONE)
		call_heed_usage(c, &event.usage, now_ms);
	if (c->bridge.ready)
		upstream_ready(&c->upstream, now_ms);
}

static void model_over(struct call *c, const struct leg_event *event, uint64_t now_ms)
{
	bool was_open = c->connect_by_ms == 0;
	enum upstream_loss loss = call_model_loss(event, was_open);

	c->model_gone = true;
	if (c->bridge.reason != END_NONE)
		return;
	log_model(c, was_open ? "connection over" : "connection failed",
		slice_of(event->why ? event->why : "closed by Grok"), now_ms);
	/* Another address, or another moment, may do. */
	if (event->fault == LEG_FAULT_OVERFLOW)
		bridge_end(&c->bridge, END_OVERFLOW, "Grok takes its data too slowly, or sends too much", now_ms);
	else if (loss == LOSS_UNREACHABLE && c->dial_count < 2 && now_ms < c->connect_by_ms)
		c->redial = true;
	else
		bridge_lose(&c->bridge, loss, "Grok's connection is over", now_ms);
}

/* The first words are there before anybody can hear them: they wait in the leg, and what it does not take, at Grok. */
static void hold_model(struct call *c, uint64_t now_ms)
{
	c->model_heard_ms = c->paused_ms = now_ms;
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
			c->model_pongs = true;
			call_count(c, METRIC_PONGS);
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
	if (c->redial && leg_is_free(&c->model) && c->bridge.reason == END_NONE)
		dial(c, now_ms);
}

/* --- lost and found ------------------------------------------------------------------------------- */

static void log_loss(const struct call *c, const char *provider, enum upstream_loss loss, const char *why)
{
	const struct upstream *u = &c->upstream;

	log_warn("call model lost call=%s provider=%s loss=%s why=\"%s\" next=%s try=%u resume=%s",
		c->facts.call_sid[0] ? c->facts.call_sid : "-", provider, upstream_loss_word(loss), why,
		u->state == UPSTREAM_OVER ? "none" : upstream_provider_word(u->provider), u->try_count,
		u->conversation[0] ? "yes" : "no");
}

static void lose(struct call *c, enum upstream_loss loss, const char *why, uint64_t now_ms)
{
	call_count(c, loss == LOSS_PLANNED ? METRIC_MODEL_MOVED : METRIC_MODEL_LOST);
	if (loss == LOSS_PLANNED && leg_is_open(&c->model))
		leg_close(&c->model, WS_CLOSE_NORMAL, NULL);
	else if (!leg_is_free(&c->model) && !c->model_gone)
		leg_abort(&c->model);
	c->redial = false;
	c->connect_by_ms = UINT64_MAX;
	const char *provider = provider_of(c)->word;

	upstream_lost(&c->upstream, loss, now_ms);
	log_loss(c, provider, loss, why);
	bridge_model_lost(&c->bridge, provider_of(c)->dialect, now_ms);
}

/* One step; false: nothing is to be done now. */
static bool step(struct call *c, uint64_t now_ms)
{
	switch (upstream_next(&c->upstream, bridge_is_quiet(&c->bridge), now_ms)) {
	case UPSTREAM_NOTHING:
		return false;
	case UPSTREAM_DIAL:
		if (!leg_is_free(&c->model))
			return false;
		try_provider(c, now_ms);
		return true;
	case UPSTREAM_MOVE:
		lose(c, LOSS_PLANNED, "the session is old", now_ms);
		return true;
	case UPSTREAM_DROP:
		lose(c, LOSS_STALLED, "no session in time", now_ms);
		return true;
	case UPSTREAM_GIVE_UP:
		bridge_end(&c->bridge, c->upstream.reason,
			c->bridge.loss_why ? c->bridge.loss_why : "no provider is known to be alive", now_ms);
		return false;
	}
	return false;
}

void call_keep_model(struct call *c, uint64_t now_ms)
{
	do {
		if (c->bridge.loss_due)
			lose(c, c->bridge.loss, c->bridge.loss_why, now_ms);
	} while (c->bridge.reason == END_NONE && (step(c, now_ms) || c->bridge.loss_due));
}

uint64_t call_model_deadline_ms(const struct call *c)
{
	/* A leg that becomes free says so. */
	if (c->upstream.state == UPSTREAM_WAITING && !leg_is_free(&c->model))
		return UINT64_MAX;
	return upstream_deadline_ms(&c->upstream);
}
