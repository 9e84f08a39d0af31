#include "relay/ledger.h"

#include "base/check.h"

#include <inttypes.h>
#include <stdio.h>

static void ledger_check(const struct ledger *l)
{
	check(l->played_bytes <= l->marked_bytes);
	check(l->marked_bytes <= l->sent_bytes);
	check(l->item_start_bytes <= l->sent_bytes);
}

void ledger_init(struct ledger *l)
{
	*l = (struct ledger){ .generation = 1 };
}

void ledger_item(struct ledger *l)
{
	l->item_start_bytes = l->sent_bytes;
}

void ledger_sent(struct ledger *l, uint64_t bytes)
{
	l->sent_bytes += bytes;
	ledger_check(l);
}

void ledger_mark(struct ledger *l, char out_name[MARK_NAME_BYTES_MAX + 1])
{
	l->marked_bytes = l->sent_bytes;
	l->marks_out_count++;
	int len = snprintf(out_name, MARK_NAME_BYTES_MAX + 1, "g%" PRIu32 ":%" PRIu64, l->generation,
		l->sent_bytes);

	check(len > 0 && len <= MARK_NAME_BYTES_MAX);
	ledger_check(l);
}

/* Decimal digits, at least one, nothing else; false if it is more than `most`. */
static bool number(struct slice s, uint64_t most, uint64_t *out)
{
	uint64_t n = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] < '0' || s.data[i] > '9')
			return false;
		unsigned digit = (unsigned)(s.data[i] - '0');

		if (n > (most - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*out = n;
	return true;
}

static bool mark_parse(struct slice name, uint64_t *out_generation, uint64_t *out_bytes)
{
	if (name.len < 4 || name.data[0] != 'g')
		return false;
	const char *colon = memchr(name.data, ':', name.len);

	if (!colon)
		return false;
	size_t at = (size_t)(colon - name.data);

	return number((struct slice){ name.data + 1, at - 1 }, UINT32_MAX, out_generation) &&
		number((struct slice){ colon + 1, name.len - at - 1 }, INT64_MAX, out_bytes);
}

enum ledger_mark ledger_mark_back(struct ledger *l, struct slice name)
{
	uint64_t generation, bytes;

	ledger_check(l);
	if (!mark_parse(name, &generation, &bytes) || generation == 0 || generation > l->generation)
		return LEDGER_FOREIGN;
	if (generation < l->generation)
		return LEDGER_STALE;
	if (bytes > l->marked_bytes || l->marks_out_count == 0)
		return LEDGER_FOREIGN;
	l->marks_out_count--;
	if (bytes > l->played_bytes)
		l->played_bytes = bytes;
	ledger_check(l);
	return LEDGER_PLAYED;
}

void ledger_clear(struct ledger *l)
{
	ledger_check(l);
	l->past_sent_bytes += l->sent_bytes;
	l->past_played_bytes += l->played_bytes;
	l->sent_bytes = l->marked_bytes = l->played_bytes = l->item_start_bytes = 0;
	l->marks_out_count = 0;
	l->generation++;
}

uint64_t ledger_unmarked_bytes(const struct ledger *l)
{
	return l->sent_bytes - l->marked_bytes;
}

uint64_t ledger_waiting_bytes(const struct ledger *l)
{
	return l->sent_bytes - l->played_bytes;
}

uint64_t ledger_item_sent_ms(const struct ledger *l)
{
	return (l->sent_bytes - l->item_start_bytes) / ULAW_BYTES_PER_MS;
}

uint64_t ledger_item_heard_ms(const struct ledger *l)
{
	if (l->played_bytes <= l->item_start_bytes)
		return 0;
	return (l->played_bytes - l->item_start_bytes) / ULAW_BYTES_PER_MS;
}

uint64_t ledger_sent_ms(const struct ledger *l)
{
	return (l->past_sent_bytes + l->sent_bytes) / ULAW_BYTES_PER_MS;
}

uint64_t ledger_heard_ms(const struct ledger *l)
{
	return (l->past_played_bytes + l->played_bytes) / ULAW_BYTES_PER_MS;
}
