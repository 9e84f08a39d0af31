/*
 * ffmpeg - the command lines that ffmpeg is given, and what its end means for the step.
 *
 * Place:    media; above child, below video.
 * Usage:    struct ffmpeg f = { .s = s, .length_ms = …, .feed = …, .owner = … };
 *           enum step_result r = ffmpeg_encode(&f);
 * Rules:    it works in the folder `made` with fixed names, so that no path and no text stands in an argument. All
 *           words come from captions.ass. Only options that ffmpeg 4 to 7 share are used.
 * Limits:   60 s and twice the call's length; so many bytes and so much memory as no call needs.
 */
#pragma once

#include "media/step.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ffmpeg {
	struct step *s;
	int64_t length_ms;
	/* As in child_order. */
	size_t (*feed)(void *owner, const uint8_t **out_bytes);
	bool (*alive)(void *owner);
	void *owner;
};

/* Whether there is an ffmpeg that draws words, with a font to draw them, and encodes H.264 and AAC: STEP_DONE, or
 * STEP_CONFIG with what is missing. */
enum step_result ffmpeg_probe(struct ffmpeg *f);
/* Frames from feed(), words from captions.ass, sound from mix.wav; into video.mp4.part. */
enum step_result ffmpeg_encode(struct ffmpeg *f);
/* The picture of made/`file`, the sound of mix.wav; into video.mp4.part. */
enum step_result ffmpeg_join(struct ffmpeg *f, const char *file);
