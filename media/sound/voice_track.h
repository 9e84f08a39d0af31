/*
 * voice_track - what the caller heard of the audio that was sent, and when: on the stream's clock, from the whole log.
 *
 * Place:    media, pure; above placement and stream_clock. relay/playhead answers the same question while the call
 *           runs, with what is known so far; here all is known.
 * Usage:    voice_track_init(&v, file_bytes);
 *           voice_track_out/mark/back/clear(&v, …); voice_track_stamp(&v, stamp_ms);   in the order of the log
 *           voice_track_solve(&v, &clock, end_sample);      makes v.plan
 * Model:    Twilio queues what comes and plays it in order. A byte's lateness, the moment it is played less its number
 *           in the generation, never falls, and rises only at a message that came when all before it had been played.
 *           From below it is bounded by when the message can have come at the earliest (sent, plus the least trip) and
 *           by the inbound message in front of a mark that came back; from above by the message behind that mark and
 *           by when the mark came here. What the marks tell beyond the model was a message that came late: the one
 *           that had the least time to spare.
 *           A clear throws the rest away and returns the marks in it at once: the first mark that is back before
 *           its audio can have been played is the moment of the cut.
 * Rules:    of a cut the earlier moment counts: what may have been cleared is left out.
 * Lifetime: owns its memory until voice_track_fini().
 * Limits:   VOICE_PIECES_MAX and VOICE_MARKS_MAX; what is more is not placed, and counted in lost_count.
 */
#pragma once

#include "base/slice.h"
#include "media/sound/placement.h"
#include "media/sound/stream_clock.h"

enum {
	VOICE_PIECES_MAX = 1 << 20,
	VOICE_MARKS_MAX = 1 << 20,
	VOICE_GENERATIONS_MAX = 1 << 18,
	VOICE_BACKS_MAX = 256,          /* marks that come back between two inbound messages */
};

/* Audio that left together. */
struct voice_piece {
	int64_t ms;
	int64_t at, bytes;
	int64_t number;                 /* of its first byte in the generation */
};

struct voice_mark {
	int64_t number;                 /* bytes in front of it in the generation */
	int64_t sent_ms;
	int64_t back_ms;                /* -1: it never came back */
	int64_t before_ms, behind_ms;   /* stamps of the inbound messages around it; -1: none */
	uint64_t name;                  /* a hash */
};

/* What one clear ends, or the stream. */
struct voice_generation {
	size_t piece_from, piece_to, mark_from, mark_to;
	int64_t clear_ms;               /* -1: none */
	int64_t bytes;
};

struct voice_track {
	struct plan plan;
	struct voice_piece *pieces;
	size_t piece_count, piece_room;
	struct voice_mark *marks;
	size_t mark_count, mark_room;
	struct voice_generation *generations;   /* the last one is open */
	size_t generation_count, generation_room;
	size_t mark_awaited;            /* all marks in front of it came back or are given up */
	size_t back_count;              /* marks that came back since the newest inbound message */
	size_t backs[VOICE_BACKS_MAX];
	int64_t stamp_ms;               /* of that message; -1: none yet */
	int64_t *trips;                 /* there and back, the least of each window; INT64_MAX: not known */
	size_t trip_count;
	int64_t least_trip;             /* of all windows; 0: not known */
	uint64_t lost_count;
};

void voice_track_init(struct voice_track *v, int64_t file_bytes);
void voice_track_fini(struct voice_track *v);

void voice_track_out(struct voice_track *v, int64_t ms, int64_t at, int64_t bytes);
void voice_track_mark(struct voice_track *v, int64_t ms, struct slice name);
void voice_track_back(struct voice_track *v, int64_t ms, struct slice name);
void voice_track_clear(struct voice_track *v, int64_t ms);
void voice_track_stamp(struct voice_track *v, int64_t stamp_ms);

/* Nothing is heard at or behind end_sample. Once, after the clock has settled; then only the plan is left. */
void voice_track_solve(struct voice_track *v, const struct stream_clock *clock, int64_t end_sample);
/* All but the plan. */
void voice_track_forget(struct voice_track *v);
