/*
 * reel - the frames of a call's video, one after the other, made of its two tracks.
 *
 * Place:    media; above picture and peaks. Reads files, as little as it needs at a time.
 * Usage:    if (!reel_open(&reel, folder, why, sizeof why)) …
 *           while ((bytes = reel_next(&reel, &frame))) write(…, frame, bytes);
 *           if (reel.error) …
 *           reel_close(&reel);
 * Reads:    FOLDER/caller.ulaw and voice.ulaw: μ-law, 8000 Hz; twice: once for the bars of the whole call.
 * Lifetime: owns two files and a picture (1.4 MB), whatever the call's length. A frame is good until the next.
 *           A zeroed struct may be closed.
 * Fails:    reel_open(): false with a sentence. While it runs: error is an errno, and the frames end.
 */
#pragma once

#include "media/video/picture.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct reel {
	FILE *tracks[SPEAKER_COUNT];
	struct picture *picture;
	uint64_t sample_count;          /* of the longer track */
	uint64_t frame, frame_count;    /* the next one, and all */
	int error;
};

bool reel_open(struct reel *reel, const char *folder, char *why, size_t why_bytes);
/* The bytes of a frame; 0: that was the last one. */
size_t reel_next(struct reel *reel, const uint8_t **out_frame);
void reel_close(struct reel *reel);
int64_t reel_length_ms(const struct reel *reel);
/* What of it the frames so far show. */
int64_t reel_done_ms(const struct reel *reel);
