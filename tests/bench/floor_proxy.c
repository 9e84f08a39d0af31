/*
 * floor_proxy - the floor beneath the relay: a raw io_uring byte proxy that knows no protocol.
 *
 * Usage: floor_proxy [--batch-us N] --listen PORT --upstream PORT          (both on 127.0.0.1)
 * One thread. Each accepted connection gets one of its own upstream; bytes go across untouched, straight from the
 * buffer in which the kernel put them. Multishot accept and receive, provided buffers, one send in flight a socket,
 * and the relay's own measure of batching (relay/batch.h). SIGTERM prints what was carried, as JSON.
 */
#include "base/check.h"
#include "base/clock.h"
#include "relay/batch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <liburing.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	BUFFER_COUNT = 4096,
	BUFFER_BYTES = 4096,
	BATCH_COUNT = 96,               /* as relay/ring.c: enough to wake up for */
	FEAT_MIN_TIMEOUT = 1 << 15,     /* Linux 6.12 */
	NONE = -1,
};

/* struct io_uring_getevents_arg as of Linux 6.12. */
struct wait_arg {
	uint64_t sigmask;
	uint32_t sigmask_sz;
	uint32_t min_wait_usec;
	uint64_t ts;
};

/* One socket. What its peer received waits here, buffer by buffer, to be sent. */
struct side {
	struct side *peer;
	struct side *next_starved;
	int fd;
	bool receiving, sending, connecting, starved;
	bool ended;                     /* of the pair: no operation is started any more */
	int first, last;                /* buffers to send; the first is in flight while `sending` */
	int sent_bytes;                 /* of the first */
};

struct pair {
	struct side phone, model;
};

/* In the low bits of a completion's user_data, below a side's address. */
enum tag { TAG_RECEIVE, TAG_SEND, TAG_CONNECT, TAG_ACCEPT };

static struct {
	struct io_uring uring;
	bool has_min_wait, has_registered_fd;
	struct io_uring_buf_ring *buffer_ring;
	uint8_t *buffers;
	int next[BUFFER_COUNT];         /* in a side's queue */
	int bytes[BUFFER_COUNT];
	unsigned returned_count;
	struct side *starved;
	struct batch batch;
	int listener;
	struct sockaddr_in upstream;
	uint64_t receive_count, byte_count, turn_count;
} proxy;

static volatile sig_atomic_t must_stop;

static void on_signal(int number)
{
	(void)number;
	must_stop = 1;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* --- buffers -------------------------------------------------------------------------------------- */

static void give_buffer(int id)
{
	io_uring_buf_ring_add(proxy.buffer_ring, proxy.buffers + (size_t)id * BUFFER_BYTES, BUFFER_BYTES,
		(unsigned short)id, io_uring_buf_ring_mask(BUFFER_COUNT), (int)proxy.returned_count++);
}

static void open_buffers(void)
{
	const size_t ring_bytes = BUFFER_COUNT * sizeof(struct io_uring_buf);
	uint8_t *memory = mmap(NULL, ring_bytes + (size_t)BUFFER_COUNT * BUFFER_BYTES, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		die("mmap");
	proxy.buffer_ring = (struct io_uring_buf_ring *)(void *)memory;
	proxy.buffers = memory + ring_bytes;
	struct io_uring_buf_reg reg = { .ring_addr = (uintptr_t)memory, .ring_entries = BUFFER_COUNT, .bgid = 0 };

	if (io_uring_register_buf_ring(&proxy.uring, &reg, 0) != 0)
		die("io_uring_register_buf_ring");
	io_uring_buf_ring_init(proxy.buffer_ring);
	for (int id = 0; id < BUFFER_COUNT; id++)
		give_buffer(id);
}

/* --- operations ----------------------------------------------------------------------------------- */

static struct io_uring_sqe *take_sqe(void)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&proxy.uring);

	if (!sqe) {
		io_uring_submit(&proxy.uring);
		sqe = io_uring_get_sqe(&proxy.uring);
		check(sqe);
	}
	return sqe;
}

/* After preparing, which may clear it. */
static void set_data(struct io_uring_sqe *sqe, void *owner, enum tag tag)
{
	sqe->user_data = (uintptr_t)owner | (uint64_t)tag;
}

static void start_receive(struct side *s)
{
	struct io_uring_sqe *sqe = take_sqe();

	io_uring_prep_recv_multishot(sqe, s->fd, NULL, 0, 0);
	sqe->flags |= IOSQE_BUFFER_SELECT;
	sqe->buf_group = 0;
	set_data(sqe, s, TAG_RECEIVE);
	s->receiving = true;
}

static void start_send(struct side *s)
{
	const int id = s->first;
	struct io_uring_sqe *sqe = take_sqe();

	io_uring_prep_send(sqe, s->fd, proxy.buffers + (size_t)id * BUFFER_BYTES + s->sent_bytes,
		(size_t)(proxy.bytes[id] - s->sent_bytes), MSG_NOSIGNAL | MSG_WAITALL);
	set_data(sqe, s, TAG_SEND);
	s->sending = true;
}

static void start_accept(void)
{
	struct io_uring_sqe *sqe = take_sqe();

	io_uring_prep_multishot_accept(sqe, proxy.listener, NULL, NULL, SOCK_CLOEXEC);
	set_data(sqe, NULL, TAG_ACCEPT);
}

/* --- pairs ---------------------------------------------------------------------------------------- */

static void close_side(struct side *s)
{
	while (s->first != NONE) {
		const int id = s->first;

		s->first = proxy.next[id];
		give_buffer(id);
	}
	close(s->fd);
}

static bool is_at_rest(const struct side *s)
{
	return !s->receiving && !s->sending && !s->connecting && !s->starved;
}

static void free_when_landed(struct side *s)
{
	if (!s->ended || !is_at_rest(s) || !is_at_rest(s->peer))
		return;
	struct side *phone = s->peer > s ? s : s->peer;

	close_side(phone);
	close_side(phone->peer);
	free(container_of(phone, struct pair, phone));
}

static void end_pair(struct side *s)
{
	if (!s->ended) {
		s->ended = s->peer->ended = true;
		shutdown(s->fd, SHUT_RDWR);
		shutdown(s->peer->fd, SHUT_RDWR);
	}
	free_when_landed(s);
}

static void open_side(struct side *s, struct side *peer, int fd)
{
	const int one = 1;

	*s = (struct side){ .peer = peer, .fd = fd, .first = NONE, .last = NONE };
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static void open_pair(int fd)
{
	struct pair *pair = calloc(1, sizeof(*pair));
	const int upstream = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (!pair || upstream < 0)
		die("a connection");
	open_side(&pair->phone, &pair->model, fd);
	open_side(&pair->model, &pair->phone, upstream);
	struct io_uring_sqe *sqe = take_sqe();

	io_uring_prep_connect(sqe, upstream, (struct sockaddr *)&proxy.upstream, sizeof(proxy.upstream));
	set_data(sqe, &pair->model, TAG_CONNECT);
	pair->model.connecting = true;
}

/* --- completions ---------------------------------------------------------------------------------- */

static void starve(struct side *s)
{
	s->starved = true;
	s->next_starved = proxy.starved;
	proxy.starved = s;
}

static void forward(struct side *to, int id, int bytes)
{
	proxy.bytes[id] = bytes;
	proxy.next[id] = NONE;
	if (to->first == NONE)
		to->first = id;
	else
		proxy.next[to->last] = id;
	to->last = id;
	if (!to->sending)
		start_send(to);
}

static void received(struct side *s, int res, uint32_t flags)
{
	const int id = flags & IORING_CQE_F_BUFFER ? (int)(flags >> IORING_CQE_BUFFER_SHIFT) : NONE;

	if (!(flags & IORING_CQE_F_MORE))
		s->receiving = false;
	if (res > 0 && !s->ended) {
		proxy.receive_count++;
		proxy.byte_count += (uint64_t)res;
		forward(s->peer, id, res);
		if (!s->receiving)
			start_receive(s);
		return;
	}
	if (id != NONE)
		give_buffer(id);
	if (res == -ENOBUFS && !s->ended)
		starve(s);
	else
		end_pair(s);
}

static void sent(struct side *s, int res)
{
	const int id = s->first;

	s->sending = false;
	if (res < 0 || s->ended) {
		end_pair(s);
		return;
	}
	s->sent_bytes += res;
	if (s->sent_bytes == proxy.bytes[id]) {
		s->first = proxy.next[id];
		s->sent_bytes = 0;
		give_buffer(id);
	}
	if (s->first != NONE)
		start_send(s);
}

static void connected(struct side *s, int res)
{
	s->connecting = false;
	if (res < 0 || s->ended) {
		end_pair(s);
		return;
	}
	start_receive(s);
	start_receive(s->peer);
}

static void complete(const struct io_uring_cqe *cqe)
{
	struct side *s = (struct side *)(uintptr_t)(cqe->user_data & ~(uint64_t)7);

	switch ((enum tag)(cqe->user_data & 7)) {
	case TAG_RECEIVE:
		received(s, cqe->res, cqe->flags);
		return;
	case TAG_SEND:
		sent(s, cqe->res);
		return;
	case TAG_CONNECT:
		connected(s, cqe->res);
		return;
	case TAG_ACCEPT:
		if (cqe->res >= 0)
			open_pair(cqe->res);
		if (!(cqe->flags & IORING_CQE_F_MORE))
			start_accept();
		return;
	}
}

/* --- turns ---------------------------------------------------------------------------------------- */

static void enter(unsigned wait_count, uint64_t wait_ns, uint32_t min_wait_us)
{
	struct __kernel_timespec ts = { (int64_t)(wait_ns / 1000000000), (long long)(wait_ns % 1000000000) };
	struct wait_arg arg = { .min_wait_usec = min_wait_us, .ts = (uintptr_t)&ts };

	unsigned flags = IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG;

	if (proxy.has_registered_fd)
		flags |= IORING_ENTER_REGISTERED_RING;
	(void)io_uring_enter2((unsigned)proxy.uring.enter_ring_fd, 0, wait_count, flags, (sigset_t *)(void *)&arg,
		sizeof(arg));
}

static void wait_for_company(uint32_t batch_us)
{
	const uint64_t long_ns = 1000000000;

	if (!batch_us) {
		enter(1, long_ns, 0);
	} else if (proxy.has_min_wait) {
		enter(BATCH_COUNT, long_ns, batch_us);
	} else {
		enter(1, long_ns, 0);
		enter(BATCH_COUNT, batch_us * 1000ull, 0);
	}
}

static unsigned reap(void)
{
	struct io_uring_cqe *cqe;
	unsigned head, count = 0;

	io_uring_for_each_cqe(&proxy.uring, head, cqe) {
		count++;
		complete(cqe);
	}
	io_uring_cq_advance(&proxy.uring, count);
	return count;
}

static void publish_buffers(void)
{
	if (!proxy.returned_count)
		return;
	io_uring_buf_ring_advance(proxy.buffer_ring, (int)proxy.returned_count);
	proxy.returned_count = 0;
	while (proxy.starved) {
		struct side *s = proxy.starved;

		proxy.starved = s->next_starved;
		s->starved = false;
		if (s->ended)
			free_when_landed(s);
		else
			start_receive(s);
	}
}

static void turn(void)
{
	publish_buffers();
	io_uring_submit(&proxy.uring);
	if (!io_uring_cq_ready(&proxy.uring) || io_uring_cq_has_overflow(&proxy.uring))
		wait_for_company(batch_wait_us(&proxy.batch));
	batch_turn(&proxy.batch, reap(), clock_mono_ns());
	proxy.turn_count++;
}

/* --- start ---------------------------------------------------------------------------------------- */

static struct sockaddr_in loopback(const char *port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static void open_listener(const char *port)
{
	const struct sockaddr_in address = loopback(port);
	const int one = 1;

	proxy.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(proxy.listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(proxy.listener, (const struct sockaddr *)&address, sizeof(address)) || listen(proxy.listener, 4096))
		die("listen");
}

static void open_ring(void)
{
	struct io_uring_params params = { .cq_entries = 16384, .flags = IORING_SETUP_SINGLE_ISSUER
		| IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE };

	if (io_uring_queue_init_params(4096, &proxy.uring, &params) != 0)
		die("io_uring_queue_init_params");
	proxy.has_min_wait = params.features & FEAT_MIN_TIMEOUT;
	proxy.has_registered_fd = io_uring_register_ring_fd(&proxy.uring) == 1;
	open_buffers();
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "batch-us", required_argument, NULL, 'b' },
		{ "listen", required_argument, NULL, 'l' },
		{ "upstream", required_argument, NULL, 'u' },
		{ 0 },
	};
	const char *listen_port = NULL, *upstream_port = NULL;
	uint32_t batch_us = 200;
	struct rlimit files;

	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (c == 'b')
			batch_us = (uint32_t)strtoul(optarg, NULL, 10);
		else if (c == 'l')
			listen_port = optarg;
		else if (c == 'u')
			upstream_port = optarg;
		else
			return 2;
	}
	if (!listen_port || !upstream_port) {
		fputs("usage: floor_proxy [--batch-us N] --listen PORT --upstream PORT\n", stderr);
		return 2;
	}
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	sigaction(SIGTERM, &(struct sigaction){ .sa_handler = on_signal }, NULL);
	batch_init(&proxy.batch, batch_us);
	proxy.upstream = loopback(upstream_port);
	open_listener(listen_port);
	open_ring();
	start_accept();
	while (!must_stop)
		turn();
	printf("{\"receives\":%llu,\"bytes\":%llu,\"turns\":%llu}\n", (unsigned long long)proxy.receive_count,
		(unsigned long long)proxy.byte_count, (unsigned long long)proxy.turn_count);
	return 0;
}
