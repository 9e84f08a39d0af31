/*
 * grok_load - many clients of receptionai-sim-grok --echo at once: each sends 50 appends a second and checks that
 * every one comes back as it was, in order.
 *
 * Usage:    grok_load HOST PORT CONNECTIONS SECONDS [CA-FILE]
 * Prints:   one line of JSON: connections that got ready, frames sent and returned, wrong ones, the last reason of a
 *           connection that closed. 0 if every connection got ready and every frame came back right.
 */
#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "proto/base64.h"
#include "proto/grok.h"
#include "sim/wsconn.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

enum { FRAME_MS = 20, READY_MS = 60000, GRACE_MS = 60000, READY_COUNT = 256 };
enum { BASE64_BYTES = (ULAW_FRAME_BYTES + 2) / 3 * 4 };

struct client {
	struct wsconn *ws;
	uint32_t interest;
	bool ready, closed;
	uint64_t due_ms;
	uint32_t number, sent_count, back_count;
};

static struct grok_reader reader;
static struct client *clients;
static uint32_t client_count;
static uint64_t ready_count, wrong_count;
static char last_why[400];
static int poll_fd;

/* Frame n of client c, as base64: no two are the same for a long time. */
static void make_frame(uint32_t c, uint32_t n, char out[BASE64_BYTES])
{
	uint8_t frame[ULAW_FRAME_BYTES];

	for (uint32_t i = 0; i < sizeof frame; i++)
		frame[i] = (uint8_t)(c * 2654435761u + n * 40503u + i * (n | 1));
	memcpy(frame, &n, sizeof n);
	base64_encode(out, frame, sizeof frame);
}

static void send_frame(struct client *c)
{
	char base64[BASE64_BYTES];

	make_frame(c->number, c->sent_count++, base64);
	wsconn_send_pieces(c->ws, (struct slice[]){ SLICE(GROK_APPEND_PREFIX), { base64, sizeof base64 },
		SLICE(GROK_APPEND_SUFFIX) }, 3);
}

static void send_update(struct client *c)
{
	static uint8_t memory[8192];
	struct grok_session session;
	struct buf out;

	buf_init_fixed(&out, memory, sizeof memory);
	grok_session_phone(&session, &grok_xai, SLICE("echo"), SLICE("eve"), (struct slice){ 0 });
	check(grok_write_session_update(&out, &grok_xai, &session));
	wsconn_send_text(c->ws, (struct slice){ (const char *)buf_data(&out), buf_len(&out) });
}

static void take_message(struct client *c, struct slice text)
{
	struct grok_event event;
	char base64[BASE64_BYTES];

	if (grok_read(&reader, FROM_GROK, text.data, text.len, &event) != GROK_EVENT) {
		wrong_count++;
	} else if (event.kind == GROK_SESSION_UPDATED) {
		c->ready = true;
		c->due_ms = clock_mono_ms() + c->number % FRAME_MS;
		ready_count++;
	} else if (event.kind == GROK_AUDIO_DELTA) {
		make_frame(c->number, c->back_count++, base64);
		wrong_count += !slice_equal(event.delta, (struct slice){ base64, sizeof base64 });
	}
}

static void settle(struct client *c)
{
	struct epoll_event event = { .data.ptr = c };

	wsconn_flush(c->ws);
	event.events = wsconn_interest(c->ws);
	if (event.events != c->interest)
		check(epoll_ctl(poll_fd, c->interest ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, wsconn_fd(c->ws), &event) == 0);
	c->interest = event.events;
}

static void turn(struct client *c)
{
	struct wsconn_event ev;

	wsconn_read(c->ws);
	while (wsconn_next(c->ws, &ev))
		if (ev.kind == WSCONN_OPEN) {
			send_update(c);
		} else if (ev.kind == WSCONN_TEXT) {
			take_message(c, ev.data);
		} else if (ev.kind == WSCONN_CLOSED) {
			snprintf(last_why, sizeof last_why, "%u %.*s", ev.code, (int)ev.data.len, ev.data.data);
			check(epoll_ctl(poll_fd, EPOLL_CTL_DEL, wsconn_fd(c->ws), NULL) == 0);
			c->closed = true;
			return;
		}
	settle(c);
}

static void send_due_frames(uint64_t now_ms)
{
	for (uint32_t i = 0; i < client_count; i++) {
		struct client *c = &clients[i];
		bool due = c->ready && !c->closed && c->due_ms <= now_ms;

		for (; due && c->due_ms <= now_ms; c->due_ms += FRAME_MS)
			send_frame(c);
		if (due)
			settle(c);
	}
}

static bool all_is_back(void)
{
	for (uint32_t i = 0; i < client_count; i++)
		if (!clients[i].closed && clients[i].back_count < clients[i].sent_count)
			return false;
	return true;
}

static void run(uint32_t seconds)
{
	struct epoll_event ready[READY_COUNT];
	uint64_t now_ms = clock_mono_ms(), begin_ms = now_ms, stop_ms = UINT64_MAX;

	while (now_ms < stop_ms || (now_ms < stop_ms + GRACE_MS && !all_is_back())) {
		int count = epoll_wait(poll_fd, ready, READY_COUNT, 1);

		for (int i = 0; i < count; i++)
			turn(ready[i].data.ptr);
		now_ms = clock_mono_ms();
		bool settled = ready_count == client_count || last_why[0] || now_ms > begin_ms + READY_MS;

		if (stop_ms == UINT64_MAX && settled)
			stop_ms = now_ms + seconds * 1000;
		if (now_ms < stop_ms)
			send_due_frames(now_ms);
	}
}

static void dial(const struct wsconn_env *env, char **argv)
{
	struct wsconn_dial to = { argv[1], argv[2], "localhost", "/v1/realtime?model=grok-voice-think-fast-2.0",
		"Authorization: Bearer load\r\n" };
	char why[300];

	for (uint32_t i = 0; i < client_count; i++) {
		clients[i].number = i;
		clients[i].ws = wsconn_dial(env, &to, why, sizeof why);
		if (!clients[i].ws) {
			fprintf(stderr, "grok_load: %s\n", why);
			exit(2);
		}
		settle(&clients[i]);
	}
}

static int report(void)
{
	unsigned long long sent = 0, back = 0;

	for (uint32_t i = 0; i < client_count; i++) {
		sent += clients[i].sent_count;
		back += clients[i].back_count;
		wsconn_free(clients[i].ws);
	}
	printf("{\"ready\":%llu,\"sent\":%llu,\"back\":%llu,\"wrong\":%llu,\"why\":\"%s\"}\n",
		(unsigned long long)ready_count, sent, back, (unsigned long long)wrong_count, last_why);
	return ready_count == client_count && sent == back && wrong_count == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	static const struct pool_plan plan[] = { { 4096, 8192 }, { 16384, 8192 }, { 65536, 2048 }, { 1048576, 64 } };
	struct rlimit limit = { 0 };
	struct pool pool;
	struct random random = { 0 };
	char why[300];
	int status;
	struct wsconn_env env = { .pool = &pool,
		.random = &random,
		.message_bytes_max = 512 * 1024,
		.out_bytes_max = 512 * 1024 };

	if (argc < 5 || argc > 6) {
		fprintf(stderr, "usage: grok_load HOST PORT CONNECTIONS SECONDS [CA-FILE]\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	check(pool_open(&pool, plan, ARRAY_COUNT(plan)) == 0);
	if (argc == 6 && !(env.tls = net_tls_client(argv[5], true, why, sizeof why))) {
		fprintf(stderr, "grok_load: %s\n", why);
		return 2;
	}
	client_count = (uint32_t)strtoul(argv[3], NULL, 10);
	clients = calloc(client_count, sizeof *clients);
	check(clients);
	poll_fd = epoll_create1(EPOLL_CLOEXEC);
	dial(&env, argv);
	run((uint32_t)strtoul(argv[4], NULL, 10));
	status = report();
	net_tls_free(env.tls);
	grok_reader_fini(&reader);
	free(clients);
	pool_close(&pool);
	return status;
}
