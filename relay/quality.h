/*
 * quality - how well a call went for its caller: dead air, talk-over, response gaps, underruns, lag of our own.
 *
 * Place:    relay, pure: the clock is an argument. The bridge feeds it; ratings.h adds calls up.
 * Usage:    quality_begin(&q, now_ms);                      the receptionist is heard for the first time
 *           quality_look(&q, voice, caller, now_ms);        often: who is to be heard right now
 *           quality_caller(&q, true, ago_ms, now_ms);       the caller began (false: ended) to speak so long ago
 *           quality_answer(&q, gap_ms); quality_underrun(&q); quality_lag(&q, ns);
 *           quality_end(&q, now_ms);
 * Figures:  dead air   stretches longer than QUALITY_PAUSE_MS in which nobody is to be heard, their whole length
 *           talk-over  both are to be heard
 *           gap        from the caller's last sound to the first audio of the answer
 *           underrun   the receptionist's voice ran dry in the midst of an item
 *           lag        the longest turn of the ring thread that came before one of this call's
 * Rules:    before begin and after end nothing counts. What Grok tells of the caller comes late, and is put right by
 *           `ago_ms` when it comes.
 * Limits:   as exact as quality_look() is frequent: with each of the caller's frames, 20 ms.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { QUALITY_PAUSE_MS = 2000, QUALITY_GAP_BUCKETS = 11 };

/* Upper bounds of the buckets of gaps, in ms; the last bucket has none. */
extern const uint32_t quality_gap_bounds_ms[QUALITY_GAP_BUCKETS - 1];

struct quality {
	bool begun, over;
	bool voice, caller;             /* as seen last */
	uint64_t at_ms;                 /* and when */
	uint64_t voice_at_ms, caller_at_ms;     /* since when they are, or are not */
	uint64_t quiet_at_ms;           /* since when nobody is heard; 0: somebody is */
	/* The figures. */
	uint64_t dead_air_ms, dead_air_ms_max, talk_over_ms;
	uint32_t gap_counts[QUALITY_GAP_BUCKETS];
	uint32_t gap_count, gap_ms_max;
	uint64_t gap_ms_sum;
	uint32_t underrun_count;
	uint64_t lag_ns_max;
};

/* A zeroed struct is ready. Only the first counts. */
void quality_begin(struct quality *q, uint64_t now_ms);
void quality_look(struct quality *q, bool voice, bool caller, uint64_t now_ms);
void quality_caller(struct quality *q, bool speaks, uint64_t ago_ms, uint64_t now_ms);
void quality_answer(struct quality *q, uint64_t gap_ms);
void quality_underrun(struct quality *q);
void quality_lag(struct quality *q, uint64_t ns);
/* Idempotent. */
void quality_end(struct quality *q, uint64_t now_ms);
