#include "relay/held.h"

#include "base/check.h"

#include <string.h>

struct entry {
	uint32_t len;                   /* of the base64 that follows */
	uint32_t audio_bytes;
	uint32_t call_ms;
};

void held_init(struct held *h, struct pool *pool)
{
	h->audio_bytes = 0;
	buf_init_pool(&h->bytes, pool, HELD_BYTES_MAX);
}

void held_release(struct held *h)
{
	h->audio_bytes = 0;
	buf_release(&h->bytes);
}

static struct entry first(const struct held *h)
{
	struct entry entry;

	check(buf_len(&h->bytes) >= sizeof entry);
	memcpy(&entry, buf_data(&h->bytes), sizeof entry);
	return entry;
}

void held_take(struct held *h)
{
	struct entry entry = first(h);

	check(entry.audio_bytes <= h->audio_bytes);
	h->audio_bytes -= entry.audio_bytes;
	buf_consume(&h->bytes, sizeof entry + entry.len);
	buf_rest(&h->bytes);
}

unsigned held_put(struct held *h, struct slice base64, size_t audio_bytes, uint32_t call_ms)
{
	struct entry entry = { (uint32_t)base64.len, (uint32_t)audio_bytes, call_ms };
	size_t bytes = sizeof entry + base64.len;
	unsigned dropped = 0;

	if (audio_bytes > CALLER_AUDIO_BYTES_MAX || bytes > HELD_BYTES_MAX)
		return 1;
	while (!held_is_empty(h) && (h->audio_bytes + audio_bytes > CALLER_AUDIO_BYTES_MAX ||
		buf_len(&h->bytes) + bytes > HELD_BYTES_MAX)) {
		held_take(h);
		dropped++;
	}
	if (!buf_room(&h->bytes, bytes))
		return dropped + 1;
	check(buf_append(&h->bytes, &entry, sizeof entry));
	check(buf_append(&h->bytes, base64.data, base64.len));
	h->audio_bytes += audio_bytes;
	return dropped;
}

bool held_next(const struct held *h, struct slice *out_base64, uint32_t *out_call_ms)
{
	if (held_is_empty(h))
		return false;
	struct entry entry = first(h);

	*out_base64 = (struct slice){ (const char *)buf_data(&h->bytes) + sizeof entry, entry.len };
	*out_call_ms = entry.call_ms;
	return true;
}
