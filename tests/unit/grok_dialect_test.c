/* The dialects beside xAI's: OpenAI's transcripts (tests/unit/golden/openai_*) read by the same reader, and what is
 * written for OpenAI. */
#include "tests/unit/chance.h"
#include "tests/unit/golden.h"

#include "proto/grok.h"
#include "tests/message_equal.h"

static const char *const servers[] = {"openai_connect.jsonl", "openai_turn.jsonl", "openai_tool.jsonl"};

static struct golden golden;
static struct grok_reader reader, second;
static struct grok_event event, again;
static char memory[65536];

static int tear_down(void **state)
{
	(void)state;
	grok_reader_fini(&reader);
	grok_reader_fini(&second);
	return 0;
}

#define EQUAL(slice, text) assert_true(slice_equal((slice), SLICE(text)))

static void must_be(const char *text, enum grok_kind kind)
{
	if (grok_read(&reader, FROM_GROK, text, strlen(text), &event) != GROK_EVENT)
		fail_msg("%s: %s", reader.why, text);
	if (event.kind != kind)
		fail_msg("%s: %s", grok_kind_name(event.kind), text);
}

/* --- reading --------------------------------------------------------------------------------------- */

static void the_session_reads_as_recorded(void **state)
{
	const char *why = NULL;

	(void)state;
	golden_load(&golden, "openai_connect.jsonl");
	must_be(golden.lines[0], GROK_SESSION_CREATED);
	EQUAL(event.session.type, "realtime");
	EQUAL(event.session.voice, "marin");
	assert_int_equal(event.session.places, GROK_VOICE_NESTED | GROK_TURN_NESTED);
	assert_int_equal(event.session.output.rate_hz, 24000);
	assert_false(grok_session_fits_phone(&event.session, &why));
	must_be(golden.lines[1], GROK_SESSION_UPDATED);
	assert_true(grok_session_fits_phone(&event.session, &why));
	EQUAL(event.session.language_hint, "en");
	assert_true(event.session.turn_detection.threshold == 0.85);
}

static void a_turn_reads_as_recorded(void **state)
{
	(void)state;
	golden_load(&golden, "openai_turn.jsonl");
	must_be(golden.lines[2], GROK_AUDIO_COMMITTED);
	EQUAL(event.previous_item_id, "item_001");
	must_be(golden.lines[4], GROK_ITEM_DONE);
	EQUAL(event.item.content_type, "input_audio");
	must_be(golden.lines[5], GROK_RESPONSE_CREATED);
	EQUAL(event.response_id, "resp_001");
	EQUAL(grok_metadata(&event, SLICE("src")), "greeting");
	must_be(golden.lines[7], GROK_CALLER_TEXT_DELTA);
	EQUAL(event.delta, " how are you?");
	must_be(golden.lines[8], GROK_CALLER_TEXT_COMPLETED);
	EQUAL(event.transcript, "Hello, how are you?");
	assert_null(event.status.data);
	must_be(golden.lines[13], GROK_AUDIO_DELTA);
	assert_int_equal(event.audio_duration_ms, -1);
	must_be(golden.lines[16], GROK_PART_DONE);
	EQUAL(event.transcript, "Hello there.");
	must_be(golden.lines[19], GROK_RESPONSE_DONE);
	EQUAL(event.output[0].content_type, "output_audio");
	EQUAL(event.output[0].text, "Hello there.");
	assert_int_equal(event.usage.output_audio_tokens, 91);
	assert_int_equal(event.usage.total_tokens, 253);
	assert_true(event.usage.billable_audio_seconds == -1);
	must_be(golden.lines[20], GROK_RATE_LIMITS);
	must_be(golden.lines[21], GROK_ITEM_TRUNCATED);
	assert_null(event.transcript.data);
}

static void why_a_response_ended_early_is_told(void **state)
{
	(void)state;
	golden_load(&golden, "openai_turn.jsonl");
	must_be(golden.lines[22], GROK_RESPONSE_DONE);
	EQUAL(event.status, "cancelled");
	EQUAL(event.error.code, "turn_detected");
	must_be(golden.lines[23], GROK_RESPONSE_DONE);
	EQUAL(event.status, "failed");
	EQUAL(event.error.type, "server_error");
	EQUAL(event.error.message, "The server had an error");
}

static void a_function_call_reads_as_recorded(void **state)
{
	(void)state;
	golden_load(&golden, "openai_tool.jsonl");
	must_be(golden.lines[0], GROK_OUTPUT_ITEM_ADDED);
	assert_int_equal(event.output_index, 1);
	must_be(golden.lines[2], GROK_ARGUMENTS_DELTA);
	EQUAL(event.delta, "{\"city\":");
	must_be(golden.lines[4], GROK_ARGUMENTS_DONE);
	EQUAL(event.call_id, "call_ABC");
	EQUAL(event.name, "get_weather");
	must_be(golden.lines[5], GROK_OUTPUT_ITEM_DONE);
	EQUAL(event.call_id, "call_ABC");
	EQUAL(event.arguments, "{\"city\":\"London\"}");
	must_be(golden.lines[6], GROK_RESPONSE_DONE);
	EQUAL(event.output[1].call_id, "call_ABC");
	must_be(golden.lines[7], GROK_ERROR);
	EQUAL(event.error.code, "conversation_already_has_active_response");
}

static void older_names_mean_the_same(void **state)
{
	static const struct {
		const char *old, *now;
	} pairs[] = {
		{"{\"type\":\"response.audio.delta\",\"response_id\":\"r\",\"delta\":\"f39/\"}",
			"{\"type\":\"response.output_audio.delta\",\"response_id\":\"r\",\"delta\":\"f39/\"}"},
		{"{\"type\":\"response.audio_transcript.done\",\"transcript\":\"x\"}",
			"{\"type\":\"response.output_audio_transcript.done\",\"transcript\":\"x\"}"},
		{"{\"type\":\"response.text.delta\",\"delta\":\"x\"}",
			"{\"type\":\"response.output_text.delta\",\"delta\":\"x\"}"},
		{"{\"type\":\"conversation.item.created\",\"item\":{\"id\":\"a\",\"type\":\"message\"}}",
			"{\"type\":\"conversation.item.added\",\"item\":{\"id\":\"a\",\"type\":\"message\"}}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		assert_int_equal(
			grok_read(&second, FROM_GROK, pairs[i].now, strlen(pairs[i].now), &again), GROK_EVENT);
		must_be(pairs[i].old, again.kind);
		event.type = again.type;
		assert_true(grok_event_equal(&event, &again));
	}
}

static void a_text_cut_anywhere_never_gives_an_event(void **state)
{
	(void)state;
	for (size_t f = 0; f < 3; f++) {
		golden_load(&golden, servers[f]);
		for (int i = 0; i < golden.count; i++)
			for (size_t len = strlen(golden.lines[i]); len-- > 0;)
				assert_int_equal(
					grok_read(&reader, FROM_GROK, golden.lines[i], len, &event), GROK_BAD);
	}
}

/* --- writing --------------------------------------------------------------------------------------- */

static const char *written(const struct grok_event *e)
{
	struct buf out;

	buf_init_fixed(&out, memory, sizeof memory - 1);
	assert_true(grok_write(&out, &grok_openai, e));
	memory[buf_len(&out)] = '\0';
	return memory;
}

static void what_the_client_writes_is_as_documented_to_the_byte(void **state)
{
	(void)state;
	golden_load(&golden, "openai_client.jsonl");
	for (int i = 0; i < golden.count; i++) {
		const char *line = golden.lines[i];
		if (grok_read(&reader, TO_GROK, line, strlen(line), &event) != GROK_EVENT)
			fail_msg("%s: %s", reader.why, line);
		assert_string_equal(written(&event), line);
	}
}

static void what_the_server_writes_says_what_was_recorded(void **state)
{
	(void)state;
	for (size_t f = 0; f < 3; f++) {
		golden_load(&golden, servers[f]);
		for (int i = 0; i < golden.count; i++) {
			const char *line = golden.lines[i];
			assert_int_equal(grok_read(&reader, FROM_GROK, line, strlen(line), &event), GROK_EVENT);
			assert_int_not_equal(event.kind, GROK_UNKNOWN);
			written(&event);
			if (grok_read(&second, FROM_GROK, memory, strlen(memory), &again) != GROK_EVENT ||
				!grok_event_equal(&event, &again))
				fail_msg("%s\n%s", line, memory);
		}
	}
}

static void the_server_says_nothing_that_only_xai_says(void **state)
{
	static const char *const only_xai[] = {"unimplemented", "rid", "latency", "audio_duration_ms", "start_time",
		"billable_audio_seconds", "grok_tokens", "replayed"};

	(void)state;
	for (int kind = GROK_SESSION_CREATED; kind < GROK_KIND_COUNT; kind++) {
		grok_event_init(&event, (enum grok_kind)kind);
		event.delta = event.rid = event.latency = event.transcript = SLICE("f39/");
		event.audio_duration_ms = event.timestamp_ms = 5;
		event.start_s = event.usage.billable_audio_seconds = 5;
		event.item.type = SLICE("message");
		for (size_t i = 0; i < sizeof only_xai / sizeof only_xai[0]; i++)
			if (strstr(written(&event), only_xai[i]))
				fail_msg("%s: %s", only_xai[i], memory);
	}
}

static char texts[8][80];
static size_t text_count;

static struct slice surely(void)
{
	text_count = (text_count + 1) % 8;
	return chance_text(texts[text_count], sizeof texts[0]);
}

static void random_sessions_survive_writing_and_reading(void **state)
{
	struct grok_session sent;
	struct buf out;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		grok_session_phone(&sent, &grok_openai, surely(), SLICE("ash"), chance(2) ? SLICE("") : SLICE("en"));
		sent.type = SLICE("realtime");
		sent.turn_detection.on = (enum grok_flag)chance(3);
		if (sent.turn_detection.on != GROK_YES)
			sent.turn_detection = (struct grok_turn_detection){
				sent.turn_detection.on, {0}, -1, -1, -1, -1, GROK_UNSAID, GROK_UNSAID};
		sent.tools_json = chance(2) ? SLICE("[{\"type\":\"function\",\"name\":\"f\"}]") : (struct slice){0};
		sent.speed = chance(2) ? -1 : 1.25;
		buf_init_fixed(&out, memory, sizeof memory);
		assert_true(grok_write_session_update(&out, &grok_openai, &sent));
		assert_int_equal(grok_read(&reader, TO_GROK, memory, buf_len(&out), &event), GROK_EVENT);
		if (!grok_session_equal(&event.session, &sent))
			fail_msg("round %d: %.*s", round, (int)buf_len(&out), memory);
		assert_int_equal(event.session.places & (GROK_VOICE_TOP | GROK_TURN_TOP), 0);
	}
}

static void the_phones_session_in_both_dialects(void **state)
{
	struct grok_session session;
	struct buf out;

	(void)state;
	buf_init_fixed(&out, memory, sizeof memory);
	grok_session_phone(&session, &grok_openai, SLICE("Be kind."), SLICE("eve"), SLICE("es-MX"));
	session.tools_json = SLICE("[{\"type\":\"web_search\"},{\"type\":\"function\",\"name\":\"f\"}]");
	assert_true(grok_write_session_update(&out, &grok_openai, &session));
	buf_append(&out, "", 1);
	assert_string_equal(memory,
		"{\"type\":\"session.update\",\"session\":{\"type\":\"realtime\","
		"\"output_modalities\":[\"audio\"],\"instructions\":\"Be kind.\",\"audio\":{\"input\":{\"format\":{"
		"\"type\":\"audio/"
		"pcmu\"},\"transcription\":{\"model\":\"gpt-4o-mini-transcribe\",\"language\":\"es\"},"
		"\"turn_detection\":{\"type\":\"server_vad\",\"threshold\":0.85,\"silence_duration_ms\":600,"
		"\"prefix_padding_ms\":333}},\"output\":{\"format\":{\"type\":\"audio/pcmu\"},\"voice\":\"marin\"}},"
		"\"tools\":[{\"type\":\"function\",\"name\":\"f\"}]}}");
	buf_clear(&out);
	grok_session_phone(&session, &grok_xai, SLICE("Be kind."), SLICE("rex"), SLICE("es-MX"));
	assert_true(grok_write_session_update(&out, &grok_xai, &session));
	buf_append(&out, "", 1);
	assert_string_equal(memory,
		"{\"type\":\"session.update\",\"session\":{\"instructions\":\"Be kind.\","
		"\"voice\":\"rex\",\"turn_detection\":{\"type\":\"server_vad\",\"threshold\":0.85,"
		"\"silence_duration_ms\":600,\"prefix_padding_ms\":333},\"audio\":{\"input\":{\"format\":{"
		"\"type\":\"audio/pcmu\"},\"transcription\":{\"model\":\"grok-transcribe\","
		"\"language_hint\":\"es-MX\"}},\"output\":{\"format\":{\"type\":\"audio/pcmu\"}}},"
		"\"resumption\":{\"enabled\":true}}}");
}

static void exact_words_are_forced_or_asked_for(void **state)
{
	static char long_text[GROK_SAY_BYTES_MAX + 1];
	struct buf out;

	(void)state;
	buf_init_fixed(&out, memory, sizeof memory);
	assert_true(grok_write_say(&out, &grok_xai, SLICE("Good evening."), false, SLICE("greeting")));
	assert_int_equal(grok_read(&reader, TO_GROK, memory, buf_len(&out), &event), GROK_EVENT);
	EQUAL(event.item.type, "force_message");
	EQUAL(event.item.text, "Good evening.");
	assert_int_equal(event.item.interruptible, GROK_NO);
	buf_clear(&out);
	assert_true(grok_write_say(&out, &grok_openai, SLICE("Good \"evening\"."), false, SLICE("greeting")));
	assert_int_equal(grok_read(&reader, TO_GROK, memory, buf_len(&out), &event), GROK_EVENT);
	assert_int_equal(event.kind, GROK_RESPONSE_CREATE);
	EQUAL(event.tool_choice, "none");
	EQUAL(grok_metadata(&event, SLICE("src")), "greeting");
	assert_non_null(memmem(event.instructions.data, event.instructions.len, "\"Good \"evening\".\"", 17));
	buf_clear(&out);
	memset(long_text, 'a', sizeof long_text);
	assert_false(
		grok_write_say(&out, &grok_openai, (struct slice){long_text, sizeof long_text}, false, SLICE("")));
	assert_int_equal(buf_len(&out), 0);
	assert_true(grok_write_say(
		&out, &grok_openai, (struct slice){long_text, sizeof long_text - 1}, false, SLICE("")));
}

static void a_function_call_is_replayed_with_its_output(void **state)
{
	struct buf out;

	(void)state;
	buf_init_fixed(&out, memory, sizeof memory);
	assert_true(grok_write_function_call(&out, SLICE("c1"), SLICE("lookup"), SLICE("{\"q\":1}")));
	buf_append(&out, "", 1);
	golden_load(&golden, "grok_client.jsonl");
	assert_string_equal(memory, golden.lines[7]);
}

static const char *target(const char *configured, const char *model, const char *conversation)
{
	struct buf out;

	buf_init_fixed(&out, memory, sizeof memory);
	assert_true(grok_write_target(&out, slice_of(configured), slice_of(model), slice_of(conversation)));
	buf_append(&out, "", 1);
	return memory;
}

static void model_and_conversation_go_into_the_target(void **state)
{
	struct buf out;

	(void)state;
	assert_string_equal(target("/v1/realtime", "m 1", ""), "/v1/realtime?model=m+1");
	assert_string_equal(target("", "m", "c"), "/?model=m&conversation_id=c");
	assert_string_equal(target("/r?x=1", "m", ""), "/r?x=1&model=m");
	assert_string_equal(target("/r?model=a", "m", "21b7"), "/r?model=a&conversation_id=21b7");
	assert_string_equal(target("/r?agent_id=a", "m", ""), "/r?agent_id=a");
	assert_string_equal(target("/r?xmodel=a", "m", ""), "/r?xmodel=a&model=m");
	assert_string_equal(target("/r", "", ""), "/r");
	for (size_t room = 0; room < 12; room++) {
		buf_init_fixed(&out, memory, room);
		assert_false(grok_write_target(&out, SLICE("/r"), SLICE("model1"), SLICE("")));
		assert_int_equal(buf_len(&out), 0);
	}
}

static void dialects_have_names_and_voices(void **state)
{
	(void)state;
	assert_ptr_equal(grok_dialect_of(SLICE("xai")), &grok_xai);
	assert_ptr_equal(grok_dialect_of(SLICE("openai")), &grok_openai);
	assert_null(grok_dialect_of(SLICE("OpenAI")));
	EQUAL(grok_dialect_voice(&grok_openai, SLICE("Cedar")), "cedar");
	EQUAL(grok_dialect_voice(&grok_openai, SLICE("ced")), "marin");
	EQUAL(grok_dialect_voice(&grok_openai, (struct slice){0}), "marin");
	EQUAL(grok_dialect_voice(&grok_xai, SLICE("bella-custom")), "bella-custom");
	EQUAL(grok_dialect_voice(&grok_xai, SLICE("")), "eve");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_session_reads_as_recorded),
		cmocka_unit_test(a_turn_reads_as_recorded),
		cmocka_unit_test(why_a_response_ended_early_is_told),
		cmocka_unit_test(a_function_call_reads_as_recorded),
		cmocka_unit_test(older_names_mean_the_same),
		cmocka_unit_test(a_text_cut_anywhere_never_gives_an_event),
		cmocka_unit_test(what_the_client_writes_is_as_documented_to_the_byte),
		cmocka_unit_test(what_the_server_writes_says_what_was_recorded),
		cmocka_unit_test(the_server_says_nothing_that_only_xai_says),
		cmocka_unit_test(random_sessions_survive_writing_and_reading),
		cmocka_unit_test(the_phones_session_in_both_dialects),
		cmocka_unit_test(exact_words_are_forced_or_asked_for),
		cmocka_unit_test(a_function_call_is_replayed_with_its_output),
		cmocka_unit_test(model_and_conversation_go_into_the_target),
		cmocka_unit_test(dialects_have_names_and_voices),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
