/* The contract's checks, and the choice of what stands behind it. */
#include "relay/ring.h"

#include "base/check.h"
#include "base/log.h"
#include "relay/count.h"
#include "relay/ring_backend.h"
#include "relay/ring_list.h"
#include "relay/ring_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum ring_io ring_io_parse(const char *word)
{
	return strcmp(word, "uring") == 0 ? RING_IO_URING : strcmp(word, "epoll") == 0 ? RING_IO_EPOLL : RING_IO_AUTO;
}

static struct ring *open_proven(const struct ring_plan *plan, struct ring *(*open)(const struct ring_plan *plan,
	char *why, size_t why_bytes), char *why, size_t why_bytes)
{
	struct ring *ring = open(plan, why, why_bytes);

	if (!ring)
		return NULL;
	int r = ring_probe(ring);
	if (r < 0) {
		snprintf(why, why_bytes, "receiving into lent buffers does not work here (%s)", strerror(-r));
		ring_close(ring);
		return NULL;
	}
	ring->counters = (struct ring_counters){ .buffers = ring_plan_buffers(plan) };
	return ring;
}

struct ring *ring_open(const struct ring_plan *plan, char *why, size_t why_bytes)
{
	struct ring *ring = NULL;

	check(plan->socket_count_max > 0);
	if (plan->io != RING_IO_EPOLL)
		ring = open_proven(plan, ring_uring_open, why, why_bytes);
	if (ring || plan->io == RING_IO_URING)
		return ring;
	/* Every thread has its ring, and all have the same reason: it is said once. */
	static atomic_flag was_said = ATOMIC_FLAG_INIT;

	if (plan->io == RING_IO_AUTO && !atomic_flag_test_and_set(&was_said))
		log_warn("ring falls back to epoll, which costs about a third more: %s", why);
	return open_proven(plan, ring_epoll_open, why, why_bytes);
}

void ring_close(struct ring *ring)
{
	if (ring)
		ring->backend->close(ring);
}

const struct ring_counters *ring_counters(const struct ring *ring)
{
	return &ring->counters;
}

/* --- sockets and operations ------------------------------------------------------------------------- */

void ring_socket_open(struct ring *ring, struct ring_socket *socket, int fd)
{
	check(fd >= 0);
	*socket = (struct ring_socket){ .fd = fd, .slot = -1 };
	ring->backend->socket_open(ring, socket, fd);
}

void ring_socket_close(struct ring *ring, struct ring_socket *socket)
{
	if (socket->fd < 0)
		return;
	ring->backend->socket_close(ring, socket);
	*socket = (struct ring_socket){ .fd = -1, .slot = -1 };
}

static void start(struct ring_op *op, enum ring_op_kind kind, const struct ring_socket *socket)
{
	check(op->magic == RING_OP_MAGIC);
	check(!op->in_flight);
	op->kind = kind;
	op->in_flight = true;
	op->stopping = false;
	op->fd = socket ? socket->fd : -1;
	op->slot = socket ? socket->slot : -1;
}

void ring_accept(struct ring *ring, struct ring_op *op, const struct ring_socket *listener)
{
	start(op, RING_ACCEPT, listener);
	ring->backend->arm(ring, op);
}

void ring_recv(struct ring *ring, struct ring_op *op, const struct ring_socket *socket)
{
	start(op, RING_RECV, socket);
	ring->backend->arm(ring, op);
}

void ring_send(struct ring *ring, struct ring_op *op, const struct ring_socket *socket, const void *data, size_t len)
{
	check(len > 0);
	start(op, RING_SEND, socket);
	ring->backend->send(ring, op, socket, data, len);
}

void ring_connect(struct ring *ring, struct ring_op *op, const struct ring_socket *socket,
	const struct sockaddr *address, socklen_t address_len)
{
	start(op, RING_CONNECT, socket);
	ring->backend->connect(ring, op, socket, address, address_len);
}

void ring_read_event(struct ring *ring, struct ring_op *op, int fd, uint64_t *out_count)
{
	start(op, RING_READ, NULL);
	ring->backend->read_event(ring, op, fd, out_count);
}

static void start_file(struct ring *ring, struct ring_file *file, enum ring_op_kind kind, const struct ring_file *what)
{
	struct ring_op op = file->op;

	*file = *what;
	file->op = op;
	start(&file->op, kind, NULL);
	ring->backend->file(ring, file);
}

void ring_file_mkdir(struct ring *ring, struct ring_file *file, const char *path, uint32_t mode)
{
	start_file(ring, file, RING_FILE_MKDIR, &(struct ring_file){ .path = path, .mode = mode });
}

void ring_file_open(struct ring *ring, struct ring_file *file, const char *path, int flags, uint32_t mode)
{
	start_file(ring, file, RING_FILE_OPEN,
		&(struct ring_file){ .path = path, .flags = flags | O_CLOEXEC, .mode = mode });
}

void ring_file_write(struct ring *ring, struct ring_file *file, int fd, const void *data, size_t len, uint64_t offset)
{
	check(fd >= 0 && len > 0 && len <= INT32_MAX);
	start_file(ring, file, RING_FILE_WRITE,
		&(struct ring_file){ .fd = fd, .data = data, .len = len, .offset = offset });
}

void ring_file_close(struct ring *ring, struct ring_file *file, int fd)
{
	check(fd >= 0);
	start_file(ring, file, RING_FILE_CLOSE, &(struct ring_file){ .fd = fd });
}

void ring_cancel(struct ring *ring, struct ring_op *op, const struct ring_socket *socket, struct ring_op *recv)
{
	if (recv) {
		recv->stopping = true;
		if (recv->starved) {
			ring_list_remove(&ring->starved, recv);
			recv->in_flight = false;
		}
	}
	start(op, RING_CANCEL, socket);
	ring->backend->cancel(ring, op, socket);
}

/* --- receive buffers -------------------------------------------------------------------------------- */

unsigned ring_power_of_two(unsigned n, unsigned least, unsigned most)
{
	unsigned p = least;

	while (p < n && p < most)
		p *= 2;
	return p;
}

unsigned ring_plan_buffers(const struct ring_plan *plan)
{
	return plan->buffer_count ? plan->buffer_count : ring_power_of_two(plan->socket_count_max / 2, 256, 1024);
}

uint8_t *ring_lend(struct ring *ring, uint16_t buffer_id)
{
	struct ring_counters *c = &ring->counters;

	count_set(&c->buffers_lent, c->buffers_lent + 1);
	count_max(&c->buffers_lent_max, c->buffers_lent);
	return ring->buffers + (size_t)buffer_id * ring->buffer_bytes;
}

void ring_buffer_return(struct ring *ring, uint16_t buffer_id)
{
	check(buffer_id < ring->counters.buffers);
	check(ring->counters.buffers_lent > 0);
	count_set(&ring->counters.buffers_lent, ring->counters.buffers_lent - 1);
	ring->backend->offer(ring, buffer_id);
}

void ring_arm_starved(struct ring *ring)
{
	uint64_t free_count = ring->counters.buffers - ring->counters.buffers_lent;

	while (ring->starved.first && free_count--)
		ring->backend->arm(ring, ring_list_take(&ring->starved));
}

/* --- turns ------------------------------------------------------------------------------------------ */

void ring_submit(struct ring *ring)
{
	ring->backend->submit(ring);
}

unsigned ring_wait(struct ring *ring, uint64_t wait_ns, uint32_t batch_us)
{
	unsigned count = ring->backend->wait(ring, wait_ns, batch_us);

	count_add(&ring->counters.completions, count);
	return count;
}
