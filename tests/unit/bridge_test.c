#include "tests/unit/unit.h"

#include "tests/relay/kit.h"

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

static uint64_t counted(const struct kit *k, enum metric metric)
{
	return metrics_get(&k->metrics, metric);
}

static void is_over(const struct kit *k, enum end_reason reason)
{
	assert_string_equal(end_reason_word(k->bridge.reason), end_reason_word(reason));
	assert_non_null(k->bridge.why);
}

/* --- setting up ------------------------------------------------------------------------------------ */

static void the_session_is_asked_for_at_groks_first_event(void **state)
{
	struct kit *k = *state;

	kit_merchant(k, "");
	bridge_model_open(&k->bridge, k->now_ms);
	assert_string_equal(kit_said(k), "");
	kit_grok(k, "{\"type\":\"conversation.created\",\"conversation\":{\"id\":\"c\"}}");
	assert_string_equal(kit_said(k), "model update\n");
	kit_grok(k, "{\"type\":\"ping\",\"timestamp\":1}");
	assert_string_equal(kit_said(k), "");
}

static void the_session_is_asked_for_after_a_second_if_grok_says_nothing(void **state)
{
	struct kit *k = *state;

	bridge_model_open(&k->bridge, k->now_ms);
	kit_merchant(k, "");
	assert_int_equal(bridge_deadline_ms(&k->bridge), k->now_ms + BRIDGE_ASK_MS);
	kit_pass(k, BRIDGE_ASK_MS - 1);
	assert_string_equal(kit_said(k), "");
	kit_pass(k, 1);
	assert_string_equal(kit_said(k), "model update\n");
}

static void a_merchant_who_comes_late_is_waited_for(void **state)
{
	struct kit *k = *state;

	bridge_model_open(&k->bridge, k->now_ms);
	kit_grok(k, "{\"type\":\"session.created\",\"session\":{}}");
	kit_pass(k, 2000);
	assert_string_equal(kit_said(k), "");
	kit_merchant(k, "");
	assert_string_equal(kit_said(k), "model update\n");
}

static void the_update_is_sent_once_more_and_then_the_call_ends(void **state)
{
	struct kit *k = *state;

	kit_merchant(k, "");
	bridge_model_open(&k->bridge, k->now_ms);
	kit_grok(k, "{\"type\":\"session.created\",\"session\":{}}");
	kit_pass(k, 3000);
	assert_string_equal(kit_said(k), "model update\nmodel update\n");
	kit_pass(k, 2999);
	assert_int_equal(k->bridge.reason, END_NONE);
	kit_pass(k, 1);
	is_over(k, END_GROK_STALLED);
}

static void an_echo_with_other_audio_never_makes_it_ready(void **state)
{
	struct kit *k = *state;

	kit_merchant(k, "");
	kit_start(k);
	bridge_model_open(&k->bridge, k->now_ms);
	kit_grok(k, "{\"type\":\"session.created\",\"session\":{}}");
	kit_grok(k, "{\"type\":\"session.updated\",\"session\":{\"turn_detection\":{\"type\":\"server_vad\"},"
		"\"audio\":{\"input\":{\"format\":{\"type\":\"audio/pcmu\"}},"
		"\"output\":{\"format\":{\"type\":\"audio/pcm\",\"rate\":16000}}}}}");
	assert_false(bridge_is_talking(&k->bridge));
	kit_pass(k, 3000);
	kit_pass(k, 3000);
	is_over(k, END_GROK_WRONG_AUDIO);
}

static void an_error_before_the_session_stands_ends_the_call(void **state)
{
	struct kit *k = *state;

	kit_merchant(k, "");
	bridge_model_open(&k->bridge, k->now_ms);
	kit_grok(k, "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"bad format\"}}");
	is_over(k, END_GROK_REFUSED);
}

static void a_greeting_is_spoken_word_for_word_once_both_sides_are_there(void **state)
{
	struct kit *k = *state;

	kit_merchant(k, "Good evening.");
	kit_ready(k);
	assert_string_equal(kit_said(k), "model update\n");
	assert_true(bridge_needs_merchant(&k->bridge));
	kit_start(k);
	assert_string_equal(kit_said(k), "model say \"Good evening.\"\n");
	/* A later session is set up with the same texts. */
	assert_true(bridge_needs_merchant(&k->bridge));
	bridge_end(&k->bridge, END_SHUTDOWN, "test", k->now_ms);
	assert_false(bridge_needs_merchant(&k->bridge));
}

static void without_a_greeting_the_model_finds_its_own_first_words(void **state)
{
	struct kit *k = *state;

	kit_merchant(k, "");
	kit_start(k);
	kit_ready(k);
	assert_string_equal(kit_said(k), "model update\nmodel respond greeting\n");
}

static void a_greeting_that_grok_drops_is_asked_for_otherwise(void **state)
{
	struct kit *k = *state;

	kit_talk(k, "");
	kit_pass(k, SAY_ASKED_MS);
	assert_string_equal(kit_said(k), "model say \"Hello! How can I help you?\"\n");
	kit_pass(k, 2 * SAY_ASKED_MS);
	assert_string_equal(kit_said(k), "");
}

static void a_greeting_that_began_is_not_asked_for_again(void **state)
{
	struct kit *k = *state;

	kit_talk(k, "Hi.");
	kit_response(k, "r1");
	kit_pass(k, 2 * SAY_ASKED_MS);
	assert_string_equal(kit_said(k), "");
}

/* --- the caller's audio ---------------------------------------------------------------------------- */

static void audio_is_held_until_grok_is_ready_and_then_flows_in_order(void **state)
{
	struct kit *k = *state;
	uint8_t wanted[480];

	kit_start(k);
	kit_merchant(k, "Hi.");
	kit_caller(k, 1, 160);
	kit_caller(k, 2, 160);
	assert_string_equal(kit_said(k), "");
	kit_ready(k);
	kit_caller(k, 3, 160);
	assert_string_equal(kit_said(k), "model update\nmodel append 160\nmodel append 160\nmodel say \"Hi.\"\n"
		"model append 160\n");
	memset(wanted, 1, 160);
	memset(wanted + 160, 2, 160);
	memset(wanted + 320, 3, 160);
	assert_int_equal(k->forwarded_bytes, 480);
	assert_memory_equal(k->forwarded, wanted, 480);
	assert_int_equal(buf_len(&k->bridge.caller.held.bytes), 0);
}

static void at_most_a_second_is_held_and_the_oldest_goes_first(void **state)
{
	struct kit *k = *state;

	kit_start(k);
	for (unsigned i = 0; i < 60; i++)
		kit_caller(k, (uint8_t)i, 160);
	assert_int_equal(counted(k, METRIC_CALLER_FRAMES_DROPPED), 10);
	kit_merchant(k, "Hi.");
	kit_ready(k);
	assert_int_equal(k->forwarded_bytes, CALLER_AUDIO_BYTES_MAX);
	assert_int_equal(k->forwarded[0], 10);
	assert_int_equal(k->forwarded[CALLER_AUDIO_BYTES_MAX - 1], 59);
}

static void a_slow_grok_gets_at_most_a_second_of_old_audio(void **state)
{
	struct kit *k = *state;

	kit_talk(k, "Hi.");
	k->bridge.caller.backlog_bytes = CALLER_BACKLOG_BYTES;
	for (unsigned i = 0; i < 70; i++)
		kit_caller(k, (uint8_t)i, 160);
	assert_int_equal(k->forwarded_bytes, 0);
	assert_int_equal(counted(k, METRIC_CALLER_FRAMES_DROPPED), 20);
	k->bridge.caller.backlog_bytes = 0;
	kit_pass(k, 20);
	assert_int_equal(k->forwarded_bytes, CALLER_AUDIO_BYTES_MAX);
	assert_int_equal(k->forwarded[0], 20);
}

static void frames_of_the_outbound_track_are_counted_and_go_nowhere(void **state)
{
	struct kit *k = *state;

	kit_talk(k, "Hi.");
	kit_twilio(k, "{\"event\":\"media\",\"media\":{\"track\":\"outbound\",\"payload\":\"////\"},"
		"\"streamSid\":\"MZ1\"}");
	assert_string_equal(kit_said(k), "");
	assert_int_equal(counted(k, METRIC_PHONE_OUTBOUND_FRAMES), 1);
}

static void digits_are_told_after_a_pause_all_together(void **state)
{
	struct kit *k = *state;

	kit_talk(k, "Hi.");
	kit_response(k, "r0");
	kit_done(k, "r0");
	for (const char *d = "421"; *d; d++) {
		char json[128];

		snprintf(json, sizeof json, "{\"event\":\"dtmf\",\"streamSid\":\"MZ1\",\"dtmf\":{\"track\":"
			"\"inbound_track\",\"digit\":\"%c\"}}", *d);
		kit_twilio(k, json);
		kit_pass(k, 500);
	}
	assert_string_equal(kit_said(k), "");
	kit_pass(k, KEYPAD_PAUSE_MS);
	assert_string_equal(kit_said(k), "model tell \"(The caller pressed 421 on the keypad.)\"\n"
		"model respond keypad\n");
}

static void digits_do_not_cut_off_an_answer_under_way(void **state)
{
	struct kit *k = *state;

	kit_talk(k, "Hi.");
	kit_response(k, "r1");
	kit_twilio(k, "{\"event\":\"dtmf\",\"streamSid\":\"MZ1\",\"dtmf\":{\"digit\":\"#\"}}");
	kit_pass(k, 1);
	assert_string_equal(kit_said(k), "model tell \"(The caller pressed # on the keypad.)\"\n");
}

/* --- what Twilio may not do ------------------------------------------------------------------------ */

static void a_second_start_ends_the_call(void **state)
{
	struct kit *k = *state;

	kit_start(k);
	kit_start(k);
	is_over(k, END_PHONE_PROTOCOL);
}

static void media_before_start_ends_the_call(void **state)
{
	struct kit *k = *state;

	kit_caller(k, 1, 160);
	is_over(k, END_PHONE_PROTOCOL);
}

static void media_of_another_stream_ends_the_call(void **state)
{
	struct kit *k = *state;

	struct twilio_event event;

	kit_talk(k, "Hi.");
	twilio_event_init(&event, TWILIO_MEDIA);
	event.stream_sid = SLICE("MZ2");
	event.payload = SLICE("////");
	bridge_phone(&k->bridge, &event, k->now_ms);
	is_over(k, END_PHONE_PROTOCOL);
}

static void a_stream_that_is_not_mulaw_ends_the_call(void **state)
{
	struct kit *k = *state;

	kit_twilio(k, "{\"event\":\"start\",\"start\":{\"streamSid\":\"MZ1\",\"callSid\":\"CA1\",\"mediaFormat\":{"
		"\"encoding\":\"audio/l16\",\"sampleRate\":16000,\"channels\":1}},\"streamSid\":\"MZ1\"}");
	is_over(k, END_PHONE_PROTOCOL);
}

static void unknown_events_are_only_counted(void **state)
{
	struct kit *k = *state;

	kit_talk(k, "Hi.");
	kit_twilio(k, "{\"event\":\"weather\",\"streamSid\":\"MZ1\"}");
	kit_grok(k, "{\"type\":\"weather.changed\"}");
	kit_grok(k, "{\"type\":\"response.mcp_call.completed\",\"item_id\":\"m\"}");
	assert_int_equal(counted(k, METRIC_PHONE_UNKNOWN_EVENTS), 1);
	assert_int_equal(counted(k, METRIC_MODEL_UNKNOWN_EVENTS), 1);
	assert_int_equal(k->bridge.reason, END_NONE);
	assert_string_equal(kit_said(k), "");
}

/* --- errors of Grok's ------------------------------------------------------------------------------ */

static void an_error_during_the_talk_is_counted_and_survived(void **state)
{
	struct kit *k = *state;

	kit_talk(k, "Hi.");
	kit_grok(k, "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\","
		"\"message\":\"Item not found\"}}");
	assert_int_equal(counted(k, METRIC_MODEL_ERRORS), 1);
	assert_int_equal(k->bridge.reason, END_NONE);
	kit_grok(k, "{\"type\":\"error\",\"error\":{\"type\":\"max_duration\",\"message\":\"over\"}}");
	is_over(k, END_CALL_TOO_LONG);
}

static void a_few_unreadable_messages_are_survived_many_are_not(void **state)
{
	struct kit *k = *state;

	kit_talk(k, "Hi.");
	for (unsigned i = 0; i < BRIDGE_BAD_MESSAGES_MAX; i++)
		kit_grok(k, "{\"type\":");
	assert_int_equal(k->bridge.reason, END_NONE);
	kit_grok(k, "{\"type\":");
	is_over(k, END_GROK_PROTOCOL);
}

static void after_the_end_nothing_is_said_any_more(void **state)
{
	struct kit *k = *state;

	kit_talk(k, "Hi.");
	kit_twilio(k, "{\"event\":\"stop\",\"streamSid\":\"MZ1\",\"stop\":{\"callSid\":\"CA1\"}}");
	is_over(k, END_CALLER_HUNG_UP);
	bridge_end(&k->bridge, END_SHUTDOWN, "later", k->now_ms);
	is_over(k, END_CALLER_HUNG_UP);
	kit_said(k);
	kit_caller(k, 1, 160);
	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 5, 1600);
	kit_pass(k, 10000);
	assert_string_equal(kit_said(k), "");
	assert_int_equal(bridge_deadline_ms(&k->bridge), UINT64_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_kit, close_kit)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_session_is_asked_for_at_groks_first_event),
		TEST(the_session_is_asked_for_after_a_second_if_grok_says_nothing),
		TEST(a_merchant_who_comes_late_is_waited_for),
		TEST(the_update_is_sent_once_more_and_then_the_call_ends),
		TEST(an_echo_with_other_audio_never_makes_it_ready),
		TEST(an_error_before_the_session_stands_ends_the_call),
		TEST(a_greeting_is_spoken_word_for_word_once_both_sides_are_there),
		TEST(without_a_greeting_the_model_finds_its_own_first_words),
		TEST(a_greeting_that_grok_drops_is_asked_for_otherwise),
		TEST(a_greeting_that_began_is_not_asked_for_again),
		TEST(audio_is_held_until_grok_is_ready_and_then_flows_in_order),
		TEST(at_most_a_second_is_held_and_the_oldest_goes_first),
		TEST(a_slow_grok_gets_at_most_a_second_of_old_audio),
		TEST(frames_of_the_outbound_track_are_counted_and_go_nowhere),
		TEST(digits_are_told_after_a_pause_all_together),
		TEST(digits_do_not_cut_off_an_answer_under_way),
		TEST(a_second_start_ends_the_call),
		TEST(media_before_start_ends_the_call),
		TEST(media_of_another_stream_ends_the_call),
		TEST(a_stream_that_is_not_mulaw_ends_the_call),
		TEST(unknown_events_are_only_counted),
		TEST(an_error_during_the_talk_is_counted_and_survived),
		TEST(a_few_unreadable_messages_are_survived_many_are_not),
		TEST(after_the_end_nothing_is_said_any_more),
	};

	return cmocka_run_group_tests_name("bridge", tests, NULL, NULL);
}
