/*
 * listen - the socket on which web servers reach a webhook that they did not start.
 *
 * Place:    fcgi, used by main only.
 * Usage:    fd = listen_open("/run/receptionai/webhook.sock", 0660, why, sizeof why);
 * Address:  a path (with a '/'), HOST:PORT, or :PORT, which is loopback: FastCGI has no authentication.
 * Fails:    -1 and a sentence. A socket that somebody still serves is refused; one that was left behind is replaced.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

int listen_open(const char *address, mode_t mode, char *why, size_t why_bytes);
