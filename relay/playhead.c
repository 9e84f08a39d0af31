/*
 * A queue kept on our own clock says when each byte would be played if nothing took any time. A
 * mark that comes back says how much later that was, there and back; the caller's frames around it
 * take away what the way back added. Whatever is known is one number, `late`: bounded from above by
 * each mark of the current run, from below by the frame in front of a mark, and by every frame that
 * comes while a mark that was due does not.
 */
#include "relay/playhead.h"

#include "base/check.h"

#include <string.h>

#define UNKNOWN INT64_MIN

enum {
	TRIP_WINDOW_MS = 60000,	  /* a way that has become longer is believed after this */
	FRAMES_WINDOW_MS = 15000, /* two clocks drift: 50 ppm are a millisecond in 20 s */
	/* Our clock counts whole milliseconds: the least of many trips is about one too short. */
	GRAIN = ULAW_BYTES_PER_MS,
	FRAME_GAP = 25 * ULAW_BYTES_PER_MS,
};

static int64_t moment(uint64_t now_ms)
{
	return (int64_t)now_ms * ULAW_BYTES_PER_MS;
}

/* --- the least of late ------------------------------------------------------------------------ */

static void least_put(struct playhead_least *l, int64_t value, uint64_t now_ms, uint64_t window_ms)
{
	if (now_ms - l->since_ms >= window_ms) {
		l->before = l->now;
		l->now = INT64_MAX;
		l->since_ms = now_ms;
	}
	if (value < l->now)
		l->now = value;
}

static int64_t least(const struct playhead_least *l)
{
	return l->now < l->before ? l->now : l->before;
}

/* --- the queue on our clock ------------------------------------------------------------------- */

void playhead_init(struct playhead *p)
{
	*p = (struct playhead){
		.end = UNKNOWN,
		.empty_mark = INT64_MAX,
		.late = UNKNOWN,
		.trip = {INT64_MAX, INT64_MAX, 0},
		.frames = {INT64_MAX, INT64_MAX, 0},
		.stamp = -1,
		.frame = UNKNOWN,
	};
}

void playhead_clear(struct playhead *p)
{
	p->sent_bytes = p->played_bytes = 0;
	p->end = UNKNOWN;
	p->empty_mark = INT64_MAX;
	p->heard_of = p->back_open = p->back_held = false;
	p->late = UNKNOWN;
	p->run_count = p->mark_first = p->mark_count = 0;
}

/* What was sent before has been played: a pause, then another run. */
static void begin_run(struct playhead *p, int64_t now)
{
	int64_t pause = p->end == UNKNOWN ? 0 : now - p->end;

	if (p->run_count == PLAYHEAD_RUNS_MAX)
		memmove(p->runs, p->runs + 1, --p->run_count * sizeof p->runs[0]);
	p->runs[p->run_count++] = (struct playhead_run){p->sent_bytes, now, pause};
	p->end = now;
	/* What played late has so much less to be late by; this run's audio may be later by itself.
	 */
	p->heard_of = false;
	if (p->late != UNKNOWN)
		p->late -= pause;
}

void playhead_sent(struct playhead *p, uint64_t bytes, uint64_t now_ms)
{
	if (bytes == 0)
		return;
	if (p->end == UNKNOWN || p->end < moment(now_ms))
		begin_run(p, moment(now_ms));
	p->sent_bytes += bytes;
	p->end += (int64_t)bytes;
}

void playhead_mark(struct playhead *p, uint64_t now_ms)
{
	if (p->sent_bytes == 0)
		p->empty_mark = moment(now_ms);
	if (p->mark_count < PLAYHEAD_MARKS_MAX)
		p->marks[(p->mark_first + p->mark_count++) % PLAYHEAD_MARKS_MAX] = p->sent_bytes;
}

/* When the mark behind so many bytes would be due without delay; UNKNOWN: too long ago. And the
 * pauses since then. */
static int64_t mark_due(const struct playhead *p, uint64_t bytes, int64_t *out_pauses)
{
	*out_pauses = 0;
	if (bytes == 0 && p->empty_mark != INT64_MAX) {
		*out_pauses = p->run_count ? INT64_MAX : 0;
		return p->empty_mark;
	}
	for (size_t i = p->run_count; i-- > 0;) {
		const struct playhead_run *run = &p->runs[i];

		if (run->from_bytes < bytes)
			return run->begin + (int64_t)(bytes - run->from_bytes);
		*out_pauses += run->pause;
	}
	return UNKNOWN;
}

/* --- what comes back -------------------------------------------------------------------------- */

static void at_least(struct playhead *p, int64_t late)
{
	if (p->late == UNKNOWN || p->late < late)
		p->late = late;
}

static void at_most(struct playhead *p, int64_t late)
{
	if (!p->heard_of || p->late > late)
		p->late = late;
	p->heard_of = true;
}

static void note_trip(struct playhead *p, int64_t trip, uint64_t now_ms)
{
	/* Whoever sends marks back before they are due is not believed beyond that. */
	least_put(&p->trip, trip < 0 ? 0 : trip, now_ms, TRIP_WINDOW_MS);
}

static void forget_marks(struct playhead *p, uint64_t bytes)
{
	while (p->mark_count && p->marks[p->mark_first] <= bytes) {
		p->mark_first = (p->mark_first + 1) % PLAYHEAD_MARKS_MAX;
		p->mark_count--;
	}
}

/* The mark that came back last left Twilio at `at` or before. */
static void settle_back(struct playhead *p, int64_t at, uint64_t now_ms)
{
	int64_t pauses;

	note_trip(p, at - p->back_due, now_ms);
	p->back_held = false;
	if (mark_due(p, p->played_bytes, &pauses) == p->back_due && pauses == 0)
		at_most(p, at - p->back_due);
}

void playhead_back(struct playhead *p, uint64_t bytes, uint64_t now_ms)
{
	int64_t pauses, due = mark_due(p, bytes, &pauses), now = moment(now_ms);

	check(bytes <= p->sent_bytes);
	if (p->back_held)
		settle_back(p, p->back_at, now_ms);
	forget_marks(p, bytes);
	if (bytes > p->played_bytes)
		p->played_bytes = bytes;
	p->back_open = due != UNKNOWN;
	if (due == UNKNOWN)
		return;
	p->back_due = due;
	p->back_at = now;
	/* Later than the next frame should have been: that one, when it comes, says how much later. */
	p->back_held = p->frame != UNKNOWN && now > p->frame + FRAME_GAP;
	if (!p->back_held)
		settle_back(p, now, now_ms);
	if (p->frame != UNKNOWN && pauses != INT64_MAX)
		at_least(p, p->frame - due - pauses);
}

/* The next mark that is out was not played when Twilio sent this frame. */
static void look_for_overdue(struct playhead *p)
{
	int64_t pauses, due;

	if (p->mark_count == 0)
		return;
	due = mark_due(p, p->marks[p->mark_first], &pauses);
	if (due != UNKNOWN && pauses != INT64_MAX)
		at_least(p, p->frame - due - pauses);
}

void playhead_frame(struct playhead *p, int64_t timestamp_ms, uint64_t now_ms)
{
	int64_t now = moment(now_ms), stamp = timestamp_ms * ULAW_BYTES_PER_MS;

	/* A clock that stands still says nothing, one that was set back begins anew. */
	if (stamp == p->stamp)
		return;
	if (stamp < p->stamp)
		p->frames = (struct playhead_least){ INT64_MAX, INT64_MAX, now_ms };
	p->stamp = stamp;
	least_put(&p->frames, now - stamp, now_ms, FRAMES_WINDOW_MS);
	p->frame = stamp + least(&p->frames);
	if (p->back_open) {
		/* The mark left Twilio before this frame did. */
		p->back_open = false;
		settle_back(p, p->frame < p->back_at ? p->frame : p->back_at, now_ms);
	}
	look_for_overdue(p);
}

/* --- the answer ------------------------------------------------------------------------------- */

static int64_t lag(const struct playhead *p)
{
	int64_t trip = least(&p->trip);

	if (p->late == UNKNOWN || trip == INT64_MAX || p->late <= trip + GRAIN)
		return 0;
	return p->late - trip - GRAIN;
}

uint64_t playhead_bytes(const struct playhead *p, uint64_t now_ms)
{
	if (p->sent_bytes == 0)
		return 0;
	int64_t left = p->end + lag(p) - moment(now_ms);

	if (left <= 0)
		return p->sent_bytes;
	if ((uint64_t)left >= p->sent_bytes - p->played_bytes)
		return p->played_bytes;
	return p->sent_bytes - (uint64_t)left;
}

uint64_t playhead_end_ms(const struct playhead *p)
{
	return p->sent_bytes ? (uint64_t)(p->end + lag(p)) / ULAW_BYTES_PER_MS : 0;
}

uint64_t playhead_trip_ms(const struct playhead *p)
{
	int64_t trip = least(&p->trip);

	return trip == INT64_MAX ? 0 : (uint64_t)trip / ULAW_BYTES_PER_MS;
}
