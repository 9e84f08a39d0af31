/*
 * net - connect, handshake, then bytes. net_read() and net_write() push an unfinished connection forward first, so the
 * caller only ever polls and calls them; what a TLS handshake waits for is in net_interest().
 */
#include "sim/net.h"

#include "base/check.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_BYTES = 16 * 1024, LISTEN_BACKLOG = 1024 };

struct net_tls {
	SSL_CTX *context;
	bool server;
};

static void say_why(char *why, size_t why_bytes, const char *what)
{
	unsigned long code = ERR_peek_last_error();

	snprintf(why, why_bytes, "%s: %s", what, code ? ERR_reason_error_string(code) : strerror(errno));
	ERR_clear_error();
}

static struct net_tls *new_context(const SSL_METHOD *method, bool server)
{
	struct net_tls *tls = calloc(1, sizeof *tls);

	check(tls);
	tls->server = server;
	tls->context = SSL_CTX_new(method);
	check(tls->context);
	SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION);
	SSL_CTX_set_mode(tls->context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	return tls;
}

struct net_tls *net_tls_server(const char *cert_path, const char *key_path, char *why, size_t why_bytes)
{
	struct net_tls *tls = new_context(TLS_server_method(), true);
	const char *bad = NULL;

	if (SSL_CTX_use_certificate_chain_file(tls->context, cert_path) != 1)
		bad = cert_path;
	else if (SSL_CTX_use_PrivateKey_file(tls->context, key_path, SSL_FILETYPE_PEM) != 1)
		bad = key_path;
	if (bad) {
		say_why(why, why_bytes, bad);
		net_tls_free(tls);
		return NULL;
	}
	return tls;
}

struct net_tls *net_tls_client(const char *ca_path, bool verify, char *why, size_t why_bytes)
{
	struct net_tls *tls = new_context(TLS_client_method(), false);
	bool loaded = ca_path ? SSL_CTX_load_verify_file(tls->context, ca_path) == 1
		: SSL_CTX_set_default_verify_paths(tls->context) == 1;

	if (!loaded) {
		say_why(why, why_bytes, ca_path ? ca_path : "the system's certificates");
		net_tls_free(tls);
		return NULL;
	}
	SSL_CTX_set_verify(tls->context, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
	return tls;
}

void net_tls_free(struct net_tls *tls)
{
	if (tls)
		SSL_CTX_free(tls->context);
	free(tls);
}

bool net_address_split(const char *address, char *host, size_t host_bytes, char *port, size_t port_bytes)
{
	const char *colon = strrchr(address, ':');
	size_t host_len;

	if (!colon || !colon[1] || strspn(colon + 1, "0123456789") != strlen(colon + 1))
		return false;
	host_len = (size_t)(colon - address);
	if (host_len >= 2 && address[0] == '[' && colon[-1] == ']') {
		address++;
		host_len -= 2;
	} else if (memchr(address, ':', host_len)) {
		return false;                   /* an IPv6 address without brackets: which part is the port? */
	}
	if (host_len >= host_bytes || strlen(colon + 1) >= port_bytes)
		return false;
	snprintf(host, host_bytes, "%.*s", (int)host_len, address);
	snprintf(port, port_bytes, "%s", colon + 1);
	return true;
}

static int open_listener(const struct addrinfo *address)
{
	int on = 1, rc;
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, address->ai_addr, address->ai_addrlen) < 0 || listen(fd, LISTEN_BACKLOG) < 0) {
		rc = -errno;
		close(fd);
		return rc;
	}
	return fd;
}

static uint16_t local_port(int fd)
{
	struct sockaddr_storage name;
	socklen_t len = sizeof name;

	if (getsockname(fd, (struct sockaddr *)&name, &len) < 0)
		return 0;
	return ntohs(name.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&name)->sin6_port
		: ((struct sockaddr_in *)&name)->sin_port);
}

int net_listen(const char *host, const char *port, uint16_t *out_port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV }, *list;
	int fd = -EADDRNOTAVAIL;

	if (getaddrinfo(host[0] ? host : NULL, port, &hints, &list) != 0)
		return -EADDRNOTAVAIL;
	for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next)
		fd = open_listener(a);
	freeaddrinfo(list);
	if (fd >= 0)
		*out_port = local_port(fd);
	return fd;
}

static void set_no_delay(int fd)
{
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/* Gives the open socket its TLS session, if it is to have one. */
static void begin_session(struct net *n, struct net_tls *tls, const char *server_name)
{
	n->state = NET_OPEN;
	if (!tls)
		return;
	n->ssl = SSL_new(tls->context);
	check(n->ssl);
	SSL_set_fd(n->ssl, n->fd);
	if (tls->server) {
		SSL_set_accept_state(n->ssl);
	} else {
		SSL_set_connect_state(n->ssl);
		SSL_set_tlsext_host_name(n->ssl, server_name);
		SSL_set_hostflags(n->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
		if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(n->ssl), server_name) != 1)
			SSL_set1_host(n->ssl, server_name);
	}
	n->state = NET_HANDSHAKE;
}

bool net_accept(struct net *n, int listen_fd, struct net_tls *tls)
{
	int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return false;
	*n = (struct net){ .fd = fd };
	set_no_delay(fd);
	begin_session(n, tls, NULL);
	return true;
}

static enum net_result broken(struct net *n, const char *what, const char *reason)
{
	if (n->state != NET_BROKEN)
		snprintf(n->why, sizeof n->why, "%s: %s", what, reason);
	n->state = NET_BROKEN;
	return NET_FAIL;
}

/* Tries addresses until one of them begins to connect. */
static bool try_addresses(struct net *n)
{
	int last_error = EADDRNOTAVAIL;

	for (; n->address_next; n->address_next = n->address_next->ai_next) {
		const struct addrinfo *a = n->address_next;

		n->fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (n->fd >= 0 && (connect(n->fd, a->ai_addr, a->ai_addrlen) == 0 || errno == EINPROGRESS)) {
			n->address_next = a->ai_next;
			n->state = NET_CONNECTING;
			return true;
		}
		last_error = errno;
		if (n->fd >= 0)
			close(n->fd);
		n->fd = -1;
	}
	broken(n, "connect", strerror(last_error));
	return false;
}

bool net_dial(struct net *n, const char *host, const char *port, struct net_tls *tls, const char *server_name)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	int rc;

	*n = (struct net){ .fd = -1 };
	rc = getaddrinfo(host, port, &hints, &n->addresses);
	/* RFC 6761 section 6.3: localhost is this machine, even where no /etc/hosts says so. */
	if (rc != 0 && strcasecmp(host, "localhost") == 0)
		rc = getaddrinfo("127.0.0.1", port, &hints, &n->addresses);
	if (rc != 0) {
		broken(n, host, gai_strerror(rc));
		return false;
	}
	n->address_next = n->addresses;
	n->tls = tls;
	snprintf(n->server_name, sizeof n->server_name, "%s", server_name);
	return try_addresses(n);
}

void net_close(struct net *n)
{
	if (n->state == NET_CLOSED)
		return;
	if (n->ssl && n->state == NET_OPEN)
		SSL_shutdown(n->ssl);           /* says close_notify; the answer is not waited for */
	SSL_free(n->ssl);
	ERR_clear_error();
	if (n->addresses)
		freeaddrinfo(n->addresses);
	if (n->fd >= 0)
		close(n->fd);
	*n = (struct net){ .fd = -1 };
}

void net_shutdown(struct net *n)
{
	if (n->fd >= 0 && n->state != NET_CLOSED)
		shutdown(n->fd, SHUT_RDWR);
}

void net_reset(struct net *n)
{
	struct linger reset = { .l_onoff = 1 };

	if (n->state == NET_CLOSED)
		return;
	n->state = NET_BROKEN;                  /* no close_notify */
	if (n->fd >= 0)
		setsockopt(n->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	net_close(n);
}

static void finish_connect(struct net *n)
{
	struct pollfd poll_fd = { .fd = n->fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int error = 0;

	if (poll(&poll_fd, 1, 0) <= 0)
		return;
	if (getsockopt(n->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error && n->address_next) {
		close(n->fd);
		try_addresses(n);
		return;
	}
	if (error) {
		broken(n, "connect", strerror(error));
		return;
	}
	freeaddrinfo(n->addresses);
	n->addresses = NULL;
	set_no_delay(n->fd);
	begin_session(n, n->tls, n->server_name);
}

/* What OpenSSL's refusal means. `waits_other` is set if it waits for the direction that is not its own. */
static enum net_result explain(struct net *n, int rc, const char *what, bool writing, bool *waits_other)
{
	int error = SSL_get_error(n->ssl, rc);
	long verdict = SSL_get_verify_result(n->ssl);

	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
		*waits_other = (error == SSL_ERROR_WANT_READ) == writing;
		return NET_OK;
	}
	if (error == SSL_ERROR_ZERO_RETURN)
		return NET_END;
	if (verdict != X509_V_OK && n->state == NET_HANDSHAKE) {
		ERR_clear_error();
		return broken(n, "certificate", X509_verify_cert_error_string(verdict));
	}
	if (n->state != NET_BROKEN) {
		if (error == SSL_ERROR_SYSCALL && errno == 0)
			errno = ECONNRESET;
		say_why(n->why, sizeof n->why, what);
	}
	n->state = NET_BROKEN;
	ERR_clear_error();
	return NET_FAIL;
}

static void shake_hands(struct net *n)
{
	int rc = SSL_do_handshake(n->ssl);
	enum net_result result;

	if (rc == 1) {
		n->state = NET_OPEN;
		n->read_wants_write = false;
		/* Header and body of a record in one recv(); net_read() asks SSL_has_pending() what is left inside.
		 * Not earlier: a handshake that net_write() ends would take the peer's first words out of the socket
		 * too, and no poll would ever tell of them. */
		SSL_set_read_ahead(n->ssl, 1);
		return;
	}
	result = explain(n, rc, "TLS handshake", false, &n->read_wants_write);
	if (result == NET_END)
		broken(n, "TLS handshake", "the peer closed");
}

/* Whether bytes can flow. */
static bool push_forward(struct net *n)
{
	if (n->state == NET_CONNECTING)
		finish_connect(n);
	if (n->state == NET_HANDSHAKE)
		shake_hands(n);
	return n->state == NET_OPEN;
}

static enum net_result read_once(struct net *n, struct buf *in, size_t *out_bytes)
{
	size_t room = in->cap - in->tail;

	*out_bytes = 0;
	if (n->ssl) {
		n->read_wants_write = false;
		errno = 0;
		if (SSL_read_ex(n->ssl, buf_tail(in), room, out_bytes) == 1)
			return NET_OK;
		return explain(n, 0, "TLS read", false, &n->read_wants_write);
	}
	ssize_t got = recv(n->fd, buf_tail(in), room, 0);

	if (got == 0)
		return NET_END;
	if (got > 0)
		*out_bytes = (size_t)got;
	else if (errno != EAGAIN && errno != EINTR)
		return broken(n, "read", strerror(errno));
	return NET_OK;
}

enum net_result net_read(struct net *n, struct buf *in)
{
	enum net_result result = NET_OK;
	size_t got = 1;

	if (!push_forward(n))
		return n->state == NET_BROKEN ? NET_FAIL : NET_OK;
	while (result == NET_OK && got > 0 && (buf_room(in, READ_BYTES) || in->tail < in->cap)) {
		size_t room = in->cap - in->tail;

		result = read_once(n, in, &got);
		buf_commit(in, got);
		if (n->ssl ? !SSL_has_pending(n->ssl) : got < room)
			break;                  /* nothing more is here: saves a recv() that would say EAGAIN */
	}
	return result;
}

static enum net_result write_once(struct net *n, const struct buf *out, size_t *out_bytes)
{
	*out_bytes = 0;
	if (n->ssl) {
		n->write_wants_read = false;
		errno = 0;
		if (SSL_write_ex(n->ssl, buf_data(out), buf_len(out), out_bytes) == 1)
			return NET_OK;
		return explain(n, 0, "TLS write", true, &n->write_wants_read);
	}
	ssize_t put = send(n->fd, buf_data(out), buf_len(out), MSG_NOSIGNAL);

	if (put >= 0)
		*out_bytes = (size_t)put;
	else if (errno != EAGAIN && errno != EINTR)
		return broken(n, "write", strerror(errno));
	return NET_OK;
}

enum net_result net_write(struct net *n, struct buf *out)
{
	enum net_result result = NET_OK;
	size_t put = 1;

	if (!push_forward(n))
		return n->state == NET_BROKEN ? NET_FAIL : NET_OK;
	while (result == NET_OK && put > 0 && buf_len(out) > 0) {
		result = write_once(n, out, &put);
		buf_consume(out, put);
	}
	if (result == NET_END)
		result = broken(n, "write", "the peer closed");
	buf_rest(out);
	return result;
}

uint32_t net_interest(const struct net *n, bool has_output)
{
	if (n->state == NET_CONNECTING)
		return POLLOUT;
	if (n->state == NET_HANDSHAKE)
		return n->read_wants_write ? POLLOUT : POLLIN;
	return POLLIN | ((has_output && !n->write_wants_read) || n->read_wants_write ? (uint32_t)POLLOUT : 0);
}

enum net_result net_write_segments(struct net *n, struct buf *out, struct random *random, size_t bytes_max)
{
	enum net_result result = NET_OK;

	while (buf_len(out) && result != NET_FAIL) {
		size_t most = 1 + random_u32(random) % bytes_max, len = buf_len(out) < most ? buf_len(out) : most;
		struct buf segment;

		buf_init_view(&segment, buf_data(out), len);
		result = net_write(n, &segment);
		buf_consume(out, len - buf_len(&segment));
		if (buf_len(&segment))
			break;
	}
	return result;
}
