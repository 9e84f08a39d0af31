/*
 * pacing - when each frame of each call is due: absolute deadlines, so that lateness never adds up.
 *
 * Place:    sim, pure. Times are microseconds on one monotonic clock.
 * Usage:    one call:  due = pacing_frame_due_us(start_us, i);
 *           many:      pacing_plan_init(&plan, call_count, start_us, ramp_us); call c sends frame 0 at
 *                      pacing_call_start_us(&plan, c) and frame i 20 ms · i later.
 * Laws:     calls are spread evenly over the 20 ms, on ticks of PACING_TICK_US, so that one wake-up serves all
 *           calls of a tick; no tick has more than one call more than another.
 */
#pragma once

#include <stdint.h>

enum {
	PACING_FRAME_US = 20000,
	PACING_TICK_US = 250,
	PACING_TICKS_PER_FRAME = PACING_FRAME_US / PACING_TICK_US,
	/* Twilio's first media message comes this long after `start` (captures: 155 and 171 ms). */
	PACING_FIRST_FRAME_MS_LEAST = 100,
	PACING_FIRST_FRAME_MS_MOST = 180,
};

static inline uint64_t pacing_frame_due_us(uint64_t start_us, uint64_t frame)
{
	return start_us + frame * PACING_FRAME_US;
}

/* Frames that are due at `now`: those with a deadline of now or earlier. */
static inline uint64_t pacing_frames_due(uint64_t start_us, uint64_t now_us)
{
	return now_us < start_us ? 0 : (now_us - start_us) / PACING_FRAME_US + 1;
}

struct pacing_plan {
	uint32_t call_count;
	uint64_t start_us;
	uint64_t ramp_us;               /* the last call starts about this much after the first */
};

/* The place of a call in the 20 ms: 0 ... PACING_TICKS_PER_FRAME - 1. */
static inline uint32_t pacing_call_tick(const struct pacing_plan *plan, uint32_t call)
{
	/* Fewer calls than ticks: spread them; more: deal them out in turn. */
	if (plan->call_count < PACING_TICKS_PER_FRAME)
		return call * PACING_TICKS_PER_FRAME / plan->call_count;
	return call % PACING_TICKS_PER_FRAME;
}

/* When the call may begin to connect: by the ramp, on its tick. */
static inline uint64_t pacing_call_start_us(const struct pacing_plan *plan, uint32_t call)
{
	uint64_t ramp = plan->ramp_us * call / (plan->call_count ? plan->call_count : 1);

	return plan->start_us + ramp / PACING_FRAME_US * PACING_FRAME_US +
		(uint64_t)pacing_call_tick(plan, call) * PACING_TICK_US;
}

/* The first moment not before `now` at which a call may send: on its tick. */
static inline uint64_t pacing_next_slot_us(const struct pacing_plan *plan, uint32_t call, uint64_t now_us)
{
	uint64_t first = plan->start_us + (uint64_t)pacing_call_tick(plan, call) * PACING_TICK_US;

	if (now_us <= first)
		return first;
	return first + (now_us - first + PACING_FRAME_US - 1) / PACING_FRAME_US * PACING_FRAME_US;
}
