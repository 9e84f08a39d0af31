#include "tests/unit/fake_world.h"

#define ANSWER_ORDER                                                                                     \
	"response.created\nresponse.output_item.added\nconversation.item.added\nresponse.content_part.added\n" \
	"response.output_audio.delta\nresponse.output_audio_transcript.done\nresponse.content_part.done\n"     \
	"response.output_audio.done\nresponse.output_item.done\nresponse.done\n"

#define TURN_ORDER                                                                                                  \
	"input_audio_buffer.speech_started\nconversation.item.added\n"                                              \
	"conversation.item.input_audio_transcription.updated\nconversation.item.input_audio_transcription.completed\n" \
	"input_audio_buffer.speech_stopped\ninput_audio_buffer.committed\n"                                         \
	"conversation.item.input_audio_transcription.completed\n"

#define FORCE(text, extra)                                                                                      \
	"{\"type\":\"conversation.item.create\",\"item\":{\"type\":\"force_message\",\"role\":\"assistant\"" extra \
	",\"content\":[{\"type\":\"output_text\",\"text\":\"" text "\"}]}}"

static void a_session_begins_with_three_events(void **state)
{
	struct world *w = world_open(NULL);

	(void)state;
	assert_int_equal(w->log_count, 3);
	assert_int_equal(w->log[0].kind, GROK_SESSION_CREATED);
	assert_int_equal(w->log[1].kind, GROK_CONVERSATION_CREATED);
	assert_int_equal(w->log[2].kind, GROK_PING);
	assert_int_equal(world_event(w, 0)->session.id.len, 32);
	assert_int_equal(world_event(w, 1)->conversation_id.len, 36);
	assert_int_equal(world_event(w, 2)->timestamp_ms, 1790645006955);
	world_run(w, 35000);
	assert_int_equal(world_count(w, GROK_PING), 4);
	assert_int_equal(w->log[3].at_ms - w->log[2].at_ms, 10000);
	world_close(w);
}

static void an_update_is_echoed_after_60_to_500_ms(void **state)
{
	struct world *w = world_open(NULL);
	const struct grok_event *e;
	const char *why;
	size_t at;

	(void)state;
	world_ready(w);
	at = world_find(w, GROK_SESSION_UPDATED, 0, 0);
	assert_in_range(w->log[at].at_ms - 1000000, 60, 500);
	e = world_event(w, at);
	assert_true(grok_session_fits_phone(&e->session, &why));
	assert_int_equal(e->session.turn_detection.silence_duration_ms, 600);
	assert_true(slice_equal(e->session.voice, SLICE("eve")));
	world_close(w);
}

static void updates_are_merged_member_by_member(void **state)
{
	struct world *w = world_open(NULL);
	const struct grok_event *e;

	(void)state;
	world_ready(w);
	world_say(w, "{\"type\":\"session.update\",\"session\":{\"turn_detection\":{\"type\":\"server_vad\","
		"\"threshold\":0.5}}}");
	world_run(w, 500);
	e = world_nth(w, GROK_SESSION_UPDATED, 1);
	assert_true(e->session.turn_detection.threshold == 0.5);
	assert_int_equal(e->session.turn_detection.silence_duration_ms, 600);
	assert_true(slice_equal(e->session.input.type, SLICE("audio/pcmu")));
	world_close(w);
}

static void a_format_that_does_not_exist_is_an_error_and_changes_nothing(void **state)
{
	struct world *w = world_open(NULL);

	(void)state;
	world_say(w, "{\"type\":\"session.update\",\"event_id\":\"cfg1\",\"session\":{\"voice\":\"rex\","
		"\"audio\":{\"output\":"
		"{\"format\":{\"type\":\"g711_ulaw\"}}}}}");
	world_run(w, 1000);
	assert_int_equal(world_count(w, GROK_SESSION_UPDATED), 0);
	assert_true(slice_equal(world_nth(w, GROK_ERROR, 0)->error.code, SLICE("invalid_audio_format")));
	assert_true(slice_equal(world_nth(w, GROK_ERROR, 0)->error.event_id, SLICE("cfg1")));
	assert_int_equal(fake_grok_voice(&w->g), SPEECH_VOICE_SLT);
	world_close(w);
}

static void audio_before_the_session_is_ready_is_the_clients_fault(void **state)
{
	struct world *w = world_open(NULL);

	(void)state;
	world_talk(w, 200);
	assert_int_equal(w->g.client_fault_count, 10);
	assert_int_equal(world_count(w, GROK_SPEECH_STARTED), 0);
	assert_int_equal(world_count_actions(w, FAKE_NOTE), 1);
	world_close(w);
}

/* All audio of a response, by its index among the created ones. */
static size_t gather_audio(struct world *w, size_t response, uint8_t *out, size_t out_bytes)
{
	char id[FAKE_ID_BYTES];
	size_t len = 0, n = 0;

	assert_true(slice_copy(world_nth(w, GROK_RESPONSE_CREATED, response)->response_id, id, sizeof id));
	for (size_t i; (i = world_find(w, GROK_AUDIO_DELTA, 0, n)) < w->log_count; n++) {
		const struct grok_event *e = world_event(w, i);

		if (!slice_equal(e->response_id, slice_of(id)))
			continue;
		assert_true(len + base64_decoded_len(e->delta) <= out_bytes);
		len += (size_t)base64_decode(out + len, e->delta);
	}
	return len;
}

static void a_forced_message_is_spoken_word_by_word(void **state)
{
	static uint8_t audio[100000];
	struct world *w = world_open(NULL);
	size_t from, done, n = 0;
	char text[200] = "";

	(void)state;
	world_ready(w);
	from = w->log_count;
	world_say(w, FORCE("One two three four five six seven eight nine ten", ""));
	world_run(w, 3000);
	assert_order(w, from, ANSWER_ORDER);
	assert_int_equal(gather_audio(w, 0, audio, sizeof audio), 10 * WORLD_MS_PER_WORD * ULAW_BYTES_PER_MS);
	for (size_t i = 0; i < 10 * WORLD_MS_PER_WORD * ULAW_BYTES_PER_MS; i++)
		assert_int_equal(audio[i], i % 128);
	assert_int_equal(world_nth(w, GROK_AUDIO_DELTA, 0)->audio_duration_ms, 245);
	assert_non_null(world_nth(w, GROK_AUDIO_DELTA, 0)->latency.data);
	assert_null(world_nth(w, GROK_AUDIO_DELTA, 1)->latency.data);
	for (size_t i; (i = world_find(w, GROK_TRANSCRIPT_DELTA, 0, n)) < w->log_count; n++) {
		struct slice delta = world_event(w, i)->delta;

		strncat(text, delta.data, delta.len);
	}
	assert_string_equal(text, "One two three four five six seven eight nine ten");
	done = world_find(w, GROK_RESPONSE_DONE, 0, 0);
	assert_true(world_event(w, done)->usage.output_audio_seconds == 3);
	assert_true(world_event(w, done)->usage.billable_audio_seconds == 3);
	assert_true(slice_equal(world_event(w, done)->output[0].text, slice_of(text)));
	world_close(w);
}

static void audio_comes_five_to_twenty_times_faster_than_it_plays(void **state)
{
	struct world *w = world_open(NULL);
	size_t first, done;
	char message[4000] = "";

	(void)state;
	world_ready(w);
	for (int i = 0; i < 100; i++)
		strcat(message, "word ");
	char *text = malloc(5000);
	snprintf(text, 5000, FORCE("%s", ""), message);
	world_say(w, text);
	free(text);
	world_run(w, 20000);
	first = world_find(w, GROK_AUDIO_DELTA, 0, 0);
	done = world_find(w, GROK_RESPONSE_DONE, 0, 0);
	assert_in_range(w->log[done].at_ms - w->log[first].at_ms, 30000 / 21, 30000 / 5);
	for (size_t n = 1, i; (i = world_find(w, GROK_AUDIO_DELTA, 0, n + 1)) < w->log_count; n++)
		assert_in_range(world_nth(w, GROK_AUDIO_DELTA, n)->audio_duration_ms, 77, 1254);
	world_close(w);
}

static void a_turn_is_heard_and_answered_in_the_recorded_order(void **state)
{
	struct world *w = world_open(NULL);
	size_t from, stopped;
	uint64_t t0;

	(void)state;
	world_ready(w);
	from = w->log_count;
	world_hears(w, "what time do you open");
	world_listen(w, 1000);
	world_talk(w, 1500);
	world_listen(w, 5000);
	assert_order(w, from, TURN_ORDER ANSWER_ORDER);
	assert_int_equal(world_nth(w, GROK_SPEECH_STARTED, 0)->audio_start_ms, 1000 - 333);
	assert_int_equal(world_nth(w, GROK_SPEECH_STOPPED, 0)->audio_end_ms, 2500);
	assert_true(slice_equal(world_nth(w, GROK_CALLER_TEXT_COMPLETED, 0)->status, SLICE("in_progress")));
	assert_true(slice_equal(world_nth(w, GROK_CALLER_TEXT_COMPLETED, 0)->transcript,
		SLICE("what time do you open")));
	assert_true(slice_equal(world_nth(w, GROK_CALLER_TEXT_COMPLETED, 1)->status, SLICE("completed")));
	assert_true(slice_equal(world_nth(w, GROK_CALLER_TEXT_COMPLETED, 1)->transcript,
		SLICE("What time do you open?")));
	stopped = world_find(w, GROK_SPEECH_STOPPED, 0, 0);
	t0 = w->log[stopped].at_ms;
	assert_in_range(w->log[world_find(w, GROK_AUDIO_COMMITTED, 0, 0)].at_ms - t0, 0, 5);
	assert_in_range(w->log[world_find(w, GROK_CALLER_TEXT_COMPLETED, 0, 1)].at_ms - t0, 130, 135);
	assert_in_range(w->log[world_find(w, GROK_RESPONSE_CREATED, 0, 0)].at_ms - t0, 140, 205);
	assert_in_range(w->log[world_find(w, GROK_AUDIO_DELTA, 0, 0)].at_ms - t0, 640, 860);
	assert_int_equal(world_nth(w, GROK_RESPONSE_CREATED, 0)->metadata_count, 0);
	assert_non_null(strstr(w->g.reply.spoken.items[0].text, "We are open from nine"));
	world_close(w);
}

static void a_caller_who_goes_on_before_the_answer_stays_in_his_turn(void **state)
{
	struct world *w = world_open(NULL);
	char item[FAKE_ID_BYTES], abandoned[FAKE_ID_BYTES];

	(void)state;
	world_ready(w);
	world_hears(w, "can i book a table");
	world_hears(w, "can i book a table for two people");
	world_talk(w, 1000);
	world_listen(w, 900);
	assert_int_equal(world_count(w, GROK_RESPONSE_CREATED), 1);
	assert_int_equal(world_count(w, GROK_AUDIO_DELTA), 0);
	slice_copy(world_nth(w, GROK_RESPONSE_CREATED, 0)->response_id, abandoned, sizeof abandoned);
	world_talk(w, 600);
	world_listen(w, 4000);
	slice_copy(world_nth(w, GROK_SPEECH_STARTED, 0)->item_id, item, sizeof item);
	assert_int_equal(world_count(w, GROK_SPEECH_STARTED), 2);
	assert_true(slice_equal(world_nth(w, GROK_SPEECH_STARTED, 1)->item_id, slice_of(item)));
	assert_int_equal(world_count(w, GROK_RESPONSE_CREATED), 2);
	assert_int_equal(world_count(w, GROK_RESPONSE_DONE), 1);
	assert_false(slice_equal(world_nth(w, GROK_RESPONSE_DONE, 0)->response_id, slice_of(abandoned)));
	assert_string_equal(w->g.receptionist.people, "two");
	world_close(w);
}

static void speech_during_the_answer_cancels_it_and_removes_its_item(void **state)
{
	struct world *w = world_open(NULL);
	char item[FAKE_ID_BYTES], message[200];

	(void)state;
	w->plan.faults.mask = (uint64_t)1 << FAULT_SLOW;
	w->plan.faults.values[FAULT_SLOW] = 1;
	world_ready(w);
	world_say(w, FORCE("this is a long sentence that goes on and on and on for ever", ""));
	world_run(w, 1500);
	slice_copy(world_nth(w, GROK_OUTPUT_ITEM_ADDED, 0)->item.id, item, sizeof item);
	world_talk(w, 200);
	assert_true(slice_equal(world_nth(w, GROK_RESPONSE_DONE, 0)->status, SLICE("cancelled")));
	snprintf(message, sizeof message, "{\"type\":\"conversation.item.truncate\",\"item_id\":\"%s\","
		"\"content_index\":0,\"audio_end_ms\":500}", item);
	world_say(w, message);
	assert_true(slice_equal(world_nth(w, GROK_ERROR, 0)->error.message, SLICE("Item not found")));
	world_close(w);
}

static void a_finished_item_is_truncated_at_the_word_that_was_heard(void **state)
{
	struct world *w = world_open(NULL);
	char item[FAKE_ID_BYTES], message[200];

	(void)state;
	world_ready(w);
	world_say(w, FORCE("One two three four five six", ""));
	world_run(w, 3000);
	slice_copy(world_nth(w, GROK_OUTPUT_ITEM_ADDED, 0)->item.id, item, sizeof item);
	snprintf(message, sizeof message, "{\"type\":\"conversation.item.truncate\",\"item_id\":\"%s\","
		"\"content_index\":0,\"audio_end_ms\":700}", item);
	world_say(w, message);
	assert_true(slice_equal(world_nth(w, GROK_ITEM_TRUNCATED, 0)->transcript, SLICE("One two three")));
	assert_int_equal(world_nth(w, GROK_ITEM_TRUNCATED, 0)->audio_end_ms, 700);
	world_say(w, "{\"type\":\"conversation.item.truncate\",\"item_id\":\"nobody\","
		"\"content_index\":0,\"audio_end_ms\":1}");
	assert_int_equal(world_count(w, GROK_ERROR), 1);
	world_close(w);
}

static void without_turn_detection_only_speech_started_comes(void **state)
{
	struct world *w = world_open(NULL);
	size_t from;

	(void)state;
	world_say(w, "{\"type\":\"session.update\",\"session\":{\"audio\":{"
		"\"input\":{\"format\":{\"type\":\"audio/pcmu\"}},"
		"\"output\":{\"format\":{\"type\":\"audio/pcmu\"}}}}}");
	world_run(w, 500);
	from = w->log_count;
	world_talk(w, 1000);
	world_listen(w, 4000);
	assert_order(w, from, "input_audio_buffer.speech_started\n");
	world_hears(w, "where are you located");
	world_say(w, "{\"type\":\"input_audio_buffer.commit\"}");
	world_run(w, 4000);
	assert_int_equal(world_count(w, GROK_RESPONSE_DONE), 1);
	world_say(w, "{\"type\":\"input_audio_buffer.commit\"}");
	world_run(w, 4000);
	assert_int_equal(world_count(w, GROK_AUDIO_COMMITTED), 1);
	world_close(w);
}

static void flat_formats_are_ignored_and_the_answer_is_24_khz_pcm(void **state)
{
	struct world *w = world_open(NULL);
	const struct grok_event *e;

	(void)state;
	world_say(w, "{\"type\":\"session.update\",\"session\":{\"input_audio_format\":\"g711_ulaw\","
		"\"output_audio_format\":\"g711_ulaw\"}}");
	world_run(w, 500);
	world_say(w, FORCE("Hello there", ""));
	world_run(w, 3000);
	e = world_nth(w, GROK_AUDIO_DELTA, 0);
	assert_int_equal(base64_decoded_len(e->delta), e->audio_duration_ms * 48);
	assert_null(world_nth(w, GROK_SESSION_UPDATED, 0)->session.output.type.data);
	world_close(w);
}

static void what_the_service_does_not_know_is_an_error_that_ends_nothing(void **state)
{
	struct world *w = world_open(NULL);

	(void)state;
	world_ready(w);
	world_say(w, "{\"type\":\"ping\",\"event_id\":\"p1\"}");
	world_say(w, "{\"type\":\"response.create\"");
	world_say(w, "{\"type\":\"conversation.item.create\","
		"\"item\":{\"type\":\"function_call_output\",\"call_id\":\"c9\","
		"\"output\":\"{}\"}}");
	assert_int_equal(world_count(w, GROK_ERROR), 3);
	assert_true(slice_equal(world_nth(w, GROK_ERROR, 0)->error.code, SLICE("invalid_event")));
	assert_true(slice_equal(world_nth(w, GROK_ERROR, 0)->error.event_id, SLICE("p1")));
	assert_true(slice_equal(world_nth(w, GROK_ERROR, 2)->error.code, SLICE("invalid_tool_call_id")));
	assert_int_equal(w->g.client_fault_count, 3);
	world_say(w, "{\"type\":\"response.create\"}");
	world_run(w, 3000);
	assert_int_equal(world_count(w, GROK_RESPONSE_DONE), 1);
	world_close(w);
}

static void cancelling_follows_the_services_rules(void **state)
{
	struct world *w = world_open(NULL);
	char message[200];

	(void)state;
	world_ready(w);
	world_say(w, "{\"type\":\"response.cancel\"}");
	assert_non_null(strstr(world_nth(w, GROK_ERROR, 0)->error.message.data, "no active response found"));
	world_say(w, "{\"type\":\"response.create\"}");
	world_run(w, 200);
	world_say(w, "{\"type\":\"response.cancel\",\"response_id\":\"other\"}");
	assert_non_null(strstr(world_nth(w, GROK_ERROR, 1)->error.message.data, "does not match current response"));
	snprintf(message, sizeof message, "{\"type\":\"response.cancel\",\"response_id\":\"%s\"}", w->g.reply.id);
	world_say(w, message);
	assert_true(slice_equal(world_nth(w, GROK_RESPONSE_DONE, 0)->status, SLICE("cancelled")));
	world_run(w, 3000);
	assert_int_equal(world_count(w, GROK_AUDIO_DELTA), 0);
	world_close(w);
}

static void a_second_response_cancels_the_first_and_metadata_is_echoed(void **state)
{
	struct world *w = world_open(NULL);

	(void)state;
	world_ready(w);
	world_say(w, "{\"type\":\"response.create\"}");
	world_run(w, 300);
	world_say(w, "{\"type\":\"response.create\",\"response\":{\"instructions\":\"Say: \\\"Good bye now.\\\"\","
		"\"metadata\":{\"src\":\"farewell\"}}}");
	world_run(w, 3000);
	assert_int_equal(world_count(w, GROK_RESPONSE_DONE), 2);
	assert_true(slice_equal(world_nth(w, GROK_RESPONSE_DONE, 0)->status, SLICE("cancelled")));
	assert_true(slice_equal(grok_metadata(world_nth(w, GROK_RESPONSE_CREATED, 1), SLICE("src")),
		SLICE("farewell")));
	assert_true(slice_equal(grok_metadata(world_nth(w, GROK_RESPONSE_DONE, 1), SLICE("src")), SLICE("farewell")));
	assert_true(slice_equal(world_nth(w, GROK_TRANSCRIPT_DONE, 0)->transcript, SLICE("Good bye now.")));
	world_close(w);
}

static void under_load_a_greeting_that_is_asked_for_does_not_end_the_echo(void **state)
{
	const struct fake_plan plan = { .mode = FAKE_ECHO };
	struct world *w = world_open(&plan);

	(void)state;
	world_ready(w);
	world_say(w, FORCE("Good evening.", ""));
	world_say(w, "{\"type\":\"response.create\"}");
	world_run(w, 3000);
	world_say(w, "{\"type\":\"input_audio_buffer.append\",\"audio\":\"fn5+fg==\"}");
	assert_int_equal(world_count(w, GROK_RESPONSE_CREATED), 1);
	assert_int_equal(world_count(w, GROK_RESPONSE_DONE), 0);
	assert_int_equal(world_count(w, GROK_AUDIO_DELTA), 1);
	assert_true(slice_equal(world_nth(w, GROK_AUDIO_DELTA, 0)->delta, SLICE("fn5+fg==")));
	world_close(w);
}

static void a_bare_response_greets_with_the_merchants_name(void **state)
{
	struct world *w = world_open(NULL);

	(void)state;
	world_ready(w);
	world_say(w, "{\"type\":\"response.create\"}");
	world_run(w, 4000);
	assert_true(slice_equal(world_nth(w, GROK_TRANSCRIPT_DONE, 0)->transcript,
		SLICE("Hello, and thank you for calling Bella's. How can I help you?")));
	world_close(w);
}

static void nobody_interrupts_what_is_not_interruptible(void **state)
{
	struct world *w = world_open(NULL);

	(void)state;
	world_ready(w);
	world_say(w, FORCE("This call may be recorded for ever", ",\"interruptible\":false"));
	world_run(w, 1000);
	world_talk(w, 1000);
	assert_int_equal(world_count(w, GROK_SPEECH_STARTED), 0);
	assert_int_equal(world_count(w, GROK_RESPONSE_DONE), 1);
	world_run(w, 1000);
	world_talk(w, 300);
	assert_int_equal(world_count(w, GROK_SPEECH_STARTED), 1);
	world_close(w);
}

static void a_long_silence_makes_the_server_ask(void **state)
{
	struct world *w = world_open(NULL);

	(void)state;
	world_ready(w);
	world_say(w, "{\"type\":\"session.update\",\"session\":{\"turn_detection\":{\"type\":\"server_vad\","
		"\"idle_timeout_ms\":5000}}}");
	world_run(w, 500);
	world_say(w, FORCE("Hello", ""));
	world_run(w, 20000);
	assert_in_range(world_count(w, GROK_AUDIO_TIMEOUT), 2, 3);
	assert_true(slice_equal(world_nth(w, GROK_TRANSCRIPT_DONE, 1)->transcript, SLICE("Are you still there?")));
	world_close(w);
}

static void a_typed_question_is_answered_on_request(void **state)
{
	struct world *w = world_open(NULL);

	(void)state;
	world_ready(w);
	world_say(w, "{\"type\":\"conversation.item.create\","
		"\"item\":{\"id\":\"mine1\",\"type\":\"message\",\"role\":\"user\","
		"\"content\":[{\"type\":\"input_text\",\"text\":\"Where are you located?\"}]}}");
	assert_true(slice_equal(world_nth(w, GROK_ITEM_ADDED, 0)->item.id, SLICE("mine1")));
	world_say(w, "{\"type\":\"response.create\"}");
	world_run(w, 6000);
	assert_non_null(strstr(world_nth(w, GROK_TRANSCRIPT_DONE, 0)->transcript.data, "Market Street"));
	world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_begins_with_three_events),
		cmocka_unit_test(an_update_is_echoed_after_60_to_500_ms),
		cmocka_unit_test(updates_are_merged_member_by_member),
		cmocka_unit_test(a_format_that_does_not_exist_is_an_error_and_changes_nothing),
		cmocka_unit_test(audio_before_the_session_is_ready_is_the_clients_fault),
		cmocka_unit_test(a_forced_message_is_spoken_word_by_word),
		cmocka_unit_test(audio_comes_five_to_twenty_times_faster_than_it_plays),
		cmocka_unit_test(a_turn_is_heard_and_answered_in_the_recorded_order),
		cmocka_unit_test(a_caller_who_goes_on_before_the_answer_stays_in_his_turn),
		cmocka_unit_test(speech_during_the_answer_cancels_it_and_removes_its_item),
		cmocka_unit_test(a_finished_item_is_truncated_at_the_word_that_was_heard),
		cmocka_unit_test(without_turn_detection_only_speech_started_comes),
		cmocka_unit_test(flat_formats_are_ignored_and_the_answer_is_24_khz_pcm),
		cmocka_unit_test(what_the_service_does_not_know_is_an_error_that_ends_nothing),
		cmocka_unit_test(cancelling_follows_the_services_rules),
		cmocka_unit_test(a_second_response_cancels_the_first_and_metadata_is_echoed),
		cmocka_unit_test(under_load_a_greeting_that_is_asked_for_does_not_end_the_echo),
		cmocka_unit_test(a_bare_response_greets_with_the_merchants_name),
		cmocka_unit_test(nobody_interrupts_what_is_not_interruptible),
		cmocka_unit_test(a_long_silence_makes_the_server_ask),
		cmocka_unit_test(a_typed_question_is_answered_on_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
