/*
 * names - keeps the addresses of one host name fresh, so that no call ever waits for DNS.
 *
 * Place:    relay, above base only; below call. A thread of its own, because getaddrinfo(3) blocks.
 * Usage:    names_open(&n, "api.x.ai", "443", why, sizeof why); names_pick(&n, turn, false, &address, &len)
 * Rules:    looked up at open and every NAMES_FRESH_MS; after a failure the old addresses stay and it is
 *           tried again every NAMES_RETRY_MS. A numeric address is never looked up again.
 * Fails:    names_pick() is false while no lookup has succeeded yet.
 *           First attempts are spread over the addresses of the family (IPv6, IPv4) that the system puts first, second
 *           ones over those of the other, if there are any: a host whose IPv6 is broken still gets through.
 * Limits:   NAMES_ADDRESS_COUNT_MAX addresses.
 * Threads:  names_pick() by any.
 */
#pragma once

#include <netdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum {
	NAMES_ADDRESS_COUNT_MAX = 8,
	NAMES_HOST_BYTES_MAX = 256,
	NAMES_FRESH_MS = 30000,
	NAMES_RETRY_MS = 1000,
};

struct names {
	char host[NAMES_HOST_BYTES_MAX];
	char port[8];
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t news;
	bool running, stop;
	size_t count, first_count;      /* first_count of them are of the first one's family */
	struct sockaddr_storage addresses[NAMES_ADDRESS_COUNT_MAX];
};

/* false: no thread. A name that cannot be looked up is logged, not fatal. */
bool names_open(struct names *n, const char *host, const char *port, char *why, size_t why_bytes);
/* Idempotent; a zeroed struct may be closed. */
void names_close(struct names *n);
/* The turn-th address, round and round; of the other family for a second attempt. */
bool names_pick(struct names *n, uint32_t turn, bool again, struct sockaddr_storage *out_address, socklen_t *out_len);
