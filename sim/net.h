/*
 * net - one TCP connection, plain or under TLS, non-blocking. The only file that names OpenSSL: on purpose another
 * TLS stack than the relay's, so that the two check each other.
 *
 * Place:    sim; below wsconn. The caller's loop polls `fd` for net_interest() and then reads and writes.
 * Usage:    net_dial(&n, "127.0.0.1", "8443", tls, "voice.example.com");
 *           r = net_read(&n, &in);  r = net_write(&n, &out);      both drive connect and handshake as a side effect
 * Lifetime: a zeroed struct may be closed; net_close() is idempotent. A context outlives its connections.
 * Fails:    NET_FAIL is sticky; n.why says why in words.
 * Limits:   net_dial() resolves names with getaddrinfo(3), which blocks: fit for tools, not for the relay.
 */
#pragma once

#include "base/buf.h"
#include "base/random.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NET_WHY_BYTES = 160, NET_NAME_BYTES = 256 };

enum net_result {
	NET_OK,                         /* everything that could move has moved; poll and come back */
	NET_END,                        /* read only: the peer has ended its side; what came before is in the buf */
	NET_FAIL,
};

enum net_state { NET_CLOSED, NET_CONNECTING, NET_HANDSHAKE, NET_OPEN, NET_BROKEN };

/* A TLS context: a server's certificate, or the roots that a client trusts. */
struct net_tls;
struct net_tls *net_tls_server(const char *cert_path, const char *key_path, char *why, size_t why_bytes);
/* ca_path: PEM roots, NULL for the system's. `verify` false accepts any certificate (development only). */
struct net_tls *net_tls_client(const char *ca_path, bool verify, char *why, size_t why_bytes);
void net_tls_free(struct net_tls *tls);

struct addrinfo;
struct ssl_st;

struct net {
	int fd;                         /* valid unless state is NET_CLOSED */
	enum net_state state;
	struct ssl_st *ssl;             /* owned; NULL: plain */
	struct addrinfo *addresses;     /* owned while connecting */
	struct addrinfo *address_next;
	struct net_tls *tls;            /* borrowed while connecting */
	char server_name[NET_NAME_BYTES];
	bool read_wants_write;          /* TLS: what the handshake or a key update waits for */
	bool write_wants_read;
	char why[NET_WHY_BYTES];
};

/* "127.0.0.1:8080", "[::1]:8080", ":8080" (any address). false if it is none of these. */
bool net_address_split(const char *address, char *host, size_t host_bytes, char *port, size_t port_bytes);
/* A listening socket, or -errno. Port "0" takes a free one; *out_port is the port in any case. */
int net_listen(const char *host, const char *port, uint16_t *out_port);
/* Takes a waiting connection: false if there is none (or out of descriptors: errno says). tls NULL: plain. */
bool net_accept(struct net *n, int listen_fd, struct net_tls *tls);
/* Begins to connect. server_name goes into SNI and is what the certificate must be for. false: n->why. */
bool net_dial(struct net *n, const char *host, const char *port, struct net_tls *tls, const char *server_name);
void net_close(struct net *n);
/* Ends both directions but keeps the socket: the poller sees it at once. */
void net_shutdown(struct net *n);
/* Closes at once with a reset: what a crash of the peer looks like. */
void net_reset(struct net *n);

/* Reads all that is there, at most as much as `in` takes. */
enum net_result net_read(struct net *n, struct buf *in);
/* Writes and consumes as much of `out` as the socket takes. */
enum net_result net_write(struct net *n, struct buf *out);
/* The same in writes of 1 to bytes_max bytes: with TCP_NODELAY each is a segment of its own. */
enum net_result net_write_segments(struct net *n, struct buf *out, struct random *random, size_t bytes_max);
/* EPOLLIN and EPOLLOUT bits (the same values as POLLIN and POLLOUT) to poll fd for. */
uint32_t net_interest(const struct net *n, bool has_output);
