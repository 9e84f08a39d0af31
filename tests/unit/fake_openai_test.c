/* The simulated Grok as OpenAI's realtime service (GA). */
#include "tests/unit/fake_world.h"

static const struct fake_plan openai = {.dialect = &grok_openai};

static const char update[] =
	"{\"type\":\"session.update\",\"session\":{\"type\":\"realtime\",\"instructions\":\"Be kind.\",\"audio\":{"
	"\"input\":{\"format\":{\"type\":\"audio/pcmu\"},\"transcription\":{\"model\":\"gpt-4o-mini-transcribe\"},"
	"\"turn_detection\":{\"type\":\"server_vad\",\"threshold\":0.85,\"silence_duration_ms\":600,"
	"\"prefix_padding_ms\":333%s}},\"output\":{\"format\":{\"type\":\"audio/pcmu\"},\"voice\":\"cedar\"}}}}";

static struct world *open_ready(const struct fake_plan *plan, const char *more)
{
	struct world *w = world_open(plan);
	char message[800];

	snprintf(message, sizeof message, update, more);
	world_say(w, message);
	world_run(w, 500);
	assert_true(w->g.ready);
	return w;
}

static void it_begins_with_the_session_and_nothing_else(void **state)
{
	struct world *w = world_open(&openai);

	(void)state;
	world_run(w, 60000);
	assert_int_equal(w->log_count, 1);
	assert_int_equal(w->log[0].kind, GROK_SESSION_CREATED);
	assert_true(slice_equal(world_event(w, 0)->session.type, SLICE("realtime")));
	assert_int_equal(world_event(w, 0)->session.output.rate_hz, 24000);
	assert_int_equal(world_event(w, 0)->session.turn_detection.on, GROK_YES);
	world_close(w);
}

static void what_the_relay_asks_for_is_granted(void **state)
{
	struct world *w = world_open(&openai);
	struct grok_session session;
	char message[2000];
	const char *why;
	struct buf out;

	(void)state;
	buf_init_fixed(&out, message, sizeof message - 1);
	grok_session_phone(&session, &grok_openai, SLICE("Be kind."), SLICE("eve"), SLICE("en-US"));
	assert_true(grok_write_session_update(&out, &grok_openai, &session));
	message[buf_len(&out)] = '\0';
	world_say(w, message);
	world_run(w, 500);
	assert_int_equal(world_count(w, GROK_ERROR), 0);
	assert_true(grok_session_fits_phone(&world_nth(w, GROK_SESSION_UPDATED, 0)->session, &why));
	world_close(w);
}

static void a_session_must_be_openais_own(void **state)
{
	static const struct {
		const char *session, *message;
	} rows[] = {
		{"{\"instructions\":\"x\"}", "Missing required parameter: 'session.type'."},
		{"{\"type\":\"realtime\",\"voice\":\"cedar\"}", "Unknown parameter: 'session.voice'."},
		{"{\"type\":\"realtime\",\"turn_detection\":null}", "Unknown parameter: 'session.turn_detection'."},
		{"{\"type\":\"realtime\",\"resumption\":{\"enabled\":true}}",
			"Unknown parameter: 'session.resumption'."},
		{"{\"type\":\"realtime\",\"input_audio_format\":\"g711_ulaw\"}",
			"Unknown parameter: 'session.input_audio_format'."},
		{"{\"type\":\"realtime\",\"tools\":[{\"type\":\"web_search\"}]}",
			"Invalid value: supported values are 'function' and 'mcp'."},
		{"{\"type\":\"realtime\",\"audio\":{\"output\":{\"voice\":\"eve\"}}}",
			"Invalid value: no such voice."},
	};
	struct world *w = world_open(&openai);
	char message[400];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		snprintf(message, sizeof message, "{\"type\":\"session.update\",\"session\":%s}", rows[i].session);
		world_say(w, message);
		assert_true(slice_equal(world_nth(w, GROK_ERROR, i)->error.message, slice_of(rows[i].message)));
	}
	world_run(w, 1000);
	assert_int_equal(world_count(w, GROK_SESSION_UPDATED), 0);
	world_close(w);
}

static void a_turn_and_its_answer_come_in_openais_order(void **state)
{
	struct world *w = open_ready(&openai, "");
	size_t from = w->log_count;

	(void)state;
	world_hears(w, "what time do you open");
	world_talk(w, 1500);
	world_listen(w, 5000);
	assert_order(w, from,
		"input_audio_buffer.speech_started\ninput_audio_buffer.speech_stopped\n"
		"input_audio_buffer.committed\nconversation.item.added\nconversation.item.done\n"
		"response.created\n"
		"conversation.item.input_audio_transcription.delta\n"
		"conversation.item.input_audio_transcription.completed\n"
		"response.output_item.added\nconversation.item.added\nresponse.content_part.added\n"
		"response.output_audio.delta\n"
		"response.output_audio.done\nresponse.output_audio_transcript.done\nresponse.content_part.done\n"
		"response.output_item.done\nconversation.item.done\nresponse.done\nrate_limits.updated\n");
	assert_null(world_nth(w, GROK_CALLER_TEXT_COMPLETED, 0)->status.data);
	assert_int_equal(world_nth(w, GROK_AUDIO_DELTA, 0)->audio_duration_ms, -1);
	assert_true(world_nth(w, GROK_RESPONSE_DONE, 0)->usage.output_audio_tokens > 0);
	assert_true(world_nth(w, GROK_RESPONSE_DONE, 0)->usage.billable_audio_seconds == -1);
	assert_true(slice_equal(world_nth(w, GROK_ITEM_DONE, 1)->item.content_type, SLICE("output_audio")));
	world_close(w);
}

static void the_callers_words_come_in_pieces(void **state)
{
	struct world *w = open_ready(&openai, "");
	char text[200] = "";

	(void)state;
	world_hears(w, "what time do you open");
	world_talk(w, 1500);
	world_listen(w, 2000);
	for (size_t n = 0; n < world_count(w, GROK_CALLER_TEXT_DELTA); n++) {
		struct slice piece = world_nth(w, GROK_CALLER_TEXT_DELTA, n)->delta;

		strncat(text, piece.data, piece.len);
	}
	assert_string_equal(text, "What time do you open?");
	assert_true(slice_equal(world_nth(w, GROK_CALLER_TEXT_COMPLETED, 0)->transcript, slice_of(text)));
	world_close(w);
}

static void without_transcription_there_is_no_transcript(void **state)
{
	struct world *w = world_open(&openai);

	(void)state;
	world_say(w,
		"{\"type\":\"session.update\",\"session\":{\"type\":\"realtime\",\"audio\":{\"input\":{\"format\":{"
		"\"type\":\"audio/pcmu\"}},\"output\":{\"format\":{\"type\":\"audio/pcmu\"}}}}}");
	world_run(w, 500);
	world_hears(w, "what time do you open");
	world_talk(w, 1500);
	world_listen(w, 4000);
	assert_int_equal(world_count(w, GROK_CALLER_TEXT_COMPLETED), 0);
	assert_int_equal(world_count(w, GROK_RESPONSE_DONE), 1);
	world_close(w);
}

static void an_overlapping_create_is_an_error(void **state)
{
	struct world *w = open_ready(&openai, "");

	(void)state;
	world_say(w, "{\"type\":\"response.create\"}");
	world_run(w, 300);
	world_say(w, "{\"type\":\"response.create\"}");
	world_run(w, 5000);
	assert_true(slice_equal(
		world_nth(w, GROK_ERROR, 0)->error.code, SLICE("conversation_already_has_active_response")));
	assert_int_equal(world_count(w, GROK_RESPONSE_DONE), 1);
	world_close(w);
}

static void there_is_no_force_message_but_exact_words_can_be_asked_for(void **state)
{
	struct world *w = open_ready(&openai, "");
	char message[600];
	struct buf out;

	(void)state;
	world_say(w,
		"{\"type\":\"conversation.item.create\",\"item\":{\"type\":\"force_message\",\"role\":\"assistant\","
		"\"content\":[{\"type\":\"output_text\",\"text\":\"Hello\"}]}}");
	assert_int_equal(world_count(w, GROK_ERROR), 1);
	buf_init_fixed(&out, message, sizeof message - 1);
	assert_true(grok_write_say(&out, &grok_openai, SLICE("Good evening."), true, SLICE("greeting")));
	message[buf_len(&out)] = '\0';
	world_say(w, message);
	world_run(w, 4000);
	assert_true(slice_equal(world_nth(w, GROK_TRANSCRIPT_DONE, 0)->transcript, SLICE("Good evening.")));
	assert_true(
		slice_equal(grok_metadata(world_nth(w, GROK_RESPONSE_CREATED, 0), SLICE("src")), SLICE("greeting")));
	world_close(w);
}

static void create_response_false_is_honoured(void **state)
{
	struct world *w = open_ready(&openai, ",\"create_response\":false");

	(void)state;
	world_hears(w, "where are you located");
	world_talk(w, 1500);
	world_listen(w, 4000);
	assert_int_equal(world_count(w, GROK_RESPONSE_CREATED), 0);
	assert_int_equal(world_count(w, GROK_CALLER_TEXT_COMPLETED), 1);
	world_say(w, "{\"type\":\"response.create\"}");
	world_run(w, 4000);
	assert_non_null(strstr(w->g.reply.spoken.items[0].text, "Market Street"));
	world_close(w);
}

static void an_interrupted_item_stays_and_is_truncated_within_what_was_sent(void **state)
{
	struct world *w = open_ready(&openai, "");
	char message[200], item[FAKE_ID_BYTES];

	(void)state;
	w->plan.faults.mask = (uint64_t)1 << FAULT_SLOW;
	w->plan.faults.values[FAULT_SLOW] = 1;
	world_say(w,
		"{\"type\":\"response.create\",\"response\":{\"instructions\":\"Say: \\\"One two three four five six "
		"seven eight nine ten eleven twelve.\\\"\"}}");
	world_run(w, 2500);
	world_talk(w, 300);
	assert_true(slice_equal(world_nth(w, GROK_RESPONSE_DONE, 0)->status, SLICE("cancelled")));
	assert_true(slice_equal(world_nth(w, GROK_RESPONSE_DONE, 0)->error.code, SLICE("turn_detected")));
	slice_copy(world_nth(w, GROK_OUTPUT_ITEM_ADDED, 0)->item.id, item, sizeof item);
	for (int ms = 60000; ms > 0; ms = ms > 500 ? 500 : 0) {
		snprintf(message, sizeof message,
			"{\"type\":\"conversation.item.truncate\",\"item_id\":\"%s\","
			"\"content_index\":0,\"audio_end_ms\":%d}",
			item, ms);
		world_say(w, message);
	}
	assert_non_null(strstr(world_nth(w, GROK_ERROR, 0)->error.message.data, "already shorter than 60000ms"));
	assert_int_equal(world_nth(w, GROK_ITEM_TRUNCATED, 0)->audio_end_ms, 500);
	assert_null(world_nth(w, GROK_ITEM_TRUNCATED, 0)->transcript.data);
	world_close(w);
}

static void a_caller_who_goes_on_begins_a_new_item_and_ends_the_answer(void **state)
{
	struct world *w = open_ready(&openai, "");

	(void)state;
	world_hears(w, "can i book a table");
	world_hears(w, "for two people");
	world_talk(w, 1000);
	world_listen(w, 900);
	assert_int_equal(world_count(w, GROK_RESPONSE_CREATED), 1);
	world_talk(w, 600);
	world_listen(w, 4000);
	assert_int_equal(world_count(w, GROK_AUDIO_COMMITTED), 2);
	assert_false(slice_equal(slice_of(w->g.turn.item_id), world_nth(w, GROK_AUDIO_COMMITTED, 0)->item_id));
	assert_int_equal(world_count(w, GROK_RESPONSE_DONE), 2);
	assert_true(slice_equal(world_nth(w, GROK_RESPONSE_DONE, 0)->status, SLICE("cancelled")));
	assert_int_equal(world_count(w, GROK_CALLER_TEXT_COMPLETED), 2);
	world_close(w);
}

static void calls_have_indexes_and_come_in_pieces(void **state)
{
	const struct fake_plan plan = {.dialect = &grok_openai,
		.script_count = 1,
		.scripts = {{"*", "get_weather", "{\"city\":\"London\"}"}}};
	struct world *w = open_ready(&plan, "");

	(void)state;
	world_hears(w, "what time do you open");
	world_talk(w, 1000);
	world_listen(w, 4000);
	assert_int_equal(world_count(w, GROK_ARGUMENTS_DELTA), 2);
	assert_int_equal(world_nth(w, GROK_ARGUMENTS_DONE, 0)->output_index, 1);
	assert_null(world_nth(w, GROK_OUTPUT_ITEM_DONE, 1)->item.role.data);
	assert_memory_equal(world_nth(w, GROK_ARGUMENTS_DONE, 0)->call_id.data, "call_", 5);
	world_close(w);
}

static void a_session_ends_at_its_cap(void **state)
{
	struct world *w = open_ready(&openai, "");

	(void)state;
	world_run(w, 3599000);
	assert_int_equal(world_count(w, GROK_ERROR), 0);
	world_run(w, 1000);
	assert_true(slice_equal(world_nth(w, GROK_ERROR, 0)->error.code, SLICE("session_expired")));
	assert_int_equal(w->log[w->log_count - 1].action, FAKE_CLOSE);
	world_close(w);
}

static void old_names_are_those_of_the_beta(void **state)
{
	struct fake_plan plan = openai;
	struct world *w;
	char why[200];

	(void)state;
	assert_true(fault_parse(&plan.faults, "old-names", why, sizeof why));
	w = open_ready(&plan, "");
	world_say(w, "{\"type\":\"response.create\"}");
	world_run(w, 5000);
	assert_true(world_count(w, GROK_AUDIO_DELTA) > 0);
	for (size_t i = 0; i < w->log_count; i++)
		assert_null(strstr(w->log[i].text, "response.output_audio"));
	assert_memory_equal(
		w->log[world_find(w, GROK_AUDIO_DELTA, 0, 0)].text, "{\"type\":\"response.audio.delta\"", 30);
	assert_memory_equal(
		w->log[world_find(w, GROK_ITEM_ADDED, 0, 0)].text, "{\"type\":\"conversation.item.created", 33);
	world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_begins_with_the_session_and_nothing_else),
		cmocka_unit_test(what_the_relay_asks_for_is_granted),
		cmocka_unit_test(a_session_must_be_openais_own),
		cmocka_unit_test(a_turn_and_its_answer_come_in_openais_order),
		cmocka_unit_test(the_callers_words_come_in_pieces),
		cmocka_unit_test(without_transcription_there_is_no_transcript),
		cmocka_unit_test(an_overlapping_create_is_an_error),
		cmocka_unit_test(there_is_no_force_message_but_exact_words_can_be_asked_for),
		cmocka_unit_test(create_response_false_is_honoured),
		cmocka_unit_test(an_interrupted_item_stays_and_is_truncated_within_what_was_sent),
		cmocka_unit_test(a_caller_who_goes_on_begins_a_new_item_and_ends_the_answer),
		cmocka_unit_test(calls_have_indexes_and_come_in_pieces),
		cmocka_unit_test(a_session_ends_at_its_cap),
		cmocka_unit_test(old_names_are_those_of_the_beta),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
