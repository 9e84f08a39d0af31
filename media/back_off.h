/*
 * back_off - how long a job waits after an attempt that failed.
 *
 * Place:  media, pure.
 */
#pragma once

#include <stdint.h>

enum { BACK_OFF_MS_MAX = 3600 * 1000 };

/* `first_ms` after attempt 1, doubled with each further one, an hour at most; then between 0.8 and 1.2 of that, by
 * `chance`, so that what failed together does not come back together. */
int64_t back_off_ms(int attempt, int64_t first_ms, uint32_t chance);
