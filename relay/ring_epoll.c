/*
 * The ring where io_uring is refused (containers, hardened kernels): readiness instead of completion, the same
 * contract.
 *
 * Each socket is a port, registered once, edge triggered. A port with an operation that may go on stands in a row; a
 * turn takes what epoll reports, then serves the row: receives into free buffers, sends what is left, and reports
 * what has completed. Under load it sleeps a little before asking, so that the wake-up is for many.
 */
#include "relay/ring_backend.h"

#include "base/check.h"
#include "base/log.h"
#include "relay/count.h"
#include "relay/ring_files.h"
#include "relay/ring_list.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum {
	EVENTS_MAX = 512,
	/* Buffers and connections that one port may take before the others have their turn. */
	RECEIVES_MAX = 16,
	SPARE_PORTS = 16,
};

static const uint64_t WAIT_NS_MAX = 3600ull * 1000000000;

struct port {
	int fd;
	struct ring_op *in;             /* receive, accept or the reading of an event */
	struct ring_op *out;            /* send or connect */
	struct ring_op *cancel;
	const uint8_t *data;            /* of the send */
	size_t len, done;
	int connect_res;
	uint64_t *event_count;
	bool ended;                     /* epoll said so: read on to the end, no edge will come for it */
	bool in_row;
};

struct epoller {
	struct ring ring;
	int fd;
	struct port *ports;
	unsigned port_count;
	int *free_ports;
	unsigned free_count;
	struct port **row;              /* to be served, each once */
	unsigned row_count;
	uint16_t *free_buffers;
	unsigned buffer_count, free_buffer_count;
	unsigned reported;              /* completions of this turn */
	struct ring_files files;
};

static struct epoller *epoller_of(struct ring *ring)
{
	return container_of(ring, struct epoller, ring);
}

static void queue(struct epoller *e, struct port *port)
{
	if (port->in_row)
		return;
	port->in_row = true;
	e->row[e->row_count++] = port;
}

/* --- sockets and operations ------------------------------------------------------------------------- */

static struct port *open_port(struct epoller *e, int fd)
{
	check(e->free_count > 0);
	struct port *port = &e->ports[e->free_ports[--e->free_count]];
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = port };
	bool in_row = port->in_row;

	*port = (struct port){ .fd = fd, .in_row = in_row };
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	int r = epoll_ctl(e->fd, EPOLL_CTL_ADD, fd, &event);
	check(r == 0);
	return port;
}

static void epoll_socket_open(struct ring *ring, struct ring_socket *socket, int fd)
{
	struct epoller *e = epoller_of(ring);

	socket->slot = (int)(open_port(e, fd) - e->ports);
}

static void epoll_socket_close(struct ring *ring, struct ring_socket *socket)
{
	struct epoller *e = epoller_of(ring);
	struct port *port = &e->ports[socket->slot];

	check(!port->in && !port->out && !port->cancel);
	close(socket->fd);
	port->fd = -1;
	e->free_ports[e->free_count++] = socket->slot;
}

static void epoll_arm(struct ring *ring, struct ring_op *op)
{
	struct epoller *e = epoller_of(ring);
	struct port *port = &e->ports[op->slot];

	check(!port->in);
	port->in = op;
	queue(e, port);
}

static void epoll_send(struct ring *ring, struct ring_op *op, const struct ring_socket *socket, const void *data,
	size_t len)
{
	struct epoller *e = epoller_of(ring);
	struct port *port = &e->ports[socket->slot];

	check(!port->out);
	port->out = op;
	port->data = data;
	port->len = len;
	port->done = 0;
	queue(e, port);
}

static void epoll_connect(struct ring *ring, struct ring_op *op, const struct ring_socket *socket,
	const struct sockaddr *address, socklen_t address_len)
{
	struct epoller *e = epoller_of(ring);
	struct port *port = &e->ports[socket->slot];

	check(!port->out);
	port->out = op;
	port->done = 0;
	port->connect_res = connect(port->fd, address, address_len) == 0 ? 0 : -errno;
	queue(e, port);
}

static void epoll_read_event(struct ring *ring, struct ring_op *op, int fd, uint64_t *out_count)
{
	struct epoller *e = epoller_of(ring);
	struct port *port = NULL;

	for (unsigned i = 0; i < e->port_count && !port; i++) {
		if (e->ports[i].fd == fd)
			port = &e->ports[i];
	}
	if (!port)
		port = open_port(e, fd);
	port->in = op;
	port->event_count = out_count;
	queue(e, port);
}

static void epoll_cancel(struct ring *ring, struct ring_op *op, const struct ring_socket *socket)
{
	struct epoller *e = epoller_of(ring);
	struct port *port = &e->ports[socket->slot];

	check(!port->cancel);
	port->cancel = op;
	queue(e, port);
}

static void epoll_file(struct ring *ring, struct ring_file *file)
{
	ring_files_put(&epoller_of(ring)->files, file);
}

static void epoll_offer(struct ring *ring, uint16_t buffer_id)
{
	struct epoller *e = epoller_of(ring);

	e->free_buffers[e->free_buffer_count++] = buffer_id;
}

/* --- serving ---------------------------------------------------------------------------------------- */

static void report(struct epoller *e, struct ring_op *op, struct ring_result result)
{
	e->reported++;
	if (result.last)
		op->in_flight = false;
	op->done(op, &result);
}

static void report_last(struct epoller *e, struct ring_op **slot, int res)
{
	struct ring_op *op = *slot;

	*slot = NULL;
	if (op)
		report(e, op, (struct ring_result){ .res = res, .last = true });
}

/* true: there may be more. */
static bool receive_once(struct epoller *e, struct port *port)
{
	struct ring *ring = &e->ring;
	struct ring_op *op = port->in;

	if (!e->free_buffer_count) {
		port->in = NULL;
		count_add(&ring->counters.starved, 1);
		ring_list_append(&ring->starved, op);
		return false;
	}
	uint16_t id = e->free_buffers[e->free_buffer_count - 1];
	ssize_t n = recv(port->fd, ring->buffers + (size_t)id * ring->buffer_bytes, ring->buffer_bytes, MSG_DONTWAIT);
	if (n > 0) {
		e->free_buffer_count--;
		report(e, op, (struct ring_result){ .res = (int)n, .data = ring_lend(ring, id), .buffer_id = id });
		return (size_t)n == ring->buffer_bytes || port->ended;
	}
	if (n < 0 && errno == EINTR)
		return true;
	if (n == 0 || errno != EAGAIN)
		report_last(e, &port->in, n == 0 ? 0 : -errno);
	return false;
}

static bool accept_once(struct epoller *e, struct port *port)
{
	int fd = accept4(port->fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd >= 0)
		report(e, port->in, (struct ring_result){ .res = fd });
	else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
		report_last(e, &port->in, -errno);
	return fd >= 0 || errno == EINTR || errno == ECONNABORTED;
}

static bool read_event_once(struct epoller *e, struct port *port)
{
	if (read(port->fd, port->event_count, sizeof *port->event_count) == sizeof *port->event_count)
		report_last(e, &port->in, sizeof *port->event_count);
	return false;
}

static void serve_in(struct epoller *e, struct port *port)
{
	for (int i = 0; port->in; i++) {
		if (i == RECEIVES_MAX) {
			queue(e, port);
			return;
		}
		bool more = port->in->kind == RING_RECV ? receive_once(e, port)
			: port->in->kind == RING_ACCEPT ? accept_once(e, port) : read_event_once(e, port);
		if (!more)
			return;
	}
}

static void serve_send(struct epoller *e, struct port *port)
{
	while (port->done < port->len) {
		ssize_t n = send(port->fd, port->data + port->done, port->len - port->done,
			MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			return report_last(e, &port->out, port->done ? (int)port->done : -errno);
		port->done += (size_t)n;
	}
	report_last(e, &port->out, (int)port->len);
}

static void serve_connect(struct epoller *e, struct port *port)
{
	struct pollfd wait = { .fd = port->fd, .events = POLLOUT };
	int error = 0;
	socklen_t len = sizeof error;

	if (port->connect_res == -EINPROGRESS) {
		if (poll(&wait, 1, 0) == 0)
			return;
		getsockopt(port->fd, SOL_SOCKET, SO_ERROR, &error, &len);
		port->connect_res = -error;
	}
	/* A socket that is not connected yet counts as ended. */
	port->ended = false;
	report_last(e, &port->out, port->connect_res);
}

static void serve(struct epoller *e, struct port *port)
{
	if (port->fd < 0)
		return;
	if (port->cancel) {
		report_last(e, &port->in, -ECANCELED);
		report_last(e, &port->out, port->done ? (int)port->done : -ECANCELED);
		return report_last(e, &port->cancel, 0);
	}
	if (port->in)
		serve_in(e, port);
	if (port->out && port->out->kind == RING_SEND)
		serve_send(e, port);
	else if (port->out)
		serve_connect(e, port);
}

static void serve_row(struct epoller *e)
{
	unsigned count = e->row_count;

	for (unsigned i = 0; i < count; i++) {
		e->row[i]->in_row = false;
		serve(e, e->row[i]);
	}
	/* Those that were queued meanwhile. */
	memmove(e->row, e->row + count, (e->row_count - count) * sizeof *e->row);
	e->row_count -= count;
}

static void report_files(struct epoller *e)
{
	struct ring_file *next;

	for (struct ring_file *f = ring_files_take(&e->files); f; f = next) {
		next = f->next;
		report(e, &f->op, (struct ring_result){ .res = f->res, .last = true });
	}
}

/* --- turns ------------------------------------------------------------------------------------------ */

static void epoll_submit(struct ring *ring)
{
	ring_arm_starved(ring);
}

static void rest(uint32_t us)
{
	struct timespec t = { 0, (long)us * 1000 };

	nanosleep(&t, NULL);
}

static unsigned epoll_turn(struct ring *ring, uint64_t wait_ns, uint32_t batch_us)
{
	struct epoller *e = epoller_of(ring);
	struct epoll_event events[EVENTS_MAX];

	if (wait_ns > WAIT_NS_MAX)
		wait_ns = WAIT_NS_MAX;
	if (e->row_count)
		wait_ns = 0;
	else if (batch_us && wait_ns > batch_us * 1000ull)
		rest(batch_us);
	struct timespec t = { (time_t)(wait_ns / 1000000000), (long)(wait_ns % 1000000000) };
	int n = epoll_pwait2(e->fd, events, EVENTS_MAX, &t, NULL);
	check(n >= 0 || errno == EINTR);
	count_add(&ring->counters.turns, 1);
	for (int i = 0; i < n; i++) {
		struct port *port = events[i].data.ptr;

		if (!port)
			continue;       /* the files' bell */
		port->ended |= (events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
		queue(e, port);
	}
	e->reported = 0;
	report_files(e);
	serve_row(e);
	return e->reported;
}

/* --- opening ---------------------------------------------------------------------------------------- */

static void epoll_close(struct ring *ring)
{
	struct epoller *e = epoller_of(ring);

	ring_files_close(&e->files);
	if (e->fd >= 0)
		close(e->fd);
	if (ring->buffers)
		munmap(ring->buffers, (size_t)e->buffer_count * ring->buffer_bytes);
	free(e->ports);
	free(e->free_ports);
	free(e->row);
	free(e->free_buffers);
	free(e);
}

static bool open_tables(struct epoller *e, const struct ring_plan *plan)
{
	e->port_count = plan->socket_count_max + SPARE_PORTS;
	e->buffer_count = ring_plan_buffers(plan);
	e->ring.buffer_bytes = plan->buffer_bytes ? plan->buffer_bytes : RING_BUFFER_BYTES;
	e->ports = calloc(e->port_count, sizeof *e->ports);
	e->free_ports = calloc(e->port_count, sizeof *e->free_ports);
	e->row = calloc(2 * e->port_count, sizeof *e->row);
	e->free_buffers = calloc(e->buffer_count, sizeof *e->free_buffers);
	void *buffers = mmap(NULL, (size_t)e->buffer_count * e->ring.buffer_bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	e->ring.buffers = buffers == MAP_FAILED ? NULL : buffers;
	return e->ports && e->free_ports && e->row && e->free_buffers && e->ring.buffers;
}

static bool open_files(struct epoller *e)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.ptr = NULL };

	return ring_files_open(&e->files) && epoll_ctl(e->fd, EPOLL_CTL_ADD, e->files.bell_fd, &event) == 0;
}

static const struct ring_backend backend = {
	.close = epoll_close,
	.socket_open = epoll_socket_open,
	.socket_close = epoll_socket_close,
	.arm = epoll_arm,
	.send = epoll_send,
	.connect = epoll_connect,
	.read_event = epoll_read_event,
	.file = epoll_file,
	.cancel = epoll_cancel,
	.offer = epoll_offer,
	.submit = epoll_submit,
	.wait = epoll_turn,
};

struct ring *ring_epoll_open(const struct ring_plan *plan, char *why, size_t why_bytes)
{
	struct epoller *e = calloc(1, sizeof *e);

	if (!e) {
		snprintf(why, why_bytes, "no memory for a ring");
		return NULL;
	}
	e->ring.backend = &backend;
	e->ring.counters.buffers = ring_plan_buffers(plan);
	e->fd = epoll_create1(EPOLL_CLOEXEC);
	if (e->fd < 0 || !open_tables(e, plan) || !open_files(e)) {
		snprintf(why, why_bytes, "epoll cannot be used: %s", strerror(errno));
		epoll_close(&e->ring);
		return NULL;
	}
	for (unsigned i = 0; i < e->port_count; i++) {
		e->ports[i].fd = -1;
		e->free_ports[e->free_count++] = (int)(e->port_count - 1 - i);
	}
	for (unsigned i = 0; i < e->buffer_count; i++)
		epoll_offer(&e->ring, (uint16_t)(e->buffer_count - 1 - i));
	log_info("ring ready io=epoll sockets=%u buffers=%ux%u", e->port_count, e->buffer_count, e->ring.buffer_bytes);
	return &e->ring;
}
