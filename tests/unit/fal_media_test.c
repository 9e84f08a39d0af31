/* What stands around an order at fal.ai: the table of models, the note in the job, the voice at 16 kHz. */
#include "tests/unit/unit.h"

#include "base/check.h"
#include "media/fal/fal_models.h"
#include "media/fal/fal_note.h"
#include "media/sound/voice16.h"

#include <math.h>

#define INPUT "{\"image_url\":\"$image\",\"audio_url\":\"$audio\"}"

static struct fal_model model;
static char why[FAL_MODEL_WHY_BYTES_MAX];

static bool reads(const char *text)
{
	return fal_models_read(slice_of(text), "a/b", &model, why, sizeof why);
}

static void a_line_is_read_whole(void **state)
{
	(void)state;
	assert_true(reads("# price\n\n \nx/y 1 0 1 2 " INPUT "\n\ta/b\t0.0562  4 2 300   " INPUT " \r\n"));
	assert_string_equal(model.id, "a/b");
	assert_int_equal(model.micro_dollars, 56200);
	assert_int_equal(model.charged_s_min, 4);
	assert_int_equal(model.s_min, 2);
	assert_int_equal(model.s_max, 300);
	assert_string_equal(model.input, INPUT);
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "", "there is no line for a/b" },
		{ "a/c 1 0 1 2 " INPUT, "there is no line for a/b" },
		{ "#\nab 1 0 1 2 " INPUT, "line 2: the first word is no model id, like owner/model" },
		{ "a/../b 1 0 1 2 " INPUT, "line 1: the first word is no model id, like owner/model" },
		{ "a/b? 1 0 1 2 " INPUT, "line 1: the first word is no model id, like owner/model" },
		{ "a/b free 0 1 2 " INPUT, "line 1: the second word is no price, like 0.02 (dollars a second)" },
		{ "a/b 0 0 1 2 " INPUT, "line 1: the second word is no price, like 0.02 (dollars a second)" },
		{ "a/b 1 0 x 2 " INPUT,
			"line 1: the third to fifth words are no whole seconds: least charged, shortest, longest" },
		{ "a/b 1 0 1",
			"line 1: the third to fifth words are no whole seconds: least charged, shortest, longest" },
		{ "a/b 1 0 3 2 " INPUT, "line 1: the longest video is shorter than the shortest" },
		{ "a/b 1 0 1 2", "line 1: the input is no JSON object" },
		{ "a/b 1 0 1 2 {\"image_url\":\"$image\"", "line 1: the input is no JSON object" },
		{ "a/b 1 0 1 2 {\"image_url\":\"$image\"}", "line 1: the input lacks \"$image\" or \"$audio\"" },
		{ "a/b 1 0 1 2 {\"a\":\"\\n$image\"}", "line 1: the input holds a backslash, which has no place here" },
		{ "a/b 1 0 1 2 " INPUT "\na/b 2 0 1 2 " INPUT, "line 2: the model stands here a second time" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		assert_false(reads(cases[i].text));
		assert_string_equal(why, cases[i].why);
	}
}

static void the_file_that_comes_with_us_is_right(void **state)
{
	static const char *const ids[] = { "fal-ai/flashtalk", "fal-ai/kling-video/ai-avatar/v2/standard",
		"veed/fabric-1.0", "lightricks/ltx-2.5/audio-to-video/fast" };
	char path[4096];

	(void)state;
	snprintf(path, sizeof path, "%s/deploy/fal-models.conf", getenv("srcdir") ? getenv("srcdir") : ".");
	for (size_t i = 0; i < ARRAY_COUNT(ids); i++)
		assert_true(fal_models_load(path, ids[i], &model, why, sizeof why));
	assert_false(fal_models_load("/nowhere/models", "a/b", &model, why, sizeof why));
	assert_string_equal(why, "/nowhere/models: No such file or directory");
}

static void dollars_are_read_exactly_or_not_at_all(void **state)
{
	static const struct {
		const char *text;
		int64_t micro;
	} cases[] = {
		{ "0", 0 }, { "1", 1000000 }, { "0.02", 20000 }, { "1.50", 1500000 }, { "0.000001", 1 },
		{ "9999.999999", 9999999999 }, { "", -1 }, { ".5", -1 }, { "1.", -1 }, { "-1", -1 }, { "1e3", -1 },
		{ "10000", -1 }, { "0.0000001", -1 }, { "1,5", -1 }, { "1 ", -1 }, { "$1", -1 }, { "nan", -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		int64_t micro = -1;

		assert_int_equal(fal_dollars_read(slice_of(cases[i].text), &micro), cases[i].micro >= 0);
		assert_int_equal(micro, cases[i].micro);
	}
}

static void every_second_that_was_begun_costs(void **state)
{
	(void)state;
	assert_true(reads("a/b 0.02 4 1 300 " INPUT));
	assert_int_equal(fal_model_cost(&model, 0), 80000);
	assert_int_equal(fal_model_cost(&model, 4000), 80000);
	assert_int_equal(fal_model_cost(&model, 4001), 100000);
	assert_int_equal(fal_model_cost(&model, 300000), 6000000);
}

static void urls_become_strings_of_the_input(void **state)
{
	char memory[200];
	struct buf out;

	(void)state;
	assert_true(reads("a/b 0.02 4 1 300 {\"a\":\"$audio\",\"i\":[\"$image\",\"$images\"],\"n\":7}"));
	buf_init_fixed(&out, memory, sizeof memory);
	assert_true(fal_model_input(&model, SLICE("https://i/\"x\""), SLICE("https://a/?b=1&c"), &out));
	assert_true(slice_equal((struct slice){ memory, buf_len(&out) },
		SLICE("{\"a\":\"https://a/?b=1&c\",\"i\":[\"https://i/\\\"x\\\"\",\"$images\"],\"n\":7}")));
	buf_init_fixed(&out, memory, 30);
	assert_false(fal_model_input(&model, SLICE("https://i/"), SLICE("https://a/"), &out));
	assert_int_equal(buf_len(&out), 0);
}

/* --- the note --- */

static void a_note_is_read_back(void **state)
{
	struct fal_note note = { .since_ms = 1795245547148, .input_url = "https://b/x.wav" }, again;
	const struct fal_order order = { .request_id = "r", .status_url = "https://queue.fal.run/s",
		.response_url = "https://queue.fal.run/r", .cancel_url = "https://queue.fal.run/c" };
	char text[JOB_EXT_URLS_BYTES_MAX + 1];

	(void)state;
	fal_note_write(&note, text, sizeof text);
	fal_note_read(slice_of(text), 7, &again);
	assert_memory_equal(&note, &again, offsetof(struct fal_note, input_url));
	assert_string_equal(again.input_url, note.input_url);
	assert_string_equal(again.status_url, "");
	fal_note_order(&note, &order);
	fal_note_write(&note, text, sizeof text);
	fal_note_read(slice_of(text), 7, &again);
	assert_int_equal(again.since_ms, note.since_ms);
	assert_string_equal(again.status_url, order.status_url);
	assert_string_equal(again.response_url, order.response_url);
	assert_string_equal(again.cancel_url, order.cancel_url);
}

static void what_is_no_note_is_an_empty_one(void **state)
{
	static const char *const texts[] = { "", "{", "[]", "{\"since_ms\":\"x\",\"status\":7}" };
	struct fal_note note;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
		fal_note_read(slice_of(texts[i]), 7, &note);
		assert_int_equal(note.since_ms, 7);
		assert_string_equal(note.status_url, "");
	}
}

static void urls_that_do_not_fit_are_left_out(void **state)
{
	struct fal_note note = { .since_ms = 9 }, again;
	char text[JOB_EXT_URLS_BYTES_MAX + 1];

	(void)state;
	memset(note.status_url, '"', FAL_URL_BYTES_MAX);
	memset(note.response_url, '"', FAL_URL_BYTES_MAX);
	memset(note.cancel_url, '"', FAL_URL_BYTES_MAX);
	fal_note_write(&note, text, sizeof text);
	fal_note_read(slice_of(text), 7, &again);
	assert_int_equal(again.since_ms, 9);
	assert_string_equal(again.status_url, "");
}

/* --- the voice --- */

enum { COUNT = 2000 };

static double error_of(double hz)
{
	static int16_t samples[COUNT + VOICE16_TAPS], doubled[2 * COUNT];
	double worst = 0;

	for (size_t i = 0; i < ARRAY_COUNT(samples); i++)
		samples[i] = (int16_t)lround(20000 * sin(2 * M_PI * hz * ((double)i - VOICE16_PAST) / 8000));
	voice16_double(doubled, samples, COUNT);
	for (size_t i = 0; i < 2 * COUNT; i++) {
		double off = fabs(doubled[i] - 20000 * sin(2 * M_PI * hz * (double)i / 16000));

		worst = off > worst ? off : worst;
	}
	return worst;
}

static void a_tone_is_the_same_tone_at_twice_the_rate(void **state)
{
	static const double tones[] = { 50, 300, 440, 1000, 2000, 3000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(tones); i++)
		assert_true(error_of(tones[i]) < 300);          /* 36 dB below it */
	assert_true(error_of(3400) < 2000);
}

static void the_loudest_samples_do_not_wrap(void **state)
{
	static int16_t samples[COUNT + VOICE16_TAPS], doubled[2 * COUNT];

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(samples); i++)
		samples[i] = i / 8 % 2 ? INT16_MAX : INT16_MIN;
	voice16_double(doubled, samples, COUNT);
	for (size_t i = 0; i + 1 < COUNT; i++)
		if (samples[VOICE16_PAST + i] == samples[VOICE16_PAST + i + 1])
			assert_true((doubled[2 * i + 1] > 0) == (samples[VOICE16_PAST + i] > 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_read_whole),
		cmocka_unit_test(what_is_wrong_is_told_with_its_line),
		cmocka_unit_test(the_file_that_comes_with_us_is_right),
		cmocka_unit_test(dollars_are_read_exactly_or_not_at_all),
		cmocka_unit_test(every_second_that_was_begun_costs),
		cmocka_unit_test(urls_become_strings_of_the_input),
		cmocka_unit_test(a_note_is_read_back),
		cmocka_unit_test(what_is_no_note_is_an_empty_one),
		cmocka_unit_test(urls_that_do_not_fit_are_left_out),
		cmocka_unit_test(a_tone_is_the_same_tone_at_twice_the_rate),
		cmocka_unit_test(the_loudest_samples_do_not_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
