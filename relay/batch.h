/*
 * batch - how long a loop waits for company before it wakes: not at all when idle, longer the more there is to do.
 *
 * Place:    below loop; pure. The benchmark's raw proxy uses it too, so that both batch alike.
 * Usage:    batch_init(&b, 200); … us = batch_wait_us(&b); … batch_turn(&b, receives, now_ns) after each turn.
 * Why:      a wake-up costs more than a message. From about 50 messages a wake-up on nothing more is to be won;
 *           before that each wait is latency. So it grows with the load.
 */
#pragma once

#include <stdint.h>

/* Completions a second: under the first nothing is waited for, at the second as long as allowed. */
enum { BATCH_IDLE_RATE = 4000, BATCH_FULL_RATE = 80000, BATCH_WINDOW_MS = 20 };

struct batch {
	uint32_t us_max;
	uint32_t us;                    /* at present */
	uint64_t window_at_ns;
	uint64_t window_count;
};

void batch_init(struct batch *b, uint32_t us_max);
void batch_turn(struct batch *b, uint32_t completion_count, uint64_t now_ns);

static inline uint32_t batch_wait_us(const struct batch *b)
{
	return b->us;
}
