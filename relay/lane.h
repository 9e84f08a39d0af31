/*
 * lane - one ring thread: its loop, its listening socket, its calls.
 *
 * Place:    relay, above call; below main. A call lives and dies in one lane; lanes share nothing but struct
 *           relay.
 * Usage:    lane_open(&lane, &relay, "127.0.0.1:8080", -1, why, sizeof why);  the thread runs when it returns true
 *           lane_open(&lane, &relay, NULL, fd, why, sizeof why);              the same on a socket that was inherited
 *           lane_join(&lane)    when it is over, because relay.draining or .stopping was set, and the desk is closed
 * Life:     looks at relay's atomics every RELAY_ADMIT_MS: draining stops accepting, and the lane ends when
 *           its last call has. A lane that inherited its socket goes on accepting until then, to answer 503: nobody
 *           can close that socket, and who is not answered would wait in its queue. Stopping ends the calls that are
 *           left, and after LANE_STOP_MS the lane ends in any case.
 * Fails:    lane_open: false with a sentence; nothing is left behind.
 */
#pragma once

#include "relay/call.h"
#include "relay/listener.h"

enum { LANE_STOP_MS = 6000 };

struct lane {
	struct relay *relay;
	const char *address;
	int inherited_fd;               /* -1: it listens on a socket of its own, at `address` */
	uint16_t port;                  /* that it listens on */
	struct metrics metrics;
	struct loop loop;
	struct leg_env legs;
	struct call_env calls;
	struct reels reels;
	struct listener listener;
	struct task accept, house;
	struct tls_context *server_tls, *client_tls;
	_Atomic(struct tls_context *) fresh_tls; /* a new certificate: main leaves it here, the lane takes it */
	bool listening;
	_Atomic bool is_over;           /* the loop shall end */
	uint64_t stop_by_ms;            /* 0: not stopping */
	_Atomic uint64_t beat_ms;       /* when the thread last looked after itself */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t news;
	int open_state;                 /* 0: opening, 1: runs, -1: failed */
	bool may_close;                 /* nobody posts to the loop any more */
	char *why;
	size_t why_bytes;
};

/* `inherited_fd` is the lane's from now on, unless it is -1. */
bool lane_open(struct lane *lane, struct relay *relay, const char *address, int inherited_fd, char *why,
	size_t why_bytes);
/* Once lane->is_over, and once nobody (the desk) can post to its loop any more. */
void lane_join(struct lane *lane);
