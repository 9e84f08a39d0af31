/*
 * pcmu - many samples of μ-law (PCMU) at once: to 16 bits, and how loud they are.
 *
 * Place:    media; above proto/ulaw, below mix and peaks.
 * Usage:    pcmu_decode(samples, codes, count);
 *           loudest = pcmu_peak(codes, count);
 * Limits:   none. Every path through it gives the same samples: the hash of all 256 codes is a test.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* `out` and `codes` do not overlap. */
void pcmu_decode(int16_t *out, const uint8_t *codes, size_t count);
/* The largest magnitude among them, 0 to 32124. */
int pcmu_peak(const uint8_t *codes, size_t count);
