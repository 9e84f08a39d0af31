#include "relay/call_time.h"

#include "relay/call_end.h"

void call_keep_door_time(struct call *c, uint64_t now_ms)
{
	if (now_ms < c->begin_ms + c->env->relay->handshake_ms)
		return;
	metrics_add(c->env->metrics, METRIC_SOCKETS_REFUSED_PROTOCOL, 1);
	call_turned_away(c, "slow", "no upgrade request in time");
	leg_abort(&c->phone);
}

static void ping(struct call *c, struct leg *leg, bool *pong_due)
{
	if (!leg_is_open(leg))
		return;
	if (*pong_due)
		metrics_add(c->env->metrics, METRIC_PONGS_MISSED, 1);
	*pong_due = leg_ping(leg, NULL, 0);
}

static bool model_is_open(const struct call *c)
{
	return c->connect_by_ms == 0;
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
	if (!model_is_open(c) && now_ms >= c->connect_by_ms)
		bridge_end(b, END_GROK_UNREACHABLE, "no connection in time", now_ms);
	if (model_is_open(c) && now_ms >= c->model_heard_ms + relay->idle_ms)
		bridge_end(b, END_GROK_STALLED, "Grok is silent", now_ms);
	if (now_ms >= c->ping_at_ms) {
		c->ping_at_ms = now_ms + RELAY_PING_MS;
		ping(c, &c->phone, &c->phone_pong_due);
		ping(c, &c->model, &c->model_pong_due);
	}
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t live_deadline_ms(const struct call *c)
{
	const struct relay *relay = c->env->relay;
	uint64_t at_ms = sooner(c->ping_at_ms, c->live_ms + relay->call_ms_max);

	if (!c->bridge.phone_started)
		at_ms = sooner(at_ms, c->live_ms + relay->start_ms);
	at_ms = sooner(at_ms, c->phone_heard_ms + relay->idle_ms);
	at_ms = sooner(at_ms, model_is_open(c) ? c->model_heard_ms + relay->idle_ms : c->connect_by_ms);
	return sooner(at_ms, bridge_deadline_ms(&c->bridge));
}

uint64_t call_deadline_ms(const struct call *c)
{
	switch (c->phase) {
	case PHASE_FREE:
		break;
	case PHASE_AT_DOOR:
		return c->begin_ms + c->env->relay->handshake_ms;
	case PHASE_LIVE:
		return live_deadline_ms(c);
	case PHASE_ENDING:
		return c->phone_closing ? UINT64_MAX : c->ending_ms + RELAY_COMMIT_MS;
	}
	return UINT64_MAX;
}
