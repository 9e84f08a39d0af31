/* The bridge and function calls: what Grok and the caller see of them, message by message. */
#include "tests/unit/unit.h"

#include "base/check.h"
#include "tests/relay/kit.h"

static struct tool_sink sink;
static unsigned started_count, over_count;
static uint32_t serial; /* of the call that was started last */
static enum tool_status over_status;

static struct kit *the_kit;

static void start(struct tool_sink *s, struct tool_use *use, uint64_t now_ms)
{
	(void)s;
	started_count++;
	serial = use->serial;
	if (slice_equal(tool_name(use), SLICE("end_call")))
		bridge_leave(&the_kit->bridge, END_RECEPTIONIST_HUNG_UP, (struct slice){0}, serial,
			now_ms);
	if (slice_equal(tool_name(use), SLICE("transfer_call")))
		bridge_leave(&the_kit->bridge, END_TRANSFERRED, SLICE("+15550199"), serial, now_ms);
}

static void over(struct tool_sink *s, const struct tool_use *use, uint64_t now_ms)
{
	(void)s;
	(void)now_ms;
	over_count++;
	over_status = use->status;
}

static int begin(void **state)
{
	sink = (struct tool_sink){.start = start, .over = over};
	started_count = over_count = 0;
	*state = the_kit = kit_open();
	the_kit->tools = &sink;
	return 0;
}

static int end(void **state)
{
	kit_close(*state);
	return 0;
}

static void show(struct kit *k, const char *response, const char *id, const char *name)
{
	char json[512];

	snprintf(json, sizeof json,
		"{\"type\":\"response.function_call_arguments.done\",\"response_id\":\"%s\","
		"\"item_id\":\"f\",\"call_id\":\"%s\",\"name\":\"%s\",\"arguments\":\"{}\"}",
		response, id, name);
	kit_grok(k, json);
	snprintf(json, sizeof json,
		"{\"type\":\"response.output_item.done\",\"response_id\":\"%s\",\"item\":{\"id\":"
		"\"f\",\"type\":\"function_call\",\"call_id\":\"%s\",\"name\":\"%s\",\"arguments\":"
		"\"{}\"}}",
		response, id, name);
	kit_grok(k, json);
}

static void call(struct kit *k, const char *response, const char *id, const char *name)
{
	kit_response(k, response);
	show(k, response, id, name);
}

static void result(struct kit *k, const char *json)
{
	bridge_tool_result(&k->bridge, serial, TOOL_OK, slice_of(json), k->now_ms);
	kit_pass(k, 1);
}

/* The greeting is heard to its end. */
static void talk(struct kit *k)
{
	kit_talk(k, "Hello.");
	kit_response(k, "r0");
	kit_delta(k, "r0", "a0", 1, 1600);
	kit_done(k, "r0");
	kit_marks_back(k, k->mark_count);
	kit_pass(k, 400);
	kit_said(k);
}

static void speaks(struct kit *k, bool yes)
{
	kit_grok(k, yes ? "{\"type\":\"input_audio_buffer.speech_started\",\"item_id\":\"u1\","
			  "\"audio_start_ms\":0}"
			: "{\"type\":\"input_audio_buffer.speech_stopped\",\"item_id\":\"u1\","
			  "\"audio_end_ms\":9}");
}

static void a_call_is_run_told_and_answered_once(void **state)
{
	struct kit *k = *state;

	talk(k);
	call(k, "r1", "c1", "book");
	assert_int_equal(started_count, 1);
	result(k, "{\"ok\":true}");
	assert_string_equal(kit_said(k), "");
	kit_grok(k, "{\"type\":\"response.done\",\"response_id\":\"r1\",\"response\":{\"id\":"
		    "\"r1\",\"status\":\"completed\","
		    "\"output\":[{\"id\":\"f\",\"type\":\"function_call\",\"call_id\":\"c1\","
		    "\"name\":\"book\",\"arguments\":\"{}\"}]}}");
	kit_pass(k, 1);
	assert_string_equal(kit_said(k), "model output c1 {\"ok\":true}\nmodel respond tools\n");
	kit_pass(k, 20000);
	assert_null(strstr(kit_said(k), "respond tools"));
	assert_int_equal(started_count, 1);
	assert_int_equal(over_count, 1);
	assert_int_equal(metrics_get(&k->metrics, METRIC_TOOL_DUPLICATES), 2);
}

static void the_preamble_is_heard_before_an_answer_is_asked_for(void **state)
{
	struct kit *k = *state;

	talk(k);
	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 2, 1600);
	show(k, "r1", "c1", "book");
	kit_done(k, "r1");
	kit_said(k);
	result(k, "{}");
	assert_string_equal(kit_said(k), "model output c1 {}\n");
	kit_marks_back(k, k->mark_count);
	kit_pass(k, 200);
	assert_string_equal(kit_said(k), "model respond tools\n");
}

static void the_caller_who_takes_the_word_is_answered_once(void **state)
{
	struct kit *k = *state;

	talk(k);
	call(k, "r1", "c1", "book");
	kit_done(k, "r1");
	speaks(k, true);
	result(k, "{}");
	assert_string_equal(kit_said(k), "model output c1 {}\n");
	speaks(k, false);
	kit_pass(k, 500);
	assert_string_equal(kit_said(k), "");
	kit_response(k, "r2");
	kit_done(k, "r2");
	kit_pass(k, 100);
	assert_null(strstr(kit_said(k), "respond tools"));
}

static void a_call_in_an_interrupted_response_is_not_run(void **state)
{
	struct kit *k = *state;

	talk(k);
	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 2, 16000);
	speaks(k, true);
	show(k, "r1", "c1", "transfer_call");
	kit_grok(k, "{\"type\":\"response.done\",\"response_id\":\"r1\",\"response\":{\"id\":"
		    "\"r1\",\"status\":\"cancelled\"}}");
	kit_said(k);
	kit_pass(k, 1);
	assert_int_equal(started_count, 0);
	assert_string_equal(kit_said(k),
		"model output c1 {\"ok\":false,\"error\":\"the caller interrupted, so it was not "
		"carried out\"}\n");
	assert_int_equal(k->bridge.reason, END_NONE);
}

static void a_tool_that_never_answers_is_given_up(void **state)
{
	struct kit *k = *state;

	talk(k);
	call(k, "r1", "c1", "book");
	kit_done(k, "r1");
	kit_pass(k, TOOLS_FILLER_MS);
	assert_string_equal(kit_said(k), "model say \"One moment, please.\"\n");
	kit_response(k, "r2");
	kit_delta(k, "r2", "a2", 3, 1600);
	kit_done(k, "r2");
	kit_marks_back(k, k->mark_count);
	kit_pass(k, TOOLS_DEADLINE_MS);
	assert_non_null(
		strstr(kit_said(k), "model output c1 {\"ok\":false,\"error\":\"it took too long"));
	bridge_tool_result(&k->bridge, serial, TOOL_OK, SLICE("{}"), k->now_ms);
	assert_int_equal(metrics_get(&k->metrics, METRIC_TOOL_LATE), 1);
	kit_pass(k, 1);
	assert_null(strstr(kit_said(k), "output"));
}

static void nobody_leaves_before_the_farewell_was_heard(void **state)
{
	struct kit *k = *state;

	talk(k);
	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 2, 8000);
	show(k, "r1", "c1", "end_call");
	kit_done(k, "r1");
	kit_pass(k, 500);
	assert_int_equal(k->bridge.reason, END_NONE);
	kit_marks_back(k, k->mark_count);
	kit_pass(k, 1000);
	assert_int_equal(k->bridge.reason, END_RECEPTIONIST_HUNG_UP);
	assert_int_equal(over_status, TOOL_OK);
	assert_null(strstr(kit_said(k), "output"));
}

static void a_merchants_farewell_is_said_and_protected(void **state)
{
	struct kit *k = *state;

	k->farewell = SLICE("So long.");
	talk(k);
	call(k, "r1", "c1", "end_call");
	kit_done(k, "r1");
	kit_pass(k, 1);
	assert_string_equal(kit_said(k), "model say \"So long.\"\n");
	kit_response(k, "r2");
	kit_delta(k, "r2", "a2", 3, 1600);
	kit_done(k, "r2");
	speaks(k, true);
	kit_pass(k, 1);
	assert_int_equal(k->clear_count, 0);
	kit_marks_back(k, k->mark_count);
	kit_pass(k, 300);
	assert_int_equal(k->bridge.reason, END_RECEPTIONIST_HUNG_UP);
}

static void marks_that_never_come_hold_nobody(void **state)
{
	struct kit *k = *state;

	talk(k);
	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 2, 8000);
	show(k, "r1", "c1", "transfer_call");
	kit_done(k, "r1");
	for (uint64_t ms = 0; ms <= LEAVE_MS + 100 && k->bridge.reason == END_NONE; ms += 100)
		kit_pass(k, 100);
	assert_int_equal(k->bridge.reason, END_TRANSFERRED);
	assert_string_equal(k->bridge.transfer_to, "+15550199");
}

static void who_is_interrupted_in_the_goodbye_stays(void **state)
{
	struct kit *k = *state;

	talk(k);
	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 2, 16000);
	show(k, "r1", "c1", "end_call");
	kit_done(k, "r1");
	kit_pass(k, 100);
	speaks(k, true);
	kit_pass(k, 100);
	assert_non_null(strstr(
		kit_said(k), "model output c1 {\"ok\":false,\"error\":\"the caller interrupted"));
	kit_pass(k, 2 * LEAVE_MS);
	assert_int_equal(k->bridge.reason, END_NONE);
}

static void a_lost_connections_results_are_told_in_words(void **state)
{
	struct kit *k = *state;

	k->bridge.recovers = true;
	talk(k);
	call(k, "r1", "c1", "book");
	bridge_lose(&k->bridge, LOSS_CLOSED, "gone", k->now_ms);
	bridge_model_lost(&k->bridge, &grok_xai, k->now_ms);
	result(k, "{\"table\":7}");
	assert_null(strstr(kit_said(k), "table"));
	kit_ready(k);
	kit_pass(k, 1);
	assert_non_null(
		strstr(kit_said(k), "model tell \"(The result of book: {\"table\":7})\"\n"));
}

static void a_key_of_the_menu_hands_over(void **state)
{
	static const struct merchant_keys menu = {.count = 1, .keys = {{'0', KEY_TRANSFER, ""}}};
	struct kit *k = *state;

	k->menu = &menu;
	k->transfer_number = SLICE("+15550123");
	talk(k);
	kit_twilio(k, "{\"event\":\"dtmf\",\"streamSid\":\"MZ1\",\"dtmf\":{\"digit\":\"0\"}}");
	kit_pass(k, KEYPAD_PAUSE_MS);
	assert_string_equal(
		kit_said(k), "model say \"One moment, please. I am connecting you.\"\n");
	kit_response(k, "r1");
	kit_delta(k, "r1", "a1", 2, 1600);
	kit_done(k, "r1");
	kit_marks_back(k, k->mark_count);
	kit_pass(k, 300);
	assert_int_equal(k->bridge.reason, END_TRANSFERRED);
	assert_string_equal(k->bridge.transfer_to, "+15550123");
}

static void while_a_secret_is_entered_the_line_is_silent(void **state)
{
	struct kit *k = *state;

	k->keypad = KEYPAD_SECRET;
	talk(k);
	kit_caller(k, 0x10, ULAW_FRAME_BYTES);
	kit_twilio(k, "{\"event\":\"dtmf\",\"streamSid\":\"MZ1\",\"dtmf\":{\"digit\":\"4\"}}");
	kit_caller(k, 0x20, ULAW_FRAME_BYTES);
	kit_pass(k, KEYPAD_PAUSE_MS);
	kit_caller(k, 0x30, ULAW_FRAME_BYTES);
	assert_int_equal(k->forwarded_bytes, 3 * ULAW_FRAME_BYTES);
	for (size_t i = 0; i < ULAW_FRAME_BYTES; i++) {
		assert_int_equal(k->forwarded[i], 0x10);
		assert_int_equal(k->forwarded[ULAW_FRAME_BYTES + i], ULAW_SILENCE);
		assert_int_equal(k->forwarded[2 * ULAW_FRAME_BYTES + i], 0x30);
	}
}

static void secret_digits_are_told_to_nobody(void **state)
{
	struct kit *k = *state;

	k->keypad = KEYPAD_SECRET;
	talk(k);
	for (const char *d = "4711#"; *d; d++) {
		char json[128];

		snprintf(json, sizeof json,
			"{\"event\":\"dtmf\",\"streamSid\":\"MZ1\",\"dtmf\":{\"digit\":\"%c\"}}",
			*d);
		kit_twilio(k, json);
	}
	kit_pass(k, 1);
	const char *said = kit_said(k);

	assert_non_null(strstr(said, "secret"));
	assert_null(strstr(said, "4711"));
	assert_true(slice_equal(keypad_secret(&k->bridge.keypad), SLICE("4711")));
	assert_true(keypad_is_secret(&k->bridge.keypad));
}

static void a_caller_who_comes_back_is_not_greeted_again(void **state)
{
	struct kit *k = *state;

	kit_merchant(k, "Hello.");
	kit_twilio(k, "{\"event\":\"start\",\"streamSid\":\"MZ1\",\"start\":{\"streamSid\":\"MZ1\","
		      "\"callSid\":\"CA1\","
		      "\"accountSid\":\"AC1\",\"tracks\":[\"inbound\"],\"mediaFormat\":{"
		      "\"encoding\":\"audio/x-mulaw\",\"sampleRate\":"
		      "8000,\"channels\":1},\"customParameters\":{\"resume\":\"no-answer\"}}}");
	kit_ready(k);
	const char *said = kit_said(k);

	assert_null(strstr(said, "Hello."));
	assert_non_null(strstr(said,
		"model say \"I am sorry, nobody could be reached. May I take a message?\"\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_call_is_run_told_and_answered_once),
		TEST(the_preamble_is_heard_before_an_answer_is_asked_for),
		TEST(the_caller_who_takes_the_word_is_answered_once),
		TEST(a_call_in_an_interrupted_response_is_not_run),
		TEST(a_tool_that_never_answers_is_given_up),
		TEST(nobody_leaves_before_the_farewell_was_heard),
		TEST(a_merchants_farewell_is_said_and_protected),
		TEST(marks_that_never_come_hold_nobody),
		TEST(who_is_interrupted_in_the_goodbye_stays),
		TEST(a_lost_connections_results_are_told_in_words),
		TEST(a_key_of_the_menu_hands_over),
		TEST(secret_digits_are_told_to_nobody),
		TEST(while_a_secret_is_entered_the_line_is_silent),
		TEST(a_caller_who_comes_back_is_not_greeted_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
