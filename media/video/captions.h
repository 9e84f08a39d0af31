/*
 * captions - what was said, cut into pieces that fit under a picture, with times; as ASS for the video and as WebVTT.
 *
 * Place:    media, pure but for memory; above plain.
 * Usage:    captions_init(&c);
 *           captions_add(&c, &turn);                       in the order of the conversation
 *           captions_settle(&c, length_ms);                no piece outstays the next one or the call
 *           captions_ass(&c, &look, out); captions_vtt(&c, &look, out);
 *           captions_release(&c);
 * Rules:    a piece has one or two lines; a turn that was cut ends in a dash. No text can become a command of ASS or
 *           a tag of WebVTT.
 * Lifetime: owns its memory until captions_release(); a zeroed struct may be released.
 * Fails:    captions_add() returns false when memory is out or CAPTIONS_COUNT_MAX pieces are there: the others stay.
 *           Errors of `out` are the caller's to find (ferror, fclose).
 * Source:   WebVTT, W3C CR 2019; ASS as libass 0.17 reads it.
 */
#pragma once

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
	CAPTIONS_COUNT_MAX = 20000,
	CAPTION_LINES_MAX = 2,
	CAPTION_LINE_WIDTH = 288,       /* units of plain_width() */
};

enum speaker { SPEAKER_CALLER, SPEAKER_RECEPTIONIST, SPEAKER_COUNT };

/* As db's turn, without what captions do not need. */
struct spoken_turn {
	enum speaker speaker;
	struct slice text;
	int64_t start_ms, end_ms;
	bool cut;
};

struct caption {
	enum speaker speaker;
	uint32_t line_count;
	int64_t start_ms, end_ms;
	size_t line_at[CAPTION_LINES_MAX], line_bytes[CAPTION_LINES_MAX];       /* in the text of the captions */
};

struct captions {
	struct caption *list;
	size_t count, room;
	char *text;
	size_t text_bytes, text_room;
};

/* What stands around the captions. */
struct captions_look {
	struct slice title;                     /* the merchant's name */
	struct slice date;
	struct slice names[SPEAKER_COUNT];
	const char *font;                       /* a family's name, as in VIDEO_FONT */
	int64_t length_ms;
};

void captions_init(struct captions *c);
void captions_release(struct captions *c);
bool captions_add(struct captions *c, const struct spoken_turn *turn);
void captions_settle(struct captions *c, int64_t length_ms);
struct slice caption_line(const struct captions *c, const struct caption *caption, uint32_t line);

void captions_ass(const struct captions *c, const struct captions_look *look, FILE *out);
void captions_vtt(const struct captions *c, const struct captions_look *look, FILE *out);
