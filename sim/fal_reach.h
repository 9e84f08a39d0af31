/*
 * fal_reach - the simulated fal.ai as a client: fetches what an order names, delivers webhooks. Blocking sockets.
 *
 * Place:    sim.
 * Usage:    status = fal_reach("http://127.0.0.1:8080", "", request, len, 5000, &body, &body_len)
 * Fails:    0: no answer.
 * Limits:   plain HTTP; an answer of FAL_REACH_BYTES_MAX.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { FAL_REACH_BYTES_MAX = 64 * 1024 * 1024 };

/* Sends a whole request to host and port of `url` and returns the answer's status. out_body may be NULL. */
int fal_reach(const char *url, const char *request, size_t request_len, int wait_ms, char **out_body,
	size_t *out_body_len);
