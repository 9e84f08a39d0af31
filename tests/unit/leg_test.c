/* Legs against legs and against bare sockets, on loopback, through the real ring. */
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

static int setup_tight(void **state)
{
	(void)state;
	return open_all(&(struct ring_plan){ .socket_count_max = 16, .buffer_count = 2, .buffer_bytes = 128 });
}

static int setup_old(void **state)
{
	(void)state;
	return open_all(&(struct ring_plan){ .socket_count_max = 16, .without_slots = true, .without_min_wait = true });
}

static void tls_up(const char *cert_name, const char *ca_name)
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
		uint64_t until_ms = clock_mono_ms() + 8000;                                                            \
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

/* --- legs against legs ------------------------------------------------------------------------------ */

static void dial(const char *tls_host)
{
	struct leg_dial_plan plan = { .address = (struct sockaddr *)&address, .address_len = sizeof address,
		.tls_host = tls_host, .host = "localhost", .target = "/v1/realtime?model=x",
		.headers = "Authorization: Bearer k\r\n", .message_bytes_max = BIG };

	leg_dial(&client.leg, &plan, &client.task);
	ring_submit(loop.ring);
	assert_true(leg_serve(&server.leg, accept(listener, NULL, NULL), &server.task, BIG));
}

static void converse(void)
{
	static const char text[] = "{\"event\":\"media\"}";

	UNTIL(client.opened && server.requests);
	assert_string_equal(server.target, "/v1/realtime?model=x");
	assert_true(leg_send_text(&client.leg, text, sizeof text));
	UNTIL(server.messages);
	assert_memory_equal(server.got, text, sizeof text);
	assert_true(server.is_text);
	for (int i = 0; i < 100; i++)
		assert_true(leg_send_binary(&server.leg, text, (size_t)i % sizeof text));
	UNTIL(client.messages == 100);
	assert_false(client.is_text);
	UNTIL(pool_used_bytes(&env.pool) == 0);
}

static void two_legs_talk(void **state)
{
	(void)state;
	dial(NULL);
	converse();
}

static void two_legs_talk_over_tls(void **state)
{
	(void)state;
	tls_up("server", "ca.pem");
	dial("localhost");
	converse();
}

static void large_messages_arrive_whole(void)
{
	uint8_t *bytes = malloc(BIG);

	for (size_t i = 0; i < BIG; i++)
		bytes[i] = (uint8_t)(i * 2654435761u >> 11);
	UNTIL(client.opened);
	for (size_t n = 100; n <= BIG; n = n * 6 + 1) {
		client.messages = server.messages = 0;
		assert_true(leg_send_binary(&client.leg, bytes, n));
		assert_true(leg_send_binary(&server.leg, bytes, n));
		UNTIL(client.messages && server.messages);
		assert_int_equal(client.got_len, n);
		assert_int_equal(server.got_len, n);
		assert_memory_equal(client.got, bytes, n);
		assert_memory_equal(server.got, bytes, n);
	}
	free(bytes);
}

static void large_messages_arrive_whole_in_both_directions(void **state)
{
	(void)state;
	dial(NULL);
	large_messages_arrive_whole();
}

static void large_messages_arrive_whole_over_tls(void **state)
{
	(void)state;
	tls_up("rsa", "ca.pem");
	dial("localhost");
	large_messages_arrive_whole();
}

static void pings_are_answered_and_pongs_reported(void **state)
{
	(void)state;
	dial(NULL);
	UNTIL(client.opened);
	assert_true(leg_ping(&client.leg, "are you there", 13));
	UNTIL(client.pongs);
	assert_true(leg_ping(&server.leg, "and you", 7));
	UNTIL(server.pongs);
	assert_int_equal(server.messages + client.messages, 0);
}

static void a_close_is_answered_and_both_slots_become_free(void **state)
{
	(void)state;
	tls_up("server", "ca.pem");
	for (int tls = 0; tls < 2; tls++) {
		if (!tls)
			env.server = NULL;
		else
			env.server = server_context;
		owner_init(&server);
		owner_init(&client);
		dial(tls ? "localhost" : NULL);
		UNTIL(client.opened);
		assert_true(leg_send_text(&server.leg, "last words", 10));
		leg_close(&server.leg, 4001, "bye");
		UNTIL(leg_is_free(&server.leg) && leg_is_free(&client.leg));
		assert_int_equal(client.messages, 1);
		assert_int_equal(client.closed, 1);
		assert_int_equal(client.close_code, 4001);
		assert_int_equal(server.closed + server.gone + client.gone, 0);
	}
	assert_true(clock_mono_ms() - loop.now_ms < LEG_LINGER_MS);
}

static void certificates_are_checked_and_faults_named(void **state)
{
	(void)state;
	tls_up("expired", "ca.pem");
	dial("localhost");
	UNTIL(client.gone && server.gone);
	assert_int_equal(client.fault, LEG_FAULT_TLS);
	assert_string_equal(client.why, "the peer's certificate has expired");
	assert_int_equal(server.fault, LEG_FAULT_TLS);
	assert_non_null(strstr(server.why, "alert"));
	UNTIL(leg_is_free(&server.leg) && leg_is_free(&client.leg));
}

static void a_client_without_tls_is_a_tls_fault(void **state)
{
	(void)state;
	tls_up("server", "ca.pem");
	dial(NULL);
	UNTIL(server.gone && client.gone);
	assert_int_equal(server.fault, LEG_FAULT_TLS);
	UNTIL(leg_is_free(&server.leg) && leg_is_free(&client.leg));
}

static void nobody_there_is_refused(void **state)
{
	(void)state;
	close(listener);
	listener = -1;
	struct leg_dial_plan plan = { .address = (struct sockaddr *)&address, .address_len = sizeof address,
		.host = "localhost", .target = "/", .message_bytes_max = BIG };
	leg_dial(&client.leg, &plan, &client.task);
	UNTIL(client.gone);
	assert_int_equal(client.fault, LEG_FAULT_REFUSED);
	UNTIL(leg_is_free(&client.leg));
}

static void paused_legs_stop_reading_and_lose_nothing(bool tls)
{
	enum { COUNT = 300, BYTES = 5000 };
	uint8_t bytes[BYTES] = { 0 };

	if (tls)
		tls_up("server", "ca.pem");
	dial(tls ? "localhost" : NULL);
	UNTIL(client.opened);
	leg_pause(&server.leg);
	server.stops_reading = true;
	for (int i = 0; i < COUNT; i++) {
		memset(bytes, i, sizeof bytes);
		assert_true(leg_send_binary(&client.leg, bytes, sizeof bytes));
	}
	UNTIL(!server.leg.recv.in_flight);
	for (int i = 0; i < 20; i++)
		loop_turn(&loop, 5);
	assert_int_equal(server.messages, 0);
	assert_false(server.leg.recv.in_flight);
	assert_int_equal(ring_counters(loop.ring)->buffers_lent, 0);
	server.stops_reading = false;
	leg_resume(&server.leg);
	loop_mark(&loop, &server.task);
	UNTIL(server.messages == COUNT);
	assert_int_equal(server.got[BYTES - 1], (COUNT - 1) & 255);
}

static void a_paused_leg_stops_reading_and_loses_nothing(void **state)
{
	(void)state;
	paused_legs_stop_reading_and_lose_nothing(false);
}

static void a_paused_tls_leg_stops_reading_and_loses_nothing(void **state)
{
	(void)state;
	paused_legs_stop_reading_and_lose_nothing(true);
}

/* --- legs against bare sockets ---------------------------------------------------------------------- */

static const char upgrade[] = "GET /stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
static uint8_t answer[1 << 16];
static size_t answer_len;

static int knock(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_true(leg_serve(&server.leg, accept(listener, NULL, NULL), &server.task, BIG));
	answer_len = 0;
	return fd;
}

static void say(int fd, const void *data, size_t len)
{
	assert_int_equal(send(fd, data, len, MSG_NOSIGNAL), len);
}

/* Reads what has come; true at the end of the stream. */
static bool hear(int fd)
{
	ssize_t n = recv(fd, answer + answer_len, sizeof answer - answer_len, MSG_DONTWAIT);

	if (n > 0)
		answer_len += (size_t)n;
	return n == 0 || (n < 0 && errno == ECONNRESET);
}

static bool heard(int fd, const void *wanted, size_t len)
{
	hear(fd);
	return memmem(answer, answer_len, wanted, len) != NULL;
}

static int knock_and_open(void)
{
	int fd = knock();

	say(fd, upgrade, sizeof upgrade - 1);
	UNTIL(heard(fd, "\r\n\r\n", 4));
	assert_memory_equal(answer, "HTTP/1.1 101 ", 13);
	assert_non_null(memmem(answer, answer_len, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", 28));
	answer_len = 0;
	return fd;
}

static void bytes_may_come_one_by_one(void **state)
{
	static const uint8_t frames[] = { 0x81, 0x85, 1, 2, 3, 4, 'h' ^ 1, 'e' ^ 2, 'l' ^ 3, 'l' ^ 4, 'o' ^ 1,
		0x82, 0x81, 0, 0, 0, 0, 'x' };
	int fd = knock();

	(void)state;
	for (size_t i = 0; i < sizeof upgrade - 1; i++) {
		say(fd, upgrade + i, 1);
		loop_turn(&loop, 20);
	}
	UNTIL(server.requests);
	for (size_t i = 0; i < sizeof frames; i++) {
		say(fd, frames + i, 1);
		loop_turn(&loop, 20);
		if (server.messages == 1)
			assert_memory_equal(server.got, i < 17 ? "hello" : "x", i < 17 ? 5 : 1);
	}
	UNTIL(server.messages == 2);
	close(fd);
}

static void frames_behind_the_request_wait_for_the_decision(void **state)
{
	static const uint8_t frame[] = { 0x82, 0x81, 0, 0, 0, 0, 'x' };
	uint8_t all[sizeof upgrade - 1 + sizeof frame];

	(void)state;
	memcpy(all, upgrade, sizeof upgrade - 1);
	memcpy(all + sizeof upgrade - 1, frame, sizeof frame);
	server.decides_late = true;
	int fd = knock();
	say(fd, all, sizeof all);
	UNTIL(server.requests);
	for (int i = 0; i < 5; i++)
		loop_turn(&loop, 5);
	assert_int_equal(server.leg.state, LEG_DECIDING);
	assert_int_equal(server.messages, 0);
	leg_accept(&server.leg);
	UNTIL(server.messages == 1 && heard(fd, "\r\n\r\n", 4));
	close(fd);
}

static void a_refusal_reaches_the_peer_before_the_end(void **state)
{
	bool ended = false;

	(void)state;
	server.decides_late = true;
	int fd = knock();
	say(fd, upgrade, sizeof upgrade - 1);
	UNTIL(server.requests);
	leg_refuse(&server.leg, 403, "no such token");
	UNTIL((ended = ended || hear(fd)));
	assert_memory_equal(answer, "HTTP/1.1 403 ", 13);
	assert_non_null(memmem(answer, answer_len, "no such token", 13));
	close(fd);
	UNTIL(leg_is_free(&server.leg));
	assert_int_equal(server.gone, 0);
}

static void what_is_no_upgrade_is_refused_and_reported(void **state)
{
	static const struct {
		const char *request;
		int status;
	} bad[] = {
		{ "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 426 },
		{ "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 garbage\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", 405 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		bool ended = false;

		owner_init(&server);
		int fd = knock();
		say(fd, bad[i].request, strlen(bad[i].request));
		UNTIL((ended = ended || hear(fd)));
		assert_int_equal(strtol((char *)answer + 9, NULL, 10), bad[i].status);
		assert_int_equal(server.gone, 1);
		assert_int_equal(server.fault, LEG_FAULT_HTTP);
		close(fd);
		UNTIL(leg_is_free(&server.leg));
	}
}

static void a_broken_frame_is_answered_with_its_close_code(void **state)
{
	static const uint8_t unmasked[] = { 0x81, 0x02, 'h', 'i' }, told[] = { 0x88, 0x02, 0x03, 0xEA };

	(void)state;
	int fd = knock_and_open();
	say(fd, unmasked, sizeof unmasked);
	UNTIL(server.gone);
	assert_int_equal(server.fault, LEG_FAULT_PROTOCOL);
	assert_int_equal(server.close_code, WS_CLOSE_PROTOCOL);
	UNTIL(heard(fd, told, sizeof told));
	/* What it still sends does not turn our close frame into a reset. */
	for (int i = 0; i < 20; i++) {
		say(fd, unmasked, sizeof unmasked);
		loop_turn(&loop, 5);
	}
	assert_int_equal(server.leg.state, LEG_CLOSING);
	close(fd);
	UNTIL(leg_is_free(&server.leg));
	assert_int_equal(server.messages, 0);
}

static void a_peer_that_ignores_our_close_is_cut_off(void **state)
{
	uint64_t begin_ms = clock_mono_ms();
	bool ended = false;

	(void)state;
	int fd = knock_and_open();
	leg_close(&server.leg, WS_CLOSE_NORMAL, NULL);
	UNTIL((ended = ended || hear(fd)));
	UNTIL(leg_is_free(&server.leg));
	assert_true(clock_mono_ms() - begin_ms >= LEG_LINGER_MS);
	close(fd);
}

static void an_end_without_close_frame_is_told(void **state)
{
	static const uint8_t frame[] = { 0x82, 0x81, 0, 0, 0, 0, 'x', 0x82, 0x85, 0, 0, 0, 0, 'h', 'a' };

	(void)state;
	int fd = knock_and_open();
	say(fd, frame, sizeof frame);
	shutdown(fd, SHUT_WR);
	UNTIL(server.gone);
	assert_int_equal(server.messages, 1);
	assert_int_equal(server.fault, LEG_FAULT_EOF);
	UNTIL(leg_is_free(&server.leg));
	close(fd);
}

static void a_reset_is_told(void **state)
{
	struct linger none = { .l_onoff = 1 };

	(void)state;
	int fd = knock_and_open();
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
	close(fd);
	UNTIL(server.gone);
	assert_int_equal(server.fault, LEG_FAULT_RESET);
	UNTIL(leg_is_free(&server.leg));
}

static void a_peer_that_does_not_read_fills_the_leg_and_the_owner_hears_when_there_is_room(void **state)
{
	static uint8_t bytes[10000], sink[1 << 20];
	size_t sent = 0, received = 0;

	(void)state;
	int fd = knock_and_open();
	while (!leg_is_full(&server.leg)) {
		assert_true(leg_send_binary(&server.leg, bytes, sizeof bytes));
		sent += sizeof bytes + 4;
		loop_turn(&loop, 0);
	}
	assert_true(leg_out_bytes(&server.leg) > LEG_OUT_HIGH_WATER_BYTES);
	unsigned turns = server.turns;
	for (int i = 0; i < 10; i++)
		loop_turn(&loop, 5);
	assert_int_equal(server.turns, turns);
	while (server.turns == turns) {
		ssize_t n = recv(fd, sink, sizeof sink, MSG_DONTWAIT);

		received += n > 0 ? (size_t)n : 0;
		loop_turn(&loop, 1);
	}
	assert_true(leg_out_bytes(&server.leg) < LEG_OUT_HIGH_WATER_BYTES / 2);
	while (received < sent) {
		ssize_t n = recv(fd, sink, sizeof sink, MSG_DONTWAIT);

		received += n > 0 ? (size_t)n : 0;
		loop_turn(&loop, 1);
	}
	assert_int_equal(received, sent);
	close(fd);
}

static void a_full_leg_refuses_more_and_stays_whole(void **state)
{
	static uint8_t bytes[1 << 20];

	(void)state;
	int fd = knock_and_open();
	unsigned taken = 0;
	while (taken < 100 && leg_send_binary(&server.leg, bytes, sizeof bytes)) {
		taken++;
		loop_turn(&loop, 0);
	}
	assert_true(taken > 2 && taken < 20);
	assert_true(leg_is_open(&server.leg));
	close(fd);
}

static void an_aborted_leg_is_not_free_while_the_kernel_holds_it(void **state)
{
	static uint8_t bytes[1 << 20];

	(void)state;
	int fd = knock_and_open();
	for (int i = 0; i < 12; i++) {
		leg_send_binary(&server.leg, bytes, sizeof bytes / 4);
		loop_turn(&loop, 1);
	}
	assert_true(server.leg.send.in_flight);
	assert_true(server.leg.recv.in_flight);
	leg_abort(&server.leg);
	assert_false(leg_is_free(&server.leg));
	assert_int_equal(server.leg.state, LEG_JOINING);
	UNTIL(leg_is_free(&server.leg));
	assert_false(server.leg.send.in_flight || server.leg.recv.in_flight || server.leg.cancel.in_flight);
	close(fd);
	/* And at once somebody else's. */
	owner_init(&server);
	fd = knock_and_open();
	close(fd);
}

static void many_short_lives_leave_nothing_behind(void **state)
{
	(void)state;
	for (int i = 0; i < 200; i++) {
		owner_init(&server);
		int fd = knock();
		say(fd, upgrade, sizeof upgrade - 1);
		for (int j = 0; j < i % 5; j++)
			loop_turn(&loop, 0);
		if (i % 3 == 0)
			close(fd);
		leg_abort(&server.leg);
		UNTIL(leg_is_free(&server.leg));
		if (i % 3)
			close(fd);
	}
}

static void calls_on_a_free_leg_do_nothing(void **state)
{
	struct leg_event event;

	(void)state;
	assert_int_equal(leg_next(&server.leg, &event), LEG_NONE);
	assert_false(leg_send_text(&server.leg, "x", 1));
	leg_pause(&server.leg);
	leg_resume(&server.leg);
	leg_close(&server.leg, 1000, NULL);
	leg_abort(&server.leg);
	leg_accept(&server.leg);
	leg_refuse(&server.leg, 400, NULL);
	loop_turn(&loop, 0);
	assert_true(leg_is_free(&server.leg));
	assert_false(server.leg.flush.dirty);
}

static int start(void **state)
{
	char why[512];

	(void)state;
	log_open("leg_test", LOG_WARN);
	return tls_start(why, sizeof why) ? 0 : -1;
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
#define WITH_FEW_BUFFERS(test) { #test " (few buffers)", test, setup_tight, teardown, NULL }
#define AS_OLD_KERNEL(test) { #test " (old kernel)", test, setup_old, teardown, NULL }
	const struct CMUnitTest tests[] = {
		WITH(two_legs_talk),
		WITH(two_legs_talk_over_tls),
		WITH_FEW_BUFFERS(two_legs_talk),
		WITH_FEW_BUFFERS(two_legs_talk_over_tls),
		AS_OLD_KERNEL(two_legs_talk_over_tls),
		WITH(large_messages_arrive_whole_in_both_directions),
		WITH(large_messages_arrive_whole_over_tls),
		WITH_FEW_BUFFERS(large_messages_arrive_whole_in_both_directions),
		WITH_FEW_BUFFERS(large_messages_arrive_whole_over_tls),
		WITH(pings_are_answered_and_pongs_reported),
		WITH(a_close_is_answered_and_both_slots_become_free),
		WITH(certificates_are_checked_and_faults_named),
		WITH(a_client_without_tls_is_a_tls_fault),
		WITH(nobody_there_is_refused),
		WITH(a_paused_leg_stops_reading_and_loses_nothing),
		WITH_FEW_BUFFERS(a_paused_leg_stops_reading_and_loses_nothing),
		WITH(a_paused_tls_leg_stops_reading_and_loses_nothing),
		WITH(bytes_may_come_one_by_one),
		WITH(frames_behind_the_request_wait_for_the_decision),
		WITH(a_refusal_reaches_the_peer_before_the_end),
		WITH(what_is_no_upgrade_is_refused_and_reported),
		WITH(a_broken_frame_is_answered_with_its_close_code),
		WITH(a_peer_that_ignores_our_close_is_cut_off),
		WITH(an_end_without_close_frame_is_told),
		WITH(a_reset_is_told),
		WITH(a_peer_that_does_not_read_fills_the_leg_and_the_owner_hears_when_there_is_room),
		WITH(a_full_leg_refuses_more_and_stays_whole),
		WITH(an_aborted_leg_is_not_free_while_the_kernel_holds_it),
		AS_OLD_KERNEL(an_aborted_leg_is_not_free_while_the_kernel_holds_it),
		WITH(many_short_lives_leave_nothing_behind),
		WITH(calls_on_a_free_leg_do_nothing),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
