#include "relay/ledger.h"

#include "base/check.h"

#include <inttypes.h>
#include <stdio.h>

static void ledger_check(const struct ledger *l)
{
	const struct playhead *p = &l->playhead;

	check(p->played_bytes <= l->marked_bytes);
	check(l->marked_bytes <= p->sent_bytes);
	check(l->item_count == 0 || l->items[l->item_count - 1].to_bytes <= p->sent_bytes);
}

void ledger_init(struct ledger *l)
{
	*l = (struct ledger){.generation = 1};
	playhead_init(&l->playhead);
}

void ledger_time(struct ledger *l, uint64_t now_ms)
{
	if (now_ms > l->now_ms)
		l->now_ms = now_ms;
}

/* --- items ------------------------------------------------------------------------------------ */

static void forget_oldest(struct ledger *l)
{
	l->item_count--;
	memmove(l->items, l->items + 1, l->item_count * sizeof l->items[0]);
}

void ledger_item(struct ledger *l, struct slice id)
{
	while (l->item_count && l->items[0].to_bytes <= l->playhead.played_bytes)
		forget_oldest(l);
	if (l->item_count == LEDGER_ITEMS_MAX)
		forget_oldest(l);
	struct ledger_item *item = &l->items[l->item_count++];

	item->whole = item->gone = false;
	item->from_bytes = item->to_bytes = l->playhead.sent_bytes;
	voice_id_set(&item->id, id);
}

void ledger_sent(struct ledger *l, uint64_t bytes)
{
	playhead_sent(&l->playhead, bytes, l->now_ms);
	if (l->item_count)
		l->items[l->item_count - 1].to_bytes += bytes;
	ledger_check(l);
}

void ledger_whole(struct ledger *l)
{
	for (size_t i = l->item_count; i-- > 0 && !l->items[i].whole;)
		l->items[i].whole = true;
}

void ledger_gone(struct ledger *l)
{
	for (size_t i = l->item_count; i-- > 0 && !l->items[i].whole;)
		l->items[i].whole = l->items[i].gone = true;
}

void ledger_all_gone(struct ledger *l)
{
	for (size_t i = 0; i < l->item_count; i++)
		l->items[i].whole = l->items[i].gone = true;
}

const struct ledger_item *ledger_last(const struct ledger *l)
{
	return l->item_count ? &l->items[l->item_count - 1] : NULL;
}

/* --- marks ------------------------------------------------------------------------------------ */

bool ledger_wants_mark(const struct ledger *l)
{
	const struct playhead *p = &l->playhead;
	uint64_t run_bytes = p->run_count ? p->runs[p->run_count - 1].from_bytes : 0;
	/* None yet behind the audio of this run. */
	bool first = l->marked_bytes <= run_bytes;

	return ledger_unmarked_bytes(l) >=
	       (first ? LEDGER_MARK_FIRST_MS : LEDGER_MARK_MS) * ULAW_BYTES_PER_MS;
}

void ledger_mark(struct ledger *l, char out_name[MARK_NAME_BYTES_MAX + 1])
{
	playhead_mark(&l->playhead, l->now_ms);
	l->marked_bytes = l->playhead.sent_bytes;
	l->marks_out_count++;
	int len = snprintf(out_name, MARK_NAME_BYTES_MAX + 1, "g%" PRIu32 ":%" PRIu64,
		l->generation, l->marked_bytes);

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

	return number((struct slice){name.data + 1, at - 1}, UINT32_MAX, out_generation) &&
	       number((struct slice){colon + 1, name.len - at - 1}, INT64_MAX, out_bytes);
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
	playhead_back(&l->playhead, bytes, l->now_ms);
	ledger_check(l);
	return LEDGER_PLAYED;
}

void ledger_frame(struct ledger *l, int64_t timestamp_ms)
{
	playhead_frame(&l->playhead, timestamp_ms, l->now_ms);
}

void ledger_clear(struct ledger *l)
{
	ledger_check(l);
	l->past_sent_bytes += l->playhead.sent_bytes;
	l->past_heard_bytes += playhead_bytes(&l->playhead, l->now_ms);
	playhead_clear(&l->playhead);
	l->marked_bytes = 0;
	l->marks_out_count = 0;
	l->item_count = 0;
	l->generation++;
}

void ledger_hung_up(struct ledger *l)
{
	uint64_t trip_ms = playhead_trip_ms(&l->playhead);

	l->now_ms -= trip_ms < l->now_ms ? trip_ms : l->now_ms;
}

/* --- answers ---------------------------------------------------------------------------------- */

uint64_t ledger_item_sent_ms(const struct ledger_item *item)
{
	return (item->to_bytes - item->from_bytes) / ULAW_BYTES_PER_MS;
}

uint64_t ledger_item_heard_ms(const struct ledger *l, const struct ledger_item *item)
{
	uint64_t heard = playhead_bytes(&l->playhead, l->now_ms);

	if (heard <= item->from_bytes)
		return 0;
	return ((heard < item->to_bytes ? heard : item->to_bytes) - item->from_bytes) /
	       ULAW_BYTES_PER_MS;
}

uint64_t ledger_unmarked_bytes(const struct ledger *l)
{
	return l->playhead.sent_bytes - l->marked_bytes;
}

uint64_t ledger_waiting_bytes(const struct ledger *l)
{
	return l->playhead.sent_bytes - l->playhead.played_bytes;
}

uint64_t ledger_unheard_ms(const struct ledger *l)
{
	return (l->playhead.sent_bytes - playhead_bytes(&l->playhead, l->now_ms)) /
	       ULAW_BYTES_PER_MS;
}

/* Whether what was sent up to there may still be heard. */
static bool plays_to(const struct ledger *l, uint64_t bytes)
{
	const struct playhead *p = &l->playhead;
	uint64_t left_ms = (p->sent_bytes - bytes) / ULAW_BYTES_PER_MS;

	return p->played_bytes < bytes &&
		l->now_ms + left_ms < playhead_end_ms(p) + playhead_trip_ms(p) + LEDGER_DOUBT_MS;
}

bool ledger_is_playing(const struct ledger *l)
{
	return plays_to(l, l->playhead.sent_bytes);
}

bool ledger_item_is_played(const struct ledger *l, const struct ledger_item *item)
{
	return item->whole && !plays_to(l, item->to_bytes);
}

uint64_t ledger_sent_ms(const struct ledger *l)
{
	return (l->past_sent_bytes + l->playhead.sent_bytes) / ULAW_BYTES_PER_MS;
}

uint64_t ledger_heard_ms(const struct ledger *l)
{
	return (l->past_heard_bytes + playhead_bytes(&l->playhead, l->now_ms)) / ULAW_BYTES_PER_MS;
}
