#include "tests/unit/unit.h"

#include "proto/wav_head.h"

static void a_pcm_head_is_the_44_bytes_that_everybody_writes(void **state)
{
	static const uint8_t expected[] = "RIFF\x24\0\0\0WAVEfmt \x10\0\0\0"
		"\1\0\2\0\x40\x1f\0\0\0\x7d\0\0\4\0\x10\0"
		"data\0\0\0";
	const struct wav_head head = { WAV_PCM16, 8000, 2, 0 };
	uint8_t bytes[WAV_HEAD_BYTES_MAX];

	(void)state;
	assert_int_equal(wav_head_write(&head, bytes), 44);
	assert_memory_equal(bytes, expected, 44);
}

static void a_ulaw_head_has_18_bytes_of_format_and_counts_its_frames(void **state)
{
	static const uint8_t expected[] =
		"RIFF\x3c\0\0\0WAVEfmt \x12\0\0\0\7\0\2\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x08\0\0\0"
		"fact\4\0\0\0\5\0\0\0data\x0a\0\0\0";
	const struct wav_head head = { WAV_ULAW, 8000, 2, 10 };
	uint8_t bytes[WAV_HEAD_BYTES_MAX];

	(void)state;
	assert_int_equal(wav_head_write(&head, bytes), 58);
	assert_memory_equal(bytes, expected, 58);
}

static uint32_t number_at(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void the_padding_counts_for_the_file_and_not_for_the_samples(void **state)
{
	const struct wav_head head = { WAV_ULAW, 8000, 1, 7 };
	uint8_t bytes[WAV_HEAD_BYTES_MAX];

	(void)state;
	wav_head_write(&head, bytes);
	assert_int_equal(number_at(bytes + 4), 58 + 8 - 8);
	assert_int_equal(number_at(bytes + 46), 7);
	assert_int_equal(number_at(bytes + 54), 7);
}

static void a_pipe_has_no_end_in_any_of_its_numbers(void **state)
{
	const struct wav_head head = { WAV_ULAW, 8000, 2, WAV_DATA_BYTES_OPEN };
	uint8_t bytes[WAV_HEAD_BYTES_MAX];

	(void)state;
	wav_head_write(&head, bytes);
	assert_int_equal(number_at(bytes + 4), UINT32_MAX);
	assert_int_equal(number_at(bytes + 46), UINT32_MAX);
	assert_int_equal(number_at(bytes + 54), UINT32_MAX);
}

static void the_longest_file_does_not_wrap(void **state)
{
	const struct wav_head head = { WAV_PCM16, 8000, 2, WAV_DATA_BYTES_MAX };
	uint8_t bytes[WAV_HEAD_BYTES_MAX];

	(void)state;
	wav_head_write(&head, bytes);
	assert_true(number_at(bytes + 4) > WAV_DATA_BYTES_MAX);
}

static void what_is_written_is_found_again(void **state)
{
	static const enum wav_format formats[] = { WAV_PCM16, WAV_ULAW };
	uint8_t file[WAV_HEAD_BYTES_MAX + 33] = { 0 };
	struct wav_head found;
	size_t at, len;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (uint16_t channels = 1; channels <= WAV_CHANNEL_COUNT_MAX; channels++) {
			struct wav_head head = { formats[i], 8000U * channels, channels, 33 };

			len = wav_head_write(&head, file);
			assert_null(wav_head_find(file, len + 33, &found, &at));
			assert_int_equal(at, len);
			assert_int_equal(found.format, head.format);
			assert_int_equal(found.rate_hz, head.rate_hz);
			assert_int_equal(found.channel_count, channels);
			assert_int_equal(found.data_bytes, 33);
		}
	}
}

static void a_file_that_is_cut_ends_where_it_is_cut_and_reads_nothing_behind_it(void **state)
{
	const struct wav_head head = { WAV_ULAW, 8000, 1, 20 };
	uint8_t bytes[WAV_HEAD_BYTES_MAX + 20] = { 0 };
	struct wav_head found;
	size_t at;

	(void)state;
	wav_head_write(&head, bytes);
	for (size_t len = 0; len <= sizeof bytes; len++) {
		uint8_t *cut = malloc(len + !len);      /* AddressSanitizer sees a byte too many */
		const char *reason;

		assert_non_null(cut);
		memcpy(cut, bytes, len);
		reason = wav_head_find(cut, len, &found, &at);
		if (len >= WAV_ULAW_HEAD_BYTES) {
			assert_null(reason);
			assert_int_equal(found.data_bytes, len - WAV_ULAW_HEAD_BYTES);
		} else {
			assert_non_null(reason);
		}
		free(cut);
	}
}

static void chunks_that_nobody_asked_for_are_stepped_over_with_their_padding(void **state)
{
	static const char file[] = "RIFF\0\0\0\0WAVELIST\3\0\0\0abc\0fmt \x10\0\0\0"
		"\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0"
		"PEAK\0\0\0\0data\4\0\0\0wxyz";
	struct wav_head found;
	size_t at;

	(void)state;
	assert_null(wav_head_find(file, sizeof file - 1, &found, &at));
	assert_memory_equal(file + at, "wxyz", 4);
	assert_int_equal(found.data_bytes, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pcm_head_is_the_44_bytes_that_everybody_writes),
		cmocka_unit_test(a_ulaw_head_has_18_bytes_of_format_and_counts_its_frames),
		cmocka_unit_test(the_padding_counts_for_the_file_and_not_for_the_samples),
		cmocka_unit_test(a_pipe_has_no_end_in_any_of_its_numbers),
		cmocka_unit_test(the_longest_file_does_not_wrap),
		cmocka_unit_test(what_is_written_is_found_again),
		cmocka_unit_test(a_file_that_is_cut_ends_where_it_is_cut_and_reads_nothing_behind_it),
		cmocka_unit_test(chunks_that_nobody_asked_for_are_stepped_over_with_their_padding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
