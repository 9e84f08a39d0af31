/*
 * ring - the one door to the kernel: operations go in, a batch of completions comes out.
 *
 * Place:    below loop and leg; io_uring (ring_uring.c) or epoll (ring_epoll.c) stand behind it. Knows nobody above: it
 *           calls op->done.
 * Usage:    ring_op_init(&leg->recv, recv_done);  ring_recv(ring, &leg->recv, &leg->socket);
 *           for (;;) ring_turn(ring, wait_ns, batch_us);          submit and wait
 * Lifetime: an op is embedded in its owner, and neither op, socket nor the bytes it sends may go away or change while
 *           op->in_flight. Received bytes are lent: the owner reads or copies them and gives the buffer back by
 *           ring_buffer_return() at the end of the same turn at the latest, whatever its peer does.
 * Rule:     done() records what happened and marks its task dirty. It starts no operation.
 * Fails:    every failure of an operation arrives as result.res = -errno. A full submission queue is flushed inside.
 * Limits:   one thread uses a ring, the one that opened it. One send in flight a socket (several would interleave).
 *           Receives and accepts repeat until they fail or are cancelled; one that finds no buffer free waits on a
 *           list of starved ones and is armed again once buffers were returned.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct ring;
struct ring_op;

struct ring_result {
	int res;                        /* bytes, 0 at a peer's end, a descriptor, or -errno */
	bool last;                      /* no further result of this op will come: it has landed */
	uint8_t *data;                  /* of a receive with res > 0: the lent bytes; else NULL */
	uint16_t buffer_id;             /* and what to return */
};

enum { RING_OP_MAGIC = 0x52494e47, RING_BUFFER_BYTES = 4096 };

enum ring_op_kind {
	RING_NONE, RING_ACCEPT, RING_RECV, RING_SEND, RING_CONNECT, RING_CANCEL, RING_READ,
	RING_FILE_MKDIR, RING_FILE_OPEN, RING_FILE_WRITE, RING_FILE_CLOSE,
};

/* At most one kernel operation; embedded in its owner, found again by container_of. */
struct ring_op {
	uint32_t magic;
	enum ring_op_kind kind;
	bool in_flight;
	bool stopping;                  /* a repeating one that shall not be armed again */
	bool starved;
	bool takes_turns;               /* an accept on a socket that other rings accept on, too */
	void (*done)(struct ring_op *op, const struct ring_result *result);
	int fd;                         /* what a repeating one is armed on */
	int slot;
	struct ring_op *next_starved;
};

/* An operation on a file, with what it is told until it is done: disks may take their time, the ring's thread does
 * not. Where the ring cannot do that by itself, one thread of its own does them, one after the other. */
struct ring_file {
	struct ring_op op;
	const char *path;
	int fd, flags;
	uint32_t mode;
	const void *data;
	size_t len;
	uint64_t offset;
	int res;
	struct ring_file *next;         /* on the way to that thread and back */
};

/* A connected or connecting socket: the descriptor and, where that pays, its place in the ring's own table. */
struct ring_socket {
	int fd;                         /* -1: none */
	int slot;                       /* -1: none */
};

enum ring_io { RING_IO_AUTO, RING_IO_URING, RING_IO_EPOLL };

/* "auto", "uring", "epoll" as in RELAY_IO; anything else is auto. */
enum ring_io ring_io_parse(const char *word);

struct ring_plan {
	enum ring_io io;                /* RING_IO_AUTO: io_uring, or epoll where that is refused */
	unsigned socket_count_max;      /* sockets at a time: sizes both queues and the table */
	unsigned buffer_count;          /* receive buffers, a power of two; 0: by socket_count_max */
	unsigned buffer_bytes;          /* of one; 0: 4096 */
	bool without_min_wait;          /* tests: as on Linux before 6.12 */
	bool without_slots;             /* tests: as on Linux before 6.14 */
};

struct ring_counters {
	uint64_t turns;
	uint64_t completions;
	uint64_t starved;               /* receives that found no buffer */
	uint64_t overflows;             /* completions that did not fit the queue at once (none is lost) */
	uint64_t submission_full;       /* flushed early because the submission queue was full */
	uint64_t buffers;               /* receive buffers there are */
	uint64_t buffers_lent;          /* now with owners */
	uint64_t buffers_lent_max;
};

/* Probes what this kernel can do with a real receive, and logs it in one line. NULL with a sentence in `why`. */
struct ring *ring_open(const struct ring_plan *plan, char *why, size_t why_bytes);
/* All operations must have landed. NULL is fine. */
void ring_close(struct ring *ring);
const struct ring_counters *ring_counters(const struct ring *ring);

static inline void ring_op_init(struct ring_op *op, void (*done)(struct ring_op *op, const struct ring_result *result))
{
	*op = (struct ring_op){ .magic = RING_OP_MAGIC, .done = done, .fd = -1, .slot = -1 };
}

/* The socket becomes the ring's; `fd` stays valid for setsockopt, getpeername and shutdown. */
void ring_socket_open(struct ring *ring, struct ring_socket *socket, int fd);
/* Closes it. None of its operations may be in flight. Idempotent. */
void ring_socket_close(struct ring *ring, struct ring_socket *socket);

void ring_accept(struct ring *ring, struct ring_op *op, const struct ring_socket *listener);
void ring_recv(struct ring *ring, struct ring_op *op, const struct ring_socket *socket);
/* Takes all of it, unless the connection breaks or is cancelled: the owner handles res < len all the same. */
void ring_send(struct ring *ring, struct ring_op *op, const struct ring_socket *socket, const void *data, size_t len);
void ring_connect(struct ring *ring, struct ring_op *op, const struct ring_socket *socket,
	const struct sockaddr *address, socklen_t address_len);
/* Reads 8 bytes of an eventfd into `out_count` (alive until done). */
void ring_read_event(struct ring *ring, struct ring_op *op, int fd, uint64_t *out_count);
/* Paths and data are alive and unchanged until done. A result is 0, a descriptor (always O_CLOEXEC), or the bytes
 * written, which may be fewer. There is no cancelling: what hangs is waited for. */
void ring_file_mkdir(struct ring *ring, struct ring_file *file, const char *path, uint32_t mode);
void ring_file_open(struct ring *ring, struct ring_file *file, const char *path, int flags, uint32_t mode);
void ring_file_write(struct ring *ring, struct ring_file *file, int fd, const void *data, size_t len, uint64_t offset);
void ring_file_close(struct ring *ring, struct ring_file *file, int fd);
/* Ends whatever is in flight on the socket, receive and send alike; `op` lands too. `recv` (or NULL) is the socket's
 * repeating receive or accept: it is not armed again, and if it was starved it is simply no longer in flight. */
void ring_cancel(struct ring *ring, struct ring_op *op, const struct ring_socket *socket, struct ring_op *recv);
void ring_buffer_return(struct ring *ring, uint16_t buffer_id);

/* Gives returned buffers and prepared operations to the kernel. */
void ring_submit(struct ring *ring);
/* Waits for a completion at most `wait_ns` (0: does not wait), having slept up to `batch_us` longer for more to come
 * with it, and calls done() of each. What has completed already is taken at once. The number of completions. */
unsigned ring_wait(struct ring *ring, uint64_t wait_ns, uint32_t batch_us);

static inline unsigned ring_turn(struct ring *ring, uint64_t wait_ns, uint32_t batch_us)
{
	ring_submit(ring);
	return ring_wait(ring, wait_ns, batch_us);
}
