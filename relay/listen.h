/*
 * listen - a listening TCP socket from "HOST:PORT".
 *
 * Place:    relay, above base only.
 * Usage:    fd = listen_open("127.0.0.1:8080", true, &port, why, sizeof why);
 * Address:  "127.0.0.1:80", "[::1]:80", ":80" and "*:80" (every address), "name:80"; port 0 takes a
 *           free one.
 * Fails:    -1 and a sentence in `why`.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LISTEN_BACKLOG = 1024, LISTEN_HOST_BYTES_MAX = 256 };

/* Several sockets share the port if each is opened with `shared` (SO_REUSEPORT). Non-blocking, close-on-exec. */
int listen_open(const char *address, bool shared, uint16_t *out_port, char *why, size_t why_bytes);
/* "HOST:PORT" into its parts; false if it is none. */
bool listen_split(const char *address, char host[LISTEN_HOST_BYTES_MAX], uint16_t *out_port);
