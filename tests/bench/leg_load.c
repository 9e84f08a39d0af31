/*
 * leg_load - drives leg_echo: N connections, one message each every 20 ms, phases spread; measures the echo's way.
 *
 * Usage: leg_load [--raw] [--connections N] [--seconds S] [--bytes B] PORT
 * Plain only; everything but what is measured is kept out of the way: one epoll loop that spins.
 */
#include "base/check.h"
#include "base/clock.h"
#include "proto/ws_mask.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PERIOD_NS = 20000000, BUCKETS = 20000 };

struct peer {
	int fd;
	size_t want;                    /* bytes of the echo still to come */
	uint64_t sent_ns;
};

static struct {
	struct peer *peers;
	unsigned count;
	uint64_t histogram[BUCKETS];    /* 1 µs each, the last holds the rest */
	uint64_t sent, received, late;
	uint8_t frame[65536];
	size_t frame_bytes, echo_bytes;
} load;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void build_frame(size_t bytes, bool raw)
{
	uint32_t key = 0x12345678;
	size_t head = raw ? 0 : 8;

	check(bytes >= 126 && bytes <= 60000);
	memset(load.frame + head, 'x', bytes);
	load.frame_bytes = head + bytes;
	load.echo_bytes = raw ? bytes : bytes + 4;
	if (raw)
		return;
	load.frame[0] = 0x81;
	load.frame[1] = 0x80 | 126;
	load.frame[2] = (uint8_t)(bytes >> 8);
	load.frame[3] = (uint8_t)bytes;
	memcpy(load.frame + 4, &key, 4);
	ws_mask(load.frame + 8, bytes, key, 0);
}

static void connect_peer(struct peer *peer, unsigned port, bool raw)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char answer[4096];
	size_t len = 0;
	int one = 1;

	peer->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (peer->fd < 0 || connect(peer->fd, (struct sockaddr *)&at, sizeof at) < 0)
		die("connect");
	setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (raw)
		return;
	if (write(peer->fd, request, sizeof request - 1) < 0)
		die("write");
	do {
		ssize_t n = read(peer->fd, answer + len, sizeof answer - len);
		if (n <= 0)
			die("upgrade");
		len += (size_t)n;
	} while (!memmem(answer, len, "\r\n\r\n", 4));
}

static void send_one(struct peer *peer, uint64_t now_ns)
{
	if (peer->want) {
		load.late++;
		return;
	}
	if (send(peer->fd, load.frame, load.frame_bytes, MSG_NOSIGNAL) != (ssize_t)load.frame_bytes)
		die("send");
	peer->sent_ns = now_ns;
	peer->want = load.echo_bytes;
	load.sent++;
}

static void receive(struct peer *peer)
{
	uint8_t bytes[65536];
	ssize_t n = recv(peer->fd, bytes, sizeof bytes, MSG_DONTWAIT);

	if (n <= 0) {
		if (n < 0 && errno == EAGAIN)
			return;
		die("recv");
	}
	check((size_t)n <= peer->want);
	peer->want -= (size_t)n;
	if (peer->want)
		return;
	uint64_t us = (clock_mono_ns() - peer->sent_ns) / 1000;
	load.histogram[us < BUCKETS ? us : BUCKETS - 1]++;
	load.received++;
}

static unsigned percentile(double p)
{
	uint64_t need = (uint64_t)((double)load.received * p), seen = 0;

	for (unsigned i = 0; i < BUCKETS; i++) {
		seen += load.histogram[i];
		if (seen > need)
			return i;
	}
	return BUCKETS;
}

static void run(int epoll_fd, double seconds)
{
	struct epoll_event events[256];
	uint64_t begin_ns = clock_mono_ns(), end_ns = begin_ns + (uint64_t)(seconds * 1e9);
	uint64_t step_ns = PERIOD_NS / load.count, next_ns = begin_ns, now_ns;
	unsigned next = 0;

	while ((now_ns = clock_mono_ns()) < end_ns) {
		for (; next_ns <= now_ns; next_ns += step_ns, next = (next + 1) % load.count)
			send_one(&load.peers[next], now_ns);
		int n = epoll_wait(epoll_fd, events, 256, 0);
		for (int i = 0; i < n; i++)
			receive(events[i].data.ptr);
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "raw", no_argument, NULL, 'r' },
		{ "connections", required_argument, NULL, 'n' }, { "seconds", required_argument, NULL, 's' },
		{ "bytes", required_argument, NULL, 'b' }, { 0 } };
	bool raw = false;
	size_t bytes = 382;
	double seconds = 3;

	load.count = 100;
	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (c == 'r')
			raw = true;
		else if (c == 'n')
			load.count = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == 's')
			seconds = strtod(optarg, NULL);
		else if (c == 'b')
			bytes = strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	if (optind != argc - 1)
		return 2;
	build_frame(bytes, raw);
	load.peers = calloc(load.count, sizeof *load.peers);
	int epoll_fd = epoll_create1(0);
	for (unsigned i = 0; i < load.count; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = &load.peers[i] };

		connect_peer(&load.peers[i], (unsigned)strtoul(argv[optind], NULL, 10), raw);
		epoll_ctl(epoll_fd, EPOLL_CTL_ADD, load.peers[i].fd, &event);
	}
	run(epoll_fd, seconds);
	printf("{\"connections\":%u,\"sent\":%llu,\"received\":%llu,\"late\":%llu,\"p50_us\":%u,\"p99_us\":%u,"
	       "\"p999_us\":%u}\n", load.count, (unsigned long long)load.sent, (unsigned long long)load.received,
		(unsigned long long)load.late, percentile(0.5), percentile(0.99), percentile(0.999));
	return 0;
}
