/*
 * First the least trip there and back, from all marks: a queue that is kept on our own clock says when a mark would
 * have come back without any delay. Then generation by generation: which marks were played and which were thrown back
 * by the clear; when it took effect; how late each message's audio was played.
 */
#include "media/sound/voice_track.h"

#include "base/check.h"

#include <stdlib.h>

enum {
	TRIP_WINDOW_MS = 10000,
	TRIP_NEIGHBOURS = 1,
	/* A mark may come back this much before its audio was played: a phone that plays whole frames. */
	EARLY = 25 * ULAW_BYTES_PER_MS,
	/* By so much a cut may be guessed too late. */
	CUT_GRAIN = 2 * ULAW_BYTES_PER_MS,
	/* A shorter pause inside of speech is none. */
	PAUSE = 2 * ULAW_BYTES_PER_MS,
};

/* What a mark that was played says of the lateness of the byte in front of it. */
struct bounds {
	int64_t number;
	int64_t low, high;
};

struct solver {
	struct voice_track *track;
	const struct stream_clock *clock;
	const struct voice_generation *generation;
	int64_t *earliest;              /* lateness of each piece, had it come as early as it can */
	struct bounds *bounds;
	size_t bound_count;
	int64_t cut;                    /* no sample at or behind it */
};

/* --- the trip --------------------------------------------------------------------------------------- */

static int64_t eighths(int64_t ms)
{
	return ms * ULAW_BYTES_PER_MS;
}

static size_t trip_window(int64_t ms)
{
	return (size_t)((ms < 0 ? 0 : ms > STREAM_MS_MAX ? STREAM_MS_MAX : ms) / TRIP_WINDOW_MS);
}

static void note_trip(struct voice_track *v, int64_t ms, int64_t trip)
{
	int64_t *least = &v->trips[trip_window(ms)];

	if (trip < 0)
		trip = 0;
	if (trip < *least)
		*least = trip;
}

/* A mark comes back when it is played or thrown back, whichever is first, and a trip later. */
static void note_trips(struct voice_track *v, const struct voice_generation *g)
{
	int64_t late = INT64_MIN;       /* on our own clock */
	size_t piece = g->piece_from;

	for (size_t i = g->mark_from; i < g->mark_to; i++) {
		const struct voice_mark *m = &v->marks[i];
		int64_t due = eighths(m->sent_ms);

		for (; piece < g->piece_to && v->pieces[piece].number < m->number; piece++) {
			int64_t here = eighths(v->pieces[piece].ms) - v->pieces[piece].number;

			late = here > late ? here : late;
		}
		if (late != INT64_MIN && late + m->number > due)
			due = late + m->number;
		if (g->clear_ms >= 0 && m->back_ms >= g->clear_ms && eighths(g->clear_ms) < due)
			due = eighths(g->clear_ms);
		if (m->back_ms >= 0)
			note_trip(v, m->back_ms, eighths(m->back_ms) - due);
	}
}

static void find_trips(struct voice_track *v)
{
	v->trip_count = trip_window(STREAM_MS_MAX) + 1;
	v->trips = malloc(v->trip_count * sizeof *v->trips);
	check(v->trips);
	for (size_t i = 0; i < v->trip_count; i++)
		v->trips[i] = INT64_MAX;
	for (size_t i = 0; i < v->generation_count; i++)
		note_trips(v, &v->generations[i]);
	v->least_trip = INT64_MAX;
	for (size_t i = 0; i < v->trip_count; i++)
		if (v->trips[i] < v->least_trip)
			v->least_trip = v->trips[i];
	if (v->least_trip == INT64_MAX)
		v->least_trip = 0;
}

/* Where nothing is known near by, the least of all. */
static int64_t trip_at(const struct voice_track *v, int64_t ms)
{
	size_t window = trip_window(ms), from = window > TRIP_NEIGHBOURS ? window - TRIP_NEIGHBOURS : 0;
	int64_t least = INT64_MAX;

	for (size_t i = from; i <= window + TRIP_NEIGHBOURS && i < v->trip_count; i++)
		if (v->trips[i] < least)
			least = v->trips[i];
	return least == INT64_MAX ? v->least_trip : least;
}

/* The earliest sample at which what was sent at `ms` can have been with Twilio. */
static int64_t arrival(const struct solver *s, int64_t ms)
{
	return stream_clock_sample(s->clock, ms) + trip_at(s->track, ms);
}

/* --- marks ------------------------------------------------------------------------------------------ */

/* When it left Twilio, at the latest. */
static int64_t left_by(const struct solver *s, const struct voice_mark *m)
{
	int64_t by_us = stream_clock_sample(s->clock, m->back_ms);
	int64_t by_next = m->behind_ms >= 0 ? eighths(m->behind_ms) : INT64_MAX;

	return by_next < by_us ? by_next : by_us;
}

static int64_t left_from(const struct voice_mark *m, int64_t left_by)
{
	int64_t from = eighths(m->before_ms);

	return m->before_ms < 0 || from > left_by ? left_by : from;
}

/* Back before its audio can have been played. */
static bool is_thrown_back(const struct solver *s, const struct voice_mark *m, int64_t late)
{
	int64_t clear_ms = s->generation->clear_ms;

	return clear_ms >= 0 && m->back_ms >= clear_ms && left_by(s, m) + EARLY < late + m->number;
}

/* The first mark that was thrown back says when the clear took effect. */
static void find_cut(struct solver *s, const struct voice_mark *m)
{
	int64_t by = left_by(s, m), from = left_from(m, by);

	if (s->cut < from)
		s->cut = from;
	if (s->cut > by)
		s->cut = by;
}

static void take_mark(struct solver *s, const struct voice_mark *m)
{
	int64_t by = left_by(s, m);
	/* Perhaps the clear threw it back. */
	bool doubtful = s->generation->clear_ms >= 0 && m->back_ms >= s->generation->clear_ms && by >= s->cut - EARLY;

	if (m->number > 0 && !doubtful)
		s->bounds[s->bound_count++] =
			(struct bounds){ m->number, left_from(m, by) - m->number, by - m->number };
}

/* Lateness never falls: what is true of a later byte bounds an earlier one from above, and the other way round. */
static void tighten(struct solver *s)
{
	for (size_t i = s->bound_count; i-- > 1;)
		if (s->bounds[i - 1].high > s->bounds[i].high)
			s->bounds[i - 1].high = s->bounds[i].high;
	for (size_t i = 0; i < s->bound_count; i++) {
		if (i > 0 && s->bounds[i].low < s->bounds[i - 1].low)
			s->bounds[i].low = s->bounds[i - 1].low;
		if (s->bounds[i].low > s->bounds[i].high)
			s->bounds[i].low = s->bounds[i].high;
	}
}

static void sort_marks(struct solver *s)
{
	const struct voice_generation *g = s->generation;
	const struct voice_track *v = s->track;
	int64_t late = INT64_MIN / 2;
	size_t piece = g->piece_from;
	bool thrown = false;

	s->bound_count = 0;
	for (size_t i = g->mark_from; i < g->mark_to; i++) {
		const struct voice_mark *m = &v->marks[i];

		for (; piece < g->piece_to && v->pieces[piece].number < m->number; piece++)
			if (s->earliest[piece - g->piece_from] > late)
				late = s->earliest[piece - g->piece_from];
		if (m->back_ms < 0 || thrown)
			continue;
		thrown = is_thrown_back(s, m, late);
		if (thrown)
			find_cut(s, m);
		else
			take_mark(s, m);
	}
	tighten(s);
}

/* --- lateness --------------------------------------------------------------------------------------- */

static void place(struct solver *s, const struct voice_piece *p, int64_t late)
{
	int64_t sample = late + p->number, bytes = p->bytes;

	if (sample + bytes > s->cut)
		bytes = s->cut - sample;
	if (bytes > 0)
		plan_put(&s->track->plan, sample, p->at, bytes);
}

/* Pieces [from, to), all in front of one mark, or behind the last: NULL. Returns the lateness of the last one. */
static int64_t place_stretch(struct solver *s, size_t from, size_t to, const struct bounds *mark, int64_t late)
{
	const struct voice_piece *pieces = s->track->pieces + s->generation->piece_from;
	int64_t most = mark ? mark->high : INT64_MAX, lift = 0;
	size_t tightest = from;
	bool paused = false;

	for (size_t i = from; i < to; i++) {
		if (s->earliest[i] > s->earliest[tightest])
			tightest = i;
		paused = paused || s->earliest[i] > late + PAUSE;
	}
	int64_t model = s->earliest[tightest] > late ? s->earliest[tightest] : late;

	if (mark && model < most && (paused || mark->low > model))
		lift = most - model;
	for (size_t i = from; i < to; i++) {
		if (s->earliest[i] > late + PAUSE)
			late = s->earliest[i];
		if (lift && i == tightest)
			late = most;
		if (late > most)
			late = most;
		place(s, &pieces[i], late);
	}
	return late;
}

static void place_all(struct solver *s)
{
	const struct voice_generation *g = s->generation;
	size_t count = g->piece_to - g->piece_from, piece = 0;
	int64_t late = INT64_MIN / 2;

	for (size_t i = 0; i < s->bound_count && piece < count; i++) {
		size_t to = piece;

		while (to < count && s->track->pieces[g->piece_from + to].number < s->bounds[i].number)
			to++;
		if (to > piece)
			late = place_stretch(s, piece, to, &s->bounds[i], late);
		piece = to;
	}
	if (piece < count)
		place_stretch(s, piece, count, NULL, late);
}

static void solve_generation(struct solver *s, int64_t end_sample)
{
	const struct voice_generation *g = s->generation;

	for (size_t i = g->piece_from; i < g->piece_to; i++)
		s->earliest[i - g->piece_from] =
			arrival(s, s->track->pieces[i].ms) - s->track->pieces[i].number;
	s->cut = g->clear_ms >= 0 ? arrival(s, g->clear_ms) : INT64_MAX;
	sort_marks(s);
	if (g->clear_ms >= 0)
		s->cut -= CUT_GRAIN;
	if (s->cut > end_sample)
		s->cut = end_sample;
	place_all(s);
}

void voice_track_solve(struct voice_track *v, const struct stream_clock *clock, int64_t end_sample)
{
	struct solver s = { .track = v, .clock = clock };

	find_trips(v);
	s.earliest = malloc((v->piece_count + 1) * sizeof *s.earliest);
	s.bounds = malloc((v->mark_count + 1) * sizeof *s.bounds);
	check(s.earliest && s.bounds);
	for (size_t i = 0; i < v->generation_count; i++) {
		s.generation = &v->generations[i];
		solve_generation(&s, end_sample);
	}
	free(s.earliest);
	free(s.bounds);
	voice_track_forget(v);
}
