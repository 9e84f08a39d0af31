/*
 * The life of a leg: a free slot is served or dialled, becomes open, closes, joins its operations, and is free again.
 * done() of its operations only record; leg_next(), called by the owner, moves the state up to LEG_OPEN and finds the
 * end; the flush, run by the loop after all owners, sends, arms receives and moves the state from there to LEG_FREE.
 */
#include "relay/leg.h"

#include "base/check.h"
#include "relay/count.h"
#include "relay/leg_parts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TO(state) (1u << (state))
#define ENDS (TO(LEG_CLOSING) | TO(LEG_JOINING))
static const unsigned may_move[LEG_STATE_COUNT] = {
	[LEG_FREE] = TO(LEG_CONNECTING) | TO(LEG_HANDSHAKE) | TO(LEG_UPGRADING) | TO(LEG_DECIDING),
	[LEG_CONNECTING] = TO(LEG_HANDSHAKE) | TO(LEG_UPGRADING) | TO(LEG_JOINING),
	[LEG_HANDSHAKE] = TO(LEG_UPGRADING) | ENDS,
	[LEG_UPGRADING] = TO(LEG_DECIDING) | TO(LEG_OPEN) | ENDS,
	[LEG_DECIDING] = TO(LEG_OPEN) | ENDS,
	[LEG_OPEN] = ENDS,
	[LEG_CLOSING] = TO(LEG_JOINING),
	[LEG_JOINING] = TO(LEG_FREE),
};
#undef TO
#undef ENDS

const char *leg_state_word(enum leg_state state)
{
	static const char *const words[] = {
#define X(name, word) word,
		LEG_STATES(X)
#undef X
	};

	return words[state];
}

const char *leg_fault_word(enum leg_fault fault)
{
	static const char *const words[] = {
#define X(name, word) word,
		LEG_FAULTS(X)
#undef X
	};

	return words[fault];
}

void leg_touch(struct leg *leg)
{
	if (leg->state != LEG_FREE)
		loop_mark_flush(leg->env->loop, &leg->flush);
}

void leg_move(struct leg *leg, enum leg_state to)
{
	check(leg->magic == LEG_MAGIC);
	check(may_move[leg->state] & (1u << to));
	leg->state = to;
}

/* --- the thread's share ----------------------------------------------------------------------------- */

/* Small blocks for every leg; large ones for the few that are behind at the same time. Reserved, not resident. */
static int open_pool(struct pool *pool, unsigned leg_count)
{
	size_t few = leg_count / 16 + 4;
	const struct pool_plan plan[] = {
		{ 2048, leg_count * 4 },
		{ 8192, leg_count * 4 },
		{ 64 * 1024, leg_count + 8 },
		{ 512 * 1024, few * 2 },
		{ 8 * 1024 * 1024, few },
	};

	return pool_open(pool, plan, ARRAY_COUNT(plan));
}

int leg_env_open(struct leg_env *env, struct loop *loop, unsigned leg_count)
{
	memset(env, 0, sizeof *env);
	env->loop = loop;
	env->lent = calloc(ring_counters(loop->ring)->buffers, sizeof *env->lent);
	if (!env->lent)
		return -ENOMEM;
	int r = open_pool(&env->pool, leg_count);
	if (r < 0) {
		free(env->lent);
		env->lent = NULL;
	}
	return r;
}

void leg_env_close(struct leg_env *env)
{
	pool_close(&env->pool);
	free(env->lent);
	env->lent = NULL;
}

/* --- beginning -------------------------------------------------------------------------------------- */

static void cancel_done(struct ring_op *op, const struct ring_result *result)
{
	struct leg *leg = container_of(op, struct leg, cancel);

	(void)result;
	leg_touch(leg);
}

void leg_init(struct leg *leg, struct leg_env *env)
{
	memset(leg, 0, sizeof *leg);
	leg->magic = LEG_MAGIC;
	leg->env = env;
	leg->socket = (struct ring_socket){ .fd = -1, .slot = -1 };
	leg->lent_first = leg->lent_last = leg->reading = -1;
	task_init(&leg->flush, leg_flush_turn);
	leg->flush.is_flush = true;
	ring_op_init(&leg->recv, leg_recv_done);
	ring_op_init(&leg->send, leg_send_done);
	ring_op_init(&leg->connect, leg_connect_done);
	ring_op_init(&leg->cancel, cancel_done);
}

void leg_set_out(struct leg *leg)
{
	struct pool *pool = &leg->env->pool;

	/* A whole message, and what may come before reading stops. */
	buf_init_pool(&leg->in, pool, leg->message_bytes_max + 256 * 1024);
	buf_init_pool(&leg->out, pool, LEG_OUT_BYTES_MAX);
	buf_init_pool(&leg->sending, pool, LEG_OUT_BYTES_MAX);
}

void leg_connected(struct leg *leg)
{
	http_init(&leg->http, leg->role == WS_SERVER ? HTTP_REQUEST : HTTP_RESPONSE);
	leg_move(leg, leg->is_tls ? LEG_HANDSHAKE : LEG_UPGRADING);
	leg_touch(leg);
}

void leg_set_owner(struct leg *leg, struct task *owner)
{
	check(owner != NULL);
	leg->owner = owner;
	loop_mark(leg->env->loop, owner);
}

/* --- the end ---------------------------------------------------------------------------------------- */

void leg_fail(struct leg *leg, enum leg_fault fault, const char *format, ...)
{
	va_list args;

	if (leg->fault != LEG_FAULT_NONE)
		return;
	leg->fault = fault;
	count_add(&leg->env->counters.faults[fault], 1);
	va_start(args, format);
	vsnprintf(leg->why, sizeof leg->why, format, args);
	va_end(args);
	loop_mark(leg->env->loop, leg->owner);
}

bool leg_has_landed(const struct leg *leg)
{
	return !leg->recv.in_flight && !leg->send.in_flight && !leg->connect.in_flight && !leg->cancel.in_flight;
}

void leg_join(struct leg *leg)
{
	if (leg->state == LEG_JOINING || leg->state == LEG_FREE)
		return;
	leg_move(leg, LEG_JOINING);
	leg_touch(leg);
	if (leg->socket.fd < 0)
		return;
	shutdown(leg->socket.fd, SHUT_RDWR);
	if (!leg_has_landed(leg) && !leg->cancel.in_flight)
		ring_cancel(leg->env->loop->ring, &leg->cancel, &leg->socket, &leg->recv);
	else
		leg->recv.stopping = true;
}

void leg_finish(struct leg *leg)
{
	if (!leg_has_landed(leg))
		return;
	leg_drop_lent(leg);
	ring_socket_close(leg->env->loop->ring, &leg->socket);
	tls_close(&leg->tls);
	ws_fini(&leg->ws);
	buf_release(&leg->in);
	buf_release(&leg->out);
	buf_release(&leg->sending);
	loop_forget(leg->env->loop, &leg->flush);
	leg_move(leg, LEG_FREE);
	loop_mark(leg->env->loop, leg->owner);
}

void leg_abort(struct leg *leg)
{
	leg->end_reported = true;
	leg_join(leg);
}

void leg_close(struct leg *leg, uint16_t code, const char *reason)
{
	if (leg->state != LEG_OPEN) {
		if (leg->state != LEG_CLOSING)
			leg_abort(leg);
		return;
	}
	leg->close_sent = ws_write_close(&leg->out, leg->role, code, reason, leg_mask(leg));
	leg->end_reported = true;
	leg_linger(leg);
}

/* --- reading ---------------------------------------------------------------------------------------- */

/* Whoever broke a protocol is told so (close frame, HTTP status, TLS alert); the others are not there to listen. */
static bool has_last_words(struct leg *leg)
{
	switch (leg->fault) {
	case LEG_FAULT_TLS:
		buf_release(&leg->out);
		leg->tls_ended = true;
		return leg->socket.fd >= 0 && buf_len(&leg->tls.cipher);
	case LEG_FAULT_PROTOCOL:
		return true;
	case LEG_FAULT_HTTP:
		return leg->role == WS_SERVER;
	case LEG_FAULT_NONE:
	case LEG_FAULT_REFUSED:
	case LEG_FAULT_RESET:
	case LEG_FAULT_EOF:
	case LEG_FAULT_OVERFLOW:
	case LEG_FAULT_COUNT:
		break;
	}
	return false;
}

static enum leg_event_kind report_gone(struct leg *leg, struct leg_event *out)
{
	leg->end_reported = true;
	*out = (struct leg_event){ .fault = leg->fault, .why = leg->why, .status = leg->status,
		.close_code = leg->close_code };
	if (has_last_words(leg))
		leg_linger(leg);
	else
		leg_join(leg);
	return LEG_GONE;
}

static enum leg_step shake_hands(struct leg *leg)
{
	bool more = leg_pull(leg);

	if (leg->tls.is_open) {
		leg_move(leg, LEG_UPGRADING);
		leg_touch(leg);
		return LEG_STEP_ON;
	}
	if (buf_len(&leg->tls.cipher))
		leg_touch(leg);
	return more ? LEG_STEP_ON : LEG_STEP_WAIT;
}

static void answer_close(struct leg *leg, uint16_t code)
{
	leg->close_received = true;
	leg->end_reported = true;
	if (!leg->close_sent)
		leg->close_sent = ws_write_close(&leg->out, leg->role, code, NULL, leg_mask(leg));
	leg_linger(leg);
}

static enum leg_step read_event(struct leg *leg, const struct ws_event *event, struct leg_event *out,
	enum leg_event_kind *kind)
{
	*out = (struct leg_event){ .data = event->data, .len = event->len, .close_code = event->close_code };
	switch (event->kind) {
	case WS_TEXT:
	case WS_BINARY:
		out->is_text = event->kind == WS_TEXT;
		count_add(&leg->env->counters.received_messages, 1);
		*kind = LEG_MESSAGE;
		return LEG_STEP_EVENT;
	case WS_PONG:
		*kind = LEG_PONG;
		return LEG_STEP_EVENT;
	case WS_PING:
		/* A peer that asks and does not read gets no more answers (RFC 6455 section 5.5.3 allows that). */
		if (leg_out_bytes(leg) < LEG_OUT_HIGH_WATER_BYTES)
			ws_write(leg_out(leg), leg->role, WS_OPCODE_PONG, event->data, event->len, leg_mask(leg));
		return LEG_STEP_ON;
	case WS_CLOSE:
		answer_close(leg, event->close_code);
		*kind = LEG_CLOSED;
		return LEG_STEP_EVENT;
	}
	return LEG_STEP_ON;
}

static enum leg_step read_open(struct leg *leg, struct leg_event *out, enum leg_event_kind *kind)
{
	struct ws_event event;

	switch (ws_next(&leg->ws, leg_bytes(leg), &event)) {
	case WS_EVENT:
		return read_event(leg, &event, out, kind);
	case WS_MORE:
		return leg_pull(leg) ? LEG_STEP_ON : LEG_STEP_WAIT;
	case WS_FAIL:
		leg->close_code = leg->ws.close_code;
		leg->close_sent = ws_write_close(&leg->out, leg->role, leg->close_code, NULL, leg_mask(leg));
		leg_fail(leg, LEG_FAULT_PROTOCOL, "%s", leg->ws.why);
		return LEG_STEP_ON;
	}
	return LEG_STEP_WAIT;
}

static enum leg_step step(struct leg *leg, struct leg_event *out, enum leg_event_kind *kind)
{
	switch (leg->state) {
	case LEG_CONNECTING:
		return leg_read_connect(leg);
	case LEG_HANDSHAKE:
		return shake_hands(leg);
	case LEG_UPGRADING:
		*kind = leg->role == WS_SERVER ? LEG_REQUEST : LEG_OPENED;
		return leg->role == WS_SERVER ? leg_read_request(leg, out) : leg_read_response(leg, out);
	case LEG_OPEN:
		return read_open(leg, out, kind);
	case LEG_FREE:
	case LEG_DECIDING:
	case LEG_CLOSING:
	case LEG_JOINING:
	case LEG_STATE_COUNT:
		break;
	}
	return LEG_STEP_WAIT;
}

static void find_end(struct leg *leg)
{
	bool was_sent = leg->state == LEG_FREE || leg->state >= LEG_CLOSING;

	if (!leg->eof || was_sent)
		return;
	if (leg->recv_error)
		leg_fail(leg, LEG_FAULT_RESET, "%s", strerror(leg->recv_error));
	else
		leg_fail(leg, LEG_FAULT_EOF, "the peer ended the connection while %s", leg_state_word(leg->state));
}

enum leg_event_kind leg_next(struct leg *leg, struct leg_event *out)
{
	enum leg_event_kind kind = LEG_NONE;

	check(leg->magic == LEG_MAGIC);
	while (!leg->end_reported) {
		if (leg->fault != LEG_FAULT_NONE)
			return report_gone(leg, out);
		switch (step(leg, out, &kind)) {
		case LEG_STEP_EVENT:
			return kind;
		case LEG_STEP_ON:
			continue;
		case LEG_STEP_WAIT:
			break;
		}
		find_end(leg);
		if (leg->fault == LEG_FAULT_NONE)
			break;
	}
	return LEG_NONE;
}

void leg_pause(struct leg *leg)
{
	if (leg->paused)
		return;
	leg->paused = true;
	count_add(&leg->env->counters.pauses, 1);
	if (leg->recv.in_flight && !leg->cancel.in_flight)
		ring_cancel(leg->env->loop->ring, &leg->cancel, &leg->socket, &leg->recv);
}

void leg_resume(struct leg *leg)
{
	if (!leg->paused)
		return;
	leg->paused = false;
	leg_touch(leg);
}

const char *leg_peer(const struct leg *leg, char *out, size_t out_bytes)
{
	struct sockaddr_storage at;
	socklen_t len = sizeof at;
	char host[INET6_ADDRSTRLEN] = "";

	out[0] = '\0';
	if (leg->socket.fd < 0 || getpeername(leg->socket.fd, (struct sockaddr *)&at, &len) < 0)
		return out;
	if (at.ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)&at;

		inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
		snprintf(out, out_bytes, "%s:%u", host, ntohs(in->sin_port));
	} else if (at.ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&at;

		inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof host);
		snprintf(out, out_bytes, "[%s]:%u", host, ntohs(in6->sin6_port));
	}
	return out;
}
