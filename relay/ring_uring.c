/*
 * A turn: give returned buffers back to the kernel, arm again what ended or starved, submit everything that was
 * prepared, take what completed at once (most sends do), and only if nothing did, sleep for more.
 *
 * Two ways of sleeping in company: since Linux 6.12 the kernel itself waits the least time (IORING_FEAT_MIN_TIMEOUT);
 * before, we wait for one completion and then a second time, shortly, for more.
 *
 * liburing 2.3 is enough: what is newer goes through its raw calls with the kernel's own numbers.
 */
#include "relay/ring_backend.h"

#include "base/check.h"
#include "base/limits.h"
#include "base/log.h"
#include "relay/count.h"
#include "relay/ring_list.h"

#include <errno.h>
#include <fcntl.h>
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

struct uring {
	struct ring ring;
	struct io_uring io;
	bool has_min_wait;
	unsigned enter_flags;
	bool took_ahead;                /* completions, without asking the kernel: not twice, receives would starve */
	struct io_uring_buf_ring *buffer_ring;
	unsigned buffer_count;
	unsigned returned_count;        /* since the last advance */
	int *slots;                     /* free places of the ring's own table of sockets */
	unsigned slot_count;
};

static struct uring *uring_of(struct ring *ring)
{
	return container_of(ring, struct uring, ring);
}

/* --- sockets ---------------------------------------------------------------------------------------- */

static void uring_socket_open(struct ring *ring, struct ring_socket *socket, int fd)
{
	struct uring *u = uring_of(ring);

	if (!u->slot_count)
		return;
	int slot = u->slots[u->slot_count - 1];
	if (io_uring_register_files_update(&u->io, (unsigned)slot, &fd, 1) == 1) {
		u->slot_count--;
		socket->slot = slot;
	}
}

static void uring_socket_close(struct ring *ring, struct ring_socket *socket)
{
	struct uring *u = uring_of(ring);

	if (socket->slot >= 0) {
		int none = -1;

		io_uring_register_files_update(&u->io, (unsigned)socket->slot, &none, 1);
		u->slots[u->slot_count++] = socket->slot;
	}
	close(socket->fd);
}

/* --- operations ------------------------------------------------------------------------------------- */

static struct io_uring_sqe *take_sqe(struct ring *ring)
{
	struct uring *u = uring_of(ring);
	struct io_uring_sqe *sqe = io_uring_get_sqe(&u->io);

	if (sqe)
		return sqe;
	count_add(&ring->counters.submission_full, 1);
	io_uring_submit(&u->io);
	sqe = io_uring_get_sqe(&u->io);
	check(sqe != NULL);
	return sqe;
}

/* Last step of preparing: whose operation it is, and on which socket. */
static void address_sqe(struct io_uring_sqe *sqe, struct ring_op *op)
{
	if (op->slot >= 0) {
		sqe->fd = op->slot;
		sqe->flags |= IOSQE_FIXED_FILE;
	}
	io_uring_sqe_set_data(sqe, op);
}

static void uring_arm(struct ring *ring, struct ring_op *op)
{
	struct io_uring_sqe *sqe = take_sqe(ring);

	if (op->kind == RING_ACCEPT && op->takes_turns) {
		/* Of several that wait the kernel wakes the first; who was served waits anew, as the last. A repeating
		 * one would keep its place and take every connection. */
		io_uring_prep_accept(sqe, op->fd, NULL, NULL, SOCK_CLOEXEC);
	} else if (op->kind == RING_ACCEPT) {
		io_uring_prep_multishot_accept(sqe, op->fd, NULL, NULL, SOCK_CLOEXEC);
	} else {
		io_uring_prep_recv_multishot(sqe, op->fd, NULL, 0, 0);
		sqe->flags |= IOSQE_BUFFER_SELECT;
		sqe->buf_group = BUFFER_GROUP;
	}
	address_sqe(sqe, op);
}

static void uring_send(struct ring *ring, struct ring_op *op, const struct ring_socket *socket, const void *data,
	size_t len)
{
	struct io_uring_sqe *sqe = take_sqe(ring);

	io_uring_prep_send(sqe, socket->fd, data, len, MSG_NOSIGNAL | MSG_WAITALL);
	address_sqe(sqe, op);
}

static void uring_connect(struct ring *ring, struct ring_op *op, const struct ring_socket *socket,
	const struct sockaddr *address, socklen_t address_len)
{
	struct io_uring_sqe *sqe = take_sqe(ring);

	io_uring_prep_connect(sqe, socket->fd, address, address_len);
	address_sqe(sqe, op);
}

static void uring_read_event(struct ring *ring, struct ring_op *op, int fd, uint64_t *out_count)
{
	struct io_uring_sqe *sqe = take_sqe(ring);

	io_uring_prep_read(sqe, fd, out_count, sizeof *out_count, 0);
	address_sqe(sqe, op);
}

/* Making and opening are the kernel's helpers' work in any case; a write that would wait becomes theirs. */
static void uring_file(struct ring *ring, struct ring_file *f)
{
	struct io_uring_sqe *sqe = take_sqe(ring);

	if (f->op.kind == RING_FILE_MKDIR)
		io_uring_prep_mkdirat(sqe, AT_FDCWD, f->path, f->mode);
	else if (f->op.kind == RING_FILE_OPEN)
		io_uring_prep_openat(sqe, AT_FDCWD, f->path, f->flags, f->mode);
	else if (f->op.kind == RING_FILE_WRITE)
		io_uring_prep_write(sqe, f->fd, f->data, (unsigned)f->len, f->offset);
	else
		io_uring_prep_close(sqe, f->fd);
	address_sqe(sqe, &f->op);
}

/* By descriptor, not by op: the latter misses repeating receives on some kernels (6.11). */
static void uring_cancel(struct ring *ring, struct ring_op *op, const struct ring_socket *socket)
{
	struct io_uring_sqe *sqe = take_sqe(ring);

	io_uring_prep_cancel_fd(sqe, socket->fd, IORING_ASYNC_CANCEL_ALL);
	if (socket->slot >= 0) {
		sqe->fd = socket->slot;
		sqe->cancel_flags |= IORING_ASYNC_CANCEL_FD_FIXED;
	}
	io_uring_sqe_set_data(sqe, op);
}

static void uring_offer(struct ring *ring, uint16_t buffer_id)
{
	struct uring *u = uring_of(ring);

	io_uring_buf_ring_add(u->buffer_ring, ring->buffers + (size_t)buffer_id * ring->buffer_bytes,
		ring->buffer_bytes, buffer_id, io_uring_buf_ring_mask(u->buffer_count), (int)u->returned_count);
	u->returned_count++;
}

static void publish_buffers(struct uring *u)
{
	io_uring_buf_ring_advance(u->buffer_ring, (int)u->returned_count);
	u->returned_count = 0;
}

/* --- completions ------------------------------------------------------------------------------------ */

static void lend(struct ring *ring, const struct io_uring_cqe *cqe, struct ring_result *result)
{
	if (!(cqe->flags & IORING_CQE_F_BUFFER))
		return;
	result->buffer_id = (uint16_t)(cqe->flags >> IORING_CQE_BUFFER_SHIFT);
	result->data = ring_lend(ring, result->buffer_id);
	if (cqe->res > 0)
		return;
	result->data = NULL;
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

static unsigned reap(struct uring *u)
{
	struct io_uring_cqe *cqe;
	unsigned head, count = 0;

	io_uring_for_each_cqe(&u->io, head, cqe) {
		count++;
		complete(&u->ring, cqe);
	}
	io_uring_cq_advance(&u->io, count);
	return count;
}

/* --- waiting ---------------------------------------------------------------------------------------- */

static void enter(struct uring *u, unsigned wait_count, uint64_t wait_ns, uint32_t min_wait_us)
{
	struct __kernel_timespec ts = { (int64_t)(wait_ns / 1000000000), (long long)(wait_ns % 1000000000) };
	struct wait_arg arg = { .min_wait_usec = min_wait_us, .ts = (uintptr_t)&ts };
	unsigned flags = IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG | u->enter_flags;
	int r = io_uring_enter2((unsigned)u->io.enter_ring_fd, 0, wait_count, flags, (sigset_t *)&arg, sizeof arg);

	check(r >= 0 || r == -ETIME || r == -EINTR || r == -EBUSY || r == -EAGAIN);
}

static void sleep_for_more(struct uring *u, uint64_t wait_ns, uint32_t batch_us)
{
	if (wait_ns > WAIT_NS_MAX)
		wait_ns = WAIT_NS_MAX;
	if (!batch_us || wait_ns <= batch_us * 1000ull) {
		enter(u, 1, wait_ns, 0);
	} else if (u->has_min_wait) {
		enter(u, BATCH_COUNT, wait_ns, batch_us);
	} else {
		enter(u, 1, wait_ns, 0);
		if (io_uring_cq_ready(&u->io))
			enter(u, BATCH_COUNT, batch_us * 1000ull, 0);
	}
}

static void uring_submit(struct ring *ring)
{
	struct uring *u = uring_of(ring);

	publish_buffers(u);
	ring_arm_starved(ring);
	if (io_uring_sq_ready(&u->io))
		io_uring_submit(&u->io);
}

static unsigned uring_wait(struct ring *ring, uint64_t wait_ns, uint32_t batch_us)
{
	struct uring *u = uring_of(ring);
	bool is_ready = io_uring_cq_ready(&u->io);

	if (io_uring_cq_has_overflow(&u->io))
		count_add(&ring->counters.overflows, 1);
	else if (is_ready && (u->took_ahead = !u->took_ahead))
		return reap(u);
	u->took_ahead = false;
	count_add(&ring->counters.turns, 1);
	if (is_ready)
		enter(u, 0, 0, 0);
	else
		sleep_for_more(u, wait_ns, batch_us);
	return reap(u);
}

/* --- opening ---------------------------------------------------------------------------------------- */

static int open_queues(struct uring *u, const struct ring_plan *plan)
{
	unsigned cq = ring_power_of_two(plan->socket_count_max * 4, 4096, 65536);
	unsigned sq = ring_power_of_two(plan->socket_count_max * 2, 256, SUBMISSION_ENTRIES_MAX);
	int r;

	do {
		struct io_uring_params params = { .cq_entries = cq, .flags = IORING_SETUP_SINGLE_ISSUER
			| IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE };
		r = io_uring_queue_init_params(sq, &u->io, &params);
		if (r != -ENOMEM)
			break;
		/* Linux 6.14 and later count rings against RLIMIT_MEMLOCK. */
		cq /= 2;
		sq = sq > cq ? cq : sq;
	} while (cq >= COMPLETION_ENTRIES_MIN);
	return r;
}

static size_t buffer_ring_bytes(const struct uring *u)
{
	return u->buffer_count * (sizeof(struct io_uring_buf) + u->ring.buffer_bytes);
}

static int open_buffers(struct uring *u, const struct ring_plan *plan)
{
	u->ring.buffer_bytes = plan->buffer_bytes ? plan->buffer_bytes : RING_BUFFER_BYTES;
	u->buffer_count = ring_plan_buffers(plan);
	/* Every buffer has its turn: better resident now than by a fault in the middle of speech. */
	void *memory = mmap(NULL, buffer_ring_bytes(u), PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory == MAP_FAILED)
		return -errno;
	u->buffer_ring = memory;
	u->ring.buffers = (uint8_t *)memory + u->buffer_count * sizeof(struct io_uring_buf);
	struct io_uring_buf_reg reg = { .ring_addr = (uintptr_t)memory, .ring_entries = u->buffer_count,
		.bgid = BUFFER_GROUP };
	int r = io_uring_register_buf_ring(&u->io, &reg, 0);
	if (r < 0)
		return r;
	io_uring_buf_ring_init(u->buffer_ring);
	for (unsigned id = 0; id < u->buffer_count; id++)
		uring_offer(&u->ring, (uint16_t)id);
	publish_buffers(u);
	return 0;
}

static void open_slots(struct uring *u, const struct ring_plan *plan)
{
	unsigned count = plan->socket_count_max + 8;

	if (plan->without_slots || !(u->io.features & FEAT_RW_ATTR))
		return;
	u->slots = malloc(count * sizeof *u->slots);
	if (!u->slots || io_uring_register_files_sparse(&u->io, count) < 0)
		return;
	while (u->slot_count < count) {
		u->slots[u->slot_count] = (int)(count - 1 - u->slot_count);
		u->slot_count++;
	}
}

static void use_features(struct uring *u, const struct ring_plan *plan)
{
	u->has_min_wait = !plan->without_min_wait && (u->io.features & FEAT_MIN_TIMEOUT);
	if (u->io.features & FEAT_NO_IOWAIT)
		u->enter_flags |= ENTER_NO_IOWAIT;
	if (io_uring_register_ring_fd(&u->io) == 1)
		u->enter_flags |= IORING_ENTER_REGISTERED_RING;
	open_slots(u, plan);
}

static void say_what_it_can(const struct uring *u)
{
	struct utsname uts;

	uname(&uts);
	log_info("ring ready io=uring linux=%s sq=%u cq=%u buffers=%ux%u wait=%s table=%s", uts.release,
		u->io.sq.ring_entries, u->io.cq.ring_entries, u->buffer_count, u->ring.buffer_bytes,
		u->has_min_wait ? "min-wait" : "two-phase", u->slot_count ? "direct" : "descriptors");
}

static void uring_close(struct ring *ring)
{
	struct uring *u = uring_of(ring);

	io_uring_queue_exit(&u->io);
	if (u->buffer_ring)
		munmap(u->buffer_ring, buffer_ring_bytes(u));
	free(u->slots);
	free(u);
}

static const struct ring_backend backend = {
	.close = uring_close,
	.socket_open = uring_socket_open,
	.socket_close = uring_socket_close,
	.arm = uring_arm,
	.send = uring_send,
	.connect = uring_connect,
	.read_event = uring_read_event,
	.file = uring_file,
	.cancel = uring_cancel,
	.offer = uring_offer,
	.submit = uring_submit,
	.wait = uring_wait,
};

static const char *what_to_do(int error)
{
	if (error == -ENOMEM)
		return ": raise RLIMIT_MEMLOCK (LimitMEMLOCK=) to 8 MB or more";
	if (error == -EPERM || error == -EACCES)
		return ": allow io_uring_setup, io_uring_enter and io_uring_register in the seccomp filter "
		       "(container, SystemCallFilter=), or set the sysctl kernel.io_uring_disabled to 0";
	if (error == -ENOSYS)
		return ": this kernel has none, or a sandbox hides it";
	return "";
}

struct ring *ring_uring_open(const struct ring_plan *plan, char *why, size_t why_bytes)
{
	struct uring *u = calloc(1, sizeof *u);

	if (!u) {
		snprintf(why, why_bytes, "no memory for a ring");
		return NULL;
	}
	u->ring.backend = &backend;
	u->ring.counters.buffers = ring_plan_buffers(plan);
	int r = open_queues(u, plan);
	if (r < 0) {
		snprintf(why, why_bytes, "io_uring is refused here (%s)%s", strerror(-r), what_to_do(r));
		free(u);
		return NULL;
	}
	r = open_buffers(u, plan);
	if (r < 0) {
		snprintf(why, why_bytes, "io_uring has no provided buffers here (%s)", strerror(-r));
		uring_close(&u->ring);
		return NULL;
	}
	use_features(u, plan);
	say_what_it_can(u);
	return &u->ring;
}
