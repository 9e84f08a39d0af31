/* Positions are counts of bytes since the start, so a mark is due by one comparison and a clear is
 * one assignment. */
#include "sim/playback.h"

#include "base/buf.h"
#include "base/check.h"

#include <stdlib.h>
#include <string.h>

static void playback_check(const struct playback *p)
{
	check(p->gone_bytes <= p->put_bytes);
	check(p->played_bytes + p->cleared_bytes == p->gone_bytes);
	check(p->audio_head + playback_waiting_bytes(p) <= p->audio_cap);
	check(p->mark_count <= p->mark_cap);
}

void playback_init(struct playback *p, uint64_t now_us)
{
	*p = (struct playback){ .start_us = now_us };
}

void playback_fini(struct playback *p)
{
	free(p->audio);
	free(p->marks);
	*p = (struct playback){ 0 };
}

/* Speech that goes on soon after the queue ran dry had a hole in it. */
static void count_underrun(struct playback *p)
{
	uint64_t gap = p->heard_bytes - p->dry_at_byte;

	if (p->dry_at_byte && gap > 0 && gap <= PLAYBACK_GAP_MS_MAX * ULAW_BYTES_PER_MS) {
		p->underrun_count++;
		p->underrun_bytes += gap;
	}
	p->dry_at_byte = 0;
}

static void make_room(struct playback *p, size_t len)
{
	size_t waiting = playback_waiting_bytes(p);

	if (p->audio_head + waiting + len <= p->audio_cap)
		return;
	if (waiting)
		memmove(p->audio, p->audio + p->audio_head, waiting);
	p->audio_head = 0;
	if (waiting + len <= p->audio_cap)
		return;
	while (p->audio_cap < waiting + len)
		p->audio_cap = p->audio_cap ? p->audio_cap * 2 : 8192;
	p->audio = realloc(p->audio, p->audio_cap);
	check(p->audio);
}

bool playback_put(struct playback *p, const uint8_t *audio, size_t len)
{
	playback_check(p);
	if (len == 0)
		return true;
	if (playback_waiting_bytes(p) + len > PLAYBACK_BYTES_MAX)
		return false;
	if (playback_waiting_bytes(p) == 0)
		count_underrun(p);
	make_room(p, len);
	memcpy(p->audio + p->audio_head + playback_waiting_bytes(p), audio, len);
	p->put_bytes += len;
	playback_check(p);
	return true;
}

static void grow_marks(struct playback *p)
{
	size_t cap = p->mark_cap ? p->mark_cap * 2 : 64;
	struct playback_mark *marks = malloc(cap * sizeof *marks);

	check(marks);
	for (size_t i = 0; i < p->mark_count; i++)
		marks[i] = p->marks[(p->mark_head + i) % p->mark_cap];
	free(p->marks);
	p->marks = marks;
	p->mark_cap = cap;
	p->mark_head = 0;
}

bool playback_mark(struct playback *p, const char *name)
{
	size_t len = strlen(name);

	if (p->mark_count == PLAYBACK_MARK_COUNT_MAX || len >= sizeof p->marks->name)
		return false;
	if (p->mark_count == p->mark_cap)
		grow_marks(p);
	struct playback_mark *mark = &p->marks[(p->mark_head + p->mark_count++) % p->mark_cap];

	mark->at_byte = p->put_bytes;
	memcpy(mark->name, name, len + 1);
	return true;
}

size_t playback_clear(struct playback *p)
{
	size_t dropped = playback_waiting_bytes(p);

	p->gone_bytes = p->put_bytes;
	p->cleared_bytes += dropped;
	p->audio_head = 0;
	p->dry_at_byte = 0;
	playback_check(p);
	return dropped;
}

static uint64_t bytes_at(const struct playback *p, uint64_t now_us)
{
	return now_us <= p->start_us ? 0 : (now_us - p->start_us) * ULAW_BYTES_PER_MS / 1000;
}

bool playback_run(struct playback *p, uint64_t now_us, struct buf *heard)
{
	uint64_t until = bytes_at(p, now_us);

	playback_check(p);
	if (until <= p->heard_bytes)
		return true;
	size_t total = (size_t)(until - p->heard_bytes);
	size_t waiting = playback_waiting_bytes(p), play = waiting < total ? waiting : total;

	if (!buf_room(heard, total))
		return false;
	if (play)
		memcpy(buf_tail(heard), p->audio + p->audio_head, play);
	memset(buf_tail(heard) + play, ULAW_SILENCE, total - play);
	buf_commit(heard, total);
	if (play && play == waiting)
		p->dry_at_byte = p->heard_bytes + play;
	p->audio_head = play == waiting ? 0 : p->audio_head + play;
	p->gone_bytes += play;
	p->played_bytes += play;
	p->heard_bytes = until;
	playback_check(p);
	return true;
}

const char *playback_take_mark(struct playback *p)
{
	if (p->mark_count == 0 || p->marks[p->mark_head].at_byte > p->gone_bytes)
		return NULL;
	const char *name = p->marks[p->mark_head].name;

	p->mark_head = (p->mark_head + 1) % p->mark_cap;
	p->mark_count--;
	return name;
}

uint64_t playback_due_us(const struct playback *p)
{
	if (p->mark_count == 0)
		return UINT64_MAX;
	uint64_t at = p->marks[p->mark_head].at_byte, wait = at > p->gone_bytes ? at - p->gone_bytes : 0;

	/* The first microsecond at which bytes_at() reaches it. */
	return p->start_us + ((p->heard_bytes + wait) * 1000 + ULAW_BYTES_PER_MS - 1) / ULAW_BYTES_PER_MS;
}
