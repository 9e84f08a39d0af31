/*
 * leg_echo - a WebSocket echo server of nothing but the transport, to measure it alone; and with --raw, the floor:
 * the same bytes echoed by the same ring and batching with no protocol at all.
 *
 * Usage: leg_echo [--raw] [--batch US] [--io uring|epoll] [--connections N] [--cert FILE --key FILE] HOST:PORT
 * SIGTERM or SIGINT ends it and prints what it cost: CPU per received message.
 */
#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "relay/count.h"
#include "relay/leg.h"
#include "relay/listener.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

struct raw {
	struct ring_socket socket;
	struct ring_op recv, send;
	uint8_t bytes[16384];
	size_t len, sending;
	bool eof;
};

struct echo {
	struct task task;
	struct leg leg;
	struct raw raw;
	bool used;
};

static struct {
	struct loop loop;
	struct leg_env env;
	struct listener listener;
	struct task gate;
	struct echo *echoes;
	unsigned count;
	bool raw;
	uint64_t raw_messages, begin_messages;
	double begin_cpu_s;
} server;

static struct echo *free_echo(void)
{
	for (unsigned i = 0; i < server.count; i++) {
		if (!server.echoes[i].used)
			return &server.echoes[i];
	}
	return NULL;
}

/* --- through a leg ---------------------------------------------------------------------------------- */

static void echo_turn(struct task *task, uint64_t now_ms)
{
	struct echo *echo = container_of(task, struct echo, task);
	struct leg_event event;

	(void)now_ms;
	for (enum leg_event_kind kind; (kind = leg_next(&echo->leg, &event)) != LEG_NONE;) {
		if (kind == LEG_REQUEST)
			leg_accept(&echo->leg);
		else if (kind == LEG_MESSAGE)
			ws_write(leg_out(&echo->leg), WS_SERVER, event.is_text ? WS_OPCODE_TEXT : WS_OPCODE_BINARY,
				event.data, event.len, 0);
	}
	if (leg_is_free(&echo->leg))
		echo->used = false;
}

/* --- raw bytes -------------------------------------------------------------------------------------- */

static void raw_recv_done(struct ring_op *op, const struct ring_result *result)
{
	struct echo *echo = container_of(op, struct echo, raw.recv);
	struct raw *raw = &echo->raw;

	if (result->data) {
		check(raw->len + (size_t)result->res <= sizeof raw->bytes);
		memcpy(raw->bytes + raw->len, result->data, (size_t)result->res);
		raw->len += (size_t)result->res;
		server.raw_messages++;
		ring_buffer_return(server.loop.ring, result->buffer_id);
	} else {
		raw->eof = true;
	}
	loop_mark(&server.loop, &echo->task);
}

static void raw_send_done(struct ring_op *op, const struct ring_result *result)
{
	struct echo *echo = container_of(op, struct echo, raw.send);
	struct raw *raw = &echo->raw;
	size_t n = result->res > 0 ? (size_t)result->res : 0;

	memmove(raw->bytes, raw->bytes + n, raw->len - n);
	raw->len -= n;
	if (raw->len || raw->eof)
		loop_mark(&server.loop, &echo->task);
}

static void raw_turn(struct task *task, uint64_t now_ms)
{
	struct echo *echo = container_of(task, struct echo, task);
	struct raw *raw = &echo->raw;

	(void)now_ms;
	if (raw->eof) {
		if (raw->send.in_flight || raw->recv.in_flight)
			return;
		ring_socket_close(server.loop.ring, &raw->socket);
		echo->used = false;
	} else if (raw->len && !raw->send.in_flight) {
		ring_send(server.loop.ring, &raw->send, &raw->socket, raw->bytes, raw->len);
	}
}

static void raw_serve(struct echo *echo, int fd)
{
	struct raw *raw = &echo->raw;

	raw->len = 0;
	raw->eof = false;
	ring_op_init(&raw->recv, raw_recv_done);
	ring_op_init(&raw->send, raw_send_done);
	ring_socket_open(server.loop.ring, &raw->socket, fd);
	ring_recv(server.loop.ring, &raw->recv, &raw->socket);
}

/* --- the program ------------------------------------------------------------------------------------ */

static void gate_turn(struct task *task, uint64_t now_ms)
{
	int fd;

	(void)task;
	(void)now_ms;
	while ((fd = listener_next(&server.listener)) >= 0) {
		struct echo *echo = free_echo();

		if (!echo) {
			close(fd);
			continue;
		}
		echo->used = true;
		task_init(&echo->task, server.raw ? raw_turn : echo_turn);
		if (server.raw)
			raw_serve(echo, fd);
		else
			echo->used = leg_serve(&echo->leg, fd, &echo->task, 1 << 20);
	}
}

static void stop(int signal)
{
	(void)signal;
	loop_stop(&server.loop);
}

static uint64_t message_count(void)
{
	return server.raw ? server.raw_messages : server.env.counters.received_messages;
}

static double cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* SIGUSR1: what was before (handshakes) is not counted. */
static void begin(int signal)
{
	(void)signal;
	server.begin_cpu_s = cpu_s();
	server.begin_messages = message_count();
}

static void report(void)
{
	const struct ring_counters *r = ring_counters(server.loop.ring);
	const struct leg_counters *c = &server.env.counters;
	double cpu = cpu_s() - server.begin_cpu_s;
	uint64_t messages = message_count() - server.begin_messages;
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	printf("{\"messages\":%llu,\"cpu_us_per_message\":%.3f,\"turns\":%llu,\"completions\":%llu,\"starved\":%llu,"
	       "\"copied\":%llu,\"short_sends\":%llu,\"tls_allocations\":%llu,\"max_rss_kb\":%ld,\"lent_max\":%llu}\n",
		(unsigned long long)messages, messages ? cpu * 1e6 / (double)messages : 0.0,
		(unsigned long long)r->turns, (unsigned long long)r->completions, (unsigned long long)r->starved,
		(unsigned long long)c->copied_messages, (unsigned long long)c->short_sends,
		(unsigned long long)tls_counters().allocations, usage.ru_maxrss,
		(unsigned long long)r->buffers_lent_max);
}

static void die(const char *why)
{
	fprintf(stderr, "leg_echo: %s\n", why);
	exit(1);
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "raw", no_argument, NULL, 'r' },
		{ "batch", required_argument, NULL, 'b' },
		{ "io", required_argument, NULL, 'i' }, { "connections", required_argument, NULL, 'n' },
		{ "cert", required_argument, NULL, 'c' }, { "key", required_argument, NULL, 'k' }, { 0 } };
	struct loop_plan plan = { .batch_us_max = 200 };
	const char *cert = NULL, *key = NULL;
	char why[512];

	server.count = 2100;
	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (c == 'r')
			server.raw = true;
		else if (c == 'b')
			plan.batch_us_max = (uint32_t)strtoul(optarg, NULL, 10);
		else if (c == 'i')
			plan.ring.io = ring_io_parse(optarg);
		else if (c == 'n')
			server.count = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == 'c')
			cert = optarg;
		else if (c == 'k')
			key = optarg;
		else
			return 2;
	}
	if (optind != argc - 1)
		die("usage: leg_echo [--raw] [--batch US] [--connections N] [--cert FILE --key FILE] HOST:PORT");
	log_open("leg_echo", LOG_INFO);
	signal(SIGPIPE, SIG_IGN);
	plan.ring.socket_count_max = server.count + 8;
	plan.task_count_max = server.count * 3 + 8;
	server.echoes = calloc(server.count, sizeof *server.echoes);
	if (!server.echoes || !tls_start(why, sizeof why) || !loop_open(&server.loop, &plan, why, sizeof why))
		die(why);
	if (leg_env_open(&server.env, &server.loop, server.count) < 0)
		die("no memory");
	if (cert && !(server.env.server = tls_server_open(cert, key, why, sizeof why)))
		die(why);
	for (unsigned i = 0; i < server.count; i++)
		leg_init(&server.echoes[i].leg, &server.env);
	task_init(&server.gate, gate_turn);
	if (!listener_open(&server.listener, &server.loop, argv[optind], &server.gate, why, sizeof why))
		die(why);
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	signal(SIGUSR1, begin);
	printf("{\"port\":%u}\n", server.listener.port);
	fflush(stdout);
	begin(0);
	loop_run(&server.loop);
	report();
	return 0;
}
