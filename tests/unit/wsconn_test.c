#include "tests/unit/unit.h"

#include "sim/wsconn.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TRIES_MAX = 2000, BIG_BYTES = 300000, LOG_MAX = 64 };

struct end {
	struct wsconn *c;
	struct wsconn_event last;
	char text[LOG_MAX][64];         /* beginnings of the messages that came */
	size_t lens[LOG_MAX];
	size_t count;
	bool asked, open, closed;
	char why[400];
	bool refuse;
};

struct pair {
	struct pool pool;
	struct random random;
	struct wsconn_env env;
	int listener;
	char port[8];
	struct end server, client;
};

static void open_pair(struct pair *p, const char *headers)
{
	static const struct pool_plan plan[] = { { 4096, 32 }, { 65536, 16 }, { 1048576, 8 } };
	struct wsconn_dial dial = { "127.0.0.1", p->port, "localhost", "/v1/realtime?model=x", headers };
	uint16_t port;
	char why[200];

	memset(p, 0, sizeof *p);
	assert_int_equal(pool_open(&p->pool, plan, 3), 0);
	p->env = (struct wsconn_env){ .pool = &p->pool,
		.random = &p->random,
		.message_bytes_max = 400000,
		.out_bytes_max = 900000 };
	p->listener = net_listen("127.0.0.1", "0", &port);
	assert_true(p->listener >= 0);
	snprintf(p->port, sizeof p->port, "%u", port);
	p->client.c = wsconn_dial(&p->env, &dial, why, sizeof why);
	assert_non_null(p->client.c);
	for (int i = 0; i < TRIES_MAX && !p->server.c; i++) {
		p->server.c = wsconn_take(&p->env, p->listener);
		poll(NULL, 0, p->server.c ? 0 : 1);
	}
	assert_non_null(p->server.c);
}

static void close_pair(struct pair *p)
{
	wsconn_free(p->server.c);
	wsconn_free(p->client.c);
	close(p->listener);
	assert_int_equal(pool_used_bytes(&p->pool), 0);
	pool_close(&p->pool);
}

static void take_event(struct end *end, const struct wsconn_event *ev)
{
	if (ev->kind == WSCONN_REQUEST) {
		end->asked = true;
		assert_true(slice_equal(ev->data, SLICE("/v1/realtime?model=x")));
		if (end->refuse)
			wsconn_refuse(end->c, 401, "go away");
		else
			wsconn_accept(end->c);
	} else if (ev->kind == WSCONN_OPEN) {
		end->open = true;
	} else if (ev->kind == WSCONN_CLOSED) {
		assert_false(end->closed);
		end->closed = true;
		slice_copy(ev->data, end->why, sizeof end->why);
	} else {
		assert_true(end->count < LOG_MAX);
		snprintf(end->text[end->count], 64, "%.*s", (int)(ev->data.len < 60 ? ev->data.len : 60),
			ev->data.data);
		end->lens[end->count++] = ev->data.len;
	}
	end->last = *ev;
}

static void turn(struct end *end)
{
	struct wsconn_event ev;

	if (!end->c || end->closed)
		return;
	wsconn_read(end->c);
	while (wsconn_next(end->c, &ev))
		take_event(end, &ev);
	wsconn_flush(end->c);
}

/* Only polls for what both ends ask for: who asks for too little hangs here. */
static void run_until(struct pair *p, const bool *flag, const size_t *count, size_t wanted)
{
	for (int i = 0; i < TRIES_MAX; i++) {
		struct pollfd fds[2] = {
			{ p->client.closed ? -1 : wsconn_fd(p->client.c), (short)wsconn_interest(p->client.c), 0 },
			{ p->server.closed ? -1 : wsconn_fd(p->server.c), (short)wsconn_interest(p->server.c), 0 },
		};

		if ((flag && *flag) || (count && *count >= wanted))
			return;
		poll(fds, 2, 1000);
		turn(&p->client);
		turn(&p->server);
	}
	fail_msg("it does not come");
}

static void open_both(struct pair *p)
{
	open_pair(p, "Authorization: Bearer k\r\n");
	run_until(p, &p->client.open, NULL, 0);
}

static void messages_cross_in_both_roles(void **state)
{
	struct pair p;
	struct slice pieces[3] = { SLICE("one "), SLICE("two "), SLICE("three") };

	(void)state;
	open_both(&p);
	wsconn_send_text(p.client.c, SLICE("hello"));
	wsconn_send_pieces(p.client.c, pieces, 3);
	wsconn_send_fragments(p.client.c, SLICE("cut into pieces"), 4);
	wsconn_send_binary(p.server.c, SLICE("bytes"));
	wsconn_send_pieces(p.server.c, pieces, 3);
	wsconn_send_fragments(p.server.c, SLICE("cut into pieces"), 1);
	wsconn_flush(p.client.c);
	wsconn_flush(p.server.c);
	run_until(&p, NULL, &p.server.count, 3);
	run_until(&p, NULL, &p.client.count, 3);
	assert_string_equal(p.server.text[0], "hello");
	assert_string_equal(p.server.text[1], "one two three");
	assert_string_equal(p.server.text[2], "cut into pieces");
	assert_string_equal(p.client.text[0], "bytes");
	assert_string_equal(p.client.text[1], "one two three");
	assert_string_equal(p.client.text[2], "cut into pieces");
	close_pair(&p);
}

static void a_large_message_takes_several_turns(void **state)
{
	struct pair p;
	char *big = malloc(BIG_BYTES);

	(void)state;
	assert_non_null(big);
	memset(big, 'x', BIG_BYTES);
	open_both(&p);
	wsconn_send_text(p.client.c, (struct slice){ big, BIG_BYTES });
	wsconn_send_text(p.server.c, (struct slice){ big, BIG_BYTES });
	wsconn_flush(p.client.c);
	wsconn_flush(p.server.c);
	run_until(&p, NULL, &p.server.count, 1);
	run_until(&p, NULL, &p.client.count, 1);
	assert_int_equal(p.server.lens[0], BIG_BYTES);
	assert_int_equal(p.client.lens[0], BIG_BYTES);
	close_pair(&p);
	free(big);
}

static void a_ping_is_answered(void **state)
{
	struct pair p;

	(void)state;
	open_both(&p);
	wsconn_send_ping(p.client.c, SLICE("are you there"));
	wsconn_flush(p.client.c);
	run_until(&p, NULL, &p.client.count, 1);
	assert_int_equal(p.client.last.kind, WSCONN_PONG);
	assert_string_equal(p.client.text[0], "are you there");
	close_pair(&p);
}

static void both_sides_learn_of_a_clean_close(void **state)
{
	struct pair p;

	(void)state;
	open_both(&p);
	wsconn_close(p.server.c, 1011, "trouble");
	wsconn_send_text(p.server.c, SLICE("too late"));
	wsconn_flush(p.server.c);
	run_until(&p, &p.client.closed, NULL, 0);
	run_until(&p, &p.server.closed, NULL, 0);
	assert_int_equal(p.client.last.code, 1011);
	assert_true(p.client.last.clean);
	assert_string_equal(p.client.why, "trouble");
	assert_true(p.server.last.clean);
	assert_int_equal(p.client.count, 0);
	close_pair(&p);
}

static void a_lost_connection_is_code_1006(void **state)
{
	struct pair p;

	(void)state;
	open_both(&p);
	wsconn_free_reset(p.server.c);
	p.server.c = NULL;
	p.server.closed = true;
	for (int i = 0; i < TRIES_MAX && !p.client.closed; i++)
		turn(&p.client);
	assert_true(p.client.closed);
	assert_int_equal(p.client.last.code, 1006);
	assert_false(p.client.last.clean);
	close_pair(&p);
}

static void a_refusal_reaches_the_client_with_status_and_body(void **state)
{
	struct pair p;

	(void)state;
	open_pair(&p, NULL);
	p.server.refuse = true;
	run_until(&p, &p.client.closed, NULL, 0);
	run_until(&p, &p.server.closed, NULL, 0);
	assert_true(p.server.asked);
	assert_int_equal(wsconn_status(p.client.c), 401);
	assert_non_null(strstr(p.client.why, "401"));
	assert_non_null(strstr(p.client.why, "go away"));
	close_pair(&p);
}

static void a_peer_that_does_not_read_ends_the_connection(void **state)
{
	struct pair p;
	char *big = malloc(BIG_BYTES);

	(void)state;
	assert_non_null(big);
	memset(big, 'x', BIG_BYTES);
	open_both(&p);
	for (int i = 0; i < 100; i++) {
		wsconn_send_text(p.server.c, (struct slice){ big, BIG_BYTES });
		wsconn_flush(p.server.c);
	}
	for (int i = 0; i < TRIES_MAX && !p.server.closed; i++)
		turn(&p.server);
	assert_true(p.server.closed);
	assert_int_equal(p.server.last.code, 1008);
	close_pair(&p);
	free(big);
}

static void garbage_instead_of_http_is_answered_and_closed(void **state)
{
	struct pair p;
	const char garbage[] = "HELO there\r\n\r\n";

	(void)state;
	open_pair(&p, NULL);
	assert_int_equal(send(wsconn_fd(p.client.c), garbage, sizeof garbage - 1, 0), sizeof garbage - 1);
	for (int i = 0; i < TRIES_MAX && !p.server.closed; i++) {
		turn(&p.server);
		poll(NULL, 0, 1);
	}
	assert_true(p.server.closed);
	assert_false(p.server.asked);
	close_pair(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_cross_in_both_roles),
		cmocka_unit_test(a_large_message_takes_several_turns),
		cmocka_unit_test(a_ping_is_answered),
		cmocka_unit_test(both_sides_learn_of_a_clean_close),
		cmocka_unit_test(a_lost_connection_is_code_1006),
		cmocka_unit_test(a_refusal_reaches_the_client_with_status_and_body),
		cmocka_unit_test(a_peer_that_does_not_read_ends_the_connection),
		cmocka_unit_test(garbage_instead_of_http_is_answered_and_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
