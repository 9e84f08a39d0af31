/*
 * listener - accepts connections: one socket a ring thread, spread by the kernel (SO_REUSEPORT), or one for all.
 *
 * Place:    above loop, beside leg.
 * Usage:    listener_open(&l, loop, "127.0.0.1:8080", &gate->task, why, sizeof why);
 *           in the task's turn: while ((fd = listener_next(&l)) >= 0) leg_serve(leg, fd, …);   or close(fd)
 * Lifetime: embedded. listener_stop(), turns until listener_is_stopped(), then its memory is free.
 * Fails:    out of descriptors: waits LISTENER_REST_MS and goes on; counted.
 * Limits:   LISTENER_QUEUE_MAX accepted sockets between two turns; more are closed at once and counted.
 */
#pragma once

#include "relay/loop.h"

enum { LISTENER_QUEUE_MAX = 4096, LISTENER_REST_MS = 100 };

struct listener {
	struct loop *loop;
	struct task *owner;             /* marked when sockets have come */
	struct task rest;
	struct ring_socket socket;
	struct ring_op accept;
	struct ring_op cancel;
	int queue[LISTENER_QUEUE_MAX];
	unsigned queue_count;
	unsigned queue_at;
	bool stopping;
	uint16_t port;                  /* that it listens on: port 0 takes a free one */
	uint64_t accepted_count;
	uint64_t refused_count;         /* closed because nobody took them in time */
	uint64_t failed_count;
};

bool listener_open(struct listener *l, struct loop *loop, const char *host_port, struct task *owner,
	char *why, size_t why_bytes);
/* On a descriptor, from now on the listener's, of a socket that listens already and on which other listeners accept,
 * too: they take turns. `port` is for who asks. */
void listener_share(struct listener *l, struct loop *loop, int fd, uint16_t port, struct task *owner);
/* An accepted socket, the caller's from now on; -1: none waits. */
int listener_next(struct listener *l);
void listener_stop(struct listener *l);
/* Closes the socket once its operations have landed. */
bool listener_is_stopped(struct listener *l);
