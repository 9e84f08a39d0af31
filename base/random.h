/*
 * random - unpredictable bytes from the kernel, fetched a few KB at a time.
 *
 * Place:    base; called by programs only. Pure code is handed its keys.
 * Lifetime: one struct a thread; a zeroed struct is ready.
 * Fails:    never: without getrandom(2) no key is safe, so that is a check().
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct random {
	uint8_t bytes[4096];
	size_t left_bytes;
};

void random_fill(struct random *random, void *out, size_t len);
/* A fresh masking key (RFC 6455 section 5.3 wants it unpredictable). */
uint32_t random_u32(struct random *random);
