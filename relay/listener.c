#include "relay/listener.h"

#include "base/check.h"
#include "relay/count.h"
#include "relay/listen.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void accept_done(struct ring_op *op, const struct ring_result *result)
{
	struct listener *l = container_of(op, struct listener, accept);

	if (result->res >= 0 && l->queue_count < LISTENER_QUEUE_MAX && !l->stopping) {
		l->queue[(l->queue_at + l->queue_count++) % LISTENER_QUEUE_MAX] = result->res;
		count_add(&l->accepted_count, 1);
		loop_mark(l->loop, l->owner);
	} else if (result->res >= 0) {
		close(result->res);
		count_add(&l->refused_count, 1);
	}
	if (result->last && !l->stopping) {
		count_add(&l->failed_count, 1);
		loop_deadline(l->loop, &l->rest, l->loop->now_ms + LISTENER_REST_MS);
	}
	if (l->stopping)
		loop_mark(l->loop, l->owner);
}

static void cancel_done(struct ring_op *op, const struct ring_result *result)
{
	struct listener *l = container_of(op, struct listener, cancel);

	(void)result;
	loop_mark(l->loop, l->owner);
}

static void accept_again(struct task *task, uint64_t now_ms)
{
	struct listener *l = container_of(task, struct listener, rest);

	(void)now_ms;
	if (!l->stopping && !l->accept.in_flight)
		ring_accept(l->loop->ring, &l->accept, &l->socket);
}

static void begin(struct listener *l, struct loop *loop, int fd, uint16_t port, struct task *owner, bool takes_turns)
{
	/* The ring waits by itself; a socket that does not block would be answered EAGAIN on some kernels. */
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	memset(l, 0, sizeof *l);
	l->loop = loop;
	l->owner = owner;
	l->port = port;
	task_init(&l->rest, accept_again);
	ring_op_init(&l->accept, accept_done);
	l->accept.takes_turns = takes_turns;
	ring_op_init(&l->cancel, cancel_done);
	ring_socket_open(loop->ring, &l->socket, fd);
	ring_accept(loop->ring, &l->accept, &l->socket);
}

bool listener_open(struct listener *l, struct loop *loop, const char *host_port, struct task *owner,
	char *why, size_t why_bytes)
{
	uint16_t port;
	int fd = listen_open(host_port, true, &port, why, why_bytes);

	if (fd >= 0)
		begin(l, loop, fd, port, owner, false);
	return fd >= 0;
}

void listener_share(struct listener *l, struct loop *loop, int fd, uint16_t port, struct task *owner)
{
	begin(l, loop, fd, port, owner, true);
}

int listener_next(struct listener *l)
{
	if (!l->queue_count)
		return -1;
	int fd = l->queue[l->queue_at];
	l->queue_at = (l->queue_at + 1) % LISTENER_QUEUE_MAX;
	l->queue_count--;
	return fd;
}

void listener_stop(struct listener *l)
{
	int fd;

	if (l->stopping)
		return;
	l->stopping = true;
	while ((fd = listener_next(l)) >= 0)
		close(fd);
	loop_forget(l->loop, &l->rest);
	ring_cancel(l->loop->ring, &l->cancel, &l->socket, &l->accept);
}

bool listener_is_stopped(struct listener *l)
{
	if (!l->stopping || l->accept.in_flight || l->cancel.in_flight)
		return false;
	ring_socket_close(l->loop->ring, &l->socket);
	return true;
}
