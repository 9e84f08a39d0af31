/*
 * listen - a listening TCP socket from "HOST:PORT", or a UNIX one at a path.
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
#include <sys/types.h>

enum { LISTEN_BACKLOG = 1024, LISTEN_HOST_BYTES_MAX = 256 };

/* Several sockets share the port if each is opened with `shared` (SO_REUSEPORT). Non-blocking, close-on-exec. */
int listen_open(const char *address, bool shared, uint16_t *out_port, char *why, size_t why_bytes);
/* At a path, for those whom `mode` lets write to it. `type` is SOCK_STREAM or SOCK_SEQPACKET. A socket that was left
 * behind is replaced; one that is still served, or anything else at that path, is refused. */
int listen_open_path(const char *path, int type, mode_t mode, char *why, size_t why_bytes);
/* "HOST:PORT" into its parts; false if it is none. */
bool listen_split(const char *address, char host[LISTEN_HOST_BYTES_MAX], uint16_t *out_port);
