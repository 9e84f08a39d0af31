#include "tests/unit/unit.h"

#include "media/sound/sounds.h"
#include "proto/ulaw.h"
#include "tests/unit/chance.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COUNT = 50001 };                 /* odd, and three blocks and a bit */

static char folder[64];
static uint8_t caller[COUNT], voice[COUNT];
static struct sounds sounds;

static int make_folder(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		caller[i] = (uint8_t)chance(256);
		voice[i] = (uint8_t)chance(256);
	}
	snprintf(folder, sizeof folder, "/tmp/receptionai-sounds.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static void remove_files(void)
{
	char path[128];

	for (enum made made = 0; made < MADE_COUNT; made++) {
		assert_true(made_path(path, sizeof path, folder, made));
		unlink(path);
	}
}

static int remove_folder(void **state)
{
	(void)state;
	remove_files();
	return rmdir(folder);
}

static uint8_t *read_made(enum made made, size_t bytes)
{
	uint8_t *data = malloc(bytes);
	char path[128];
	int fd;

	assert_non_null(data);
	assert_true(made_path(path, sizeof path, folder, made));
	assert_int_equal(made_bytes(folder, made), bytes);
	fd = open(path, O_RDONLY);
	assert_int_equal(read(fd, data, bytes), bytes);
	close(fd);
	return data;
}

static void put_in_pieces_of(size_t piece)
{
	assert_int_equal(sounds_begin(&sounds, folder), 0);
	for (size_t at = 0, n; at < COUNT; at += n) {
		n = COUNT - at < piece ? COUNT - at : piece;
		sounds_put(&sounds, caller + at, voice + at, n);
	}
	assert_int_equal(sounds_end(&sounds), 0);
	assert_int_equal(sounds_end(&sounds), 0);
}

static int sample_of(const uint8_t *data, size_t index)
{
	return (int16_t)(data[2 * index] | data[2 * index + 1] << 8);
}

static void every_file_holds_every_sample_of_both_tracks(void **state)
{
	uint8_t *call, *call_ulaw, *mix, *raw;

	(void)state;
	put_in_pieces_of(COUNT);
	call = read_made(MADE_CALL_WAV, 44 + 4 * COUNT);
	call_ulaw = read_made(MADE_CALL_ULAW_WAV, 58 + 2 * COUNT);
	mix = read_made(MADE_MIX_WAV, 44 + 2 * COUNT);
	for (size_t i = 0; i < COUNT; i++) {
		int left = ulaw_decode(caller[i]), right = ulaw_decode(voice[i]);

		assert_int_equal(sample_of(call + 44, 2 * i), left);
		assert_int_equal(sample_of(call + 44, 2 * i + 1), right);
		assert_int_equal(call_ulaw[58 + 2 * i], caller[i]);
		assert_int_equal(call_ulaw[58 + 2 * i + 1], voice[i]);
		if (abs(left + right) < 20000)
			assert_int_equal(sample_of(mix + 44, i), left + right);
	}
	raw = read_made(MADE_CALLER_ULAW, COUNT);
	assert_memory_equal(raw, caller, COUNT);
	free(raw);
	raw = read_made(MADE_VOICE_ULAW, COUNT);
	assert_memory_equal(raw, voice, COUNT);
	free(raw);
	free(call);
	free(call_ulaw);
	free(mix);
}

static void pieces_of_any_length_make_the_same_files(void **state)
{
	static const size_t pieces[] = { 160, 7777, 16384 };
	uint8_t *mix, *again;

	(void)state;
	put_in_pieces_of(COUNT);
	mix = read_made(MADE_MIX_WAV, 44 + 2 * COUNT);
	for (size_t i = 0; i < 3; i++) {
		put_in_pieces_of(pieces[i]);
		again = read_made(MADE_MIX_WAV, 44 + 2 * COUNT);
		assert_memory_equal(again, mix, 44 + 2 * COUNT);
		free(again);
	}
	free(mix);
}

static void a_call_without_a_sample_has_files_without_samples(void **state)
{
	(void)state;
	assert_int_equal(sounds_begin(&sounds, folder), 0);
	assert_int_equal(sounds_end(&sounds), 0);
	assert_int_equal(made_bytes(folder, MADE_CALL_WAV), 44);
	assert_int_equal(made_bytes(folder, MADE_CALL_ULAW_WAV), 58);
	assert_int_equal(made_bytes(folder, MADE_CALLER_ULAW), 0);
}

static void what_is_dropped_leaves_nothing(void **state)
{
	(void)state;
	remove_files();
	assert_int_equal(sounds_begin(&sounds, folder), 0);
	sounds_put(&sounds, caller, voice, COUNT);
	sounds_drop(&sounds);
	sounds_drop(&sounds);
	assert_int_equal(rmdir(folder), 0);
	assert_int_equal(sounds_begin(&sounds, folder), -ENOENT);
	sounds_put(&sounds, caller, voice, COUNT);
	assert_int_equal(sounds_end(&sounds), -ENOENT);
	assert_int_equal(mkdir(folder, 0700), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_file_holds_every_sample_of_both_tracks),
		cmocka_unit_test(pieces_of_any_length_make_the_same_files),
		cmocka_unit_test(a_call_without_a_sample_has_files_without_samples),
		cmocka_unit_test(what_is_dropped_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
