#include "base/buf.h"

#include "base/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void buf_check(const struct buf *b)
{
	check(b->head <= b->tail);
	check(b->tail <= b->cap);
}

void buf_init_pool(struct buf *b, struct pool *pool, size_t bytes_max)
{
	*b = (struct buf){ .pool = pool, .bytes_max = bytes_max };
}

void buf_init_fixed(struct buf *b, void *memory, size_t bytes)
{
	*b = (struct buf){ .base = memory, .cap = bytes, .bytes_max = bytes };
}

void buf_init_view(struct buf *b, void *data, size_t len)
{
	*b = (struct buf){ .base = data, .cap = len, .tail = len, .bytes_max = len };
}

void buf_release(struct buf *b)
{
	if (b->pool && b->base) {
		pool_give(b->pool, b->base, b->cap);
		b->base = NULL;
		b->cap = 0;
	}
	buf_clear(b);
}

void buf_rest(struct buf *b)
{
	if (b->head == b->tail)
		buf_release(b);
}

static bool grow(struct buf *b, size_t bytes)
{
	size_t cap;
	uint8_t *base;

	if (!b->pool || bytes > b->bytes_max)
		return false;
	base = pool_take(b->pool, bytes, &cap);
	if (!base)
		return false;
	size_t len = buf_len(b);
	if (len)
		memcpy(base, buf_data(b), len);
	if (b->base)
		pool_give(b->pool, b->base, b->cap);
	b->base = base;
	b->cap = cap;
	b->head = 0;
	b->tail = len;
	return true;
}

bool buf_room(struct buf *b, size_t n)
{
	buf_check(b);
	if (b->cap - b->tail >= n)
		return true;
	size_t len = buf_len(b);
	if (n > b->bytes_max || len > b->bytes_max - n)
		return false;
	if (b->cap - len >= n) {
		memmove(b->base, b->base + b->head, len);
		b->head = 0;
		b->tail = len;
		return true;
	}
	return grow(b, len + n);
}

void buf_commit(struct buf *b, size_t n)
{
	check(n <= b->cap - b->tail);
	b->tail += n;
}

void buf_consume(struct buf *b, size_t n)
{
	check(n <= buf_len(b));
	b->head += n;
	if (b->head == b->tail)
		buf_clear(b);
}

void buf_cut(struct buf *b, size_t len)
{
	check(len <= buf_len(b));
	b->tail = b->head + len;
}

bool buf_append(struct buf *b, const void *data, size_t len)
{
	if (!buf_room(b, len))
		return false;
	if (len)
		memcpy(buf_tail(b), data, len);
	buf_commit(b, len);
	return true;
}

bool buf_append_string(struct buf *b, const char *text)
{
	return buf_append(b, text, strlen(text));
}

bool buf_printf(struct buf *b, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	check(len >= 0);
	if (!buf_room(b, (size_t)len + 1))
		return false;
	va_start(args, format);
	vsnprintf((char *)buf_tail(b), (size_t)len + 1, format, args);
	va_end(args);
	buf_commit(b, (size_t)len);
	return true;
}
