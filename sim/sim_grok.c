/*
 * receptionai-sim-grok - plays xAI's realtime voice API. One thread polls all sockets; ear and mouth have their own.
 *
 * A wake-up: take the ready sockets, turn each once, fetch what the desk has answered, tick whoever is due, poll again.
 * Connections that broke are freed where they are found; SIGTERM and SIGINT end the program with 0,
 * or 3 if a client broke the rules of function calls.
 */
#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "sim/grok_client.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { EXIT_VIOLATIONS = 3 };           /* a client broke the rules of function calls */

enum { READY_MAX = 256, MESSAGE_BYTES_MAX = 2 * 1024 * 1024, OUT_BYTES_MAX = 8 * 1024 * 1024 };

struct server {
	struct grok_options options;
	struct grok_house house;
	struct pool pool;
	struct random random;
	int poll_fd, listen_fd, signal_fd;
	bool paused;                    /* full: not polling for new connections */
	struct grok_client **clients;   /* by slot: id modulo connection_count_max */
	uint32_t *interests;
	uint32_t client_count;
	uint64_t next_id;
	uint64_t due_ms;                /* no client is due earlier */
	bool ended;
};

/* What epoll hands back: these three, or a client's slot. */
enum { KEY_LISTEN = -1, KEY_SIGNAL = -2, KEY_DESK = -3 };

static void watch(struct server *s, int fd, int64_t key)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = (uint64_t)key };

	check(epoll_ctl(s->poll_fd, EPOLL_CTL_ADD, fd, &event) == 0);
}

/* --- clients ----------------------------------------------------------------------------------- */

static void drop_client(struct server *s, uint32_t slot)
{
	grok_client_free(s->clients[slot]);     /* closing the socket takes it off the poll */
	s->clients[slot] = NULL;
	s->client_count--;
	if (s->paused) {
		watch(s, s->listen_fd, KEY_LISTEN);
		s->paused = false;
	}
}

static void after_turn(struct server *s, uint32_t slot, bool alive)
{
	struct grok_client *c = s->clients[slot];
	struct epoll_event event = { .data.u64 = slot };

	if (!alive) {
		drop_client(s, slot);
		return;
	}
	event.events = grok_client_interest(c);
	if (event.events != s->interests[slot])
		check(epoll_ctl(s->poll_fd, EPOLL_CTL_MOD, grok_client_fd(c), &event) == 0);
	s->interests[slot] = event.events;
	if (grok_client_due_ms(c) < s->due_ms)
		s->due_ms = grok_client_due_ms(c);
}

static uint32_t free_slot(struct server *s)
{
	while (s->clients[s->next_id % s->options.connection_count_max])
		s->next_id++;
	return (uint32_t)(s->next_id % s->options.connection_count_max);
}

static void take_clients(struct server *s, uint64_t now_ms)
{
	while (s->client_count < s->options.connection_count_max) {
		uint32_t slot = free_slot(s);
		struct grok_client *c = grok_client_take(&s->house, s->listen_fd, s->next_id, now_ms);

		if (!c)
			return;
		s->next_id++;
		s->clients[slot] = c;
		s->client_count++;
		s->interests[slot] = EPOLLIN;
		watch(s, grok_client_fd(c), slot);
		after_turn(s, slot, true);
	}
	check(epoll_ctl(s->poll_fd, EPOLL_CTL_DEL, s->listen_fd, NULL) == 0);
	s->paused = true;
	log_warn("server is full connections=%u", s->client_count);
}

static void fetch_answers(struct server *s, uint64_t now_ms)
{
	struct desk_answer answer;

	while (speech_desk_fetch(s->house.desk, &answer)) {
		uint32_t slot = (uint32_t)(answer.owner % s->options.connection_count_max);
		struct grok_client *c = s->clients[slot];

		if (c && grok_client_id(c) == answer.owner)
			after_turn(s, slot, grok_client_answer(c, &answer, now_ms));
		speech_release(&answer.speech);
	}
}

static void tick_clients(struct server *s, uint64_t now_ms)
{
	s->due_ms = FAKE_NEVER;
	for (uint32_t slot = 0; slot < s->options.connection_count_max; slot++)
		if (s->clients[slot])
			after_turn(s, slot, grok_client_due_ms(s->clients[slot]) > now_ms
				|| grok_client_tick(s->clients[slot], now_ms));
}

/* --- the loop ---------------------------------------------------------------------------------- */

static void take_ready(struct server *s, int64_t key, uint64_t now_ms)
{
	if (key == KEY_LISTEN)
		take_clients(s, now_ms);
	else if (key == KEY_DESK)
		fetch_answers(s, now_ms);
	else if (key == KEY_SIGNAL)
		s->ended = true;
	else if (s->clients[key])       /* else it was dropped earlier in this wake-up */
		after_turn(s, (uint32_t)key, grok_client_turn(s->clients[key], now_ms));
}

static int wait_ms(const struct server *s)
{
	uint64_t now_ms = clock_mono_ms();

	if (s->due_ms == FAKE_NEVER)
		return -1;
	return s->due_ms <= now_ms ? 0 : (int)(s->due_ms - now_ms < 60000 ? s->due_ms - now_ms : 60000);
}

static void run(struct server *s)
{
	struct epoll_event ready[READY_MAX];

	while (!s->ended) {
		int count = epoll_wait(s->poll_fd, ready, READY_MAX, wait_ms(s));
		uint64_t now_ms = clock_mono_ms();

		check(count >= 0 || errno == EINTR);
		for (int i = 0; i < count; i++)
			take_ready(s, (int64_t)ready[i].data.u64, now_ms);
		if (s->due_ms <= now_ms)
			tick_clients(s, now_ms);
	}
}

/* --- start and end ----------------------------------------------------------------------------- */

static int open_signals(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	check(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* Memory is only used once a connection needs it; a small machine refuses less when asked for less. */
static int open_pool(struct server *s)
{
	size_t n = s->options.connection_count_max < 64 ? 64 : s->options.connection_count_max;
	struct pool_plan plan[] = {
		{ 1024, 2 * n }, { 4096, 2 * n }, { 16384, 2 * n }, { 65536, n / 2 }, { 524288, n / 8 },
		{ 4194304, 16 }, { 8388608, 8 },
	};

	return pool_open(&s->pool, plan, ARRAY_COUNT(plan));
}

static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static bool open_desk(struct server *s)
{
	char why[300];

	if (s->options.plan.mode != FAKE_TALK)
		return true;
	s->house.desk = speech_desk_open(receptionist_grammar, why, sizeof why);
	if (!s->house.desk) {
		log_error("desk cannot open: %s", why);
		return false;
	}
	watch(s, speech_desk_fd(s->house.desk), KEY_DESK);
	return true;
}

static bool open_listener(struct server *s)
{
	const struct grok_options *o = &s->options;
	uint16_t port = 0;
	char why[300];

	if (o->tls_cert) {
		s->house.env.tls = net_tls_server(o->tls_cert, o->tls_key, why, sizeof why);
		if (!s->house.env.tls) {
			log_error("server has no certificate: %s", why);
			return false;
		}
	}
	s->listen_fd = net_listen(o->host, o->port, &port);
	if (s->listen_fd < 0) {
		log_error("server cannot listen on %s:%s: %s", o->host, o->port, strerror(-s->listen_fd));
		return false;
	}
	watch(s, s->listen_fd, KEY_LISTEN);
	printf("listening on %s://%s%s%s:%u/v1/realtime\n", o->tls_cert ? "wss" : "ws", strchr(o->host, ':') ? "[" : "",
		o->host, strchr(o->host, ':') ? "]" : "", port);
	fflush(stdout);
	return true;
}

static bool open_server(struct server *s)
{
	int rc;

	raise_file_limit();
	rc = open_pool(s);
	if (rc < 0) {
		log_error("server has no memory: %s", strerror(-rc));
		return false;
	}
	s->clients = calloc(s->options.connection_count_max, sizeof(struct grok_client *));
	s->interests = calloc(s->options.connection_count_max, sizeof *s->interests);
	check(s->clients && s->interests);
	s->due_ms = FAKE_NEVER;
	s->next_id = 1;
	s->signal_fd = open_signals();
	s->poll_fd = epoll_create1(EPOLL_CLOEXEC);
	check(s->poll_fd >= 0 && s->signal_fd >= 0);
	watch(s, s->signal_fd, KEY_SIGNAL);
	s->options.plan.store = &s->house.store;
	s->house.options = &s->options;
	s->house.good_plan = s->options.plan;
	s->house.good_plan.faults.mask = 0;
	s->house.env = (struct wsconn_env){ .pool = &s->pool, .random = &s->random,
		.message_bytes_max = MESSAGE_BYTES_MAX, .out_bytes_max = OUT_BYTES_MAX };
	return open_desk(s) && open_listener(s);
}

static void close_server(struct server *s)
{
	for (uint32_t slot = 0; s->clients && slot < s->options.connection_count_max; slot++)
		if (s->clients[slot])
			grok_client_free(s->clients[slot]);
	log_info("server ended requests=%llu appends=%llu client_faults=%llu violations=%llu",
		(unsigned long long)s->house.request_count, (unsigned long long)s->house.append_count,
		(unsigned long long)s->house.fault_count, (unsigned long long)s->house.violation_count);
	fake_store_fini(&s->house.store);
	speech_desk_close(s->house.desk);
	net_tls_free(s->house.env.tls);
	if (s->listen_fd > 0)
		close(s->listen_fd);
	free(s->clients);
	free(s->interests);
	pool_close(&s->pool);
}

int main(int argc, char **argv)
{
	static struct server server;

	switch (grok_options_read(&server.options, argc, argv)) {
	case OPTIONS_DONE:
		return EXIT_SUCCESS;
	case OPTIONS_WRONG:
		return 2;
	case OPTIONS_RUN:
		break;
	}
	log_open("receptionai-sim-grok", LOG_INFO);
	if (!open_server(&server))
		return EXIT_FAILURE;
	run(&server);
	close_server(&server);
	return server.house.violation_count ? EXIT_VIOLATIONS : EXIT_SUCCESS;
}
