/*
 * A turn: give returned buffers back to the kernel, arm again what ended or starved, submit everything that was
 * prepared, take what completed at once (most sends do), and only if nothing did, sleep for more.
 *
 * Two ways of sleeping in company: since Linux 6.12 the kernel itself waits the least time (IORING_FEAT_MIN_TIMEOUT);
 * before, we wait for one completion and then a second time, shortly, for more.
 *
 * liburing 2.3 is enough: what is newer goes through its raw calls with the kernel's own numbers.
 */
#include "relay/ring.h"

#include "base/check.h"
#include "base/limits.h"
#include "base/log.h"
#include "relay/count.h"
#include "relay/ring_list.h"
#include "relay/ring_probe.h"

#include <errno.h>
#include <liburing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

enum {
	BUFFER_GROUP = 0,
	SUBMISSION_ENTRIES_MAX = 4096,
	COMPLETION_ENTRIES_MIN = 1024,
	/* A batch is full enough to wake up for: from here on nothing is won by waiting. */
	BATCH_COUNT = 96,
	/* Since Linux 6.12 and 6.14 (linux/io_uring.h). The second stands for a table of sockets in which a closed
	 * one is gone at once (6.13): before, it lived until every older operation ended, and a receive lasts as
	 * long as its call. */
	FEAT_MIN_TIMEOUT = 1 << 15,
	FEAT_RW_ATTR = 1 << 16,
	/* 6.15: a ring that sleeps is no longer shown as a processor waiting for a disk. */
	FEAT_NO_IOWAIT = 1 << 17, ENTER_NO_IOWAIT = 1 << 7,
};

static const uint64_t WAIT_NS_MAX = 3600ull * 1000000000;

/* struct io_uring_getevents_arg as of Linux 6.12: what was padding is the least time to wait. */
struct wait_arg {
	uint64_t sigmask;
	uint32_t sigmask_sz;
	uint32_t min_wait_usec;
	uint64_t ts;
};
static_assert(sizeof(struct wait_arg) == sizeof(struct io_uring_getevents_arg), "the kernel's layout");

struct ring {
	struct io_uring uring;
	bool has_min_wait;
	unsigned enter_flags;
	bool took_ahead;                /* completions, without asking the kernel: not twice, receives would starve */
	/* Receive buffers, lent by the kernel's ring of them. */
	struct io_uring_buf_ring *buffer_ring;
	uint8_t *buffers;
	unsigned buffer_count;
	unsigned buffer_bytes;
	unsigned returned_count;        /* since the last advance */
	/* Repeating operations to be armed again at the next turn. */
	struct ring_list starved;
	/* Free places of the ring's own table of sockets. */
	int *slots;
	unsigned slot_count;
	struct ring_counters counters;
};

/* --- sockets ---------------------------------------------------------------------------------------- */

void ring_socket_open(struct ring *ring, struct ring_socket *socket, int fd)
{
	check(fd >= 0);
	*socket = (struct ring_socket){ .fd = fd, .slot = -1 };
	if (!ring->slot_count)
		return;
	int slot = ring->slots[ring->slot_count - 1];
	if (io_uring_register_files_update(&ring->uring, (unsigned)slot, &fd, 1) == 1) {
		ring->slot_count--;
		socket->slot = slot;
	}
}

void ring_socket_close(struct ring *ring, struct ring_socket *socket)
{
	if (socket->fd < 0)
		return;
	if (socket->slot >= 0) {
		int none = -1;

		io_uring_register_files_update(&ring->uring, (unsigned)socket->slot, &none, 1);
		ring->slots[ring->slot_count++] = socket->slot;
	}
	close(socket->fd);
	*socket = (struct ring_socket){ .fd = -1, .slot = -1 };
}

/* --- operations ------------------------------------------------------------------------------------- */

static struct io_uring_sqe *take_sqe(struct ring *ring)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring->uring);

	if (sqe)
		return sqe;
	count_add(&ring->counters.submission_full, 1);
	io_uring_submit(&ring->uring);
	sqe = io_uring_get_sqe(&ring->uring);
	check(sqe != NULL);
	return sqe;
}

static void start(struct ring_op *op, enum ring_op_kind kind)
{
	check(op->magic == RING_OP_MAGIC);
	check(!op->in_flight);
	op->kind = kind;
	op->in_flight = true;
	op->stopping = false;
}

/* Last step of preparing: what the operation is for, and on which socket. */
static void address_sqe(struct io_uring_sqe *sqe, struct ring_op *op, const struct ring_socket *socket)
{
	if (socket->slot >= 0) {
		sqe->fd = socket->slot;
		sqe->flags |= IOSQE_FIXED_FILE;
	}
	io_uring_sqe_set_data(sqe, op);
}

static void arm(struct ring *ring, struct ring_op *op)
{
	struct io_uring_sqe *sqe = take_sqe(ring);

	if (op->kind == RING_ACCEPT) {
		io_uring_prep_multishot_accept(sqe, op->fd, NULL, NULL, SOCK_CLOEXEC);
	} else {
		io_uring_prep_recv_multishot(sqe, op->fd, NULL, 0, 0);
		sqe->flags |= IOSQE_BUFFER_SELECT;
		sqe->buf_group = BUFFER_GROUP;
	}
	address_sqe(sqe, op, &(struct ring_socket){ op->fd, op->slot });
}

static void repeat(struct ring *ring, struct ring_op *op, enum ring_op_kind kind, const struct ring_socket *socket)
{
	start(op, kind);
	op->fd = socket->fd;
	op->slot = socket->slot;
	arm(ring, op);
}

void ring_accept(struct ring *ring, struct ring_op *op, const struct ring_socket *listener)
{
	repeat(ring, op, RING_ACCEPT, listener);
}

void ring_recv(struct ring *ring, struct ring_op *op, const struct ring_socket *socket)
{
	repeat(ring, op, RING_RECV, socket);
}

void ring_send(struct ring *ring, struct ring_op *op, const struct ring_socket *socket, const void *data, size_t len)
{
	struct io_uring_sqe *sqe = take_sqe(ring);

	check(len > 0);
	start(op, RING_SEND);
	io_uring_prep_send(sqe, socket->fd, data, len, MSG_NOSIGNAL | MSG_WAITALL);
	address_sqe(sqe, op, socket);
}

void ring_connect(struct ring *ring, struct ring_op *op, const struct ring_socket *socket,
	const struct sockaddr *address, socklen_t address_len)
{
	struct io_uring_sqe *sqe = take_sqe(ring);

	start(op, RING_CONNECT);
	io_uring_prep_connect(sqe, socket->fd, address, address_len);
	address_sqe(sqe, op, socket);
}

void ring_read_event(struct ring *ring, struct ring_op *op, int fd, uint64_t *out_count)
{
	struct io_uring_sqe *sqe = take_sqe(ring);

	start(op, RING_READ);
	io_uring_prep_read(sqe, fd, out_count, sizeof *out_count, 0);
	io_uring_sqe_set_data(sqe, op);
}

void ring_cancel(struct ring *ring, struct ring_op *op, const struct ring_socket *socket, struct ring_op *recv)
{
	struct io_uring_sqe *sqe = take_sqe(ring);

	if (recv) {
		recv->stopping = true;
		if (recv->starved) {
			ring_list_remove(&ring->starved, recv);
			recv->in_flight = false;
		}
	}
	start(op, RING_CANCEL);
	/* By descriptor, not by op: the latter misses repeating receives on some kernels (6.11). */
	io_uring_prep_cancel_fd(sqe, socket->fd, IORING_ASYNC_CANCEL_ALL);
	if (socket->slot >= 0) {
		sqe->fd = socket->slot;
		sqe->cancel_flags |= IORING_ASYNC_CANCEL_FD_FIXED;
	}
	io_uring_sqe_set_data(sqe, op);
}

/* --- receive buffers -------------------------------------------------------------------------------- */

static void offer_buffer(struct ring *ring, unsigned id)
{
	io_uring_buf_ring_add(ring->buffer_ring, ring->buffers + (size_t)id * ring->buffer_bytes,
		ring->buffer_bytes, (unsigned short)id, io_uring_buf_ring_mask(ring->buffer_count),
		(int)ring->returned_count);
	ring->returned_count++;
}

void ring_buffer_return(struct ring *ring, uint16_t buffer_id)
{
	check(buffer_id < ring->buffer_count);
	check(ring->counters.buffers_lent > 0);
	count_set(&ring->counters.buffers_lent, ring->counters.buffers_lent - 1);
	offer_buffer(ring, buffer_id);
}

static void publish_buffers(struct ring *ring)
{
	io_uring_buf_ring_advance(ring->buffer_ring, (int)ring->returned_count);
	ring->returned_count = 0;
}

/* Arming without a free buffer would only end at once again. */
static void arm_starved(struct ring *ring)
{
	unsigned free_count = ring->buffer_count - (unsigned)ring->counters.buffers_lent;

	while (ring->starved.first && free_count--)
		arm(ring, ring_list_take(&ring->starved));
}

/* --- completions ------------------------------------------------------------------------------------ */

static void lend(struct ring *ring, const struct io_uring_cqe *cqe, struct ring_result *result)
{
	struct ring_counters *c = &ring->counters;

	if (!(cqe->flags & IORING_CQE_F_BUFFER))
		return;
	result->buffer_id = (uint16_t)(cqe->flags >> IORING_CQE_BUFFER_SHIFT);
	count_set(&c->buffers_lent, c->buffers_lent + 1);
	count_max(&c->buffers_lent_max, c->buffers_lent);
	if (cqe->res > 0)
		result->data = ring->buffers + (size_t)result->buffer_id * ring->buffer_bytes;
	else
		ring_buffer_return(ring, result->buffer_id);
}

/* Whether the kernel ended a repeating operation for its own reasons, so that it must be armed again. */
static bool must_repeat(const struct ring_op *op, int res)
{
	if (op->stopping)
		return false;
	if (op->kind == RING_RECV)
		return res > 0 || res == -ENOBUFS;
	return op->kind == RING_ACCEPT && (res >= 0 || res == -ECONNABORTED);
}

static void complete(struct ring *ring, const struct io_uring_cqe *cqe)
{
	struct ring_op *op = io_uring_cqe_get_data(cqe);
	struct ring_result result = { .res = cqe->res };

	check(op->magic == RING_OP_MAGIC && op->in_flight);
	if (op->kind == RING_RECV)
		lend(ring, cqe, &result);
	if (!(cqe->flags & IORING_CQE_F_MORE)) {
		if (must_repeat(op, cqe->res))
			ring_list_append(&ring->starved, op);
		else
			op->in_flight = false;
	}
	result.last = !op->in_flight;
	if (op->starved && result.res < 0) {
		count_add(&ring->counters.starved, result.res == -ENOBUFS);
		return;
	}
	op->done(op, &result);
}

static unsigned reap(struct ring *ring)
{
	struct io_uring_cqe *cqe;
	unsigned head, count = 0;

	io_uring_for_each_cqe(&ring->uring, head, cqe) {
		count++;
		complete(ring, cqe);
	}
	io_uring_cq_advance(&ring->uring, count);
	count_add(&ring->counters.completions, count);
	return count;
}

/* --- waiting ---------------------------------------------------------------------------------------- */

static void enter(struct ring *ring, unsigned wait_count, uint64_t wait_ns, uint32_t min_wait_us)
{
	struct __kernel_timespec ts = { (int64_t)(wait_ns / 1000000000), (long long)(wait_ns % 1000000000) };
	struct wait_arg arg = { .min_wait_usec = min_wait_us, .ts = (uintptr_t)&ts };
	unsigned flags = IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG | ring->enter_flags;

	int r = io_uring_enter2((unsigned)ring->uring.enter_ring_fd, 0, wait_count, flags, (sigset_t *)&arg,
		sizeof arg);
	check(r >= 0 || r == -ETIME || r == -EINTR || r == -EBUSY || r == -EAGAIN);
}

static void sleep_for_more(struct ring *ring, uint64_t wait_ns, uint32_t batch_us)
{
	if (wait_ns > WAIT_NS_MAX)
		wait_ns = WAIT_NS_MAX;
	if (!batch_us || wait_ns <= batch_us * 1000ull) {
		enter(ring, 1, wait_ns, 0);
	} else if (ring->has_min_wait) {
		enter(ring, BATCH_COUNT, wait_ns, batch_us);
	} else {
		enter(ring, 1, wait_ns, 0);
		if (io_uring_cq_ready(&ring->uring))
			enter(ring, BATCH_COUNT, batch_us * 1000ull, 0);
	}
}

void ring_submit(struct ring *ring)
{
	publish_buffers(ring);
	arm_starved(ring);
	if (io_uring_sq_ready(&ring->uring))
		io_uring_submit(&ring->uring);
}

unsigned ring_wait(struct ring *ring, uint64_t wait_ns, uint32_t batch_us)
{
	bool is_ready = io_uring_cq_ready(&ring->uring);

	if (io_uring_cq_has_overflow(&ring->uring))
		count_add(&ring->counters.overflows, 1);
	else if (is_ready && (ring->took_ahead = !ring->took_ahead))
		return reap(ring);
	ring->took_ahead = false;
	count_add(&ring->counters.turns, 1);
	if (is_ready)
		enter(ring, 0, 0, 0);
	else
		sleep_for_more(ring, wait_ns, batch_us);
	return reap(ring);
}

/* --- opening ---------------------------------------------------------------------------------------- */

static unsigned power_of_two(unsigned n, unsigned least, unsigned most)
{
	unsigned p = least;

	while (p < n && p < most)
		p *= 2;
	return p;
}

static int open_queues(struct ring *ring, const struct ring_plan *plan)
{
	unsigned cq = power_of_two(plan->socket_count_max * 4, 4096, 65536);
	unsigned sq = power_of_two(plan->socket_count_max * 2, 256, SUBMISSION_ENTRIES_MAX);
	int r;

	do {
		struct io_uring_params params = { .cq_entries = cq, .flags = IORING_SETUP_SINGLE_ISSUER
			| IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE };
		r = io_uring_queue_init_params(sq, &ring->uring, &params);
		if (r != -ENOMEM)
			break;
		/* Linux 6.14 and later count rings against RLIMIT_MEMLOCK. */
		cq /= 2;
		sq = sq > cq ? cq : sq;
	} while (cq >= COMPLETION_ENTRIES_MIN);
	return r;
}

static int open_buffers(struct ring *ring, const struct ring_plan *plan)
{
	ring->buffer_bytes = plan->buffer_bytes ? plan->buffer_bytes : 4096;
	ring->buffer_count = plan->buffer_count ? plan->buffer_count
		: power_of_two(plan->socket_count_max / 2, 256, 1024);
	size_t ring_bytes = ring->buffer_count * sizeof(struct io_uring_buf);
	size_t bytes = (size_t)ring->buffer_count * ring->buffer_bytes;
	/* Every buffer has its turn: better resident now than by a fault in the middle of speech. */
	void *memory = mmap(NULL, ring_bytes + bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory == MAP_FAILED)
		return -errno;
	ring->buffer_ring = memory;
	ring->buffers = (uint8_t *)memory + ring_bytes;
	struct io_uring_buf_reg reg = { .ring_addr = (uintptr_t)memory, .ring_entries = ring->buffer_count,
		.bgid = BUFFER_GROUP };
	int r = io_uring_register_buf_ring(&ring->uring, &reg, 0);
	if (r < 0)
		return r;
	io_uring_buf_ring_init(ring->buffer_ring);
	for (unsigned id = 0; id < ring->buffer_count; id++)
		offer_buffer(ring, id);
	publish_buffers(ring);
	return 0;
}

static void open_slots(struct ring *ring, const struct ring_plan *plan)
{
	unsigned count = plan->socket_count_max + 8;

	if (plan->without_slots || !(ring->uring.features & FEAT_RW_ATTR))
		return;
	ring->slots = malloc(count * sizeof *ring->slots);
	if (!ring->slots || io_uring_register_files_sparse(&ring->uring, count) < 0)
		return;
	while (ring->slot_count < count) {
		ring->slots[ring->slot_count] = (int)(count - 1 - ring->slot_count);
		ring->slot_count++;
	}
}

static void say_what_it_can(const struct ring *ring)
{
	struct utsname uts;

	uname(&uts);
	log_info("ring ready linux=%s sq=%u cq=%u receive=multishot buffers=%ux%u wait=%s table=%s",
		uts.release, ring->uring.sq.ring_entries, ring->uring.cq.ring_entries, ring->buffer_count,
		ring->buffer_bytes, ring->has_min_wait ? "min-wait" : "two-phase",
		ring->slot_count ? "direct" : "descriptors");
}

const struct ring_counters *ring_counters(const struct ring *ring)
{
	return &ring->counters;
}

struct ring *ring_open(const struct ring_plan *plan, char *why, size_t why_bytes)
{
	struct ring *ring = calloc(1, sizeof *ring);

	check(plan->socket_count_max > 0);
	if (!ring) {
		snprintf(why, why_bytes, "no memory for a ring");
		return NULL;
	}
	int r = open_queues(ring, plan);
	if (r < 0) {
		snprintf(why, why_bytes, "io_uring is refused here (%s)%s", strerror(-r),
			r == -ENOMEM ? ": raise RLIMIT_MEMLOCK (LimitMEMLOCK=) to 8 MB or more" : "");
		free(ring);
		return NULL;
	}
	ring->has_min_wait = !plan->without_min_wait && (ring->uring.features & FEAT_MIN_TIMEOUT);
	if (ring->uring.features & FEAT_NO_IOWAIT)
		ring->enter_flags |= ENTER_NO_IOWAIT;
	if (io_uring_register_ring_fd(&ring->uring) == 1)
		ring->enter_flags |= IORING_ENTER_REGISTERED_RING;
	r = open_buffers(ring, plan);
	if (r == 0) {
		open_slots(ring, plan);
		r = ring_probe(ring);
	}
	if (r < 0) {
		snprintf(why, why_bytes, "io_uring here cannot receive into provided buffers (%s)", strerror(-r));
		ring_close(ring);
		return NULL;
	}
	ring->counters = (struct ring_counters){ .buffers = ring->buffer_count };
	say_what_it_can(ring);
	return ring;
}

void ring_close(struct ring *ring)
{
	if (!ring)
		return;
	io_uring_queue_exit(&ring->uring);
	if (ring->buffer_ring)
		munmap(ring->buffer_ring, ring->buffer_count * (sizeof(struct io_uring_buf) + ring->buffer_bytes));
	free(ring->slots);
	free(ring);
}
