#include "tests/unit/unit.h"

#include "sim/listener.h"
#include "proto/ulaw.h"

#include <math.h>

static struct pool pool;

static int open_pool(void **state)
{
	static const struct pool_plan plan[] = { { 4096, 16 }, { 65536, 16 }, { 524288, 8 } };

	(void)state;
	return pool_open(&pool, plan, 3);
}

static int close_pool(void **state)
{
	(void)state;
	pool_close(&pool);
	return 0;
}

static uint8_t call[20000 * ULAW_BYTES_PER_MS];
static size_t call_bytes;

static void add(uint32_t ms, int loudness)
{
	for (size_t i = 0; i < ms * ULAW_BYTES_PER_MS; i++)
		call[call_bytes++] = ulaw_encode((int16_t)(loudness * sin((double)i / 5)));
}

/* Plays the call in pieces of `step` bytes; the events as text. */
static void listen(struct listener *l, size_t step, char *out, size_t out_bytes)
{
	static const char *const names[] = { "", "started", "paused", "resumed", "stopped" };
	struct listener_event event;
	size_t used = 0;

	out[0] = '\0';
	for (size_t at = 0; at < call_bytes; at += step) {
		size_t len = call_bytes - at < step ? call_bytes - at : step;

		listener_put(l, (struct slice){ (const char *)call + at, len });
		while (listener_next(l, &event))
			used += (size_t)snprintf(out + used, out_bytes - used, "%s@%u ", names[event.kind],
				(unsigned)listener_heard_ms(l));
	}
}

static void assert_events(double threshold, uint32_t silence_ms, const char *wanted)
{
	struct listener l;
	char events[500];

	listener_init(&l, &pool);
	listener_set(&l, threshold, silence_ms, 333);
	listen(&l, 160, events, sizeof events);
	assert_string_equal(events, wanted);
	listener_fini(&l);
}

static void silence_gives_no_event(void **state)
{
	(void)state;
	call_bytes = 0;
	add(3000, 0);
	add(3000, 100);
	assert_events(0.85, 600, "");
}

static void speech_starts_after_100_ms_pauses_and_stops_after_the_silence(void **state)
{
	(void)state;
	call_bytes = 0;
	add(500, 0);
	add(1000, 8000);
	add(1000, 0);
	assert_events(0.85, 600, "started@600 paused@1700 stopped@2100 ");
}

static void a_short_silence_setting_stops_without_a_pause(void **state)
{
	(void)state;
	call_bytes = 0;
	add(500, 0);
	add(1000, 8000);
	add(1000, 0);
	assert_events(0.85, 150, "started@600 stopped@1650 ");
}

static void a_click_is_not_speech(void **state)
{
	(void)state;
	call_bytes = 0;
	for (int i = 0; i < 10; i++) {
		add(60, 8000);
		add(400, 0);
	}
	assert_events(0.85, 600, "");
}

static void a_pause_that_ends_is_reported_as_resumed(void **state)
{
	(void)state;
	call_bytes = 0;
	add(200, 0);
	add(500, 8000);
	add(400, 0);
	add(500, 8000);
	add(700, 0);
	assert_events(0.85, 600, "started@300 paused@900 resumed@1110 paused@1800 stopped@2200 ");
}

static void a_lower_threshold_hears_a_quieter_voice(void **state)
{
	(void)state;
	call_bytes = 0;
	add(500, 0);
	add(1000, 900);
	add(1000, 0);
	assert_events(0.85, 600, "");
	assert_events(0.5, 600, "started@600 paused@1700 stopped@2100 ");
}

static void how_the_audio_is_cut_changes_nothing(void **state)
{
	struct listener whole, cut;
	char wanted[500], events[500];

	(void)state;
	call_bytes = 0;
	add(333, 0);
	add(777, 8000);
	add(411, 0);
	add(555, 9000);
	add(1234, 0);
	listener_init(&whole, &pool);
	listen(&whole, VAD_BLOCK_BYTES, wanted, sizeof wanted);
	for (size_t step = 1; step < 1000; step = step * 2 + 1) {
		listener_init(&cut, &pool);
		listen(&cut, step, events, sizeof events);
		assert_int_equal(listener_turn(&cut).len, listener_turn(&whole).len);
		listener_fini(&cut);
		if (step < VAD_BLOCK_BYTES)
			assert_string_equal(events, wanted);
	}
	listener_fini(&whole);
}

static void a_turn_begins_with_its_padding_and_grows_until_forgotten(void **state)
{
	struct listener l;
	char events[500];

	(void)state;
	call_bytes = 0;
	add(2000, 0);
	add(1000, 8000);
	add(700, 0);
	listener_init(&l, &pool);
	listener_set(&l, 0.85, 600, 333);
	listen(&l, 160, events, sizeof events);
	assert_int_equal(listener_turn(&l).len, (333 + 1000 + 700) * ULAW_BYTES_PER_MS);
	assert_memory_equal(listener_turn(&l).data, call + (2000 - 333) * ULAW_BYTES_PER_MS, listener_turn(&l).len);
	listen(&l, 160, events, sizeof events);
	assert_int_equal(listener_turn(&l).len, (333 + 1700 + 3700) * ULAW_BYTES_PER_MS);
	listener_forget(&l);
	assert_int_equal(listener_turn(&l).len, 0);
	listen(&l, 160, events, sizeof events);
	assert_int_equal(listener_turn(&l).len, (333 + 1700) * ULAW_BYTES_PER_MS);
	listener_fini(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(silence_gives_no_event),
		cmocka_unit_test(speech_starts_after_100_ms_pauses_and_stops_after_the_silence),
		cmocka_unit_test(a_short_silence_setting_stops_without_a_pause),
		cmocka_unit_test(a_click_is_not_speech),
		cmocka_unit_test(a_pause_that_ends_is_reported_as_resumed),
		cmocka_unit_test(a_lower_threshold_hears_a_quieter_voice),
		cmocka_unit_test(how_the_audio_is_cut_changes_nothing),
		cmocka_unit_test(a_turn_begins_with_its_padding_and_grows_until_forgotten),
	};

	return cmocka_run_group_tests(tests, open_pool, close_pool);
}
