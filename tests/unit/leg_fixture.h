/*
 * leg_fixture - a loop, two legs with owners that note what happens to them, and a listening socket.
 *
 * Each test begins with setup() (or its siblings: few receive buffers, an old kernel) and ends with teardown(), which
 * proves that nothing is left lent, pooled or in flight.
 */
#pragma once

#include "relay/leg.h"

#include "tests/unit/unit.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "relay/count.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BIG = 3 << 20 };

/* An owner that notes what happens to its leg. */
struct owner {
	struct task task;
	struct leg leg;
	bool decides_late;
	bool echoes;
	bool stops_reading;             /* leaves events in the leg */
	unsigned requests, opened, messages, pongs, closed, gone, turns;
	bool is_text;
	uint8_t *got;
	size_t got_len;
	uint16_t close_code;
	enum leg_fault fault;
	int status;
	char why[LEG_WHY_BYTES_MAX];
	char target[256];
};

static struct loop loop;
static struct leg_env env;
static struct tls_context *server_context, *client_context;
static struct owner server, client;
static struct sockaddr_in address;
static int listener;

static void keep_message(struct owner *o, const struct leg_event *e)
{
	o->messages++;
	o->is_text = e->is_text;
	memcpy(o->got, e->data, e->len);
	o->got_len = e->len;
	if (o->echoes)
		assert_true(leg_send_text(&o->leg, e->data, e->len));
}

static void note(struct owner *o, enum leg_event_kind kind, const struct leg_event *e)
{
	switch (kind) {
	case LEG_REQUEST:
		o->requests++;
		assert_true(slice_copy(e->request->target, o->target, sizeof o->target));
		if (!o->decides_late)
			leg_accept(&o->leg);
		break;
	case LEG_OPENED:
		o->opened++;
		break;
	case LEG_MESSAGE:
		keep_message(o, e);
		break;
	case LEG_PONG:
		o->pongs++;
		break;
	case LEG_CLOSED:
		o->closed++;
		o->close_code = e->close_code;
		break;
	case LEG_GONE:
		o->gone++;
		o->fault = e->fault;
		o->close_code = e->close_code;
		o->status = e->status;
		snprintf(o->why, sizeof o->why, "%s", e->why);
		break;
	case LEG_NONE:
		break;
	}
}

static void owner_turn(struct task *task, uint64_t now_ms)
{
	struct owner *o = container_of(task, struct owner, task);
	struct leg_event event;

	(void)now_ms;
	o->turns++;
	while (!o->stops_reading) {
		enum leg_event_kind kind = leg_next(&o->leg, &event);

		if (kind == LEG_NONE)
			break;
		note(o, kind, &event);
	}
}

static void owner_init(struct owner *o)
{
	uint8_t *got = o->got ? o->got : malloc(BIG);

	if (o->task.turn)
		loop_forget(&loop, &o->task);
	memset(o, 0, sizeof *o);
	o->got = got;
	task_init(&o->task, owner_turn);
	leg_init(&o->leg, &env);
}

static const char *cert(const char *name, char *path)
{
	snprintf(path, 512, "%s/tests/unit/certs/%s", getenv("srcdir") ? getenv("srcdir") : ".", name);
	return path;
}

static int open_all(const struct ring_plan *ring)
{
	struct loop_plan plan = { .ring = *ring, .task_count_max = 64, .batch_us_max = 200 };
	socklen_t len = sizeof address;
	char why[512];

	if (!loop_open(&loop, &plan, why, sizeof why) || leg_env_open(&env, &loop, 8) < 0)
		return -1;
	server.task = client.task = (struct task){ .turn = NULL };
	owner_init(&server);
	owner_init(&client);
	address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 8) < 0)
		return -1;
	getsockname(listener, (struct sockaddr *)&address, &len);
	return 0;
}

static int setup(void **state)
{
	(void)state;
	return open_all(&(struct ring_plan){ .socket_count_max = 16 });
}

__attribute__((unused)) static int setup_tight(void **state)
{
	(void)state;
	return open_all(&(struct ring_plan){ .socket_count_max = 16, .buffer_count = 2, .buffer_bytes = 128 });
}

__attribute__((unused)) static int setup_epoll(void **state)
{
	(void)state;
	return open_all(&(struct ring_plan){ .socket_count_max = 16, .io = RING_IO_EPOLL });
}

__attribute__((unused)) static int setup_old(void **state)
{
	(void)state;
	return open_all(&(struct ring_plan){ .socket_count_max = 16, .without_slots = true, .without_min_wait = true });
}

__attribute__((unused)) static void tls_up(const char *cert_name, const char *ca_name)
{
	char pem[512], key[512], ca[512], why[512], name[64];

	snprintf(name, sizeof name, "%s.key", cert_name);
	cert(name, key);
	snprintf(name, sizeof name, "%s.pem", cert_name);
	cert(name, pem);
	server_context = tls_server_open(pem, key, why, sizeof why);
	client_context = tls_client_open(cert(ca_name, ca), why, sizeof why);
	assert_non_null(server_context);
	assert_non_null(client_context);
	env.server = server_context;
	env.client = client_context;
}

#define UNTIL(condition)                                                                                               \
	do {                                                                                                           \
		uint64_t until_ms = clock_mono_ms() + 60000;                                                           \
		while (!(condition) && clock_mono_ms() < until_ms)                                                     \
			loop_turn(&loop, 20);                                                                          \
		assert_true(condition);                                                                                \
	} while (0)

/* Whatever a test did: nothing is left lent, pooled or in flight. */
static int teardown(void **state)
{
	(void)state;
	if (!leg_is_free(&server.leg))
		leg_abort(&server.leg);
	if (!leg_is_free(&client.leg))
		leg_abort(&client.leg);
	UNTIL(leg_is_free(&server.leg) && leg_is_free(&client.leg));
	assert_int_equal(pool_used_bytes(&env.pool), 0);
	assert_int_equal(ring_counters(loop.ring)->buffers_lent, 0);
	assert_int_equal(loop.timers.count, 0);
	tls_context_close(server_context);
	tls_context_close(client_context);
	server_context = client_context = NULL;
	leg_env_close(&env);
	loop_close(&loop);
	close(listener);
	return 0;
}

static int start(void **state)
{
	char why[512];

	(void)state;
	log_open("leg_test", LOG_WARN);
	return tls_start(why, sizeof why) ? 0 : -1;
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
#define WITH_FEW_BUFFERS(test) { #test " (few buffers)", test, setup_tight, teardown, NULL }
#define WITH_EPOLL(test) { #test " (epoll)", test, setup_epoll, teardown, NULL }
#define AS_OLD_KERNEL(test) { #test " (old kernel)", test, setup_old, teardown, NULL }
