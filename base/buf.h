/*
 * buf - a row of bytes: written at the tail, read at the head.
 *
 * Place:    above pool. Every machine reads from a buf and appends to a buf.
 * Usage:    buf_init_pool(&b, &pool, 65536);            grows through the pool's classes up to a bound
 *           buf_init_fixed(&b, memory, sizeof memory);  somebody else's memory, never grows
 *           buf_init_view(&b, data, len);               bytes that are there already, to be consumed
 *           if (buf_room(&b, n)) { memcpy(buf_tail(&b), src, n); buf_commit(&b, n); }
 *           use(buf_data(&b), buf_len(&b)); buf_consume(&b, n);
 * Lifetime: buf_data() is valid until the next room, append or release. A pooled buf owns its block and gives
 *           it back when it is released, or when it runs empty at buf_rest().
 * Fails:    room and append return false and change nothing: the bound or the pool is exhausted.
 */
#pragma once

#include "base/pool.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t *base;                  /* NULL: no block at present */
	size_t cap;                     /* bytes at base */
	size_t head;                    /* first byte not consumed; head <= tail <= cap */
	size_t tail;                    /* behind the last byte written */
	size_t bytes_max;               /* bound for growing */
	struct pool *pool;              /* NULL: fixed memory */
};

void buf_init_pool(struct buf *b, struct pool *pool, size_t bytes_max);
void buf_init_fixed(struct buf *b, void *memory, size_t bytes);
void buf_init_view(struct buf *b, void *data, size_t len);
/* Gives a pooled block back and forgets all bytes. Idempotent; the buf may be used again. */
void buf_release(struct buf *b);
/* Gives a pooled block back if nothing is left in it: an idle connection holds no memory. */
void buf_rest(struct buf *b);

/* Even 0 must not be added to NULL (C11 6.5.6): without a block both of these are NULL. */
static inline uint8_t *buf_data(const struct buf *b)
{
	return b->head ? b->base + b->head : b->base;
}

static inline size_t buf_len(const struct buf *b)
{
	return b->tail - b->head;
}

static inline uint8_t *buf_tail(const struct buf *b)
{
	return b->tail ? b->base + b->tail : b->base;
}

static inline void buf_clear(struct buf *b)
{
	b->head = b->tail = 0;
}

/* Makes `n` bytes writable at the tail (moving or growing the block if need be). */
bool buf_room(struct buf *b, size_t n);
/* Counts `n` bytes, written at the tail after buf_room(), as content. */
void buf_commit(struct buf *b, size_t n);
/* Takes `n` bytes off the head. */
void buf_consume(struct buf *b, size_t n);
/* Takes bytes back from the tail until `len` are left: undoes what was appended since buf_len() was `len`. */
void buf_cut(struct buf *b, size_t len);
/* Copies bytes to the tail. */
bool buf_append(struct buf *b, const void *data, size_t len);
/* Copies a string, without its NUL. */
bool buf_append_string(struct buf *b, const char *text);
/* printf to the tail. */
bool buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
