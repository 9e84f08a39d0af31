#include "tests/unit/unit.h"

#include "proto/ulaw.h"
#include "sim/wav.h"

#include <math.h>
#include <unistd.h>

static char path[64];

static int make_path(void **state)
{
	int fd;

	(void)state;
	snprintf(path, sizeof path, "/tmp/receptionai-wav.XXXXXX");
	fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int remove_path(void **state)
{
	(void)state;
	return unlink(path);
}

static void ulaw_decodes_the_values_of_the_standard(void **state)
{
	(void)state;
	assert_int_equal(ulaw_decode(0xFF), 0);
	assert_int_equal(ulaw_decode(0x7F), 0);
	assert_int_equal(ulaw_decode(0xFE), 8);
	assert_int_equal(ulaw_decode(0x7E), -8);
	assert_int_equal(ulaw_decode(0x80), 32124);
	assert_int_equal(ulaw_decode(0x00), -32124);
	assert_int_equal(ulaw_decode(0xF0), 120);
	assert_int_equal(ulaw_decode(0xEF), 132);
}

static void every_ulaw_code_but_the_second_zero_survives_a_round_trip(void **state)
{
	(void)state;
	for (int code = 0; code < 256; code++)
		assert_int_equal(ulaw_encode(ulaw_decode((uint8_t)code)), code == 0x7F ? 0xFF : code);
}

static void every_sample_is_encoded_within_half_a_step_of_its_code(void **state)
{
	(void)state;
	for (int sample = -32635; sample <= 32635; sample++) {
		uint8_t code = ulaw_encode((int16_t)sample);
		int step = 8 << (~code >> 4 & 7);

		if (abs(ulaw_decode(code) - sample) > step / 2)
			fail_msg("%d becomes %02x, which is %d", sample, code, ulaw_decode(code));
	}
	assert_int_equal(ulaw_encode(32767), 0x80);
	assert_int_equal(ulaw_encode(-32768), 0x00);
}

static void what_is_written_is_read_back_byte_for_byte(void **state)
{
	uint8_t bytes[333], *phone;
	struct wav_writer writer;
	struct wav wav;
	size_t phone_bytes;
	char why[200];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 7);
	assert_int_equal(wav_create(&writer, path, WAV_ULAW, 8000, 1), 0);
	wav_put(&writer, bytes, 100);
	wav_put(&writer, bytes + 100, sizeof bytes - 100);
	assert_int_equal(wav_finish(&writer), 0);
	assert_int_equal(wav_finish(&writer), 0);
	assert_true(wav_read(path, &wav, why, sizeof why));
	assert_int_equal(wav.format, WAV_ULAW);
	assert_int_equal(wav.rate_hz, 8000);
	assert_int_equal(wav.channel_count, 1);
	assert_int_equal(wav.data_bytes, sizeof bytes);
	assert_true(wav_to_phone(&wav, &phone, &phone_bytes, why, sizeof why));
	assert_int_equal(phone_bytes, sizeof bytes);
	assert_memory_equal(phone, bytes, sizeof bytes);
	free(phone);
	wav_release(&wav);
	wav_release(&wav);
}

static double loudness(const uint8_t *ulaw, size_t bytes)
{
	double sum = 0;

	for (size_t i = 0; i < bytes; i++)
		sum += (double)ulaw_decode(ulaw[i]) * ulaw_decode(ulaw[i]);
	return sqrt(sum / (double)bytes);
}

/* A tone as a WAV of 48 kHz stereo, brought to the phone's rate; how loud the first channel comes out. */
static double tone_on_the_phone(double hz)
{
	static int16_t samples[2 * 24000];
	struct wav wav = { WAV_PCM16, 48000, 2, (uint8_t *)samples, sizeof samples };
	uint8_t *phone = NULL;
	size_t bytes = 0;
	char why[200];
	double loud;

	for (size_t i = 0; i < 24000; i++) {
		samples[2 * i] = (int16_t)(8000 * sin(2 * M_PI * hz * (double)i / 48000));
		samples[2 * i + 1] = 0;
	}
	assert_true(wav_to_phone(&wav, &phone, &bytes, why, sizeof why));
	assert_int_equal(bytes, 4000);
	loud = loudness(phone, bytes);
	free(phone);
	return loud;
}

static void tones_of_the_telephone_band_pass_and_those_above_are_not_folded_into_it(void **state)
{
	(void)state;
	assert_true(fabs(tone_on_the_phone(400) - 8000 / M_SQRT2) < 120);
	assert_true(fabs(tone_on_the_phone(2500) - 8000 / M_SQRT2) < 200);
	assert_true(tone_on_the_phone(5000) < 60);
	assert_true(tone_on_the_phone(11000) < 60);
}

static void write_file(const void *data, size_t bytes)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_true(bytes == 0 || fwrite(data, bytes, 1, file) == 1);
	fclose(file);
}

static void assert_refused(const void *data, size_t bytes, const char *reason)
{
	struct wav wav;
	char why[300] = "";

	write_file(data, bytes);
	assert_false(wav_read(path, &wav, why, sizeof why));
	if (!strstr(why, reason))
		fail_msg("\"%s\" does not say \"%s\"", why, reason);
}

static void files_that_are_no_wav_are_refused_with_the_reason(void **state)
{
	static const char mp3[] = "RIFF\x20\0\0\0WAVEfmt \x10\0\0\0\x55\0\1\0\x40\x1f\0\0\x40\x1f\0\0\1\0\x10\0";
	static const char half[] = "RIFF\x20\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0";
	struct wav wav;
	char why[300];

	(void)state;
	assert_refused("", 0, "not a WAV file");
	assert_refused("hello there, this is text", 25, "not a WAV file");
	assert_refused("RIFF\4\0\0\0WAVE", 12, "no samples");
	assert_refused(mp3, sizeof mp3 - 1, "neither");
	assert_refused(half, sizeof half - 1, "neither");
	assert_false(wav_read("/nonexistent/x.wav", &wav, why, sizeof why));
	assert_non_null(strstr(why, "No such file"));
}

static void a_rate_that_is_no_multiple_of_8000_is_refused(void **state)
{
	uint8_t none[2] = { 0 };
	struct wav wav = { WAV_PCM16, 44100, 1, none, sizeof none };
	uint8_t *phone;
	size_t bytes;
	char why[200];

	(void)state;
	assert_false(wav_to_phone(&wav, &phone, &bytes, why, sizeof why));
	assert_non_null(strstr(why, "44100"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ulaw_decodes_the_values_of_the_standard),
		cmocka_unit_test(every_ulaw_code_but_the_second_zero_survives_a_round_trip),
		cmocka_unit_test(every_sample_is_encoded_within_half_a_step_of_its_code),
		cmocka_unit_test(what_is_written_is_read_back_byte_for_byte),
		cmocka_unit_test(tones_of_the_telephone_band_pass_and_those_above_are_not_folded_into_it),
		cmocka_unit_test(files_that_are_no_wav_are_refused_with_the_reason),
		cmocka_unit_test(a_rate_that_is_no_multiple_of_8000_is_refused),
	};

	return cmocka_run_group_tests(tests, make_path, remove_path);
}
