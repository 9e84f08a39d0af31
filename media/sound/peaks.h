/*
 * peaks - how loud a track is, in a fixed number of columns over its whole length, without knowing the length ahead.
 *
 * Place:    media; above pcmu. Pure. The picture's bars.
 * Usage:    peaks_put(&p, codes, count); …                  while the tracks go by
 *           peaks_columns(&p, heights, 196);                0 to 32124, the loudest sample of each column
 * Rules:    each bin holds the loudest of equally many samples; when all are in use, two become one and they hold twice
 *           as many. So at least PEAKS_BIN_COUNT / 2 bins stand over anything longer than some seconds, and memory does
 *           not grow with the call.
 * Lifetime: a zeroed struct is ready.
 * Limits:   columns: at most PEAKS_COLUMN_COUNT_MAX. No sound at all: all columns are 0.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { PEAKS_BIN_COUNT = 4096, PEAKS_BIN_SAMPLES_MIN = 80, PEAKS_COLUMN_COUNT_MAX = PEAKS_BIN_COUNT / 2 };

struct peaks {
	uint64_t sample_count;
	uint32_t doublings;             /* a bin holds PEAKS_BIN_SAMPLES_MIN << doublings samples */
	int16_t bins[PEAKS_BIN_COUNT];
};

void peaks_put(struct peaks *p, const uint8_t *codes, size_t count);
void peaks_columns(const struct peaks *p, int16_t *out, size_t column_count);
