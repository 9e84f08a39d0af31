#include "tests/unit/unit.h"

#include "media/video/canvas.h"
#include "media/video/picture.h"

enum { CALLER_BARS = PICTURE_CARD_TOP + 126, VOICE_BARS = CALLER_BARS + PICTURE_CARD_PITCH, BAR_PITCH = 6 };

static struct picture picture, before;
static uint16_t bars[SPEAKER_COUNT][PICTURE_BARS];
static const uint16_t silence[SPEAKER_COUNT], loudest[SPEAKER_COUNT] = { 20000, 20000 };

static uint8_t luma(const struct picture *p, int x, int y)
{
	return p->pixels[y * PICTURE_WIDTH + x];
}

/* How many rows of the column are brighter than the card. */
static int height_at(int x, int middle)
{
	int count = 0;

	for (int y = middle - 54; y < middle + 54; y++)
		count += luma(&picture, x, y) > luma(&picture, 200, PICTURE_CARD_TOP + 10) + 8;
	return count;
}

static void colours_are_those_of_bt_709(void **state)
{
	struct colour white = colour_of(0xFFFFFF), black = colour_of(0);
	struct colour red = colour_of(0xFF0000), blue = colour_of(0x0000FF);

	(void)state;
	assert_int_equal(white.y, 235);
	assert_int_equal(white.u, 128);
	assert_int_equal(white.v, 128);
	assert_int_equal(black.y, 16);
	assert_int_equal(red.y, 63);
	assert_int_equal(red.v, 240);
	assert_int_equal(blue.u, 240);
	assert_int_equal(colour_mix(white, black, 256).y, 235);
	assert_int_equal(colour_mix(white, black, 0).y, 16);
}

static void a_round_box_covers_its_middle_and_not_its_corners(void **state)
{
	uint8_t pixels[64 * 64 * 3 / 2];
	struct canvas canvas = { pixels, 64, 64 };

	(void)state;
	canvas_fill(&canvas, &(struct box){ 0, 0, 64, 64 }, colour_of(0));
	canvas_round(&canvas, &(struct box){ 8, 8, 48, 48 }, 12, colour_of(0xFFFFFF));
	assert_int_equal(pixels[32 * 64 + 32], 235);
	assert_int_equal(pixels[8 * 64 + 32], 235);
	assert_int_equal(pixels[8 * 64 + 8], 16);
	assert_int_equal(pixels[55 * 64 + 55], 16);
	assert_int_equal(pixels[7 * 64 + 32], 16);
	for (int i = 0; i < 64; i++)
		assert_int_equal(pixels[20 * 64 + i], pixels[20 * 64 + 63 - i]);
}

static void louder_is_higher_and_both_speakers_stand_on_one_line(void **state)
{
	(void)state;
	memset(bars, 0, sizeof bars);
	bars[0][10] = 32124;
	bars[0][11] = 8000;
	bars[1][10] = 32124;
	bars[1][12] = 200;
	picture_init(&picture, bars, loudest);
	assert_int_equal(height_at(PICTURE_LEFT + 10 * BAR_PITCH + 1, CALLER_BARS), 92);
	assert_int_equal(height_at(PICTURE_LEFT + 10 * BAR_PITCH + 1, VOICE_BARS), 92);
	assert_in_range(height_at(PICTURE_LEFT + 11 * BAR_PITCH + 1, CALLER_BARS), 20, 60);
	assert_int_equal(height_at(PICTURE_LEFT + 12 * BAR_PITCH + 1, VOICE_BARS), 4);
}

static void the_playhead_goes_from_one_end_to_the_other_and_leaves_bright_bars(void **state)
{
	int dim, bright;

	(void)state;
	for (int i = 0; i < PICTURE_BARS; i++)
		bars[0][i] = bars[1][i] = 20000;
	picture_init(&picture, bars, loudest);
	dim = luma(&picture, PICTURE_LEFT + 1, CALLER_BARS);
	picture_frame(&picture, 0, silence);
	assert_true(luma(&picture, PICTURE_LEFT, CALLER_BARS - 50) > 200);
	picture_frame(&picture, 32768, silence);
	bright = luma(&picture, PICTURE_LEFT + 1, CALLER_BARS);
	assert_true(bright > dim + 40);
	assert_int_equal(luma(&picture, PICTURE_RIGHT - 5, CALLER_BARS), dim);
	assert_true(luma(&picture, PICTURE_LEFT, CALLER_BARS - 50) < 60);
	picture_frame(&picture, 65536, silence);
	assert_true(luma(&picture, PICTURE_RIGHT - 2, CALLER_BARS - 50) > 200);
	for (int i = 0; i < PICTURE_BARS - 1; i++) {
		assert_int_equal(luma(&picture, PICTURE_LEFT + i * BAR_PITCH + 1, CALLER_BARS), bright);
		assert_int_equal(luma(&picture, PICTURE_LEFT + i * BAR_PITCH + 5, CALLER_BARS),
			luma(&picture, 200, PICTURE_CARD_TOP + 10));
	}
}

static void a_frame_by_frame_walk_ends_as_one_big_step_does(void **state)
{
	(void)state;
	for (int i = 0; i < PICTURE_BARS; i++)
		bars[0][i] = bars[1][i] = (uint16_t)(i * 170);
	picture_init(&picture, bars, loudest);
	for (uint32_t done = 0; done <= 65536; done += 64)
		picture_frame(&picture, done, silence);
	memcpy(&before, &picture, sizeof before);
	picture_init(&picture, bars, loudest);
	picture_frame(&picture, 65536, silence);
	assert_memory_equal(before.pixels, picture.pixels, sizeof picture.pixels);
}

static void what_sounds_now_runs_through_the_corner_of_its_speaker(void **state)
{
	const uint16_t caller[SPEAKER_COUNT] = { 20000, 0 };
	int y = PICTURE_CARD_TOP + PICTURE_NAME_MIDDLE - 8, x = PICTURE_RIGHT - 3;

	(void)state;
	memset(bars, 0, sizeof bars);
	picture_init(&picture, bars, loudest);
	picture_frame(&picture, 0, caller);
	assert_true(luma(&picture, x, y) > 100);
	assert_true(luma(&picture, x, y + PICTURE_CARD_PITCH) < 40);
	picture_frame(&picture, 0, silence);
	assert_true(luma(&picture, x, y) < 40);
	assert_true(luma(&picture, x - BAR_PITCH, y) > 100);
	for (int i = 0; i < PICTURE_LIVE_BARS; i++)
		picture_frame(&picture, 0, silence);
	for (int i = 0; i < PICTURE_LIVE_BARS; i++)
		assert_true(luma(&picture, x - i * BAR_PITCH, y) < 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(colours_are_those_of_bt_709),
		cmocka_unit_test(a_round_box_covers_its_middle_and_not_its_corners),
		cmocka_unit_test(louder_is_higher_and_both_speakers_stand_on_one_line),
		cmocka_unit_test(the_playhead_goes_from_one_end_to_the_other_and_leaves_bright_bars),
		cmocka_unit_test(a_frame_by_frame_walk_ends_as_one_big_step_does),
		cmocka_unit_test(what_sounds_now_runs_through_the_corner_of_its_speaker),
	};

	return cmocka_run_group_tests_name("picture", tests, NULL, NULL);
}
