#include "tests/unit/unit.h"

#include "media/sound/wav_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static int folder_fd;

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/receptionai-wav-file.XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	folder_fd = open(folder, O_RDONLY | O_DIRECTORY);
	return folder_fd < 0 ? -1 : 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlinkat(folder_fd, "call.wav", 0);
	unlinkat(folder_fd, "call.wav.part", 0);
	close(folder_fd);
	return rmdir(folder);
}

static bool exists(const char *name)
{
	return faccessat(folder_fd, name, F_OK, 0) == 0;
}

static size_t read_back(const char *name, uint8_t *out, size_t bytes)
{
	int fd = openat(folder_fd, name, O_RDONLY);
	ssize_t n;

	assert_true(fd >= 0);
	n = read(fd, out, bytes);
	close(fd);
	assert_true(n >= 0);
	return (size_t)n;
}

static void a_file_has_its_name_only_when_it_is_whole(void **state)
{
	struct wav_file w;
	uint8_t bytes[200];
	struct wav_head head;
	size_t len, at;

	(void)state;
	assert_int_equal(wav_file_begin(&w, folder, MADE_CALL_WAV, WAV_ULAW, 8000, 1), 0);
	wav_file_put(&w, "abc", 3);
	wav_file_put(&w, "", 0);
	wav_file_put(&w, "defg", 4);
	assert_true(exists("call.wav.part"));
	assert_false(exists("call.wav"));
	assert_int_equal(wav_file_end(&w), 0);
	assert_int_equal(wav_file_end(&w), 0);
	assert_false(exists("call.wav.part"));
	len = read_back("call.wav", bytes, sizeof bytes);
	assert_int_equal(len, 58 + 8);
	assert_null(wav_head_find(bytes, len, &head, &at));
	assert_int_equal(head.data_bytes, 7);
	assert_memory_equal(bytes + at, "abcdefg", 8);
}

static void nothing_remains_of_a_file_that_is_dropped_and_the_older_one_stays(void **state)
{
	struct wav_file w;
	uint8_t bytes[200];

	(void)state;
	assert_int_equal(wav_file_begin(&w, folder, MADE_CALL_WAV, WAV_PCM16, 8000, 2), 0);
	wav_file_put(&w, "abcd", 4);
	wav_file_drop(&w);
	wav_file_drop(&w);
	assert_int_equal(wav_file_end(&w), 0);
	assert_false(exists("call.wav.part"));
	assert_int_equal(read_back("call.wav", bytes, sizeof bytes), 66);
}

/* More than 24 hours cannot be written in a test: the head is told that they were. */
static void more_than_24_hours_are_refused(void **state)
{
	static const uint8_t frame[4];
	struct wav_file w;

	(void)state;
	assert_int_equal(wav_file_begin(&w, folder, MADE_CALL_WAV, WAV_PCM16, 8000, 2), 0);
	w.head.data_bytes = 4U * 8000 * 3600 * 24 - 4;
	wav_file_put(&w, frame, 4);
	assert_int_equal(w.error, 0);
	wav_file_put(&w, frame, 4);
	assert_int_equal(wav_file_end(&w), -EFBIG);
	assert_false(exists("call.wav.part"));
}

static void a_full_disk_leaves_no_file_and_its_reason(void **state)
{
	static const uint8_t block[64 * 1024];
	const struct rlimit small = { 100 * 1024, RLIM_INFINITY };
	struct rlimit before;
	struct wav_file w;
	uint8_t bytes[200];

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(wav_file_begin(&w, folder, MADE_CALL_WAV, WAV_PCM16, 8000, 2), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (int i = 0; i < 4; i++)
		wav_file_put(&w, block, sizeof block);
	assert_int_equal(wav_file_end(&w), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_false(exists("call.wav.part"));
	assert_int_equal(read_back("call.wav", bytes, sizeof bytes), 66);
}

static void a_folder_that_is_gone_is_told_when_the_file_is_begun(void **state)
{
	struct wav_file w;

	(void)state;
	assert_int_equal(wav_file_begin(&w, "/dev/null", MADE_CALL_WAV, WAV_ULAW, 8000, 1), -ENOTDIR);
	wav_file_put(&w, "a", 1);
	assert_int_equal(wav_file_end(&w), -ENOTDIR);
	wav_file_drop(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_has_its_name_only_when_it_is_whole),
		cmocka_unit_test(nothing_remains_of_a_file_that_is_dropped_and_the_older_one_stays),
		cmocka_unit_test(more_than_24_hours_are_refused),
		cmocka_unit_test(a_full_disk_leaves_no_file_and_its_reason),
		cmocka_unit_test(a_folder_that_is_gone_is_told_when_the_file_is_begun),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
