/*
 * nonces - which stream tokens have been used: each opens one socket only.
 *
 * Place:    relay, above base only. One for all ring threads.
 * Usage:    if (nonces_use(&nonces, token.nonce, token.expires_ms, now_ms) != NONCES_FRESH) refuse;
 * Limits:   NONCES_SETS * NONCES_WAYS tokens that have not expired; nonces are random and under our
 *           MAC, so nobody chooses where they fall. A token has expired by itself when its entry is
 *           reused.
 * Fails:    NONCES_USED: seen before; NONCES_FULL: no room to remember it, which refuses it too.
 * Threads:  safe; a lock is held for a look at eight entries, once a call.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NONCES_BYTES = 8, NONCES_SETS = 8192, NONCES_WAYS = 8 };

enum nonces_result { NONCES_FRESH, NONCES_USED, NONCES_FULL };

struct nonces_entry {
	uint8_t nonce[NONCES_BYTES];
	int64_t expires_ms;             /* wall clock; 0: never used */
};

struct nonces {
	pthread_mutex_t lock;
	struct nonces_entry (*sets)[NONCES_WAYS];
};

/* 0 or -errno. */
int nonces_open(struct nonces *n);
void nonces_close(struct nonces *n);
enum nonces_result nonces_use(struct nonces *n, const uint8_t nonce[NONCES_BYTES], int64_t expires_ms,
	int64_t now_ms);
