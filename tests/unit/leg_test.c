/* Legs against legs, plain and over TLS, on loopback through the real ring. */
#include "tests/unit/leg_fixture.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(two_legs_talk),
		WITH_EPOLL(two_legs_talk),
		WITH(two_legs_talk_over_tls),
		WITH_EPOLL(two_legs_talk_over_tls),
		WITH_FEW_BUFFERS(two_legs_talk),
		WITH_FEW_BUFFERS(two_legs_talk_over_tls),
		AS_OLD_KERNEL(two_legs_talk_over_tls),
		WITH(large_messages_arrive_whole_in_both_directions),
		WITH_EPOLL(large_messages_arrive_whole_in_both_directions),
		WITH(large_messages_arrive_whole_over_tls),
		WITH_EPOLL(large_messages_arrive_whole_over_tls),
		WITH_FEW_BUFFERS(large_messages_arrive_whole_in_both_directions),
		WITH_FEW_BUFFERS(large_messages_arrive_whole_over_tls),
		WITH(pings_are_answered_and_pongs_reported),
		WITH_EPOLL(pings_are_answered_and_pongs_reported),
		WITH(a_close_is_answered_and_both_slots_become_free),
		WITH_EPOLL(a_close_is_answered_and_both_slots_become_free),
		WITH(certificates_are_checked_and_faults_named),
		WITH_EPOLL(certificates_are_checked_and_faults_named),
		WITH(a_client_without_tls_is_a_tls_fault),
		WITH_EPOLL(a_client_without_tls_is_a_tls_fault),
		WITH(nobody_there_is_refused),
		WITH_EPOLL(nobody_there_is_refused),
		WITH(a_paused_leg_stops_reading_and_loses_nothing),
		WITH_EPOLL(a_paused_leg_stops_reading_and_loses_nothing),
		WITH_FEW_BUFFERS(a_paused_leg_stops_reading_and_loses_nothing),
		WITH(a_paused_tls_leg_stops_reading_and_loses_nothing),
		WITH_EPOLL(a_paused_tls_leg_stops_reading_and_loses_nothing),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
