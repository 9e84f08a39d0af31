/* Frames of small tracks, from files. */
#include "tests/unit/unit.h"

#include "base/limits.h"
#include "media/video/reel.h"

#include <unistd.h>

static char folder[64], why[200];

static void write_track(const char *name, size_t silence, size_t loud)
{
	char path[100];
	FILE *out;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	out = fopen(path, "w");
	assert_non_null(out);
	while (silence--)
		putc(ULAW_SILENCE, out);
	while (loud--)
		putc(0x80, out);
	assert_int_equal(fclose(out), 0);
}

static uint64_t play(struct reel *reel)
{
	const uint8_t *frame;
	uint64_t count = 0;
	size_t bytes;

	while ((bytes = reel_next(reel, &frame))) {
		assert_int_equal(bytes, PICTURE_BYTES);
		count++;
	}
	assert_int_equal(reel_next(reel, &frame), 0);
	return count;
}

static void there_are_as_many_frames_as_the_longer_track_needs(void **state)
{
	static const struct {
		size_t caller, voice;
		uint64_t frames;
	} cases[] = { { 0, 0, 0 }, { 1, 0, 1 }, { 533, 0, 1 }, { 534, 0, 2 }, { 8000, 4000, 15 }, { 1600, 16001, 31 } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct reel reel;

		write_track("caller.ulaw", cases[i].caller, 0);
		write_track("voice.ulaw", cases[i].voice, 0);
		assert_true(reel_open(&reel, folder, why, sizeof why));
		assert_int_equal(reel.frame_count, cases[i].frames);
		assert_int_equal(play(&reel), cases[i].frames);
		assert_int_equal(reel.error, 0);
		reel_close(&reel);
	}
}

static void bars_and_running_display_show_when_somebody_speaks(void **state)
{
	const uint8_t *frame;
	struct reel reel;

	(void)state;
	write_track("caller.ulaw", 8000, 8000);
	write_track("voice.ulaw", 16000, 0);
	assert_true(reel_open(&reel, folder, why, sizeof why));
	assert_int_equal(reel_length_ms(&reel), 2000);
	assert_true(reel.picture->bars[SPEAKER_CALLER][PICTURE_BARS / 4] < 8);
	assert_true(reel.picture->bars[SPEAKER_CALLER][PICTURE_BARS * 3 / 4] > 80);
	assert_true(reel.picture->bars[SPEAKER_RECEPTIONIST][PICTURE_BARS * 3 / 4] < 8);
	for (int i = 0; i < 15; i++)
		assert_int_equal(reel_next(&reel, &frame), PICTURE_BYTES);
	assert_true(reel.picture->live[SPEAKER_CALLER][PICTURE_LIVE_BARS - 1] < 8);
	assert_int_equal(reel_done_ms(&reel), 1000);
	reel_next(&reel, &frame);
	assert_true(reel.picture->live[SPEAKER_CALLER][PICTURE_LIVE_BARS - 1] > 40);
	assert_true(reel.picture->live[SPEAKER_RECEPTIONIST][PICTURE_LIVE_BARS - 1] < 8);
	reel_close(&reel);
	reel_close(&reel);
}

static void a_track_that_ends_early_keeps_its_place(void **state)
{
	struct reel reel;

	(void)state;
	write_track("caller.ulaw", 4000, 4000);
	write_track("voice.ulaw", 16000, 0);
	assert_true(reel_open(&reel, folder, why, sizeof why));
	assert_true(reel.picture->bars[SPEAKER_CALLER][PICTURE_BARS * 3 / 8] > 80);
	assert_true(reel.picture->bars[SPEAKER_CALLER][PICTURE_BARS * 5 / 8] < 8);
	reel_close(&reel);
}

static void a_track_that_is_not_there_is_named(void **state)
{
	char path[100];
	struct reel reel;

	(void)state;
	snprintf(path, sizeof path, "%s/voice.ulaw", folder);
	unlink(path);
	assert_false(reel_open(&reel, folder, why, sizeof why));
	assert_string_equal(why, "voice.ulaw cannot be read: No such file or directory");
}

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/receptionai-reel.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char path[100];

	(void)state;
	snprintf(path, sizeof path, "%s/caller.ulaw", folder);
	unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_are_as_many_frames_as_the_longer_track_needs),
		cmocka_unit_test(bars_and_running_display_show_when_somebody_speaks),
		cmocka_unit_test(a_track_that_ends_early_keeps_its_place),
		cmocka_unit_test(a_track_that_is_not_there_is_named),
	};

	return cmocka_run_group_tests_name("reel", tests, make_folder, remove_folder);
}
