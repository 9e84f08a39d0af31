#include "relay/batch.h"

void batch_init(struct batch *b, uint32_t us_max)
{
	*b = (struct batch){ .us_max = us_max };
}

static uint32_t wait_us(uint32_t us_max, uint64_t rate)
{
	if (rate <= BATCH_IDLE_RATE)
		return 0;
	if (rate >= BATCH_FULL_RATE)
		return us_max;
	return (uint32_t)(us_max * (rate - BATCH_IDLE_RATE) / (BATCH_FULL_RATE - BATCH_IDLE_RATE));
}

void batch_turn(struct batch *b, uint32_t completion_count, uint64_t now_ns)
{
	uint64_t passed_ns = now_ns - b->window_at_ns;

	b->window_count += completion_count;
	if (passed_ns < BATCH_WINDOW_MS * 1000000ull)
		return;
	b->us = wait_us(b->us_max, b->window_count * 1000000000ull / passed_ns);
	b->window_at_ns = now_ns;
	b->window_count = 0;
}
