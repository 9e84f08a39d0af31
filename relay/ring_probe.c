#include "relay/ring_probe.h"

#include "base/check.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

struct probe {
	struct ring *ring;
	struct ring_op op;
	int received;
	bool ended;
};

static void probe_done(struct ring_op *op, const struct ring_result *result)
{
	struct probe *probe = container_of(op, struct probe, op);

	if (result->data) {
		probe->received += result->res;
		ring_buffer_return(probe->ring, result->buffer_id);
	}
	probe->ended = result->last;
}

int ring_probe(struct ring *ring)
{
	struct probe probe = { .ring = ring };
	struct ring_socket socket;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	ring_op_init(&probe.op, probe_done);
	ring_socket_open(ring, &socket, pair[0]);
	ring_recv(ring, &probe.op, &socket);
	for (int i = 1; i <= 2 && write(pair[1], "ping", 4) == 4; i++) {
		for (int tries = 0; tries < 10 && probe.received < 4 * i && !probe.ended; tries++)
			ring_turn(ring, 100000000, 0);
	}
	shutdown(pair[1], SHUT_RDWR);
	for (int tries = 0; tries < 10 && !probe.ended; tries++)
		ring_turn(ring, 100000000, 0);
	close(pair[1]);
	ring_socket_close(ring, &socket);
	return probe.ended && probe.received == 8 ? 0 : -EOPNOTSUPP;
}
