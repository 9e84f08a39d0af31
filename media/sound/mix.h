/*
 * mix - two tracks become one file: side by side, or added.
 *
 * Place:    media; above nothing, below sounds. Pure.
 * Usage:    mix_stereo(out, caller, voice, count);           left and right in turn: 2 * count samples
 *           mix_stereo_ulaw(out, caller, voice, count);      the same of μ-law, loss-free
 *           mix_mono(out, caller, voice, count);             both in one
 * Rules:    mono adds, so that whoever speaks alone sounds exactly as on his own track: nothing is halved. Both at once
 *           may reach twice what 16 bits hold. So the sum is taken as it is up to MIX_KNEE, or up to the louder of the
 *           two; what is above bends, first hardly, then more, and ends at 32767: no edge that could be heard as a
 *           click, and it never wraps. A fixed gain would make everything quieter for moments that hardly ever come.
 * Limits:   none; no sample depends on another, so that any slicing into blocks gives the same file.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { MIX_KNEE = 24576 };              /* three quarters of full scale */

void mix_stereo(int16_t *out, const int16_t *left, const int16_t *right, size_t count);
void mix_stereo_ulaw(uint8_t *out, const uint8_t *left, const uint8_t *right, size_t count);
void mix_mono(int16_t *out, const int16_t *one, const int16_t *other, size_t count);
