/* Round boxes go by blocks of 2 × 2 pixels, which share their colour: each pixel's coverage is counted on a grid of
 * 4 × 4 points, the block's colour is mixed by the mean of its four. */
#include "media/video/canvas.h"

#include "base/check.h"

#include <string.h>

enum { GRID = 4, COVERED = GRID * GRID };

static uint8_t weigh(uint32_t rgb, const int32_t weights[3], int32_t offset)
{
	int32_t sum = weights[0] * (int32_t)(rgb >> 16 & 0xFF) + weights[1] * (int32_t)(rgb >> 8 & 0xFF) +
		weights[2] * (int32_t)(rgb & 0xFF);

	return (uint8_t)((sum + (offset << 16) + 32768) >> 16);
}

/* ITU-R BT.709, times 65536 · 219 / 255 and 65536 · 224 / 255. */
struct colour colour_of(uint32_t rgb)
{
	static const int32_t y[3] = { 11966, 40254, 4064 };
	static const int32_t u[3] = { -6596, -22189, 28784 };
	static const int32_t v[3] = { 28784, -26145, -2640 };

	return (struct colour){ weigh(rgb, y, 16), weigh(rgb, u, 128), weigh(rgb, v, 128) };
}

static uint8_t mix(unsigned over, unsigned under, unsigned share, unsigned whole)
{
	return (uint8_t)((over * share + under * (whole - share) + whole / 2) / whole);
}

struct colour colour_mix(struct colour over, struct colour under, unsigned share)
{
	check(share <= 256);
	return (struct colour){ mix(over.y, under.y, share, 256), mix(over.u, under.u, share, 256),
		mix(over.v, under.v, share, 256) };
}

static void check_box(const struct canvas *canvas, const struct box *box)
{
	check(box->x >= 0 && box->y >= 0 && box->width >= 0 && box->height >= 0);
	check(box->x + box->width <= canvas->width && box->y + box->height <= canvas->height);
}

static void fill_plane(uint8_t *plane, int stride, const struct box *box, uint8_t value)
{
	for (int row = 0; row < box->height; row++)
		memset(plane + (size_t)(box->y + row) * (size_t)stride + box->x, value, (size_t)box->width);
}

void canvas_fill(const struct canvas *canvas, const struct box *box, struct colour colour)
{
	size_t luma_bytes = (size_t)canvas->width * (size_t)canvas->height;
	struct box half = { box->x / 2, box->y / 2, box->width / 2, box->height / 2 };

	check_box(canvas, box);
	check(((box->x | box->y | box->width | box->height) & 1) == 0);
	fill_plane(canvas->pixels, canvas->width, box, colour.y);
	fill_plane(canvas->pixels + luma_bytes, canvas->width / 2, &half, colour.u);
	fill_plane(canvas->pixels + luma_bytes + luma_bytes / 4, canvas->width / 2, &half, colour.v);
}

/* How far `at` (in 1/8 pixels from the box's edge) lies beyond the centre of the nearer corner's circle; 0: between. */
static int beyond(int at, int length, int radius)
{
	if (at < 8 * radius)
		return 8 * radius - at;
	return at > 8 * (length - radius) ? at - 8 * (length - radius) : 0;
}

/* Of the pixel at x, y in the box: 0 … COVERED. */
static unsigned coverage(const struct box *box, int radius, int x, int y)
{
	unsigned covered = 0;

	if (x < 0 || y < 0 || x >= box->width || y >= box->height)
		return 0;
	if ((x >= radius && x < box->width - radius) || (y >= radius && y < box->height - radius))
		return COVERED;
	for (int point = 0; point < COVERED; point++) {
		int dx = beyond(8 * x + 2 * (point % GRID) + 1, box->width, radius);
		int dy = beyond(8 * y + 2 * (point / GRID) + 1, box->height, radius);

		covered += dx * dx + dy * dy <= 64 * radius * radius;
	}
	return covered;
}

static void round_block(const struct canvas *canvas, const struct box *box, int radius, struct colour colour,
	int x, int y)
{
	size_t luma_bytes = (size_t)canvas->width * (size_t)canvas->height;
	uint8_t *luma = canvas->pixels + (size_t)y * (size_t)canvas->width + x;
	uint8_t *u = canvas->pixels + luma_bytes + (size_t)(y / 2) * (size_t)(canvas->width / 2) + x / 2;
	uint8_t *v = u + luma_bytes / 4;
	unsigned sum = 0;

	for (int i = 0; i < 4; i++) {
		uint8_t *pixel = luma + (i / 2) * canvas->width + i % 2;
		unsigned covered = coverage(box, radius, x + i % 2 - box->x, y + i / 2 - box->y);

		*pixel = mix(colour.y, *pixel, covered, COVERED);
		sum += covered;
	}
	*u = mix(colour.u, *u, sum, 4 * COVERED);
	*v = mix(colour.v, *v, sum, 4 * COVERED);
}

void canvas_round(const struct canvas *canvas, const struct box *box, int radius, struct colour colour)
{
	check_box(canvas, box);
	check(2 * radius <= box->width && 2 * radius <= box->height);
	for (int y = box->y & ~1; y < box->y + box->height; y += 2) {
		for (int x = box->x & ~1; x < box->x + box->width; x += 2)
			round_block(canvas, box, radius, colour, x, y);
	}
}
