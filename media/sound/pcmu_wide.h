/*
 * pcmu_wide - sixteen samples of μ-law at a time, where the processor can (AVX2). pcmu is its only user.
 *
 * Place:  media; inside pcmu.
 * Usage:  done = pcmu_wide_decode(out, codes, count);   the rest is the caller's, one by one
 * Fails:  never; 0 where the processor cannot.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

size_t pcmu_wide_decode(int16_t *out, const uint8_t *codes, size_t count);
