/* The simulated Grok as a load: the echo and the profile of a real conversation. */
#include "tests/unit/fake_world.h"

static void an_echo_returns_every_append_byte_for_byte(void **state)
{
	struct fake_plan plan = { .mode = FAKE_ECHO };
	struct world *w = world_open(&plan);
	char message[400], base64[300];
	uint8_t frame[ULAW_FRAME_BYTES];
	uint64_t parsed;

	(void)state;
	world_ready(w);
	assert_int_equal(world_count(w, GROK_RESPONSE_CREATED), 1);
	parsed = w->g.reader.parsed_count;
	for (int n = 0; n < 500; n++) {
		size_t len = (size_t)(n % 4 ? ULAW_FRAME_BYTES : 1 + n % 160);

		for (size_t i = 0; i < len; i++)
			frame[i] = (uint8_t)(n * 31 + (int)i * 7);
		base64[base64_encode(base64, frame, len)] = '\0';
		snprintf(message, sizeof message, "%s%s%s", GROK_APPEND_PREFIX, base64, GROK_APPEND_SUFFIX);
		world_say(w, message);
		const struct grok_event *e = world_event(w, w->log_count - 1);
		assert_int_equal(e->kind, GROK_AUDIO_DELTA);
		assert_true(slice_equal(e->delta, slice_of(base64)));
		assert_int_equal(e->audio_duration_ms, len / ULAW_BYTES_PER_MS);
		assert_true(slice_equal(e->response_id, slice_of(w->g.load.id)));
	}
	assert_int_equal(w->g.reader.parsed_count, parsed);
	assert_true(w->reader.scanned_count >= 500);
	world_close(w);
}

static void the_real_profile_speaks_40_percent_of_the_time(void **state)
{
	struct fake_plan plan = { .mode = FAKE_REAL };
	struct world *w = world_open(&plan);
	static uint8_t audio[LOAD_ANSWER_MS * ULAW_BYTES_PER_MS];
	size_t response_count = 0, at = 0, deltas = 0;

	(void)state;
	world_ready(w);
	world_run(w, 100000);
	for (size_t i = 0; i < w->log_count; i++) {
		if (w->log[i].kind == GROK_RESPONSE_CREATED)
			at = 0;
		if (w->log[i].kind == GROK_AUDIO_DELTA) {
			const struct grok_event *e = world_event(w, i);

			assert_int_equal(base64_decoded_len(e->delta), e->audio_duration_ms * ULAW_BYTES_PER_MS);
			assert_true(e->audio_duration_ms <= 500);
			assert_true(at + base64_decoded_len(e->delta) <= sizeof audio);
			at += (size_t)base64_decode(audio + at, e->delta);
			deltas++;
		}
		if (w->log[i].kind != GROK_RESPONSE_DONE)
			continue;
		assert_int_equal(at, sizeof audio);
		for (size_t n = 0; n < at; n++)
			assert_int_equal(audio[n], n % LOAD_PATTERN_MODULUS);
		response_count++;
	}
	assert_in_range(response_count, 9, 11);
	assert_in_range(deltas / response_count, 4000 / 500, 4000 / 190);
	world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_echo_returns_every_append_byte_for_byte),
		cmocka_unit_test(the_real_profile_speaks_40_percent_of_the_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
