/* What one role of Grok's protocol writes the other reads back as the same event. */
#include "tests/unit/chance.h"
#include "tests/unit/golden.h"

#include "proto/grok.h"
#include "tests/message_equal.h"

static struct golden golden;
static struct grok_reader reader, second;
static struct grok_event event, again;
static char memory[65536];
static const struct grok_dialect *dialect = &grok_xai;

static int tear_down(void **state)
{
	(void)state;
	grok_reader_fini(&reader);
	grok_reader_fini(&second);
	return 0;
}

static const char *written(const struct grok_event *e)
{
	struct buf out;

	buf_init_fixed(&out, memory, sizeof memory - 1);
	assert_true(grok_write(&out, dialect, e));
	memory[buf_len(&out)] = '\0';
	return memory;
}

static void what_the_client_writes_is_as_documented_to_the_byte(void **state)
{
	(void)state;
	golden_load(&golden, "grok_client.jsonl");
	for (int i = 0; i < golden.count; i++) {
		const char *line = golden.lines[i];
		if (grok_read(&reader, TO_GROK, line, strlen(line), &event) != GROK_EVENT)
			fail_msg("%s: %s", reader.why, line);
		assert_string_equal(written(&event), line);
	}
}

/* The order of members is the server's own; what is said is the same, whatever way it is read. */
static void what_the_server_writes_says_what_was_recorded(void **state)
{
	static const char *const files[] = { "grok_connect.jsonl", "grok_turn.jsonl", "grok_tool.jsonl",
		"grok_errors.jsonl" };

	(void)state;
	for (size_t f = 0; f < 4; f++) {
		golden_load(&golden, files[f]);
		for (int i = 0; i < golden.count; i++) {
			const char *line = golden.lines[i];
			assert_int_equal(grok_read(&reader, FROM_GROK, line, strlen(line), &event), GROK_EVENT);
			written(&event);
			if (grok_read(&second, FROM_GROK, memory, strlen(memory), &again) != GROK_EVENT ||
				!grok_event_equal(&event, &again))
				fail_msg("%s\n%s", line, memory);
		}
	}
}

static void the_servers_oddities_are_xais(void **state)
{
	(void)state;
	grok_event_init(&event, GROK_RESPONSE_CREATED);
	event.response_id = SLICE("r1");
	assert_string_equal(written(&event), "{\"type\":\"response.created\",\"response\":{\"id\":\"r1\","
		"\"object\":\"realtime.response\","
		"\"status\":\"in_progress\",\"output\":[],\"status_details\":\"unimplemented\",\"usage\":{}},"
		"\"previous_item_id\":null}");
	grok_event_init(&event, GROK_PART_ADDED);
	event.response_id = SLICE("r1");
	event.item_id = SLICE("a1");
	assert_string_equal(written(&event), "{\"type\":\"response.content_part.added\",\"response_id\":\"r1\","
		"\"item_id\":\"a1\",\"output_index\":0,"
		"\"content_index\":0,\"part\":{\"type\":\"audio\",\"transcript\":\"\"},\"previous_item_id\":\"0\"}");
	grok_event_init(&event, GROK_RESPONSE_DONE);
	event.response_id = SLICE("r1");
	event.usage.billable_audio_seconds = 5;
	assert_non_null(strstr(written(&event), "\"usage\":{}},\"usage\":{\"billable_audio_seconds\":5}"));
}

static void tools_come_back_nested(void **state)
{
	(void)state;
	grok_event_init(&event, GROK_SESSION_UPDATED);
	event.session.tools_json = SLICE("[{\"type\":\"function\",\"name\":\"f\","
		"\"parameters\":{\"a\":[1]}},{\"type\":\"web_search\"}]");
	assert_non_null(strstr(written(&event), "\"tools\":[{\"type\":\"function\","
		"\"function\":{\"name\":\"f\",\"parameters\":{\"a\":[1]}}},"
		"{\"type\":\"web_search\"}]"));
	event.session.tools_json = SLICE("[}");
	assert_non_null(strstr(written(&event), "\"tools\":[],"));
}

static char texts[32][80];
static size_t text_count;

/* Absent, empty or odd. */
static struct slice maybe(void)
{
	unsigned kind = chance(4);

	text_count = (text_count + 1) % 32;
	if (kind == 0)
		return (struct slice){ 0 };
	return kind == 1 ? SLICE("") : chance_text(texts[text_count], sizeof texts[0]);
}

static struct slice surely(void)
{
	text_count = (text_count + 1) % 32;
	return chance_text(texts[text_count], sizeof texts[0]);
}

static void random_session(struct grok_session *s)
{
	grok_session_init(s);
	s->instructions = maybe();
	s->voice = maybe();
	s->reasoning_effort = maybe();
	s->input.type = maybe();
	if (s->input.type.data)
		s->input.rate_hz = chance(2) ? -1 : 8000;
	s->speed = chance(2) ? -1 : (double)(70 + chance(80)) / 100;
	s->turn_detection.on = (enum grok_flag)chance(3);
	if (s->turn_detection.on == GROK_YES) {
		s->turn_detection.type = surely();
		s->turn_detection.threshold = (double)chance(1000) / 1000;
		s->turn_detection.silence_duration_ms = (int64_t)chance(10000) - 1;
		s->turn_detection.create_response = (enum grok_flag)chance(3);
	}
	s->transcription_model = maybe();
	s->language_hint = maybe();
	s->tools_json = chance(2) ? SLICE("[{\"type\":\"function\"}]") : SLICE("null");
	s->replace_json = chance(2) ? SLICE("{\"a\":\"b\"}") : (struct slice){ 0 };
	s->resumption = (enum grok_flag)chance(3);
}

static void random_sessions_survive_writing_and_reading(void **state)
{
	struct grok_session sent;
	struct buf out;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		random_session(&sent);
		buf_init_fixed(&out, memory, sizeof memory);
		assert_true(grok_write_session_update(&out, dialect, &sent));
		if (grok_read(&reader, TO_GROK, memory, buf_len(&out), &event) != GROK_EVENT ||
			!grok_session_equal(&event.session, &sent))
			fail_msg("round %d: %s %.*s", round, reader.why, (int)buf_len(&out), memory);
	}
}

/* The kinds that are all in the table, with members that each of them has. */
static void random_flat_event(struct grok_event *e)
{
	static const enum grok_kind kinds[] = { GROK_AUDIO_DELTA, GROK_TRANSCRIPT_DELTA, GROK_TRANSCRIPT_DONE,
		GROK_CALLER_TEXT_COMPLETED, GROK_SPEECH_STARTED, GROK_ITEM_TRUNCATED, GROK_ARGUMENTS_DELTA };

	grok_event_init(e, kinds[chance(7)]);
	e->type = slice_of(grok_kind_name(e->kind));
	e->item_id = maybe();
	e->event_id = maybe();
	e->previous_item_id = maybe();
	if (e->kind == GROK_AUDIO_DELTA || e->kind == GROK_TRANSCRIPT_DELTA || e->kind == GROK_TRANSCRIPT_DONE) {
		e->response_id = maybe();
		e->output_index = e->content_index = chance(3);
	}
	if (e->kind == GROK_CALLER_TEXT_COMPLETED || e->kind == GROK_ITEM_TRUNCATED)
		e->content_index = chance(2);
	if (e->kind == GROK_CALLER_TEXT_COMPLETED || e->kind == GROK_ITEM_TRUNCATED || e->kind == GROK_TRANSCRIPT_DONE)
		e->transcript = maybe();
	if (e->kind == GROK_CALLER_TEXT_COMPLETED)
		e->status = maybe();
	if (e->kind == GROK_AUDIO_DELTA || e->kind == GROK_TRANSCRIPT_DELTA) {
		e->rid = maybe();
		e->latency = maybe();
		e->audio_duration_ms = (int64_t)chance(900) - 1;
		e->timestamp_ms = chance(2) ? -1 : 1785214083561;
		e->start_s = chance(2) ? -1 : (double)chance(30000) / 1000;
	}
	if (e->kind == GROK_TRANSCRIPT_DELTA || e->kind == GROK_ARGUMENTS_DELTA)
		e->delta = surely();
	if (e->kind == GROK_AUDIO_DELTA)
		e->delta = SLICE("f39/f38=");
}

static void random_server_events_survive_writing_and_reading(void **state)
{
	(void)state;
	for (int round = 0; round < 5000; round++) {
		random_flat_event(&event);
		const char *text = written(&event);
		if (grok_read(&reader, FROM_GROK, text, strlen(text),
			&again) != GROK_EVENT || !grok_event_equal(&event, &again))
			fail_msg("round %d: %s", round, text);
	}
	assert_true(reader.scanned_count > 0 && reader.parsed_count > 0);
}

static void random_words_reach_the_other_side_of_every_short_cut(void **state)
{
	struct buf out;

	(void)state;
	for (int round = 0; round < 500; round++) {
		struct slice a = surely(), b = surely();
		buf_init_fixed(&out, memory, sizeof memory);
		assert_true(grok_write_force_message(&out, a, round % 2));
		assert_int_equal(grok_read(&reader, TO_GROK, memory, buf_len(&out), &event), GROK_EVENT);
		assert_true(slice_equal(event.item.text, a));
		assert_int_equal(event.item.interruptible, round % 2 ? GROK_YES : GROK_NO);
		buf_clear(&out);
		assert_true(grok_write_function_output(&out, a, b));
		assert_int_equal(grok_read(&reader, TO_GROK, memory, buf_len(&out), &event), GROK_EVENT);
		assert_true(slice_equal(event.call_id, a) && slice_equal(event.item.output, b));
		buf_clear(&out);
		assert_true(grok_write_response_create(&out, a, b));
		assert_int_equal(grok_read(&reader, TO_GROK, memory, buf_len(&out), &event), GROK_EVENT);
		assert_true(slice_equal(event.instructions, a) && slice_equal(grok_metadata(&event, SLICE("src")), b));
		buf_clear(&out);
		assert_true(grok_write_text_item(&out, SLICE("assistant"), a));
		assert_int_equal(grok_read(&reader, TO_GROK, memory, buf_len(&out), &event), GROK_EVENT);
		assert_true(slice_equal(event.item.text, a) && slice_equal(event.item.content_type,
			SLICE("output_text")));
	}
}

static void an_append_is_prefix_audio_suffix(void **state)
{
	static const char text[] = GROK_APPEND_PREFIX "f39/" GROK_APPEND_SUFFIX;

	(void)state;
	reader.scanned_count = 0;
	assert_int_equal(grok_read(&reader, TO_GROK, text, sizeof text - 1, &event), GROK_EVENT);
	assert_true(slice_equal(event.delta, SLICE("f39/")));
	assert_int_equal(reader.scanned_count, 1);
	assert_string_equal(written(&event), text);
}

static void what_does_not_fit_leaves_no_trace(void **state)
{
	struct buf out;

	(void)state;
	for (size_t room = 0; room < 60; room++) {
		buf_init_fixed(&out, memory, room);
		assert_false(grok_write_truncate(&out, SLICE("item-with-a-long-name"), 1480));
		assert_int_equal(buf_len(&out), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_client_writes_is_as_documented_to_the_byte),
		cmocka_unit_test(what_the_server_writes_says_what_was_recorded),
		cmocka_unit_test(the_servers_oddities_are_xais),
		cmocka_unit_test(tools_come_back_nested),
		cmocka_unit_test(random_sessions_survive_writing_and_reading),
		cmocka_unit_test(random_server_events_survive_writing_and_reading),
		cmocka_unit_test(random_words_reach_the_other_side_of_every_short_cut),
		cmocka_unit_test(an_append_is_prefix_audio_suffix),
		cmocka_unit_test(what_does_not_fit_leaves_no_trace),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
