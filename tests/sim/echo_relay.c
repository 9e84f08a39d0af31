/*
 * echo_relay - a relay that says back at once what the caller says: the load generator is measured against it.
 *
 * Usage:    echo_relay PORTFILE [CERT KEY]      a free loopback port, written to PORTFILE; ends with SIGTERM
 */
#include "base/check.h"
#include "proto/twilio.h"
#include "sim/wsconn.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EVENT_COUNT = 256, MESSAGE_BYTES_MAX = 65536, MARK_EVERY = 20 };

struct call {
	struct wsconn *conn;
	struct twilio_reader reader;
	char prefix[TWILIO_MEDIA_PREFIX_BYTES_MAX];
	size_t prefix_len;
	char stream_sid[SID_BYTES_MAX + 1];
	unsigned media_count;
	uint32_t watched;
};

static struct pool pool;
static struct random random_source;
static struct wsconn_env env = { .pool = &pool, .random = &random_source, .message_bytes_max = MESSAGE_BYTES_MAX,
	.out_bytes_max = MESSAGE_BYTES_MAX };
static int epoll_fd;

static void answer(struct call *call, struct slice text)
{
	struct twilio_event event;

	if (twilio_read(&call->reader, FROM_TWILIO, text.data, text.len, &event) == TWILIO_BAD) {
		fprintf(stderr, "echo_relay: %s\n", call->reader.why);
		wsconn_close(call->conn, 1008, call->reader.why);
	} else if (event.kind == TWILIO_START) {
		check(slice_copy(event.stream_sid, call->stream_sid, sizeof call->stream_sid));
		call->prefix_len = twilio_media_prefix(call->prefix, event.stream_sid);
	} else if (event.kind == TWILIO_MEDIA) {
		struct slice pieces[] = { { call->prefix, call->prefix_len }, event.payload,
			SLICE(TWILIO_MEDIA_SUFFIX) };
		char mark[200];

		wsconn_send_pieces(call->conn, pieces, ARRAY_COUNT(pieces));
		if (++call->media_count % MARK_EVERY)
			return;
		int n = snprintf(mark, sizeof mark,
			"{\"event\":\"mark\",\"streamSid\":\"%s\",\"mark\":{\"name\":\"g1:m%u\"}}", call->stream_sid,
			call->media_count);
		wsconn_send_text(call->conn, (struct slice){ mark, (size_t)n });
	}
}

static void turn(struct call *call)
{
	struct wsconn_event event;
	bool over = false;

	wsconn_read(call->conn);
	while (!over && wsconn_next(call->conn, &event)) {
		if (event.kind == WSCONN_REQUEST)
			wsconn_accept(call->conn);
		else if (event.kind == WSCONN_TEXT)
			answer(call, event.data);
		over = event.kind == WSCONN_CLOSED;
	}
	wsconn_flush(call->conn);
	if (over) {
		wsconn_free(call->conn);
		twilio_reader_fini(&call->reader);
		free(call);
		return;
	}
	if (wsconn_interest(call->conn) == call->watched)
		return;
	struct epoll_event watch = { .events = call->watched = wsconn_interest(call->conn), .data.ptr = call };

	check(epoll_ctl(epoll_fd, EPOLL_CTL_MOD, wsconn_fd(call->conn), &watch) == 0);
}

static void take_calls(int listen_fd)
{
	struct wsconn *conn;

	while ((conn = wsconn_take(&env, listen_fd))) {
		struct call *call = calloc(1, sizeof *call);

		check(call);
		call->conn = conn;
		struct epoll_event watch = { .events = call->watched = wsconn_interest(conn), .data.ptr = call };

		check(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, wsconn_fd(conn), &watch) == 0);
	}
}

static void write_port(const char *path, uint16_t port)
{
	char fresh[4096];

	snprintf(fresh, sizeof fresh, "%s.new", path);
	FILE *file = fopen(fresh, "w");

	check(file);
	fprintf(file, "%u", port);
	check(fclose(file) == 0 && rename(fresh, path) == 0);
}

int main(int argc, char **argv)
{
	static const struct pool_plan plan[] = { { 1024, 8192 }, { 4096, 8192 }, { 32768, 8192 }, { 131072, 4096 } };
	struct epoll_event events[EVENT_COUNT], watch = { .events = EPOLLIN };
	char why[200];
	uint16_t port;

	check(argc == 2 || argc == 4);
	signal(SIGPIPE, SIG_IGN);
	if (argc == 4 && !(env.tls = net_tls_server(argv[2], argv[3], why, sizeof why))) {
		fprintf(stderr, "echo_relay: %s\n", why);
		return 2;
	}
	check(pool_open(&pool, plan, ARRAY_COUNT(plan)) == 0);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	int listen_fd = net_listen("127.0.0.1", "0", &port);

	check(epoll_fd >= 0 && listen_fd >= 0);
	check(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listen_fd, &watch) == 0);
	write_port(argv[1], port);
	for (;;) {
		int count = epoll_wait(epoll_fd, events, EVENT_COUNT, -1);

		check(count >= 0 || errno == EINTR);
		for (int i = 0; i < count; i++) {
			if (events[i].data.ptr)
				turn(events[i].data.ptr);
			else
				take_calls(listen_fd);
		}
	}
}
