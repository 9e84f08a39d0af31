/* The log is kept whole, a few numbers for each message and mark; voice_solve.c makes sense of it. */
#include "media/sound/voice_track.h"

#include "base/check.h"

#include <stdlib.h>

enum { SEARCH_MAX = 1024 };             /* marks that are out at the same time */

static bool make_room(void **items, size_t *room, size_t count, size_t item_bytes, size_t count_max)
{
	if (count < *room)
		return true;
	if (*room >= count_max)
		return false;
	*room = *room ? *room * 2 : 64;
	*items = realloc(*items, *room * item_bytes);
	check(*items);
	return true;
}

#define ROOM(items, room, count, most) \
	make_room((void **)&(items), &(room), (count), sizeof *(items), (most))

static struct voice_generation *current(struct voice_track *v)
{
	return &v->generations[v->generation_count - 1];
}

static void begin_generation(struct voice_track *v)
{
	if (!ROOM(v->generations, v->generation_room, v->generation_count, VOICE_GENERATIONS_MAX)) {
		v->lost_count++;
		return;
	}
	v->generations[v->generation_count++] = (struct voice_generation){
		.piece_from = v->piece_count, .piece_to = v->piece_count,
		.mark_from = v->mark_count, .mark_to = v->mark_count, .clear_ms = -1,
	};
}

void voice_track_init(struct voice_track *v, int64_t file_bytes)
{
	*v = (struct voice_track){ .stamp_ms = -1 };
	plan_init(&v->plan, file_bytes);
	begin_generation(v);
}

void voice_track_forget(struct voice_track *v)
{
	free(v->pieces);
	free(v->marks);
	free(v->generations);
	free(v->trips);
	*v = (struct voice_track){ .plan = v->plan, .lost_count = v->lost_count };
}

void voice_track_fini(struct voice_track *v)
{
	voice_track_forget(v);
	plan_fini(&v->plan);
}

void voice_track_out(struct voice_track *v, int64_t ms, int64_t at, int64_t bytes)
{
	struct voice_generation *g = current(v);

	if (bytes <= 0 || bytes > PLAN_SAMPLES_MAX || g->bytes > PLAN_SAMPLES_MAX)
		return;
	if (!ROOM(v->pieces, v->piece_room, v->piece_count, VOICE_PIECES_MAX)) {
		v->lost_count++;
		return;
	}
	v->pieces[v->piece_count++] = (struct voice_piece){ ms, at, bytes, g->bytes };
	g->piece_to = v->piece_count;
	g->bytes += bytes;
}

/* FNV-1a: marks of one stream have different names, or the first one counts. */
static uint64_t hash(struct slice name)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < name.len; i++)
		h = (h ^ (uint8_t)name.data[i]) * UINT64_C(0x100000001b3);
	return h;
}

void voice_track_mark(struct voice_track *v, int64_t ms, struct slice name)
{
	struct voice_generation *g = current(v);

	if (!ROOM(v->marks, v->mark_room, v->mark_count, VOICE_MARKS_MAX)) {
		v->lost_count++;
		return;
	}
	v->marks[v->mark_count++] = (struct voice_mark){
		.number = g->bytes, .sent_ms = ms, .back_ms = -1, .before_ms = -1, .behind_ms = -1,
		.name = hash(name),
	};
	g->mark_to = v->mark_count;
}

void voice_track_back(struct voice_track *v, int64_t ms, struct slice name)
{
	uint64_t wanted = hash(name);
	size_t i = v->mark_awaited, to = i + SEARCH_MAX < v->mark_count ? i + SEARCH_MAX : v->mark_count;

	while (i < to && (v->marks[i].name != wanted || v->marks[i].back_ms >= 0))
		i++;
	if (i == to)
		return;
	v->marks[i].back_ms = ms;
	v->marks[i].before_ms = v->stamp_ms;
	if (v->back_count < VOICE_BACKS_MAX)
		v->backs[v->back_count++] = i;
	/* They come back in order: one that is passed over is lost, but may only be late for once. */
	while (v->mark_awaited < v->mark_count &&
		(v->marks[v->mark_awaited].back_ms >= 0 || v->mark_awaited + SEARCH_MAX / 2 < i))
		v->mark_awaited++;
}

void voice_track_stamp(struct voice_track *v, int64_t stamp_ms)
{
	if (stamp_ms <= v->stamp_ms)
		return;
	for (size_t i = 0; i < v->back_count; i++)
		v->marks[v->backs[i]].behind_ms = stamp_ms;
	v->back_count = 0;
	v->stamp_ms = stamp_ms;
}

void voice_track_clear(struct voice_track *v, int64_t ms)
{
	if (current(v)->clear_ms >= 0)
		return;
	current(v)->clear_ms = ms;
	begin_generation(v);
}
