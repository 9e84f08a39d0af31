/*
 * count - a counter that one thread writes and any thread may read: no lock, no bus lock, no torn value.
 *
 * Place:  relay, below everything there.
 */
#pragma once

#include <stdint.h>

static inline uint64_t count_read(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static inline void count_set(uint64_t *counter, uint64_t value)
{
	__atomic_store_n(counter, value, __ATOMIC_RELAXED);
}

/* Only the counter's own thread. */
static inline void count_add(uint64_t *counter, uint64_t n)
{
	count_set(counter, count_read(counter) + n);
}

static inline void count_max(uint64_t *counter, uint64_t value)
{
	if (value > count_read(counter))
		count_set(counter, value);
}
