/*
 * placement - where on a track the stretches of a file of audio go.
 *
 * Place:    media, pure. caller_track and voice_track make plans, tracks fills them with bytes.
 * Usage:    plan_init(&p, file_bytes);
 *           plan_put(&p, sample, at, bytes);         these bytes of the file begin at that sample
 *           for (i = 0; i < p.count; i++) use(&p.items[i]);
 * Rules:    items are in order of samples and do not overlap: what is there already stays, what comes later is cut to
 *           the room that is left. Neighbours that go on in the file are one item. No item reaches beyond the file's
 *           bytes, in front of sample 0 or beyond PLAN_SAMPLES_MAX.
 * Lifetime: owns its memory until plan_fini(); a zeroed struct may be fini'd.
 * Limits:   PLAN_ITEMS_MAX; a stretch that comes late finds its hole among the last PLAN_LATE_MAX items. What does not
 *           find room is counted in lost_bytes.
 */
#pragma once

#include "base/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PLAN_SAMPLES_MAX = 24 * 3600 * 1000 * ULAW_BYTES_PER_MS,
	PLAN_ITEMS_MAX = 1 << 20,
	PLAN_LATE_MAX = 64,
};

struct placement {
	int64_t sample;                 /* where it begins on the track */
	int64_t at, bytes;              /* in the file */
};

struct plan {
	struct placement *items;
	size_t count, room;
	int64_t file_bytes;
	uint64_t lost_bytes;
};

void plan_init(struct plan *p, int64_t file_bytes);
void plan_fini(struct plan *p);
void plan_put(struct plan *p, int64_t sample, int64_t at, int64_t bytes);
/* Behind the last item. */
int64_t plan_end(const struct plan *p);
/* Nothing stays at or behind `sample`. */
void plan_cut(struct plan *p, int64_t sample);
