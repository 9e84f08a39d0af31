/*
 * ring_backend - what stands behind a ring: io_uring or epoll, by the same few verbs.
 *
 * Place:    inside a ring; ring.c calls, ring_uring.c and ring_epoll.c answer. The verbs mean what ring.h says.
 * Lifetime: a backend's own struct begins with struct ring and is freed by its close().
 */
#pragma once

#include "relay/ring.h"

struct ring_backend {
	void (*close)(struct ring *ring);
	void (*socket_open)(struct ring *ring, struct ring_socket *socket, int fd);
	void (*socket_close)(struct ring *ring, struct ring_socket *socket);
	/* Arms an accept or receive, as op->kind says, on op->fd and op->slot. */
	void (*arm)(struct ring *ring, struct ring_op *op);
	void (*send)(struct ring *ring, struct ring_op *op, const struct ring_socket *socket, const void *data,
		size_t len);
	void (*connect)(struct ring *ring, struct ring_op *op, const struct ring_socket *socket,
		const struct sockaddr *address, socklen_t address_len);
	void (*read_event)(struct ring *ring, struct ring_op *op, int fd, uint64_t *out_count);
	/* As file->op.kind says. */
	void (*file)(struct ring *ring, struct ring_file *file);
	void (*cancel)(struct ring *ring, struct ring_op *op, const struct ring_socket *socket);
	void (*offer)(struct ring *ring, uint16_t buffer_id);
	void (*submit)(struct ring *ring);
	unsigned (*wait)(struct ring *ring, uint64_t wait_ns, uint32_t batch_us);
};

struct ring_list {
	struct ring_op *first;
	struct ring_op *last;
};

struct ring {
	const struct ring_backend *backend;
	uint8_t *buffers;
	unsigned buffer_bytes;
	struct ring_list starved;       /* repeating operations to be armed again at the next turn */
	struct ring_counters counters;
};

/* NULL with a sentence in `why`. */
struct ring *ring_uring_open(const struct ring_plan *plan, char *why, size_t why_bytes);
struct ring *ring_epoll_open(const struct ring_plan *plan, char *why, size_t why_bytes);

/* How many buffers a plan means, and a power of two of at least `n` between two others. */
unsigned ring_plan_buffers(const struct ring_plan *plan);
unsigned ring_power_of_two(unsigned n, unsigned least, unsigned most);
/* The bytes at a buffer become the owner's until ring_buffer_return(). */
uint8_t *ring_lend(struct ring *ring, uint16_t buffer_id);
/* Arms starved operations as far as there are free buffers: without one they would only end at once again. */
void ring_arm_starved(struct ring *ring);
