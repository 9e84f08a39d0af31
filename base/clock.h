/*
 * clock - the two clocks that programs read. Pure code never calls these: it is told the time.
 *
 * Place:  base; called by programs' loops only.
 */
#pragma once

#include <stdint.h>

/* Milliseconds and nanoseconds of CLOCK_MONOTONIC: for deadlines and durations. */
uint64_t clock_mono_ms(void);
uint64_t clock_mono_ns(void);
/* Milliseconds since 1970 UTC: for the database, tokens and logs. */
int64_t clock_wall_ms(void);
