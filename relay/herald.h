/*
 * herald - hears from the webhook that a call will come, says how the relay is and how calls ended: one thread, one
 *          UNIX socket.
 *
 * Place:    relay, above foyer and call; opened by main.
 * Usage:    herald_open(&h, "/run/receptionai/relay.sock", &relay, envs, env_count, &metrics, why, sizeof why);
 * Protocol: SOCK_SEQPACKET, proto's notice: one message in, one answer out, then the end.
 * Access:   who may write to the socket's path (mode 0660) may announce calls; there is no other proof.
 * Rules:    the answer comes first, then the work. A peer that went away without waiting for the answer has already
 *           told its caller something else: nothing is prepared for it. Sessions go to the ring threads in turn.
 * Fails:    herald_open(): false with a sentence. What is no notice is counted and hung up on.
 * Limits:   HERALD_PEERS_MAX at a time, the others wait in the socket's backlog; each has HERALD_DEADLINE_MS.
 */
#pragma once

#include "relay/call.h"

#include <pthread.h>

enum { HERALD_PEERS_MAX = 32, HERALD_DEADLINE_MS = 250 };

struct herald {
	struct relay *relay;
	struct call_env *const *envs;   /* of the ring threads */
	uint32_t env_count, env_next;
	struct metrics *metrics;        /* this thread's */
	const char *path;
	int listen_fd, stop_fd;
	pthread_t thread;
	bool running;
};

bool herald_open(struct herald *h, const char *path, struct relay *relay,
	struct call_env *const *envs, uint32_t env_count, struct metrics *metrics, char *why,
	size_t why_bytes);
/* Before the lanes are joined. Idempotent; a zeroed struct may be closed. */
void herald_close(struct herald *h);
