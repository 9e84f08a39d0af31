/*
 * Received bytes on their way up. They come in lent buffers; a plain leg reads a buffer where it lies, a TLS leg
 * decrypts it into `in`. A frame that does not end with its buffer moves to `in` and is completed there.
 */
#include "base/check.h"
#include "relay/count.h"
#include "relay/leg_parts.h"

#include <errno.h>

static void append_lent(struct leg *leg, const struct ring_result *result)
{
	struct leg_lent *table = leg->env->lent;
	int32_t id = result->buffer_id;

	table[id] = (struct leg_lent){ .data = result->data, .len = (uint32_t)result->res, .next = -1 };
	if (leg->lent_last >= 0)
		table[leg->lent_last].next = id;
	else
		leg->lent_first = id;
	leg->lent_last = id;
}

void leg_recv_done(struct ring_op *op, const struct ring_result *result)
{
	struct leg *leg = container_of(op, struct leg, recv);

	if (result->data && leg->state == LEG_JOINING) {
		ring_buffer_return(leg->env->loop->ring, result->buffer_id);
	} else if (result->data) {
		append_lent(leg, result);
		count_add(&leg->env->counters.received_bytes, (uint64_t)result->res);
	} else if (result->res == 0) {
		leg->eof = true;
	} else if (result->res != -ECANCELED) {
		leg->eof = true;
		leg->recv_error = -result->res;
	}
	if (leg->state < LEG_CLOSING)
		loop_mark(leg->env->loop, leg->owner);
	leg_touch(leg);
}

static bool take_lent(struct leg *leg)
{
	struct leg_lent *table = leg->env->lent;
	int32_t id = leg->lent_first;

	if (id < 0)
		return false;
	leg->lent_first = table[id].next;
	if (leg->lent_first < 0)
		leg->lent_last = -1;
	leg->reading = id;
	return true;
}

static void give_back(struct leg *leg)
{
	if (leg->reading >= 0)
		ring_buffer_return(leg->env->loop->ring, (uint16_t)leg->reading);
	leg->reading = -1;
}

void leg_drop_lent(struct leg *leg)
{
	do
		give_back(leg);
	while (take_lent(leg));
	buf_init_view(&leg->view, NULL, 0);
	leg->tls.in_len = 0;
}

struct buf *leg_bytes(struct leg *leg)
{
	return leg->reading >= 0 && !leg->is_tls ? &leg->view : &leg->in;
}

static bool keep(struct leg *leg, const void *data, size_t len)
{
	if (buf_append(&leg->in, data, len))
		return true;
	leg_fail(leg, LEG_FAULT_OVERFLOW, "no room for what the peer sent");
	return false;
}

/* The buffer being read is at its end: the beginning of a frame that it may hold is kept. */
static bool leave_view(struct leg *leg)
{
	bool ok = true;

	if (leg->reading < 0)
		return true;
	if (buf_len(&leg->view)) {
		ok = keep(leg, buf_data(&leg->view), buf_len(&leg->view));
		count_add(&leg->env->counters.copied_messages, 1);
	}
	buf_init_view(&leg->view, NULL, 0);
	give_back(leg);
	return ok;
}

static bool pull_plain(struct leg *leg)
{
	if (!leave_view(leg) || !take_lent(leg))
		return false;
	const struct leg_lent *lent = &leg->env->lent[leg->reading];
	if (!buf_len(&leg->in)) {
		buf_init_view(&leg->view, lent->data, lent->len);
		return true;
	}
	bool ok = keep(leg, lent->data, lent->len);
	give_back(leg);
	return ok;
}

static bool pull_tls(struct leg *leg)
{
	char why[TLS_WHY_BYTES_MAX];

	for (;;) {
		switch (tls_take_plain(&leg->tls, &leg->in)) {
		case TLS_PLAIN:
			return true;
		case TLS_FULL:
			leg_fail(leg, LEG_FAULT_OVERFLOW, "no room for what the peer sent");
			return false;
		case TLS_END:
			leg->eof = true;
			return false;
		case TLS_FAIL:
			leg_fail(leg, LEG_FAULT_TLS, "%s", tls_why(&leg->tls, why, sizeof why));
			return false;
		case TLS_MORE:
			break;
		}
		give_back(leg);
		if (!take_lent(leg))
			return false;
		tls_put_cipher(&leg->tls, leg->env->lent[leg->reading].data, leg->env->lent[leg->reading].len);
	}
}

bool leg_pull(struct leg *leg)
{
	return leg->is_tls ? pull_tls(leg) : pull_plain(leg);
}

/* An owner that did not read to the end (the other side is full) must not hold the thread's receive buffers. */
void leg_settle(struct leg *leg)
{
	while (leg->reading >= 0 || leg->lent_first >= 0) {
		if (!leg_pull(leg))
			break;
		if (!leg->is_tls && !leave_view(leg))
			break;
	}
	buf_rest(&leg->in);
}

void leg_drain(struct leg *leg)
{
	struct ws_event event;

	do {
		if (!leg->was_open || leg->ws.failed) {
			buf_consume(leg_bytes(leg), buf_len(leg_bytes(leg)));
			continue;
		}
		while (ws_next(&leg->ws, leg_bytes(leg), &event) == WS_EVENT) {
			if (event.kind == WS_CLOSE)
				leg->close_received = true;
		}
	} while (leg_pull(leg));
	buf_rest(&leg->in);
}
