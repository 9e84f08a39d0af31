/*
 * inherit - listening sockets that systemd has opened for us, without libsystemd: $LISTEN_FDS.
 *
 * Place:    relay, above base only. Does nothing where there is no systemd.
 * Usage:    if (!inherit_open(&inherit, why, sizeof why)) die(why);
 *           if (inherit.count) fd = inherit_socket(&inherit, lane_index);
 * Sharing:  thread i takes socket i modulo count, as a descriptor of its own: one socket serves all threads, several
 *           (ReusePort=yes and as many ListenStream= lines) are spread over them.
 * Lifetime: the sockets are open as long as systemd's unit, whatever becomes of us: who connects while no relay runs
 *           waits for the next one.
 * Fails:    false with a sentence: something else than listening TCP sockets, or too many.
 * Source:   sd_listen_fds(3).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { INHERIT_FD_FIRST = 3, INHERIT_COUNT_MAX = 64, INHERIT_ADDRESS_BYTES_MAX = 64 };

struct inherit {
	unsigned count;                 /* 0: none, we open our own */
	uint16_t port;
	char address[INHERIT_ADDRESS_BYTES_MAX]; /* of the first, for the log */
};

/* Takes them out of the environment, so that no child believes that they are its own. */
bool inherit_open(struct inherit *inherit, char *why, size_t why_bytes);
/* A new descriptor of the socket of thread `index`, close-on-exec; -1 with errno. */
int inherit_socket(const struct inherit *inherit, unsigned index);
