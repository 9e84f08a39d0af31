#include "tests/unit/unit.h"

#include "sim/net.h"

#include <poll.h>
#include <unistd.h>

enum { BIG_BYTES = 3 * 1024 * 1024, TRIES_MAX = 20000 };

static char folder[64], cert[96], key[96];

static int make_certificate(void **state)
{
	char command[600];

	(void)state;
	snprintf(folder, sizeof folder, "/tmp/receptionai-net.XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(cert, sizeof cert, "%s/cert.pem", folder);
	snprintf(key, sizeof key, "%s/key.pem", folder);
	snprintf(command, sizeof command,
		"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout %s -out %s "
		"-subj /CN=grok.test -addext subjectAltName=DNS:grok.test,IP:127.0.0.1 2>/dev/null", key, cert);
	return system(command);
}

static int remove_certificate(void **state)
{
	(void)state;
	unlink(cert);
	unlink(key);
	return rmdir(folder);
}

struct pair {
	struct net_tls *server_tls, *client_tls;
	struct net server, client;
	struct buf to_server, at_server, to_client, at_client;
	uint8_t *memory[4];
	int listener;
	char port[8];
};

static void open_pair(struct pair *p, bool tls, const char *server_name, bool verify)
{
	uint16_t port = 0;
	char why[200];
	struct buf *bufs[4] = { &p->to_server, &p->at_server, &p->to_client, &p->at_client };

	memset(p, 0, sizeof *p);
	for (int i = 0; i < 4; i++) {
		p->memory[i] = malloc(BIG_BYTES + 65536);
		assert_non_null(p->memory[i]);
		buf_init_fixed(bufs[i], p->memory[i], BIG_BYTES + 65536);
	}
	if (tls) {
		p->server_tls = net_tls_server(cert, key, why, sizeof why);
		p->client_tls = net_tls_client(cert, verify, why, sizeof why);
		assert_non_null(p->server_tls);
		assert_non_null(p->client_tls);
	}
	p->listener = net_listen("127.0.0.1", "0", &port);
	assert_true(p->listener >= 0);
	assert_true(port > 0);
	snprintf(p->port, sizeof p->port, "%u", port);
	assert_true(net_dial(&p->client, "127.0.0.1", p->port, p->client_tls, server_name));
	for (int i = 0; i < TRIES_MAX && p->server.state == NET_CLOSED; i++)
		net_accept(&p->server, p->listener, p->server_tls);
	assert_true(p->server.state != NET_CLOSED);
}

static void close_pair(struct pair *p)
{
	net_close(&p->client);
	net_close(&p->client);
	net_close(&p->server);
	net_tls_free(p->server_tls);
	net_tls_free(p->client_tls);
	close(p->listener);
	for (int i = 0; i < 4; i++)
		free(p->memory[i]);
}

/* Polls for what both ends ask for: an end that asks for too little would never come forward. */
static void wait_for_either(struct pair *p)
{
	struct pollfd fds[2] = {
		{ p->client.fd, (short)net_interest(&p->client, buf_len(&p->to_server) > 0), 0 },
		{ p->server.fd, (short)net_interest(&p->server, buf_len(&p->to_client) > 0), 0 },
	};

	poll(fds, 2, 1000);
}

static void carry(struct pair *p, size_t server_wants, size_t client_wants)
{
	for (int i = 0; i < TRIES_MAX; i++) {
		assert_int_not_equal(net_write(&p->client, &p->to_server), NET_FAIL);
		assert_int_not_equal(net_read(&p->server, &p->at_server), NET_FAIL);
		assert_int_not_equal(net_write(&p->server, &p->to_client), NET_FAIL);
		assert_int_not_equal(net_read(&p->client, &p->at_client), NET_FAIL);
		if (buf_len(&p->at_server) == server_wants && buf_len(&p->at_client) == client_wants)
			return;
		wait_for_either(p);
	}
	fail_msg("got %zu and %zu bytes", buf_len(&p->at_server), buf_len(&p->at_client));
}

static void bytes_cross_both_ways(bool tls)
{
	struct pair p;

	open_pair(&p, tls, "grok.test", true);
	for (size_t i = 0; i < BIG_BYTES; i++)
		buf_tail(&p.to_server)[i] = (uint8_t)(i * 31 >> 3);
	buf_commit(&p.to_server, BIG_BYTES);
	buf_append_string(&p.to_client, "hello");
	carry(&p, BIG_BYTES, 5);
	for (size_t i = 0; i < BIG_BYTES; i++)
		assert_int_equal(buf_data(&p.at_server)[i], (uint8_t)(i * 31 >> 3));
	assert_memory_equal(buf_data(&p.at_client), "hello", 5);
	close_pair(&p);
}

static void plain_bytes_cross_both_ways(void **state)
{
	(void)state;
	bytes_cross_both_ways(false);
}

static void encrypted_bytes_cross_both_ways(void **state)
{
	(void)state;
	bytes_cross_both_ways(true);
}

static bool can_be_read(int fd, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	return poll(&poll_fd, 1, timeout_ms) == 1;
}

/* The last flight of the handshake and the first words are in the socket together when the other end comes to write. */
static void words_behind_the_handshake_wake_the_poller(void **state)
{
	struct pair p;

	(void)state;
	open_pair(&p, true, "grok.test", true);
	buf_append_string(&p.to_server, "hello");
	for (int i = 0; i < TRIES_MAX && buf_len(&p.to_server) > 0; i++) {
		assert_int_equal(net_write(&p.client, &p.to_server), NET_OK);
		if (p.client.state == NET_HANDSHAKE && can_be_read(p.server.fd, 1000))
			assert_int_equal(net_read(&p.server, &p.at_server), NET_OK);
		wait_for_either(&p);
	}
	assert_int_equal(p.server.state, NET_HANDSHAKE);
	for (int i = 0; i < TRIES_MAX && p.server.state != NET_OPEN; i++) {
		can_be_read(p.server.fd, 1000);
		assert_int_equal(net_write(&p.server, &p.to_client), NET_OK);
	}
	assert_true(can_be_read(p.server.fd, 10000));
	carry(&p, 5, 0);
	close_pair(&p);
}

static void the_end_of_the_peer_comes_after_its_last_bytes(void **state)
{
	struct pair p;
	enum net_result result = NET_OK;

	for (int tls = 0; tls < 2; tls++) {
		open_pair(&p, tls, "grok.test", true);
		carry(&p, 0, 0);
		for (int i = 0; i < TRIES_MAX && (p.client.state != NET_OPEN || p.server.state != NET_OPEN); i++) {
			carry(&p, 0, 0);
			wait_for_either(&p);
		}
		buf_append_string(&p.to_client, "bye");
		assert_int_equal(net_write(&p.server, &p.to_client), NET_OK);
		net_close(&p.server);
		result = NET_OK;
		for (int i = 0; i < TRIES_MAX && result == NET_OK; i++)
			result = net_read(&p.client, &p.at_client);
		assert_int_equal(result, NET_END);
		assert_int_equal(buf_len(&p.at_client), 3);
		close_pair(&p);
	}
	(void)state;
}

static enum net_result shake_hands(struct pair *p)
{
	enum net_result result = NET_OK;

	for (int i = 0; i < TRIES_MAX && result == NET_OK && p->client.state != NET_OPEN; i++) {
		result = net_read(&p->client, &p->at_client);
		net_read(&p->server, &p->at_server);
	}
	return result;
}

static void a_certificate_for_another_name_is_refused(void **state)
{
	struct pair p;

	(void)state;
	open_pair(&p, true, "evil.test", true);
	assert_int_equal(shake_hands(&p), NET_FAIL);
	assert_non_null(strstr(p.client.why, "certificate"));
	assert_non_null(strstr(p.client.why, "ostname"));
	close_pair(&p);
}

static void a_certificate_for_the_address_is_accepted(void **state)
{
	struct pair p;

	(void)state;
	open_pair(&p, true, "127.0.0.1", true);
	assert_int_equal(shake_hands(&p), NET_OK);
	close_pair(&p);
}

static void without_verification_any_certificate_does(void **state)
{
	struct pair p;

	(void)state;
	open_pair(&p, true, "evil.test", false);
	assert_int_equal(shake_hands(&p), NET_OK);
	close_pair(&p);
}

static void a_port_where_nobody_listens_is_named(void **state)
{
	struct net client;
	uint8_t memory[1024];
	struct buf in;
	enum net_result result = NET_OK;
	uint16_t port;
	char text[8];
	int listener = net_listen("127.0.0.1", "0", &port);

	(void)state;
	assert_true(listener >= 0);
	close(listener);
	snprintf(text, sizeof text, "%u", port);
	buf_init_fixed(&in, memory, sizeof memory);
	if (net_dial(&client, "127.0.0.1", text, NULL, ""))
		for (int i = 0; i < TRIES_MAX && result == NET_OK; i++)
			result = net_read(&client, &in);
	assert_non_null(strstr(client.why, "Connection refused"));
	net_close(&client);
}

static void addresses_are_split_strictly(void **state)
{
	char host[20], port[6];

	(void)state;
	assert_true(net_address_split("127.0.0.1:8080", host, sizeof host, port, sizeof port));
	assert_string_equal(host, "127.0.0.1");
	assert_string_equal(port, "8080");
	assert_true(net_address_split("[::1]:0", host, sizeof host, port, sizeof port));
	assert_string_equal(host, "::1");
	assert_true(net_address_split(":80", host, sizeof host, port, sizeof port));
	assert_string_equal(host, "");
	assert_false(net_address_split("127.0.0.1", host, sizeof host, port, sizeof port));
	assert_false(net_address_split("127.0.0.1:", host, sizeof host, port, sizeof port));
	assert_false(net_address_split("::1:80", host, sizeof host, port, sizeof port));
	assert_false(net_address_split("host:http", host, sizeof host, port, sizeof port));
	assert_false(net_address_split("a-name-that-is-too-long:80", host, sizeof host, port, sizeof port));
}

static void missing_certificates_are_named(void **state)
{
	char why[200] = "";

	(void)state;
	assert_null(net_tls_server("/nonexistent.pem", key, why, sizeof why));
	assert_non_null(strstr(why, "/nonexistent.pem"));
	assert_null(net_tls_server(cert, cert, why, sizeof why));
	assert_non_null(strstr(why, cert));
	assert_null(net_tls_client("/nonexistent.pem", true, why, sizeof why));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_bytes_cross_both_ways),
		cmocka_unit_test(encrypted_bytes_cross_both_ways),
		cmocka_unit_test(words_behind_the_handshake_wake_the_poller),
		cmocka_unit_test(the_end_of_the_peer_comes_after_its_last_bytes),
		cmocka_unit_test(a_certificate_for_another_name_is_refused),
		cmocka_unit_test(a_certificate_for_the_address_is_accepted),
		cmocka_unit_test(without_verification_any_certificate_does),
		cmocka_unit_test(a_port_where_nobody_listens_is_named),
		cmocka_unit_test(addresses_are_split_strictly),
		cmocka_unit_test(missing_certificates_are_named),
	};

	return cmocka_run_group_tests(tests, make_certificate, remove_certificate);
}
