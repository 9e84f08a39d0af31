/*
 * mp4 - whether a file is a whole MP4 with picture and sound, and how long it plays.
 *
 * Place:    media, pure over bytes (mp4_check), with one function that maps a file (mp4_check_file).
 * Rules:    the boxes at the top fill the file exactly, `moov` is there, its tracks are one picture and at least one
 *           sound, and their samples lie inside the file's bytes as far as `mdat` says.
 * Fails:    false with a sentence in `why`.
 * Source:   ISO/IEC 14496-12.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mp4 {
	int64_t length_ms;              /* of the whole presentation */
	uint32_t width, height;
	uint32_t picture_count, sound_count;    /* tracks */
	bool starts_fast;               /* moov in front of mdat: players begin before all has come */
};

bool mp4_check(const uint8_t *bytes, size_t len, struct mp4 *out, char *why, size_t why_bytes);
bool mp4_check_file(const char *path, struct mp4 *out, char *why, size_t why_bytes);
