#include "relay/call_time.h"

#include "relay/call_end.h"
#include "relay/call_parts.h"

void call_keep_door_time(struct call *c, uint64_t now_ms)
{
	if (now_ms < c->begin_ms + c->env->relay->handshake_ms)
		return;
	metrics_add(c->env->metrics, METRIC_SOCKETS_REFUSED_PROTOCOL, 1);
	call_turned_away(c, "slow", "no upgrade request in time");
	leg_abort(&c->phone);
}

/* What is told by a ping that was not answered before the next one. */
struct pulse {
	struct leg *leg;
	bool *pong_due;
	bool pongs;                     /* others were answered */
	uint64_t heard_ms;
};

/*
 * false: the connection is half-open. It has answered before, and since the last ping nothing came, not even frames
 * that were on their way: a peer that is only slow to read still sends.
 */
static bool ping(struct call *c, const struct pulse *p)
{
	if (!leg_is_open(p->leg) || p->leg->paused)
		return true;
	if (*p->pong_due) {
		metrics_add(c->env->metrics, METRIC_PONGS_MISSED, 1);
		if (p->pongs && p->heard_ms <= c->pinged_ms)
			return false;
	}
	*p->pong_due = leg_ping(p->leg, NULL, 0);
	return true;
}

/* A third of the longest silence: what is half-open is found before that is over. */
uint64_t call_next_ping_ms(const struct call *c, uint64_t now_ms)
{
	uint32_t third_ms = c->env->relay->idle_ms / 3;

	return now_ms + (third_ms < RELAY_PING_MS ? third_ms : RELAY_PING_MS);
}

static void ping_both(struct call *c, uint64_t now_ms)
{
	const struct pulse phone = { &c->phone, &c->phone_pong_due, c->phone_pongs, c->phone_heard_ms };
	const struct pulse model = { &c->model, &c->model_pong_due, c->model_pongs, c->model_heard_ms };

	c->ping_at_ms = call_next_ping_ms(c, now_ms);
	if (!ping(c, &phone))
		bridge_end(&c->bridge, END_PHONE_IDLE, "Twilio answers no ping", now_ms);
	if (!ping(c, &model))
		bridge_lose(&c->bridge, LOSS_STALLED, "Grok answers no ping", now_ms);
	c->pinged_ms = now_ms;
}

static bool model_is_open(const struct call *c)
{
	return c->connect_by_ms == 0;
}

/* When the first attempt must have come to something: half of the time is the second one's. */
static uint64_t redial_at_ms(const struct call *c)
{
	return c->connect_by_ms - c->env->relay->grok_connect_ms / 2;
}

static void keep_connect_time(struct call *c, uint64_t now_ms)
{
	if (c->connect_by_ms == UINT64_MAX)
		return;
	if (now_ms >= c->connect_by_ms)
		return bridge_lose(&c->bridge, LOSS_UNREACHABLE, "no connection in time", now_ms);
	if (c->dial_count != 1 || c->redial || now_ms < redial_at_ms(c))
		return;
	c->redial = true;
	if (!leg_is_free(&c->model))
		leg_abort(&c->model);
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* When something must have happened on Grok's leg. */
static uint64_t model_deadline_ms(const struct call *c)
{
	uint32_t idle_ms = c->env->relay->idle_ms;

	if (model_is_open(c))
		return (c->model.paused ? c->paused_ms : c->model_heard_ms) + idle_ms;
	if (c->connect_by_ms == UINT64_MAX)
		return UINT64_MAX;
	return c->dial_count == 1 && !c->redial ? redial_at_ms(c) : c->connect_by_ms;
}

void call_keep_time(struct call *c, uint64_t now_ms)
{
	const struct relay *relay = c->env->relay;
	struct bridge *b = &c->bridge;

	if (now_ms >= c->live_ms + relay->call_ms_max)
		bridge_end(b, END_CALL_TOO_LONG, "RELAY_CALL_MAX_S is over", now_ms);
	if (!b->phone_started && now_ms >= c->live_ms + relay->start_ms)
		bridge_end(b, END_START_TIMEOUT, "no start message in time", now_ms);
	if (now_ms >= c->phone_heard_ms + relay->idle_ms)
		bridge_end(b, END_PHONE_IDLE, "Twilio is silent", now_ms);
	if (!model_is_open(c))
		keep_connect_time(c, now_ms);
	else if (c->model.paused && now_ms >= c->paused_ms + relay->idle_ms)
		bridge_end(b, END_OVERFLOW, "Twilio does not take its audio", now_ms);
	else if (!c->model.paused && now_ms >= c->model_heard_ms + relay->idle_ms)
		bridge_lose(b, LOSS_STALLED, "Grok is silent", now_ms);
	else if (leg_out_bytes(&c->model) == 0)
		c->model_took_ms = now_ms;
	else if (now_ms >= c->model_took_ms + relay->idle_ms)
		bridge_lose(b, LOSS_STALLED, "Grok takes nothing any more", now_ms);
	if (now_ms >= c->ping_at_ms)
		ping_both(c, now_ms);
}

static uint64_t live_deadline_ms(const struct call *c)
{
	const struct relay *relay = c->env->relay;
	uint64_t at_ms = sooner(c->ping_at_ms, c->live_ms + relay->call_ms_max);

	if (!c->bridge.phone_started)
		at_ms = sooner(at_ms, c->live_ms + relay->start_ms);
	at_ms = sooner(at_ms, c->phone_heard_ms + relay->idle_ms);
	at_ms = sooner(at_ms, model_deadline_ms(c));
	at_ms = sooner(at_ms, call_model_deadline_ms(c));
	at_ms = sooner(at_ms, call_money_deadline_ms(c));
	return sooner(at_ms, bridge_deadline_ms(&c->bridge));
}

void call_keep_waiting_time(struct call *c, uint64_t now_ms)
{
	if (!model_is_open(c))
		keep_connect_time(c, now_ms);
}

static uint64_t waiting_deadline_ms(const struct call *c)
{
	uint64_t at_ms = bridge_deadline_ms(&c->bridge);

	if (c->note_due)
		return UINT64_MAX;
	if (!model_is_open(c))
		at_ms = sooner(at_ms, model_deadline_ms(c));
	at_ms = sooner(at_ms, call_model_deadline_ms(c));
	return sooner(at_ms, c->guest->expires_ms);
}

uint64_t call_deadline_ms(const struct call *c)
{
	switch (c->phase) {
	case PHASE_FREE:
		break;
	case PHASE_AT_DOOR:
	case PHASE_CROSSING:
		return c->begin_ms + c->env->relay->handshake_ms;
	case PHASE_WAITING:
		return waiting_deadline_ms(c);
	case PHASE_LIVE:
		return live_deadline_ms(c);
	case PHASE_ENDING:
		return c->phone_closing ? UINT64_MAX : c->ending_ms + RELAY_COMMIT_MS;
	}
	return UINT64_MAX;
}
