/*
 * playhead - where in the audio that was sent to Twilio the caller's ear is right now.
 *
 * Place:    relay, pure: the clock is an argument. Below ledger, nobody else's.
 * Usage:    playhead_sent(&p, bytes, now_ms) for audio; playhead_mark(&p, now_ms) for a mark behind it;
 *           playhead_back(&p, bytes, now_ms) when the mark behind that many bytes came back;
 *           playhead_frame(&p, timestamp_ms, now_ms) for each frame of the caller's;
 *           playhead_bytes(&p, now_ms); playhead_clear(&p).
 * Model:    audio and clear take the same way, so a clear that leaves now finds the queue as if both arrived at once: a
 *           queue kept here, filled as we send and emptied at 8 bytes a millisecond, is right whatever the delay is, as
 *           long as it is the same for both. What it cannot see (audio that was late, so that the phone began later or
 *           ran dry) shows in the marks: each one comes back a round trip after its audio was played here. The least
 *           of these over the last minutes is the trip; what is more than that, by the marks of the audio that plays
 *           without a pause until now, is how late it plays.
 *           A mark's own lateness on its way back is told from that by the caller's frames, which come on the same way
 *           in order and carry Twilio's clock: it was sent between the frame before it and the frame behind it.
 * Rules:    never beyond what was sent, never behind what a mark has proven.
 * Limits:   of PLAYHEAD_MARKS_MAX marks and PLAYHEAD_RUNS_MAX pauses; older ones only prove what was played. What the
 *           clear itself meets on its way out nobody knows when it leaves: by so much the answer is wrong.
 */
#pragma once

#include "base/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PLAYHEAD_MARKS_MAX = 64, PLAYHEAD_RUNS_MAX = 16 };

/* The least of what was seen lately: in this window of time and the one before it. */
struct playhead_least {
	int64_t now, before;            /* INT64_MAX: nothing seen */
	uint64_t since_ms;
};

/* Audio that plays without a pause. All times are in bytes: eighths of a millisecond. */
struct playhead_run {
	uint64_t from_bytes;
	int64_t begin;                  /* on our clock, were there no delay */
	int64_t pause;                  /* before it */
};

struct playhead {
	uint64_t sent_bytes, played_bytes;      /* played: proven by a mark */
	int64_t end;                    /* on our clock, were there no delay: all is played */
	int64_t empty_mark;             /* when a mark was sent in front of all audio; INT64_MAX: none */
	bool heard_of;                  /* a mark of the current run came back */
	int64_t late;                   /* how late the current run plays, with the trip; INT64_MIN: not known */
	struct playhead_least trip;     /* there and back */
	struct playhead_least frames;   /* our clock less Twilio's: of the caller's frames */
	int64_t stamp;                  /* the last frame's; -1: none yet */
	int64_t frame;                  /* when the last frame would have come undelayed; INT64_MIN: none yet */
	bool back_open;                 /* a mark came back and no frame since */
	bool back_held;                 /* it is not believed before one comes */
	int64_t back_at, back_due;      /* when it came; when it was due, were there no delay */
	size_t run_count;
	struct playhead_run runs[PLAYHEAD_RUNS_MAX];
	size_t mark_first, mark_count;
	uint64_t marks[PLAYHEAD_MARKS_MAX];     /* a ring: bytes in front of marks that are out */
};

void playhead_init(struct playhead *p);
void playhead_sent(struct playhead *p, uint64_t bytes, uint64_t now_ms);
void playhead_mark(struct playhead *p, uint64_t now_ms);
void playhead_back(struct playhead *p, uint64_t bytes, uint64_t now_ms);
void playhead_frame(struct playhead *p, int64_t timestamp_ms, uint64_t now_ms);
/* All that waits is thrown away; counts begin again. What was learnt about the way stays. */
void playhead_clear(struct playhead *p);

uint64_t playhead_bytes(const struct playhead *p, uint64_t now_ms);
/* There and back; 0: not known. */
uint64_t playhead_trip_ms(const struct playhead *p);
/* When everything that was sent will have been played, as far as is known. */
uint64_t playhead_end_ms(const struct playhead *p);
