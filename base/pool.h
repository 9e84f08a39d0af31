/*
 * pool - blocks of memory in a few size classes, reserved once, taken and given back without malloc.
 *
 * Place:    below buf. One pool a thread; it is not locked.
 * Usage:    pool_open(&pool, classes, n); p = pool_take(&pool, 3000, &size); ... pool_give(&pool, p, size);
 * Lifetime: a block is the taker's until given back. Memory is reserved at open and becomes resident
 *           only when first used.
 * Fails:    take returns NULL when the class and all larger ones are used up: a counted, ordinary refusal.
 * Limits:   POOL_CLASSES_MAX classes, ascending sizes, each a power of two of at least 64 bytes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { POOL_CLASSES_MAX = 8 };

struct pool_class {
	size_t block_bytes;             /* of one block */
	size_t block_count;             /* reserved */
	size_t used_count;              /* now with takers */
	size_t used_count_max;          /* the most there ever was */
	size_t refused_count;           /* takes that this class could not serve */
	uint8_t *memory;
	void *free_list;
	size_t fresh_count;             /* blocks never handed out yet, at the end of memory */
};

struct pool {
	struct pool_class classes[POOL_CLASSES_MAX];
	size_t class_count;
};

struct pool_plan {
	size_t block_bytes;
	size_t block_count;
};

/* Reserves the memory. 0, or -errno with nothing reserved. */
int pool_open(struct pool *pool, const struct pool_plan *plan, size_t plan_count);
/* Gives the memory back to the system. Every block must have come home. A zeroed pool may be closed. */
void pool_close(struct pool *pool);
/* A block of at least `bytes`; its real size in *out_bytes. NULL if none is left (counted) or `bytes` is
 * more than the largest class. */
void *pool_take(struct pool *pool, size_t bytes, size_t *out_bytes);
/* `bytes` is the size that take reported. */
void pool_give(struct pool *pool, void *block, size_t bytes);
/* Bytes now with takers. */
size_t pool_used_bytes(const struct pool *pool);
