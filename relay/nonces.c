#include "relay/nonces.h"

#include "base/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int nonces_open(struct nonces *n)
{
	*n = (struct nonces){ .lock = PTHREAD_MUTEX_INITIALIZER };
	n->sets = calloc(NONCES_SETS, sizeof *n->sets);
	return n->sets ? 0 : -ENOMEM;
}

void nonces_close(struct nonces *n)
{
	free(n->sets);
	n->sets = NULL;
}

static enum nonces_result use(struct nonces_entry *set, const uint8_t *nonce, int64_t expires_ms, int64_t now_ms)
{
	struct nonces_entry *room = NULL;

	for (size_t i = 0; i < NONCES_WAYS; i++) {
		if (set[i].expires_ms < now_ms)
			room = &set[i];
		else if (memcmp(set[i].nonce, nonce, NONCES_BYTES) == 0)
			return NONCES_USED;
	}
	if (!room)
		return NONCES_FULL;
	memcpy(room->nonce, nonce, NONCES_BYTES);
	room->expires_ms = expires_ms;
	return NONCES_FRESH;
}

enum nonces_result nonces_use(struct nonces *n, const uint8_t nonce[NONCES_BYTES], int64_t expires_ms, int64_t now_ms)
{
	uint32_t hash;

	check(n->sets);
	memcpy(&hash, nonce, sizeof hash);
	pthread_mutex_lock(&n->lock);
	enum nonces_result result = use(n->sets[hash % NONCES_SETS], nonce, expires_ms, now_ms);

	pthread_mutex_unlock(&n->lock);
	return result;
}
