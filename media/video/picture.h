/*
 * picture - the frames of a call's video, all but the words: two cards with the whole call as bars, what was played
 * so far bright, a playhead, and what sounds at this moment.
 *
 * Place:    media, pure. Fed with loudness, drained as frames; ffmpeg draws the words and encodes.
 * Usage:    picture_init(&p, bars, loudest)         bars: how loud the whole call is, each speaker
 *           picture_frame(&p, done, levels)         draws the next frame; p.pixels are its bytes
 * Format:   planar YUV 4:2:0, BT.709, limited range, PICTURE_WIDTH × PICTURE_HEIGHT: ffmpeg's yuv420p.
 * Lifetime: embeds all its memory (about 1.4 MB): allocate it. The pixels are good until the next frame.
 * Cost:     the call's length does not count.
 */
#pragma once

#include "media/video/captions.h"

#include <stdint.h>

enum {
	PICTURE_WIDTH = 1280,
	PICTURE_HEIGHT = 720,
	PICTURE_FRAMES_PER_S = 15,
	PICTURE_BARS = 189,
	PICTURE_LIVE_BARS = 48,         /* of the running display of one speaker */
	PICTURE_LUMA_BYTES = PICTURE_WIDTH * PICTURE_HEIGHT,
	PICTURE_BYTES = PICTURE_LUMA_BYTES * 3 / 2,

	/* Where the words go; captions.c must know. */
	PICTURE_LEFT = 72,
	PICTURE_RIGHT = 1206,
	PICTURE_CARD_TOP = 108,
	PICTURE_CARD_HEIGHT = 288,
	PICTURE_CARD_PITCH = 300,
	PICTURE_NAME_MIDDLE = 44,       /* below the card's top */
	PICTURE_WORDS_TOP = 190,
};

struct picture {
	uint8_t pixels[PICTURE_BYTES];
	uint16_t loudest[SPEAKER_COUNT];                        /* fills the running display's whole height */
	uint8_t bars[SPEAKER_COUNT][PICTURE_BARS];              /* heights in pixels */
	uint8_t live[SPEAKER_COUNT][PICTURE_LIVE_BARS];         /* oldest first */
	int head_x;                                             /* of the playhead in the last frame */
};

/* Loudness is 0 … 32767, linear. `loudest`: the highest peak of each speaker. */
void picture_init(struct picture *p, const uint16_t bars[SPEAKER_COUNT][PICTURE_BARS],
	const uint16_t loudest[SPEAKER_COUNT]);
/* `done`: how much of the call was played, 0 … 65536. `levels`: the peak of each speaker since the last frame. */
void picture_frame(struct picture *p, uint32_t done, const uint16_t levels[SPEAKER_COUNT]);
