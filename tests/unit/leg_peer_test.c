/* Legs against bare sockets, which need not behave. */
#include "tests/unit/leg_fixture.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(bytes_may_come_one_by_one),
		WITH_EPOLL(bytes_may_come_one_by_one),
		WITH(frames_behind_the_request_wait_for_the_decision),
		WITH_EPOLL(frames_behind_the_request_wait_for_the_decision),
		WITH(a_refusal_reaches_the_peer_before_the_end),
		WITH_EPOLL(a_refusal_reaches_the_peer_before_the_end),
		WITH(what_is_no_upgrade_is_refused_and_reported),
		WITH_EPOLL(what_is_no_upgrade_is_refused_and_reported),
		WITH(a_broken_frame_is_answered_with_its_close_code),
		WITH_EPOLL(a_broken_frame_is_answered_with_its_close_code),
		WITH(a_peer_that_ignores_our_close_is_cut_off),
		WITH_EPOLL(a_peer_that_ignores_our_close_is_cut_off),
		WITH(an_end_without_close_frame_is_told),
		WITH_EPOLL(an_end_without_close_frame_is_told),
		WITH(a_reset_is_told),
		WITH_EPOLL(a_reset_is_told),
		WITH(a_peer_that_does_not_read_fills_the_leg_and_the_owner_hears_when_there_is_room),
		WITH_EPOLL(a_peer_that_does_not_read_fills_the_leg_and_the_owner_hears_when_there_is_room),
		WITH(a_full_leg_refuses_more_and_stays_whole),
		WITH_EPOLL(a_full_leg_refuses_more_and_stays_whole),
		WITH(an_aborted_leg_is_not_free_while_the_kernel_holds_it),
		WITH_EPOLL(an_aborted_leg_is_not_free_while_the_kernel_holds_it),
		AS_OLD_KERNEL(an_aborted_leg_is_not_free_while_the_kernel_holds_it),
		WITH(many_short_lives_leave_nothing_behind),
		WITH_EPOLL(many_short_lives_leave_nothing_behind),
		WITH(calls_on_a_free_leg_do_nothing),
		WITH_EPOLL(calls_on_a_free_leg_do_nothing),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
