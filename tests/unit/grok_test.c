/* Grok's messages, as a client reads them, against transcripts of the service (tests/unit/golden/). */
#include "tests/unit/golden.h"

#include "proto/grok.h"
#include "tests/message_equal.h"

static struct golden golden;
static struct grok_reader reader;
static struct grok_event event;

static int set_up(void **state)
{
	(void)state;
	grok_reader_fini(&reader);
	memset(&reader, 0, sizeof reader);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	grok_reader_fini(&reader);
	return 0;
}

static enum grok_result read_text(enum grok_direction from, const char *text)
{
	return grok_read(&reader, from, text, strlen(text), &event);
}

static void must_be(enum grok_direction from, const char *text, enum grok_kind kind)
{
	if (read_text(from, text) != GROK_EVENT)
		fail_msg("%s: %s", reader.why, text);
	if (event.kind != kind)
		fail_msg("%s: %s", grok_kind_name(event.kind), text);
}

static void must_fail(enum grok_direction from, const char *text, const char *why)
{
	if (read_text(from, text) != GROK_BAD)
		fail_msg("accepted: %s", text);
	if (why)
		assert_string_equal(reader.why, why);
}

#define EQUAL(slice, text) assert_true(slice_equal((slice), SLICE(text)))

static void every_kind_has_its_name_and_every_alias_its_kind(void **state)
{
	(void)state;
#define X(kind, type) assert_int_equal(grok_kind_of(TO_GROK, SLICE(type)), GROK_##kind);
	GROK_CLIENT_KINDS(X)
#undef X
#define X(kind, type) assert_int_equal(grok_kind_of(FROM_GROK, SLICE(type)), GROK_##kind);
	GROK_SERVER_KINDS(X)
	GROK_ALIASES(X)
#undef X
	assert_int_equal(grok_kind_of(FROM_GROK, SLICE("session.update")), GROK_UNKNOWN);
	assert_int_equal(grok_kind_of(TO_GROK, SLICE("response.done")), GROK_UNKNOWN);
	assert_int_equal(grok_kind_of(TO_GROK, SLICE("unknown")), GROK_UNKNOWN);
	assert_string_equal(grok_kind_name(GROK_AUDIO_DELTA), "response.output_audio.delta");
}

static void the_connect_burst_reads_as_recorded(void **state)
{
	const char *why = NULL;

	(void)state;
	golden_load(&golden, "grok_connect.jsonl");
	must_be(FROM_GROK, golden.lines[0], GROK_SESSION_CREATED);
	EQUAL(event.session.voice, "xai_ara");
	assert_int_equal(event.session.turn_detection.on, GROK_NO);
	assert_false(grok_session_fits_phone(&event.session, &why));
	assert_non_null(why);
	must_be(FROM_GROK, golden.lines[1], GROK_CONVERSATION_CREATED);
	EQUAL(event.conversation_id, "21b7c0de-0000-4000-8000-000000000001");
	must_be(FROM_GROK, golden.lines[2], GROK_PING);
	assert_true(event.timestamp_ms == 1790645006955);
	must_be(FROM_GROK, golden.lines[3], GROK_SESSION_UPDATED);
	EQUAL(event.session.input.type, "audio/pcmu");
	assert_int_equal(event.session.output.rate_hz, -1);
	EQUAL(event.session.flat_input_format, "not specified");
	assert_int_equal(event.session.turn_detection.create_response, GROK_YES);
	assert_true(grok_session_fits_phone(&event.session, &why));
}

static void a_callers_turn_reads_as_recorded(void **state)
{
	(void)state;
	golden_load(&golden, "grok_turn.jsonl");
	must_be(FROM_GROK, golden.lines[0], GROK_SPEECH_STARTED);
	EQUAL(event.item_id, "u1");
	assert_int_equal(event.audio_start_ms, 227);
	assert_null(event.previous_item_id.data);
	must_be(FROM_GROK, golden.lines[1], GROK_ITEM_ADDED);
	EQUAL(event.item_id, "u1");
	EQUAL(event.item.role, "user");
	EQUAL(event.item.content_type, "input_audio");
	assert_int_equal(event.item.replayed, GROK_NO);
	must_be(FROM_GROK, golden.lines[2], GROK_CALLER_TEXT_UPDATED);
	must_be(FROM_GROK, golden.lines[3], GROK_SPEECH_STOPPED);
	assert_int_equal(event.audio_end_ms, 2432);
	must_be(FROM_GROK, golden.lines[4], GROK_CALLER_TEXT_COMPLETED);
	EQUAL(event.status, "in_progress");
	must_be(FROM_GROK, golden.lines[5], GROK_AUDIO_COMMITTED);
	must_be(FROM_GROK, golden.lines[6], GROK_CALLER_TEXT_COMPLETED);
	EQUAL(event.transcript, "Hello, my name is Marcelo.");
	EQUAL(event.status, "completed");
}

static void a_response_reads_as_recorded(void **state)
{
	(void)state;
	golden_load(&golden, "grok_turn.jsonl");
	must_be(FROM_GROK, golden.lines[7], GROK_RESPONSE_CREATED);
	EQUAL(event.response_id, "r1");
	EQUAL(grok_metadata(&event, SLICE("src")), "greeting");
	must_be(FROM_GROK, golden.lines[8], GROK_OUTPUT_ITEM_ADDED);
	EQUAL(event.response_id, "r1");
	EQUAL(event.item_id, "a1");
	must_be(FROM_GROK, golden.lines[10], GROK_PART_ADDED);
	EQUAL(event.previous_item_id, "0");
	must_be(FROM_GROK, golden.lines[11], GROK_AUDIO_DELTA);
	assert_int_equal(reader.scanned_count, 1);
	EQUAL(event.delta, "f39/fw==");
	EQUAL(event.latency, "0.68");
	assert_int_equal(event.audio_duration_ms, 489);
	assert_true(event.timestamp_ms == 1785214083561);
	must_be(FROM_GROK, golden.lines[13], GROK_TRANSCRIPT_DELTA);
	assert_true(event.start_s == 0.725);
	must_be(FROM_GROK, golden.lines[14], GROK_TRANSCRIPT_DONE);
	EQUAL(event.transcript, "Hello there. How can I help?");
	must_be(FROM_GROK, golden.lines[18], GROK_RESPONSE_DONE);
	EQUAL(event.status, "completed");
	assert_int_equal(event.output_count, 1);
	EQUAL(event.output[0].text, "Hello there. How can I help?");
	assert_true(event.usage.billable_audio_seconds == 5 && event.usage.output_audio_seconds == 3.38);
	assert_int_equal(event.usage.total_tokens, 341);
	must_be(FROM_GROK, golden.lines[19], GROK_ITEM_TRUNCATED);
	EQUAL(event.transcript, "Hello there. How");
	assert_int_equal(event.audio_end_ms, 1480);
	must_be(FROM_GROK, golden.lines[23], GROK_AUDIO_DTMF);
	EQUAL(event.digit, "5");
	assert_true(event.timestamp_ms == 1730000000000);
}

static void a_tool_call_is_told_three_times_with_one_call_id(void **state)
{
	(void)state;
	golden_load(&golden, "grok_tool.jsonl");
	must_be(FROM_GROK, golden.lines[3], GROK_ARGUMENTS_DONE);
	EQUAL(event.call_id, "call-af8e-0");
	EQUAL(event.arguments, "{\"city\":\"London\"}");
	must_be(FROM_GROK, golden.lines[4], GROK_OUTPUT_ITEM_DONE);
	EQUAL(event.call_id, "call-af8e-0");
	EQUAL(event.name, "get_weather");
	must_be(FROM_GROK, golden.lines[5], GROK_RESPONSE_DONE);
	assert_int_equal(event.output_count, 2);
	EQUAL(event.output[1].call_id, "call-af8e-0");
	EQUAL(event.output[1].arguments, "{\"city\":\"London\"}");
	assert_true(event.usage.billable_audio_seconds == 7.5);
}

static void errors_carry_what_is_known_and_unknown_events_are_no_errors(void **state)
{
	(void)state;
	golden_load(&golden, "grok_errors.jsonl");
	must_be(FROM_GROK, golden.lines[0], GROK_ERROR);
	EQUAL(event.error.type, "invalid_request_error");
	EQUAL(event.error.event_id, "client-evt");
	assert_null(event.error.param.data);
	must_be(FROM_GROK, golden.lines[1], GROK_ERROR);
	assert_null(event.error.code.data);
	must_be(FROM_GROK, "{\"type\":\"error\",\"error\":\"boom\"}", GROK_ERROR);
	EQUAL(event.error.message, "boom");
	must_be(FROM_GROK, golden.lines[4], GROK_MCP_LIST_FAILED);
	EQUAL(event.error.message, "refused");
	must_be(FROM_GROK, "{\"type\":\"weather.changed\",\"event_id\":\"e\",\"delta\":5}", GROK_UNKNOWN);
	EQUAL(event.type, "weather.changed");
	EQUAL(event.event_id, "e");
	assert_null(event.delta.data);
}

static void what_is_no_message_is_bad(void **state)
{
	(void)state;
	must_fail(FROM_GROK, "{}", "no type");
	must_fail(FROM_GROK, "{\"type\":null}", "no type");
	must_fail(FROM_GROK, "[]", "no type");
	must_fail(FROM_GROK, "{\"type\":\"ping\"", NULL);
	must_fail(FROM_GROK, "{\"type\":\"response.output_audio.delta\"}", "audio without audio");
	must_fail(FROM_GROK, "{\"type\":\"response.output_audio.delta\",\"delta\":null}", "audio without audio");
	must_fail(FROM_GROK, "{\"type\":\"response.output_audio.delta\",\"delta\":\"f39\"}", "the audio is not base64");
	must_fail(TO_GROK, "{\"type\":\"input_audio_buffer.append\"}", "audio without audio");
	must_fail(TO_GROK, "{\"type\":\"input_audio_buffer.append\",\"audio\":\"====\"}", "the audio is not base64");
	must_fail(TO_GROK, "{\"type\":\"session.update\"}", "no session");
	must_fail(TO_GROK, "{\"type\":\"conversation.item.create\"}", "no item, or one without a type");
}

static void older_names_and_places_of_text_read_as_well(void **state)
{
	(void)state;
	must_be(FROM_GROK, "{\"type\":\"response.audio.delta\",\"delta\":\"f39/\","
		"\"response_id\":\"r\"}", GROK_AUDIO_DELTA);
	assert_int_equal(reader.scanned_count, 1);
	must_be(FROM_GROK, "{\"type\":\"response.text.delta\",\"text\":\"hi\"}", GROK_TEXT_DELTA);
	EQUAL(event.delta, "hi");
	must_be(FROM_GROK, "{\"type\":\"response.output_text.done\",\"text\":\"hi\"}", GROK_TEXT_DONE);
	EQUAL(event.transcript, "hi");
	must_be(FROM_GROK, "{\"type\":\"response.done\","
		"\"response\":{\"usage\":{\"total_tokens\":3}}}", GROK_RESPONSE_DONE);
	assert_int_equal(event.usage.total_tokens, 3);
	must_be(FROM_GROK, "{\"type\":\"conversation.item.created\",\"item\":{\"id\":\"a\"}}", GROK_ITEM_ADDED);
}

static const char *const members[] = {
	"\"type\":\"response.output_audio.delta\"", "\"response_id\":\"r1\"", "\"item_id\":\"a1\"",
	"\"delta\":\"f39/\"",
	"\"audio_duration_ms\":489", "\"previous_item_id\":null", "\"x\":[1]",
};

static void an_audio_delta_may_have_its_members_in_any_order(void **state)
{
	char text[512];

	(void)state;
	for (unsigned number = 0; number < 5040; number++) {
		int count = number % 2 ? 7 : 6, order[] = { 0, 1, 2, 3, 4, 5, 6 };
		size_t at = 0;
		unsigned left = number;
		for (int i = count; i > 1; left /= (unsigned)i, i--) {
			int pick = (int)(left % (unsigned)i), kept = order[i - 1];
			order[i - 1] = order[pick];
			order[pick] = kept;
		}
		for (int i = 0; i < count; i++)
			at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", i ? ", " : "{", members[order[i]]);
		snprintf(text + at, sizeof text - at, "}");
		must_be(FROM_GROK, text, GROK_AUDIO_DELTA);
		EQUAL(event.delta, "f39/");
		EQUAL(event.response_id, "r1");
		EQUAL(event.item_id, "a1");
		assert_int_equal(event.audio_duration_ms, 489);
	}
	assert_int_equal(reader.scanned_count, 2520);
	assert_int_equal(reader.parsed_count, 2520);
}

static void the_scanner_leaves_to_json_c_what_is_unusual(void **state)
{
	static const char *const texts[] = {
		"{\"type\":\"response.output_audio.delta\",\"delta\":\"f39\\/\"}",
		"{\"type\":\"response.output_audio.delta\",\"delta\":\"f39/\",\"delta\":\"f39/\"}",
		"{\"type\":\"response.output_audio.delta\",\"delta\":\"f39/\",\"rid\":7,\"ts\":\"now\","
		"\"audio_duration_ms\":1.5}",
		"{\"type\":\"response.output_audio.delta\",\"delta\":\"f39/\",\"start_time\":2.5,"
		"\"response\":{\"id\":\"r9\"}}",
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		must_be(FROM_GROK, texts[i], GROK_AUDIO_DELTA);
		EQUAL(event.delta, "f39/");
		assert_null(event.rid.data);
		assert_null(event.response_id.data);
	}
	assert_int_equal(reader.scanned_count, 0);
}

static void a_text_cut_anywhere_never_gives_an_event(void **state)
{
	static const char *const files[] = { "grok_connect.jsonl", "grok_turn.jsonl", "grok_tool.jsonl",
		"grok_errors.jsonl", "grok_client.jsonl" };

	(void)state;
	for (int f = 0; f < 10; f++) {
		golden_load(&golden, files[f / 2]);
		reader.slow = f % 2;
		for (int i = 0; i < golden.count; i++) {
			for (size_t len = strlen(golden.lines[i]); len-- > 0;) {
				char *cut = malloc(len + 1);
				memcpy(cut, golden.lines[i], len);
				assert_int_equal(grok_read(&reader, f < 8 ? FROM_GROK : TO_GROK, cut, len, &event),
					GROK_BAD);
				free(cut);
			}
		}
	}
}

static void more_metadata_and_output_than_bounded_is_passed_over(void **state)
{
	char text[4096];
	size_t at = (size_t)snprintf(text, sizeof text, "{\"type\":\"response.done\",\"response\":{\"metadata\":{");

	(void)state;
	for (int i = 0; i < 20; i++)
		at += (size_t)snprintf(text + at, sizeof text - at, "%s\"k%d\":%d", i ? "," : "", i, i);
	at += (size_t)snprintf(text + at, sizeof text - at, "},\"output\":[");
	for (int i = 0; i < 20; i++)
		at += (size_t)snprintf(text + at, sizeof text - at, "%s{\"id\":\"a%d\"}", i ? "," : "", i);
	snprintf(text + at, sizeof text - at, "]}}");
	must_be(FROM_GROK, text, GROK_RESPONSE_DONE);
	assert_int_equal(event.metadata_count, GROK_METADATA_COUNT_MAX);
	EQUAL(event.metadata[15].value, "15");
	assert_int_equal(event.output_count, GROK_OUTPUT_COUNT_MAX);
	EQUAL(event.output[7].id, "a7");
}

static void a_session_that_is_not_the_telephones_is_told(void **state)
{
	struct grok_session session;
	const char *why = NULL;

	(void)state;
	grok_session_phone(&session, &grok_xai, SLICE("x"), SLICE("eve"), SLICE("en"));
	assert_true(grok_session_fits_phone(&session, &why));
	session.output.rate_hz = 24000;
	assert_false(grok_session_fits_phone(&session, &why));
	assert_string_equal(why, "the session does not speak mu-law");
	session.output.rate_hz = 8000;
	session.input.type = SLICE("audio/pcm");
	assert_false(grok_session_fits_phone(&session, &why));
	session.input.type = SLICE("audio/pcmu");
	session.turn_detection.type = (struct slice){ 0 };
	assert_false(grok_session_fits_phone(&session, &why));
}

static enum grok_flag turn_detection_of(const char *json)
{
	char text[256];

	snprintf(text, sizeof text, "{\"type\":\"session.update\",\"session\":{%s}}", json);
	must_be(TO_GROK, text, GROK_SESSION_UPDATE);
	return event.session.turn_detection.on;
}

static void turn_detection_is_unsaid_off_or_on(void **state)
{
	(void)state;
	assert_int_equal(turn_detection_of(""), GROK_UNSAID);
	assert_int_equal(turn_detection_of("\"turn_detection\":null"), GROK_NO);
	assert_int_equal(turn_detection_of("\"turn_detection\":{\"type\":null}"), GROK_NO);
	assert_int_equal(turn_detection_of("\"turn_detection\":{\"type\":\"server_vad\"}"), GROK_YES);
	assert_int_equal(turn_detection_of("\"turn_detection\":{\"silence_duration_ms\":0}"), GROK_YES);
	assert_int_equal(event.session.turn_detection.silence_duration_ms, 0);
	assert_true(event.session.turn_detection.threshold == -1);
}

static void audio_never_wakes_json_c(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++) {
		must_be(FROM_GROK, "{\"type\":\"response.output_audio.delta\",\"delta\":\"f39/\"}", GROK_AUDIO_DELTA);
		must_be(TO_GROK, "{\"type\":\"input_audio_buffer.append\",\"audio\":\"f39/\"}", GROK_AUDIO_APPEND);
	}
	assert_null(reader.json.tokener);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_kind_has_its_name_and_every_alias_its_kind),
		TEST(the_connect_burst_reads_as_recorded),
		TEST(a_callers_turn_reads_as_recorded),
		TEST(a_response_reads_as_recorded),
		TEST(a_tool_call_is_told_three_times_with_one_call_id),
		TEST(errors_carry_what_is_known_and_unknown_events_are_no_errors),
		TEST(what_is_no_message_is_bad),
		TEST(older_names_and_places_of_text_read_as_well),
		TEST(an_audio_delta_may_have_its_members_in_any_order),
		TEST(the_scanner_leaves_to_json_c_what_is_unusual),
		TEST(a_text_cut_anywhere_never_gives_an_event),
		TEST(more_metadata_and_output_than_bounded_is_passed_over),
		TEST(a_session_that_is_not_the_telephones_is_told),
		TEST(turn_detection_is_unsaid_off_or_on),
		TEST(audio_never_wakes_json_c),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
