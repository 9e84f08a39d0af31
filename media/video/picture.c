/* What stays is drawn once; a frame changes the running display, the playhead and the bars that it passes. */
#include "media/video/picture.h"

#include "base/check.h"
#include "base/limits.h"
#include "media/video/canvas.h"

#include <string.h>

enum {
	CARD_LEFT = 40,
	CARD_WIDTH = 1200,
	CARD_RADIUS = 18,
	BAR_WIDTH = 4,
	BAR_PITCH = 6,
	BAR_HEIGHT_MIN = 4,
	BARS_MIDDLE = 126,              /* below the card's top */
	BARS_HEIGHT = 92,
	LIVE_HEIGHT = 48,
	LIVE_LEFT = PICTURE_RIGHT - PICTURE_LIVE_BARS * BAR_PITCH + BAR_PITCH - BAR_WIDTH,
	HEAD_WIDTH = 2,
	HEAD_OVER = 8,                  /* the playhead is longer than the bars, at each end */
	FLOOR = 300,                    /* quieter is the line's noise */
	LOUDEST_LEAST = 3000,           /* who only whispers shall not look loud */
	DIM = 72,                       /* of 256 */
	BACKGROUND = 0x0B0E14,
	CARD = 0x141B2A,
	WHITE = 0xF3F4F6,
};

static_assert(PICTURE_LEFT + PICTURE_BARS * BAR_PITCH == PICTURE_RIGHT, "bars and words end at the same line");

static const uint32_t speaker_rgb[SPEAKER_COUNT] = { 0x2DD4BF, 0xA78BFA };

static int card_top(int speaker)
{
	return PICTURE_CARD_TOP + speaker * PICTURE_CARD_PITCH;
}

static uint32_t root_of(uint32_t square)
{
	uint32_t root = 0;

	for (uint32_t bit = 1u << 15; bit; bit >>= 1) {
		if ((root + bit) * (root + bit) <= square)
			root += bit;
	}
	return root;
}

/* The ear hears loudness by ratios: near its root, quiet words are seen beside loud ones, and loud ones still differ.
 * Even. */
static uint8_t height_of(uint16_t peak, uint16_t loudest, int height_max)
{
	uint32_t above = peak > FLOOR ? peak - FLOOR : 0;
	uint32_t share = above + FLOOR < loudest ? above * 65535u / (uint32_t)(loudest - FLOOR) : 65535;
	uint32_t height = (3 * root_of(share) + share / 257) / 4 * (uint32_t)height_max / 255 & ~1u;

	return (uint8_t)(height > BAR_HEIGHT_MIN ? height : BAR_HEIGHT_MIN);
}

static struct canvas canvas_of(struct picture *p)
{
	return (struct canvas){ p->pixels, PICTURE_WIDTH, PICTURE_HEIGHT };
}

static void draw_bar(struct picture *p, int x, int middle, int height, struct colour colour)
{
	struct canvas canvas = canvas_of(p);
	struct box box = { x, middle - height / 2, BAR_WIDTH, height };

	canvas_round(&canvas, &box, BAR_WIDTH / 2, colour);
}

/* Bars first … last of the whole call, those left of head_x bright. */
static void draw_bars(struct picture *p, int speaker, int first, int last)
{
	struct canvas canvas = canvas_of(p);
	struct colour card = colour_of(CARD), bright = colour_of(speaker_rgb[speaker]);
	struct colour dim = colour_mix(bright, card, DIM);
	int middle = card_top(speaker) + BARS_MIDDLE;
	struct box ground = { PICTURE_LEFT + first * BAR_PITCH, middle - BARS_HEIGHT / 2 - HEAD_OVER,
		(last - first + 1) * BAR_PITCH, BARS_HEIGHT + 2 * HEAD_OVER };

	canvas_fill(&canvas, &ground, card);
	for (int i = first; i <= last; i++) {
		int x = PICTURE_LEFT + i * BAR_PITCH;

		draw_bar(p, x, middle, p->bars[speaker][i], x + BAR_WIDTH / 2 <= p->head_x ? bright : dim);
	}
}

static void draw_head(struct picture *p, int speaker)
{
	struct canvas canvas = canvas_of(p);
	struct box box = { p->head_x, card_top(speaker) + BARS_MIDDLE - BARS_HEIGHT / 2 - HEAD_OVER, HEAD_WIDTH,
		BARS_HEIGHT + 2 * HEAD_OVER };

	canvas_round(&canvas, &box, 1, colour_of(WHITE));
}

/* Older bars fade into the card. */
static void draw_live(struct picture *p, int speaker)
{
	struct canvas canvas = canvas_of(p);
	struct colour card = colour_of(CARD), bright = colour_of(speaker_rgb[speaker]);
	int middle = card_top(speaker) + PICTURE_NAME_MIDDLE;
	struct box ground = { LIVE_LEFT, middle - LIVE_HEIGHT / 2, PICTURE_RIGHT - LIVE_LEFT, LIVE_HEIGHT };

	canvas_fill(&canvas, &ground, card);
	for (int i = 0; i < PICTURE_LIVE_BARS; i++) {
		unsigned share = 40 + 216u * (unsigned)i / (PICTURE_LIVE_BARS - 1);

		draw_bar(p, LIVE_LEFT + i * BAR_PITCH, middle, p->live[speaker][i], colour_mix(bright, card, share));
	}
}

static int bar_at(int x)
{
	int bar = (x - PICTURE_LEFT) / BAR_PITCH;

	return bar < 0 ? 0 : bar < PICTURE_BARS ? bar : PICTURE_BARS - 1;
}

static uint16_t louder(uint16_t a, uint16_t b)
{
	return a > b ? a : b;
}

/* The whole call fills its height by its own loudest bar: each speaker is seen, however far from the microphone. */
static void measure_bars(struct picture *p, int speaker, const uint16_t bars[PICTURE_BARS])
{
	uint16_t loudest = LOUDEST_LEAST;

	for (int i = 0; i < PICTURE_BARS; i++)
		loudest = louder(loudest, bars[i]);
	for (int i = 0; i < PICTURE_BARS; i++)
		p->bars[speaker][i] = height_of(bars[i], loudest, BARS_HEIGHT);
}

void picture_init(struct picture *p, const uint16_t bars[SPEAKER_COUNT][PICTURE_BARS],
	const uint16_t loudest[SPEAKER_COUNT])
{
	struct canvas canvas = canvas_of(p);

	canvas_fill(&canvas, &(struct box){ 0, 0, PICTURE_WIDTH, PICTURE_HEIGHT }, colour_of(BACKGROUND));
	p->head_x = PICTURE_LEFT;
	for (int speaker = 0; speaker < SPEAKER_COUNT; speaker++) {
		struct box card = { CARD_LEFT, card_top(speaker), CARD_WIDTH, PICTURE_CARD_HEIGHT };

		p->loudest[speaker] = louder(loudest[speaker], LOUDEST_LEAST);
		measure_bars(p, speaker, bars[speaker]);
		memset(p->live[speaker], BAR_HEIGHT_MIN, PICTURE_LIVE_BARS);
		canvas_round(&canvas, &card, CARD_RADIUS, colour_of(CARD));
		draw_bars(p, speaker, 0, PICTURE_BARS - 1);
	}
}

void picture_frame(struct picture *p, uint32_t done, const uint16_t levels[SPEAKER_COUNT])
{
	int was_x = p->head_x;

	check(done <= 65536);
	p->head_x = PICTURE_LEFT + (int)((uint64_t)done * (PICTURE_RIGHT - PICTURE_LEFT - HEAD_WIDTH) / 65536);
	check(p->head_x >= was_x);
	for (int speaker = 0; speaker < SPEAKER_COUNT; speaker++) {
		uint8_t *live = p->live[speaker];

		memmove(live, live + 1, PICTURE_LIVE_BARS - 1);
		live[PICTURE_LIVE_BARS - 1] = height_of(levels[speaker], p->loudest[speaker], LIVE_HEIGHT);
		draw_live(p, speaker);
		draw_bars(p, speaker, bar_at(was_x), bar_at(p->head_x + HEAD_WIDTH - 1));
		draw_head(p, speaker);
	}
}
