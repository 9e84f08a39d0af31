/* TLS in memory: two sessions whose cipher bytes are carried across by hand. */
#include "relay/tls.h"

#include "tests/unit/unit.h"

#include "base/log.h"

struct end {
	struct tls tls;
	struct buf plain;
	enum tls_result last;
};

static struct pool pool;
static char why[512];

static const char *cert(const char *name)
{
	static char paths[4][512];
	static int next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof paths[0], "%s/tests/unit/certs/%s", getenv("srcdir") ? getenv("srcdir") : ".", name);
	return path;
}

static struct tls_context *serve(const char *name)
{
	char pem[64], key[64];

	snprintf(pem, sizeof pem, "%s.pem", name);
	snprintf(key, sizeof key, "%s.key", name);
	struct tls_context *context = tls_server_open(cert(pem), cert(key), why, sizeof why);
	if (!context)
		print_message("%s\n", why);
	assert_non_null(context);
	return context;
}

static struct tls_context *trust(const char *ca)
{
	struct tls_context *context = tls_client_open(cert(ca), why, sizeof why);

	assert_non_null(context);
	return context;
}

static void open_end(struct end *end, struct tls_context *context, const char *host)
{
	memset(end, 0, sizeof *end);
	assert_true(tls_open(&end->tls, context, &pool, host));
	buf_init_pool(&end->plain, &pool, 1 << 20);
}

static void close_end(struct end *end)
{
	tls_close(&end->tls);
	buf_release(&end->plain);
}

static void take(struct end *end)
{
	do
		end->last = tls_take_plain(&end->tls, &end->plain);
	while (end->last == TLS_PLAIN);
}

/* Carries what `from` wants sent, `step` bytes at a time. */
static bool carry(struct end *from, struct end *to, size_t step)
{
	struct buf *cipher = &from->tls.cipher;
	bool any = buf_len(cipher) > 0;

	while (buf_len(cipher)) {
		size_t n = buf_len(cipher) < step ? buf_len(cipher) : step;

		tls_put_cipher(&to->tls, buf_data(cipher), n);
		take(to);
		if (to->last == TLS_MORE)
			assert_int_equal(to->tls.in_len, 0);
		to->tls.in_len = 0;
		buf_consume(cipher, n);
	}
	buf_rest(cipher);
	return any;
}

static void converse(struct end *client, struct end *server, size_t step)
{
	take(client);
	for (bool more = true; more;) {
		more = carry(client, server, step);
		more |= carry(server, client, step);
	}
}

static void say(struct end *from, struct end *to, const void *data, size_t len, size_t step)
{
	struct buf plain;

	buf_init_view(&plain, (void *)(uintptr_t)data, len);
	while (buf_len(&plain)) {
		assert_true(tls_put_plain(&from->tls, &plain, 49152));
		carry(from, to, step);
	}
	assert_int_equal(buf_len(&to->plain), len);
	assert_memory_equal(buf_data(&to->plain), data, len);
	buf_clear(&to->plain);
	buf_rest(&to->plain);
}

static void hands_are_shaken_and_bytes_go_both_ways(void **state)
{
	struct tls_context *sc = serve("server"), *cc = trust("ca.pem");
	struct end client, server;
	char suite[128];

	(void)state;
	open_end(&server, sc, NULL);
	open_end(&client, cc, "localhost");
	converse(&client, &server, 65536);
	assert_true(client.tls.is_open && server.tls.is_open);
	assert_string_equal(tls_suite(&client.tls, suite, sizeof suite), "TLSv1.3 TLS13-AES128-GCM-SHA256");
	say(&client, &server, "hello", 5, 65536);
	say(&server, &client, "world!", 6, 65536);
	tls_end(&client.tls);
	carry(&client, &server, 65536);
	assert_int_equal(server.last, TLS_END);
	close_end(&client);
	close_end(&server);
	tls_context_close(sc);
	tls_context_close(cc);
}

static void records_may_be_cut_anywhere(void **state)
{
	struct tls_context *sc = serve("rsa"), *cc = trust("ca.pem");
	struct end client, server;
	uint8_t bytes[3000];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 31);
	for (size_t step = 1; step < 40; step += step < 8 ? 1 : 11) {
		open_end(&server, sc, NULL);
		open_end(&client, cc, "localhost");
		converse(&client, &server, step);
		assert_true(client.tls.is_open && server.tls.is_open);
		say(&client, &server, bytes, sizeof bytes, step);
		say(&server, &client, bytes, 1, step);
		close_end(&client);
		close_end(&server);
	}
	tls_context_close(sc);
	tls_context_close(cc);
}

static void much_goes_through_in_full_records(void **state)
{
	static uint8_t bytes[300000];
	struct tls_context *sc = serve("server"), *cc = trust("ca.pem");
	struct end client, server;

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 2654435761u >> 13);
	open_end(&server, sc, NULL);
	open_end(&client, cc, "localhost");
	converse(&client, &server, 65536);
	say(&client, &server, bytes, sizeof bytes, 4096);
	say(&server, &client, bytes, sizeof bytes, 4096);
	for (size_t n = 1; n < 40000; n = n * 5 / 3 + 1)
		say(&server, &client, bytes, n, 4096);
	close_end(&client);
	close_end(&server);
	tls_context_close(sc);
	tls_context_close(cc);
}

static void the_second_session_with_a_host_is_resumed(void **state)
{
	struct tls_context *sc = serve("server"), *cc = trust("ca.pem");
	uint64_t resumed = tls_counters().resumed, handshakes = tls_counters().handshakes;

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct end client, server;

		open_end(&server, sc, NULL);
		open_end(&client, cc, "localhost");
		converse(&client, &server, 65536);
		assert_int_equal(client.tls.was_resumed, i > 0);
		say(&client, &server, "x", 1, 65536);
		say(&server, &client, "y", 1, 65536);
		close_end(&client);
		close_end(&server);
	}
	assert_int_equal(tls_counters().resumed - resumed, 4);
	assert_int_equal(tls_counters().handshakes - handshakes, 6);
	tls_context_close(sc);
	tls_context_close(cc);
}

static void refused(const char *server_cert, const char *host, const char *expected)
{
	struct tls_context *sc = serve(server_cert), *cc = trust("ca.pem");
	struct end client, server;
	char text[TLS_WHY_BYTES_MAX];

	open_end(&server, sc, NULL);
	open_end(&client, cc, host);
	converse(&client, &server, 65536);
	assert_int_equal(client.last, TLS_FAIL);
	assert_false(client.tls.is_open);
	assert_string_equal(tls_why(&client.tls, text, sizeof text), expected);
	/* The server was told, and sticks to it. */
	assert_int_equal(server.last, TLS_FAIL);
	assert_non_null(strstr(tls_why(&server.tls, text, sizeof text), "alert"));
	assert_int_equal(tls_take_plain(&client.tls, &client.plain), TLS_FAIL);
	close_end(&client);
	close_end(&server);
	tls_context_close(sc);
	tls_context_close(cc);
}

static void certificates_that_prove_nothing_are_refused_with_the_reason(void **state)
{
	(void)state;
	refused("expired", "localhost", "the peer's certificate has expired");
	refused("future", "localhost", "the peer's certificate is not valid yet");
	refused("elsewhere", "localhost", "the peer's certificate is for another host");
	refused("server", "example.org", "the peer's certificate is for another host");
	refused("unknown", "localhost", "the peer's certificate was issued by an unknown CA");
}

static void contexts_say_what_is_wrong_with_their_files(void **state)
{
	(void)state;
	assert_null(tls_server_open(cert("server.pem"), cert("expired.key"), why, sizeof why));
	assert_non_null(strstr(why, "does not belong to the certificate"));
	assert_null(tls_server_open(cert("server.key"), cert("server.key"), why, sizeof why));
	assert_non_null(strstr(why, "holds no certificate chain"));
	assert_null(tls_server_open(cert("server.pem"), cert("server.pem"), why, sizeof why));
	assert_non_null(strstr(why, "holds no private key"));
	assert_null(tls_server_open(cert("nowhere.pem"), cert("server.key"), why, sizeof why));
	assert_null(tls_client_open(cert("server.key"), why, sizeof why));
	assert_non_null(strstr(why, "holds no certificate"));
}

static void the_systems_roots_are_trusted_when_no_file_is_named(void **state)
{
	struct tls_context *cc = tls_client_open("", why, sizeof why);

	(void)state;
	if (!cc)
		skip();
	tls_context_close(cc);
}

static void garbage_fails_and_stays_failed(void **state)
{
	struct tls_context *sc = serve("server");
	struct end server;

	(void)state;
	open_end(&server, sc, NULL);
	tls_put_cipher(&server.tls, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27);
	take(&server);
	assert_int_equal(server.last, TLS_FAIL);
	server.tls.in_len = 0;
	assert_int_equal(tls_take_plain(&server.tls, &server.plain), TLS_FAIL);
	close_end(&server);
	tls_context_close(sc);
}

static void a_changed_record_is_refused(void **state)
{
	struct tls_context *sc = serve("server"), *cc = trust("ca.pem");
	struct end client, server;
	struct buf plain;

	(void)state;
	open_end(&server, sc, NULL);
	open_end(&client, cc, "localhost");
	converse(&client, &server, 65536);
	buf_init_view(&plain, (char[]){ "secret" }, 6);
	assert_true(tls_put_plain(&client.tls, &plain, 6));
	buf_data(&client.tls.cipher)[8] ^= 1;
	carry(&client, &server, 65536);
	assert_int_equal(server.last, TLS_FAIL);
	assert_int_equal(buf_len(&server.plain), 0);
	close_end(&client);
	close_end(&server);
	tls_context_close(sc);
	tls_context_close(cc);
}

static void a_full_plain_buffer_is_said_and_nothing_is_lost(void **state)
{
	struct tls_context *sc = serve("server"), *cc = trust("ca.pem");
	struct end client, server;
	uint8_t bytes[4000] = { 7 }, memory[1500], got[4000];
	struct buf plain, small;
	size_t got_len = 0;

	(void)state;
	open_end(&server, sc, NULL);
	open_end(&client, cc, "localhost");
	converse(&client, &server, 65536);
	bytes[3999] = 9;
	buf_init_view(&plain, bytes, sizeof bytes);
	assert_true(tls_put_plain(&client.tls, &plain, sizeof bytes));
	buf_init_fixed(&small, memory, sizeof memory);
	tls_put_cipher(&server.tls, buf_data(&client.tls.cipher), buf_len(&client.tls.cipher));
	for (enum tls_result r; (r = tls_take_plain(&server.tls, &small)) != TLS_MORE;) {
		assert_true(r == TLS_PLAIN || r == TLS_FULL);
		memcpy(got + got_len, buf_data(&small), buf_len(&small));
		got_len += buf_len(&small);
		buf_clear(&small);
	}
	assert_int_equal(got_len, sizeof bytes);
	assert_memory_equal(got, bytes, sizeof bytes);
	close_end(&client);
	close_end(&server);
	tls_context_close(sc);
	tls_context_close(cc);
}

static void a_context_may_go_while_its_sessions_live(void **state)
{
	struct tls_context *sc = serve("server"), *cc = trust("ca.pem");
	struct end client, server;

	(void)state;
	open_end(&server, sc, NULL);
	open_end(&client, cc, "localhost");
	tls_context_close(sc);
	tls_context_close(cc);
	converse(&client, &server, 65536);
	say(&client, &server, "still here", 10, 65536);
	close_end(&client);
	close_end(&server);
}

static void memory_comes_back_and_records_allocate_little(void **state)
{
	struct tls_context *sc = serve("server"), *cc = trust("ca.pem");
	struct end client, server;
	uint64_t before = 0, open_bytes = 0, allocations;

	(void)state;
	for (int i = 0; i < 6; i++) {
		before = tls_counters().allocated_bytes;
		open_end(&server, sc, NULL);
		open_end(&client, cc, "localhost");
		converse(&client, &server, 65536);
		say(&client, &server, "x", 1, 65536);
		open_bytes = tls_counters().allocated_bytes - before;
		allocations = tls_counters().allocations;
		for (int j = 0; j < 100; j++)
			say(&client, &server, "0123456789", 10, 65536);
		assert_true(tls_counters().allocations - allocations <= 400);
		close_end(&client);
		close_end(&server);
	}
	print_message("# a pair of sessions holds %llu bytes of wolfSSL's\n", (unsigned long long)open_bytes);
	assert_int_equal(tls_counters().allocated_bytes, before);
	tls_context_close(sc);
	tls_context_close(cc);
}

static int start(void **state)
{
	const struct pool_plan plan[] = { { 2048, 64 }, { 16384, 64 }, { 1 << 16, 16 }, { 1 << 20, 16 } };

	(void)state;
	log_open("tls_test", LOG_WARN);
	return tls_start(why, sizeof why) ? pool_open(&pool, plan, 4) : -1;
}

static int finish(void **state)
{
	(void)state;
	pool_close(&pool);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hands_are_shaken_and_bytes_go_both_ways),
		cmocka_unit_test(records_may_be_cut_anywhere),
		cmocka_unit_test(much_goes_through_in_full_records),
		cmocka_unit_test(the_second_session_with_a_host_is_resumed),
		cmocka_unit_test(certificates_that_prove_nothing_are_refused_with_the_reason),
		cmocka_unit_test(contexts_say_what_is_wrong_with_their_files),
		cmocka_unit_test(the_systems_roots_are_trusted_when_no_file_is_named),
		cmocka_unit_test(garbage_fails_and_stays_failed),
		cmocka_unit_test(a_changed_record_is_refused),
		cmocka_unit_test(a_full_plain_buffer_is_said_and_nothing_is_lost),
		cmocka_unit_test(a_context_may_go_while_its_sessions_live),
		cmocka_unit_test(memory_comes_back_and_records_allocate_little),
	};

	return cmocka_run_group_tests(tests, start, finish);
}
