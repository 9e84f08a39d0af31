/* The real kernel on socket pairs: what a ring promises about receives, sends, cancelling and running out. */
#include "relay/ring.h"

#include "tests/unit/unit.h"

#include "base/check.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TURN_NS = 200000000 };

struct side {
	struct ring *ring;
	struct ring_socket socket;
	struct ring_op recv, send, connect, cancel;
	uint8_t got[1 << 16];
	size_t got_len;
	bool keep_buffers;
	uint16_t kept[64];
	unsigned kept_count;
	int recv_end, send_res, connect_res, cancel_res;
	bool recv_ended;
};

static void side_recv(struct ring_op *op, const struct ring_result *r)
{
	struct side *s = container_of(op, struct side, recv);

	if (r->data) {
		check(s->got_len + (size_t)r->res <= sizeof s->got);
		memcpy(s->got + s->got_len, r->data, (size_t)r->res);
		s->got_len += (size_t)r->res;
		if (s->keep_buffers)
			s->kept[s->kept_count++] = r->buffer_id;
		else
			ring_buffer_return(s->ring, r->buffer_id);
	}
	if (r->last) {
		s->recv_ended = true;
		s->recv_end = r->res;
	}
}

static void side_send(struct ring_op *op, const struct ring_result *r)
{
	container_of(op, struct side, send)->send_res = r->res;
}

static void side_connect(struct ring_op *op, const struct ring_result *r)
{
	container_of(op, struct side, connect)->connect_res = r->res;
}

static void side_cancel(struct ring_op *op, const struct ring_result *r)
{
	container_of(op, struct side, cancel)->cancel_res = r->res;
}

static void side_open(struct side *s, struct ring *ring, int fd)
{
	memset(s, 0, sizeof *s);
	s->ring = ring;
	ring_op_init(&s->recv, side_recv);
	ring_op_init(&s->send, side_send);
	ring_op_init(&s->connect, side_connect);
	ring_op_init(&s->cancel, side_cancel);
	ring_socket_open(ring, &s->socket, fd);
}

static enum ring_io io;

static struct ring *open_ring(const struct ring_plan *asked)
{
	struct ring_plan plan = *asked;
	char why[256];

	plan.io = io;
	struct ring *ring = ring_open(&plan, why, sizeof why);

	if (!ring)
		print_message("%s\n", why);
	assert_non_null(ring);
	return ring;
}

static struct side a;
static int peer;

static struct ring *open_pair(struct ring_plan plan)
{
	int pair[2];

	if (!plan.socket_count_max)
		plan.socket_count_max = 16;
	struct ring *ring = open_ring(&plan);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	side_open(&a, ring, pair[0]);
	peer = pair[1];
	return ring;
}

static void close_pair(struct ring *ring)
{
	close(peer);
	for (int i = 0; i < 50 && (a.recv.in_flight || a.send.in_flight || a.cancel.in_flight); i++)
		ring_turn(ring, TURN_NS, 0);
	assert_false(a.recv.in_flight || a.send.in_flight || a.cancel.in_flight);
	assert_int_equal(ring_counters(ring)->buffers_lent, 0);
	ring_socket_close(ring, &a.socket);
	ring_close(ring);
}

static void turn_until(struct ring *ring, const size_t *value, size_t wanted)
{
	for (int i = 0; i < 1000 && *value < wanted; i++)
		ring_turn(ring, TURN_NS, 0);
}

static void one_receive_takes_many_messages_until_the_peer_ends(void **state)
{
	struct ring *ring = open_pair((struct ring_plan){ 0 });

	(void)state;
	ring_recv(ring, &a.recv, &a.socket);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(write(peer, "0123456789", 10), 10);
		turn_until(ring, &a.got_len, 10 * (size_t)(i + 1));
	}
	assert_int_equal(a.got_len, 100);
	assert_memory_equal(a.got + 90, "0123456789", 10);
	assert_true(a.recv.in_flight);
	shutdown(peer, SHUT_WR);
	for (int i = 0; i < 10 && !a.recv_ended; i++)
		ring_turn(ring, TURN_NS, 0);
	assert_true(a.recv_ended);
	assert_int_equal(a.recv_end, 0);
	close_pair(ring);
}

static void bytes_survive_a_pool_of_buffers_that_runs_out(void **state)
{
	struct ring *ring = open_pair((struct ring_plan){ .buffer_count = 4, .buffer_bytes = 64 });
	uint8_t bytes[4096];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 7 + i / 251);
	ring_recv(ring, &a.recv, &a.socket);
	assert_int_equal(write(peer, bytes, sizeof bytes), sizeof bytes);
	turn_until(ring, &a.got_len, sizeof bytes);
	assert_int_equal(a.got_len, sizeof bytes);
	assert_memory_equal(a.got, bytes, sizeof bytes);
	if (io == RING_IO_URING)
		assert_true(ring_counters(ring)->starved > 0);
	assert_true(a.recv.in_flight);
	close_pair(ring);
}

static void a_starved_receive_waits_until_a_buffer_comes_back(void **state)
{
	struct ring *ring = open_pair((struct ring_plan){ .buffer_count = 2, .buffer_bytes = 64 });
	uint8_t bytes[200] = { 1 };

	(void)state;
	a.keep_buffers = true;
	ring_recv(ring, &a.recv, &a.socket);
	assert_int_equal(write(peer, bytes, sizeof bytes), sizeof bytes);
	for (int i = 0; i < 5; i++)
		ring_turn(ring, 10000000, 0);
	assert_int_equal(a.got_len, 128);
	assert_int_equal(a.kept_count, 2);
	ring_buffer_return(ring, a.kept[0]);
	turn_until(ring, &a.got_len, 192);
	assert_int_equal(a.got_len, 192);
	ring_buffer_return(ring, a.kept[1]);
	turn_until(ring, &a.got_len, 200);
	assert_int_equal(a.got_len, 200);
	ring_buffer_return(ring, a.kept[2]);
	ring_buffer_return(ring, a.kept[3]);
	close_pair(ring);
}

static void a_starved_receive_can_be_cancelled(void **state)
{
	struct ring *ring = open_pair((struct ring_plan){ .buffer_count = 1, .buffer_bytes = 64 });
	uint8_t bytes[200] = { 1 };

	(void)state;
	a.keep_buffers = true;
	ring_recv(ring, &a.recv, &a.socket);
	assert_int_equal(write(peer, bytes, sizeof bytes), sizeof bytes);
	for (int i = 0; i < 5; i++)
		ring_turn(ring, 10000000, 0);
	assert_true(a.recv.starved);
	ring_cancel(ring, &a.cancel, &a.socket, &a.recv);
	assert_false(a.recv.in_flight);
	ring_buffer_return(ring, a.kept[0]);
	for (int i = 0; i < 5 && a.cancel.in_flight; i++)
		ring_turn(ring, TURN_NS, 0);
	assert_int_equal(a.got_len, 64);
	close_pair(ring);
}

static void cancel_ends_an_idle_receive(void **state)
{
	struct ring *ring = open_pair((struct ring_plan){ 0 });

	(void)state;
	ring_recv(ring, &a.recv, &a.socket);
	ring_turn(ring, 0, 0);
	ring_cancel(ring, &a.cancel, &a.socket, &a.recv);
	for (int i = 0; i < 10 && (a.recv.in_flight || a.cancel.in_flight); i++)
		ring_turn(ring, TURN_NS, 0);
	assert_true(a.recv_ended);
	assert_int_equal(a.recv_end, -ECANCELED);
	/* And it may be armed again. */
	ring_recv(ring, &a.recv, &a.socket);
	assert_int_equal(write(peer, "again", 5), 5);
	turn_until(ring, &a.got_len, 5);
	assert_int_equal(a.got_len, 5);
	close_pair(ring);
}

static void a_send_larger_than_the_socket_takes_waits_for_the_reader(void **state)
{
	static uint8_t bytes[1 << 20], sink[1 << 20];
	struct ring *ring = open_pair((struct ring_plan){ 0 });
	size_t read_bytes = 0;

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i ^ i >> 9);
	ring_send(ring, &a.send, &a.socket, bytes, sizeof bytes);
	for (int i = 0; i < 3; i++)
		ring_turn(ring, 10000000, 0);
	assert_true(a.send.in_flight);
	while (read_bytes < sizeof sink) {
		ssize_t n = recv(peer, sink + read_bytes, sizeof sink - read_bytes, MSG_DONTWAIT);

		if (n > 0)
			read_bytes += (size_t)n;
		ring_turn(ring, 1000000, 0);
	}
	for (int i = 0; i < 10 && a.send.in_flight; i++)
		ring_turn(ring, TURN_NS, 0);
	assert_int_equal(a.send_res, sizeof bytes);
	assert_memory_equal(bytes, sink, sizeof bytes);
	close_pair(ring);
}

static void a_cancelled_send_says_how_much_had_gone(void **state)
{
	static uint8_t bytes[1 << 20], sink[1 << 20];
	struct ring *ring = open_pair((struct ring_plan){ 0 });
	size_t read_bytes = 0;

	(void)state;
	ring_send(ring, &a.send, &a.socket, bytes, sizeof bytes);
	ring_turn(ring, 10000000, 0);
	assert_true(a.send.in_flight);
	ring_cancel(ring, &a.cancel, &a.socket, NULL);
	for (int i = 0; i < 10 && (a.send.in_flight || a.cancel.in_flight); i++)
		ring_turn(ring, TURN_NS, 0);
	assert_false(a.send.in_flight);
	for (ssize_t n; (n = recv(peer, sink, sizeof sink, MSG_DONTWAIT)) > 0;)
		read_bytes += (size_t)n;
	assert_true(a.send_res > 0 && a.send_res < (int)sizeof bytes);
	assert_int_equal(a.send_res, read_bytes);
	close_pair(ring);
}

static void a_send_into_a_closed_socket_fails_without_a_signal(void **state)
{
	struct ring *ring = open_pair((struct ring_plan){ 0 });

	(void)state;
	shutdown(a.socket.fd, SHUT_RDWR);
	ring_send(ring, &a.send, &a.socket, "x", 1);
	for (int i = 0; i < 10 && a.send.in_flight; i++)
		ring_turn(ring, TURN_NS, 0);
	assert_int_equal(a.send_res, -EPIPE);
	close_pair(ring);
}

struct many {
	struct ring_op op;
	int *landed;
};

static void many_done(struct ring_op *op, const struct ring_result *r)
{
	assert_int_equal(r->res, 1);
	++*container_of(op, struct many, op)->landed;
}

static void more_operations_than_the_submission_queue_holds_all_land(void **state)
{
	enum { COUNT = 1000 };
	static struct many many[COUNT];
	struct ring *ring = open_pair((struct ring_plan){ .socket_count_max = 16 });
	char sink[COUNT];
	int landed = 0, got = 0;

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		many[i].landed = &landed;
		ring_op_init(&many[i].op, many_done);
		ring_send(ring, &many[i].op, &a.socket, "x", 1);
	}
	assert_true(ring_counters(ring)->submission_full > 0);
	for (int i = 0; i < 10000 && landed < COUNT; i++) {
		ssize_t n = recv(peer, sink, sizeof sink, MSG_DONTWAIT);

		got += n > 0 ? (int)n : 0;
		ring_turn(ring, 1000000, 0);
	}
	assert_int_equal(landed, COUNT);
	assert_int_equal(got + recv(peer, sink, sizeof sink, MSG_DONTWAIT), COUNT);
	close_pair(ring);
}

struct accepted {
	struct ring_op op, cancel;
	int fds[64];
	unsigned count;
	bool ended;
};

static void accepted_one(struct ring_op *op, const struct ring_result *r)
{
	struct accepted *x = container_of(op, struct accepted, op);

	if (r->res >= 0)
		x->fds[x->count++] = r->res;
	x->ended = r->last;
}

static void nothing(struct ring_op *op, const struct ring_result *r)
{
	(void)op;
	(void)r;
}

static void accept_repeats_and_connect_reports(void **state)
{
	struct ring *ring = open_ring(&(struct ring_plan){ .socket_count_max = 64 });
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	struct accepted x = { .count = 0 };
	struct ring_socket listener;
	static struct side sides[20];
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	ring_socket_open(ring, &listener, fd);
	ring_op_init(&x.op, accepted_one);
	ring_op_init(&x.cancel, nothing);
	ring_accept(ring, &x.op, &listener);
	for (int i = 0; i < 20; i++) {
		side_open(&sides[i], ring, socket(AF_INET, SOCK_STREAM, 0));
		sides[i].connect_res = 1;
		ring_connect(ring, &sides[i].connect, &sides[i].socket, (struct sockaddr *)&at, sizeof at);
	}
	for (int i = 0; i < 100 && x.count < 20; i++)
		ring_turn(ring, TURN_NS, 0);
	assert_int_equal(x.count, 20);
	for (int i = 0; i < 20; i++) {
		for (int j = 0; j < 100 && sides[i].connect.in_flight; j++)
			ring_turn(ring, TURN_NS, 0);
		assert_int_equal(sides[i].connect_res, 0);
	}
	ring_cancel(ring, &x.cancel, &listener, &x.op);
	for (int i = 0; i < 10 && (x.op.in_flight || x.cancel.in_flight); i++)
		ring_turn(ring, TURN_NS, 0);
	assert_true(x.ended);
	for (int i = 0; i < 20; i++) {
		close(x.fds[i]);
		ring_socket_close(ring, &sides[i].socket);
	}
	ring_socket_close(ring, &listener);
	/* Nobody listens there any more. */
	side_open(&a, ring, socket(AF_INET, SOCK_STREAM, 0));
	ring_connect(ring, &a.connect, &a.socket, (struct sockaddr *)&at, sizeof at);
	for (int i = 0; i < 10 && a.connect.in_flight; i++)
		ring_turn(ring, TURN_NS, 0);
	assert_int_equal(a.connect_res, -ECONNREFUSED);
	ring_socket_close(ring, &a.socket);
	ring_close(ring);
}

static void works_the_same(const struct ring_plan *plan)
{
	struct ring *ring = open_pair(*plan);
	char sink[16];

	ring_recv(ring, &a.recv, &a.socket);
	ring_send(ring, &a.send, &a.socket, "hello", 5);
	assert_int_equal(write(peer, "world", 5), 5);
	for (int i = 0; i < 100 && a.got_len < 5; i++)
		ring_turn(ring, TURN_NS, 500);
	assert_memory_equal(a.got, "world", 5);
	assert_int_equal(recv(peer, sink, 5, MSG_WAITALL), 5);
	/* A wait with company in mind still ends when there is none, and in time. */
	assert_int_equal(ring_turn(ring, 3000000, 500), 0);
	close_pair(ring);
}

static void older_kernels_get_two_phases_and_plain_descriptors(void **state)
{
	(void)state;
	works_the_same(&(struct ring_plan){ .socket_count_max = 8 });
	works_the_same(&(struct ring_plan){ .socket_count_max = 8, .without_min_wait = true });
	works_the_same(&(struct ring_plan){ .socket_count_max = 8, .without_slots = true });
}

static void an_event_wakes_the_ring(void **state)
{
	struct ring *ring = open_ring(&(struct ring_plan){ .socket_count_max = 8 });
	int fd = eventfd(0, EFD_CLOEXEC);
	uint64_t count = 0, three = 3;
	struct ring_op op;

	(void)state;
	ring_op_init(&op, nothing);
	ring_read_event(ring, &op, fd, &count);
	assert_int_equal(ring_turn(ring, 1000000, 0), 0);
	assert_int_equal(write(fd, &three, sizeof three), sizeof three);
	assert_int_equal(ring_turn(ring, TURN_NS, 0), 1);
	assert_int_equal(count, 3);
	close(fd);
	ring_close(ring);
}

static int with_uring(void **state)
{
	(void)state;
	io = RING_IO_URING;
	return 0;
}

static int with_epoll(void **state)
{
	(void)state;
	io = RING_IO_EPOLL;
	return 0;
}

int main(void)
{
#define BOTH(test) { #test, test, with_uring, NULL, NULL }, { #test " (epoll)", test, with_epoll, NULL, NULL }
#define URING(test) { #test, test, with_uring, NULL, NULL }
	const struct CMUnitTest tests[] = {
		BOTH(one_receive_takes_many_messages_until_the_peer_ends),
		BOTH(bytes_survive_a_pool_of_buffers_that_runs_out),
		BOTH(a_starved_receive_waits_until_a_buffer_comes_back),
		BOTH(a_starved_receive_can_be_cancelled),
		BOTH(cancel_ends_an_idle_receive),
		BOTH(a_send_larger_than_the_socket_takes_waits_for_the_reader),
		BOTH(a_cancelled_send_says_how_much_had_gone),
		BOTH(a_send_into_a_closed_socket_fails_without_a_signal),
		URING(more_operations_than_the_submission_queue_holds_all_land),
		BOTH(accept_repeats_and_connect_reports),
		URING(older_kernels_get_two_phases_and_plain_descriptors),
		BOTH(an_event_wakes_the_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
