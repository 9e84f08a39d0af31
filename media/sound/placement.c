#include "media/sound/placement.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

static_assert(PLAN_SAMPLES_MAX < INT32_MAX, "a day of samples, and its WAV, can be counted");

void plan_init(struct plan *p, int64_t file_bytes)
{
	*p = (struct plan){ .file_bytes = file_bytes > 0 ? file_bytes : 0 };
}

void plan_fini(struct plan *p)
{
	free(p->items);
	*p = (struct plan){ 0 };
}

static int64_t end_of(const struct placement *item)
{
	return item->sample + item->bytes;
}

int64_t plan_end(const struct plan *p)
{
	return p->count ? end_of(&p->items[p->count - 1]) : 0;
}

static bool make_room(struct plan *p)
{
	if (p->count < p->room)
		return true;
	if (p->room == PLAN_ITEMS_MAX)
		return false;
	p->room = p->room ? p->room * 2 : 64;
	p->items = realloc(p->items, p->room * sizeof *p->items);
	check(p->items);
	return true;
}

/* Only what the file holds and the track can. */
static struct placement clamped(const struct plan *p, int64_t sample, int64_t at, int64_t bytes)
{
	struct placement none = { 0 }, item = { sample, at, bytes };

	if (at < 0 || bytes <= 0 || at >= p->file_bytes || sample >= PLAN_SAMPLES_MAX ||
		sample <= -PLAN_SAMPLES_MAX)
		return none;
	if (item.bytes > p->file_bytes - at)
		item.bytes = p->file_bytes - at;
	if (item.sample < 0) {
		item.at -= item.sample;
		item.bytes += item.sample;
		item.sample = 0;
	}
	if (item.bytes > PLAN_SAMPLES_MAX - item.sample)
		item.bytes = PLAN_SAMPLES_MAX - item.sample;
	return item.bytes > 0 ? item : none;
}

static bool goes_on(const struct placement *a, const struct placement *b)
{
	return end_of(a) == b->sample && a->at + a->bytes == b->at;
}

/* In front of items[i]; there is room for it between its neighbours. */
static void insert(struct plan *p, size_t i, struct placement item)
{
	if (i > 0 && goes_on(&p->items[i - 1], &item)) {
		p->items[i - 1].bytes += item.bytes;
		return;
	}
	if (!make_room(p)) {
		p->lost_bytes += (uint64_t)item.bytes;
		return;
	}
	memmove(p->items + i + 1, p->items + i, (p->count - i) * sizeof *p->items);
	p->items[i] = item;
	p->count++;
}

void plan_put(struct plan *p, int64_t sample, int64_t at, int64_t bytes)
{
	struct placement item = clamped(p, sample, at, bytes);
	size_t i = p->count, late_from = p->count > PLAN_LATE_MAX ? p->count - PLAN_LATE_MAX : 0;
	int64_t from, to;

	if (item.bytes == 0)
		return;
	while (i > late_from && p->items[i - 1].sample > item.sample)
		i--;
	from = i > 0 ? end_of(&p->items[i - 1]) : 0;
	to = i < p->count ? p->items[i].sample : PLAN_SAMPLES_MAX;
	if (from < item.sample)
		from = item.sample;
	if (to > end_of(&item))
		to = end_of(&item);
	if (to <= from) {
		p->lost_bytes += (uint64_t)item.bytes;
		return;
	}
	p->lost_bytes += (uint64_t)(item.bytes - (to - from));
	insert(p, i, (struct placement){ from, item.at + (from - item.sample), to - from });
}

void plan_cut(struct plan *p, int64_t sample)
{
	while (p->count && p->items[p->count - 1].sample >= sample)
		p->count--;
	if (p->count && plan_end(p) > sample)
		p->items[p->count - 1].bytes = sample - p->items[p->count - 1].sample;
}
