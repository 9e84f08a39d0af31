/*
 * admin - /healthz, /readyz and /metrics for load balancers and Prometheus, on a listener and
 * thread of their own.
 *
 * Place:    relay, above metrics and proto/http. Knows no call.
 * Usage:    admin_open(&a, "127.0.0.1:9090", all_metrics, count, &ratings, why, sizeof why); ... admin_close(&a);
 * Answers:  /healthz 200 while the program runs; /readyz 200, or 503 while draining, without a
 *           database or when all calls are in use; /metrics the pages of metrics.h and ratings.h.
 *           One request a connection, GET and HEAD only.
 * Lifetime: borrows metrics and ratings until closed.
 * Fails:    open: false with a sentence. A request that is malformed, too long or too slow is
 *           answered or dropped; no client can hold a connection longer than ADMIN_DEADLINE_MS.
 * Limits:   ADMIN_CLIENTS_MAX connections at a time; more wait in the listener's queue.
 */
#pragma once

#include "relay/metrics.h"
#include "relay/ratings.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ADMIN_CLIENTS_MAX = 16, ADMIN_DEADLINE_MS = 5000 };

struct admin {
	struct metrics *const *metrics;
	size_t metrics_count;
	const struct ratings *ratings;  /* NULL: none */
	int listen_fd;
	int stop_fd;                    /* an eventfd that ends the thread */
	uint16_t port;
	pthread_t thread;
	bool running;
};

bool admin_open(struct admin *a, const char *address, struct metrics *const *metrics, size_t count,
	const struct ratings *ratings, char *why, size_t why_bytes);
/* Ends the thread and closes everything. Idempotent; a zeroed struct may be closed. */
void admin_close(struct admin *a);
