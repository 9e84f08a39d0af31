/*
 * canvas - a picture in planar YUV 4:2:0 that is drawn on with rectangles: plain ones and ones with round corners.
 *
 * Place:    media, pure. What picture is drawn with.
 * Usage:    struct canvas canvas = { pixels, 1280, 720 };
 *           canvas_fill(&canvas, &(struct box){ 0, 0, 1280, 720 }, colour_of(0x0B0E14));
 *           canvas_round(&canvas, &(struct box){ 40, 108, 1200, 288 }, 18, colour_of(0x121826));
 * Format:   BT.709, limited range; width and height are even, the chroma planes follow the luma plane.
 * Limits:   boxes lie inside the canvas. Whole numbers only: the same bytes on every machine.
 */
#pragma once

#include <stdint.h>

struct canvas {
	uint8_t *pixels;
	int width, height;
};

struct colour {
	uint8_t y, u, v;
};

struct box {
	int x, y, width, height;
};

/* 0xRRGGBB. */
struct colour colour_of(uint32_t rgb);
/* `share` of 256 of `over`, the rest of `under`. */
struct colour colour_mix(struct colour over, struct colour under, unsigned share);

/* All four numbers are even. */
void canvas_fill(const struct canvas *canvas, const struct box *box, struct colour colour);
/* Corners are parts of circles of `radius`, with soft edges. */
void canvas_round(const struct canvas *canvas, const struct box *box, int radius, struct colour colour);
