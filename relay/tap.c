#include "relay/tap.h"

#include "base/check.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static_assert((TAP_BYTES & (TAP_BYTES - 1)) == 0, "positions wrap by a mask");

struct tap *tap_new(unsigned wants)
{
	struct tap *tap = calloc(1, sizeof *tap);

	if (tap)
		tap->wants = wants;
	return tap;
}

void tap_free(struct tap *tap)
{
	free(tap);
}

static void put(struct tap *tap, uint32_t at, const void *data, size_t len)
{
	size_t offset = at & (TAP_BYTES - 1), first = TAP_BYTES - offset;

	if (first > len)
		first = len;
	if (first)
		memcpy(tap->bytes + offset, data, first);
	if (len > first)
		memcpy(tap->bytes, (const uint8_t *)data + first, len - first);
}

static bool append(struct tap *tap, const struct testimony *t)
{
	uint32_t at = atomic_load_explicit(&tap->written, memory_order_relaxed);
	uint32_t used = at - atomic_load_explicit(&tap->read, memory_order_acquire);
	uint8_t head[TESTIMONY_HEAD_BYTES];

	check(used <= TAP_BYTES);
	if (TAP_BYTES - used < sizeof head + t->data.len)
		return false;
	testimony_write(head, t);
	put(tap, at, head, sizeof head);
	put(tap, at + (uint32_t)sizeof head, t->data.data, t->data.len);
	atomic_store_explicit(&tap->written, at + (uint32_t)(sizeof head + t->data.len), memory_order_release);
	return true;
}

static bool tell_left_out(struct tap *tap, uint32_t call_ms)
{
	char number[16];
	int len = snprintf(number, sizeof number, "%u", tap->left_out_count);
	struct testimony t = { TESTIMONY_LEFT_OUT, call_ms, { number, (size_t)len } };

	if (!append(tap, &t))
		return false;
	tap->left_out_count = 0;
	return true;
}

void tap_write(struct tap *tap, const struct testimony *t)
{
	if (!(tap->wants & TESTIMONY_BIT(t->kind)))
		return;
	if ((tap->left_out_count && !tell_left_out(tap, t->call_ms)) || !append(tap, t))
		tap->left_out_count++;
}

void tap_close(struct tap *tap)
{
	atomic_store_explicit(&tap->closed, true, memory_order_release);
}

size_t tap_read(struct tap *tap, uint8_t *out, size_t room)
{
	uint32_t at = atomic_load_explicit(&tap->read, memory_order_relaxed);
	size_t len = atomic_load_explicit(&tap->written, memory_order_acquire) - at;
	size_t offset = at & (TAP_BYTES - 1), first = TAP_BYTES - offset;

	if (len > room)
		len = room;
	if (first > len)
		first = len;
	memcpy(out, tap->bytes + offset, first);
	memcpy(out + first, tap->bytes, len - first);
	atomic_store_explicit(&tap->read, at + (uint32_t)len, memory_order_release);
	return len;
}
