/* What a bridge makes of a call's quality: the figures of small talks whose length is known. */
#include "tests/unit/unit.h"

#include "tests/relay/kit.h"

enum { LOUD = 0x10, QUIET = 0xFF, SLACK_MS = 60 };

static int open_kit(void **state)
{
	*state = kit_open();
	return 0;
}

static int close_kit(void **state)
{
	kit_close(*state);
	return 0;
}

static void speech(struct kit *k, const char *what)
{
	char json[200];

	snprintf(json, sizeof json, "{\"type\":\"input_audio_buffer.speech_%s\",\"item_id\":\"u1\"}", what);
	kit_grok(k, json);
}

/* The caller's line for so long; each frame comes when it is due. */
static void line(struct kit *k, uint8_t byte, unsigned ms)
{
	for (unsigned at = 0; at < ms; at += 20) {
		kit_pass(k, 20);
		kit_caller(k, byte, ULAW_FRAME_BYTES);
	}
}

static void answer(struct kit *k, const char *response, unsigned ms)
{
	kit_response(k, response);
	kit_delta(k, response, response, 1, ms * ULAW_BYTES_PER_MS);
	kit_done(k, response);
}

static void about(uint64_t got, uint64_t wanted)
{
	if (got + SLACK_MS < wanted || got > wanted + SLACK_MS)
		fail_msg("%llu ms, not about %llu", (unsigned long long)got, (unsigned long long)wanted);
}

static void hang_up(struct kit *k)
{
	kit_twilio(k, "{\"event\":\"stop\",\"sequenceNumber\":\"9\",\"streamSid\":\"MZ1\",\"stop\":{}}");
	assert_int_equal(k->bridge.reason, END_CALLER_HUNG_UP);
}

static void silence_behind_the_greeting_is_dead_air(void **state)
{
	struct kit *k = *state;

	kit_talk(k, "Hello.");
	answer(k, "r1", 500);
	line(k, QUIET, 3000);
	hang_up(k);
	about(k->bridge.quality.dead_air_ms, 2500);
	assert_int_equal(k->bridge.quality.talk_over_ms, 0);
}

static void a_caller_who_speaks_is_no_dead_air(void **state)
{
	struct kit *k = *state;

	kit_talk(k, "Hello.");
	answer(k, "r1", 500);
	line(k, QUIET, 1500);
	speech(k, "started");
	line(k, LOUD, 5000);
	hang_up(k);
	assert_int_equal(k->bridge.quality.dead_air_ms, 0);
}

/* Grok tells of the end 600 ms late, and answers 200 ms after that. */
static void converse(struct kit *k, bool hears)
{
	k->manners.local_vad = hears;
	kit_talk(k, "Hello.");
	answer(k, "r1", 500);
	line(k, QUIET, 1000);
	line(k, LOUD, 160);
	speech(k, "started");
	line(k, LOUD, 840);
	line(k, QUIET, 600);
	speech(k, "stopped");
	line(k, QUIET, 200);
	answer(k, "r2", 500);
}

static void a_gap_begins_with_the_caller_s_last_sound(void **state)
{
	struct kit *k = *state;

	converse(k, true);
	assert_int_equal(k->bridge.quality.gap_count, 1);
	about(k->bridge.quality.gap_ms_max, 800);
	assert_int_equal(k->bridge.quality.gap_counts[3], 1);
}

static void so_it_does_where_only_grok_listens(void **state)
{
	struct kit *k = *state;

	converse(k, false);
	assert_int_equal(k->bridge.quality.gap_count, 1);
	about(k->bridge.quality.gap_ms_max, 800);
}

static void who_interrupts_talks_over_until_the_voice_stops(void **state)
{
	struct kit *k = *state;

	k->manners.local_vad = true;
	k->manners.hold_off_ms = 300;
	kit_talk(k, "Hello.");
	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 16000);
	kit_delta(k, "r1", "a1", 1, 16000);
	line(k, QUIET, 600);
	line(k, LOUD, 160);
	speech(k, "started");
	line(k, LOUD, 1000);
	hang_up(k);
	assert_int_equal(k->clear_count, 1);
	about(k->bridge.quality.talk_over_ms, 160 + 300);
}

static void a_voice_that_runs_dry_in_the_midst_is_an_underrun(void **state)
{
	struct kit *k = *state;

	kit_talk(k, "Hello.");
	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 1600);
	line(k, QUIET, 100);
	kit_delta(k, "r1", "a1", 1, 1600);
	assert_int_equal(k->bridge.quality.underrun_count, 0);
	line(k, QUIET, 600);
	kit_delta(k, "r1", "a1", 1, 1600);
	assert_int_equal(k->bridge.quality.underrun_count, 1);
}

static void a_pause_between_items_or_answers_is_none(void **state)
{
	struct kit *k = *state;

	kit_talk(k, "Hello.");
	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 1, 1600);
	line(k, QUIET, 600);
	kit_delta(k, "r1", "a2", 1, 1600);
	kit_done(k, "r1");
	line(k, QUIET, 600);
	answer(k, "r2", 500);
	assert_int_equal(k->bridge.quality.underrun_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(silence_behind_the_greeting_is_dead_air, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(a_caller_who_speaks_is_no_dead_air, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(a_gap_begins_with_the_caller_s_last_sound, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(so_it_does_where_only_grok_listens, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(who_interrupts_talks_over_until_the_voice_stops, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(a_voice_that_runs_dry_in_the_midst_is_an_underrun, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(a_pause_between_items_or_answers_is_none, open_kit, close_kit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
