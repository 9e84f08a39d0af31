/*
 * caller_track - audio that came with time stamps and numbers, put where it belongs: the caller's, and the outbound
 * track where Twilio sends one.
 *
 * Place:    media, pure; above placement.
 * Usage:    caller_track_init(&c, file_bytes); caller_track_put(&c, stamp_ms, chunk, at, bytes) in the log's order
 * Rules:    a sample's place is its stamp. Stamps jitter: up to CALLER_JITTER_MS beside the end of what came before,
 *           audio goes on without a seam. A number that is left out makes a smaller hole believable; one that came
 *           before is a duplicate, or late: what is late by less than 64 numbers fills its hole. Stamps that stand
 *           still while the numbers count are no stamps. What overlaps what is there is dropped.
 * Lifetime: owns the plan until caller_track_fini().
 * Source:   Twilio, Media Streams WebSocket messages ("media").
 */
#pragma once

#include "media/sound/placement.h"

enum { CALLER_JITTER_MS = 60, CALLER_LOST_MS_LEAST = 10 };

struct caller_track {
	struct plan plan;
	int64_t end;                    /* the sample behind the newest chunk */
	int64_t chunk;                  /* its number; -1: it had none */
	uint64_t seen;                  /* bit k: the number k below that was seen */
	int64_t stamp_ms;               /* its stamp; -1: none yet */
	uint64_t hole_count, hole_samples;
	uint64_t duplicate_count, late_count;
};

void caller_track_init(struct caller_track *c, int64_t file_bytes);
void caller_track_fini(struct caller_track *c);
/* stamp_ms, chunk: -1 is "not said". */
void caller_track_put(struct caller_track *c, int64_t stamp_ms, int64_t chunk, int64_t at, int64_t bytes);
