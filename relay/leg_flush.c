/*
 * Written bytes on their way down, and the end of a leg. Two blocks: `out` is appended to, `sending` is the kernel's
 * and does not change; when that has gone, they change places (over TLS: what is written is encrypted in between).
 * So there is one send in flight at most, and what piles up meanwhile leaves together.
 */
#include "base/check.h"
#include "relay/count.h"
#include "relay/leg_parts.h"

#include <errno.h>
#include <string.h>

/* Three full records and what goes around them fit a block of 64 KB. */
enum { TLS_RECORDS_BYTES_MAX = 3 * TLS_RECORD_BYTES_MAX };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

struct buf *leg_out(struct leg *leg)
{
	leg_touch(leg);
	return &leg->out;
}

uint32_t leg_mask(struct leg *leg)
{
	return leg->role == WS_CLIENT ? random_u32(&leg->env->loop->random) : 0;
}

static bool send_message(struct leg *leg, enum ws_opcode opcode, const void *data, size_t len)
{
	return leg->state == LEG_OPEN && leg->fault == LEG_FAULT_NONE
		&& ws_write(leg_out(leg), leg->role, opcode, data, len, leg_mask(leg));
}

bool leg_send_text(struct leg *leg, const void *data, size_t len)
{
	return send_message(leg, WS_OPCODE_TEXT, data, len);
}

bool leg_send_binary(struct leg *leg, const void *data, size_t len)
{
	return send_message(leg, WS_OPCODE_BINARY, data, len);
}

bool leg_ping(struct leg *leg, const void *data, size_t len)
{
	return send_message(leg, WS_OPCODE_PING, data, len);
}

size_t leg_out_bytes(const struct leg *leg)
{
	return buf_len(&leg->out) + buf_len(&leg->sending) + buf_len(&leg->tls.cipher);
}

bool leg_is_full(struct leg *leg)
{
	bool is_full = leg_out_bytes(leg) > LEG_OUT_HIGH_WATER_BYTES;

	leg->was_full |= is_full;
	return is_full;
}

void leg_linger(struct leg *leg)
{
	leg_move(leg, LEG_CLOSING);
	leg->linger_until_ms = leg->env->loop->now_ms + LEG_LINGER_MS;
	loop_deadline(leg->env->loop, &leg->flush, leg->linger_until_ms);
	leg_touch(leg);
}

void leg_send_done(struct ring_op *op, const struct ring_result *result)
{
	struct leg *leg = container_of(op, struct leg, send);
	struct leg_env *env = leg->env;

	if (result->res > 0) {
		count_add(&env->counters.sent_bytes, (uint64_t)result->res);
		buf_consume(&leg->sending, (size_t)result->res);
		if (buf_len(&leg->sending))
			count_add(&env->counters.short_sends, 1);
	} else if (result->res != -ECANCELED && !leg->eof) {
		/* What was received before is read first, then the owner hears of it. */
		leg->eof = true;
		leg->recv_error = -result->res;
		loop_mark(env->loop, leg->owner);
	}
	buf_rest(&leg->sending);
	if (leg_out_bytes(leg) || leg->state != LEG_OPEN || result->res < 0)
		leg_touch(leg);
	if (leg->was_full && leg_out_bytes(leg) < LEG_OUT_HIGH_WATER_BYTES / 2) {
		leg->was_full = false;
		loop_mark(env->loop, leg->owner);
	}
}

static void swap(struct buf *a, struct buf *b)
{
	struct buf c = *a;

	*a = *b;
	*b = c;
}

static bool encrypt(struct leg *leg)
{
	if (leg->tls.is_open && buf_len(&leg->out)
		&& !tls_put_plain(&leg->tls, &leg->out, TLS_RECORDS_BYTES_MAX)) {
		char why[TLS_WHY_BYTES_MAX];

		leg_fail(leg, LEG_FAULT_TLS, "%s", tls_why(&leg->tls, why, sizeof why));
		return false;
	}
	buf_rest(&leg->out);
	return true;
}

static bool fill_sending(struct leg *leg)
{
	if (buf_len(&leg->sending))
		return true;
	if (!leg->is_tls) {
		swap(&leg->out, &leg->sending);
	} else {
		if (!encrypt(leg))
			return false;
		swap(&leg->tls.cipher, &leg->sending);
	}
	return buf_len(&leg->sending) > 0;
}

static void send_more(struct leg *leg)
{
	if (leg->send.in_flight || leg->state == LEG_CONNECTING || leg->recv_error || !fill_sending(leg))
		return;
	count_add(&leg->env->counters.sends, 1);
	ring_send(leg->env->loop->ring, &leg->send, &leg->socket, buf_data(&leg->sending),
		least(buf_len(&leg->sending), LEG_SEND_BYTES_MAX));
}

static void listen_for_more(struct leg *leg)
{
	bool wants = leg->state != LEG_CONNECTING && !leg->eof && (!leg->paused || leg->state == LEG_CLOSING);

	if (wants && !leg->recv.in_flight && !leg->cancel.in_flight)
		ring_recv(leg->env->loop->ring, &leg->recv, &leg->socket);
}

/* Whether a close frame of the peer's would be understood: after a breach of the protocol no frame is any more. */
static bool hears_close(const struct leg *leg)
{
	return leg->was_open && !leg->ws.failed;
}

/* All is said. A WebSocket peer answers with its close frame; an HTTP client, and a peer that broke the protocol,
 * want to see our end. Either may still be sending, and closing over unread bytes would break what we said (RST). */
static bool end_politely(struct leg *leg, uint64_t now_ms)
{
	bool heard = leg->close_received || leg->eof;

	if (leg->recv_error || now_ms >= leg->linger_until_ms)
		return true;
	if (leg->send.in_flight || leg_out_bytes(leg))
		return false;
	if (leg->is_tls && !leg->tls_ended && (heard || !hears_close(leg))) {
		leg->tls_ended = true;
		tls_end(&leg->tls);
		send_more(leg);
		return false;
	}
	if (!heard && !hears_close(leg) && !leg->half_closed) {
		leg->half_closed = true;
		shutdown(leg->socket.fd, SHUT_WR);
	}
	return heard;
}

void leg_flush_turn(struct task *task, uint64_t now_ms)
{
	struct leg *leg = container_of(task, struct leg, flush);

	check(leg->magic == LEG_MAGIC);
	if (leg->state == LEG_FREE)
		return;
	if (leg->state == LEG_CLOSING)
		leg_drain(leg);
	else if (leg->state != LEG_JOINING)
		leg_settle(leg);
	if (leg->state != LEG_JOINING) {
		send_more(leg);
		listen_for_more(leg);
	}
	if (leg->state == LEG_CLOSING && end_politely(leg, now_ms))
		leg_join(leg);
	if (leg->state == LEG_JOINING)
		leg_finish(leg);
	else if (leg_is_still(leg))
		loop_mark(leg->env->loop, leg->owner);
}
