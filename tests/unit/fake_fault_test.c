#include "tests/unit/fake_world.h"

#define LONG_SENTENCE "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
#define FORCE(text)                                                                                            \
	"{\"type\":\"conversation.item.create\",\"item\":{\"type\":\"force_message\",\"role\":\"assistant\"," \
	"\"content\":[{\"type\":\"output_text\",\"text\":\"" text "\"}]}}"

static struct world *open_speaking(const char *fault, uint64_t ms)
{
	struct world *w = world_open_faulty(fault);

	world_ready(w);
	world_say(w, FORCE(LONG_SENTENCE));
	world_run(w, ms);
	return w;
}

static void faults_are_read_by_name_and_argument(void **state)
{
	struct faults faults = { 0 };
	char why[200];

	(void)state;
	for (int i = 0; i < FAULT_COUNT; i++)
		assert_true(fault_parse(&faults, fault_name((enum fault)i), why, sizeof why));
	assert_int_equal(faults.mask, ((uint64_t)1 << FAULT_COUNT) - 1);
	assert_int_equal(fault_value(&faults, FAULT_STALL), 9000);
	assert_true(fault_parse(&faults, "stall-before-audio:12", why, sizeof why));
	assert_int_equal(fault_value(&faults, FAULT_STALL), 12);
	assert_false(fault_parse(&faults, "stall", why, sizeof why));
	assert_non_null(strstr(why, "--help"));
	assert_false(fault_parse(&faults, "stall-before-audio:x", why, sizeof why));
	assert_false(fault_parse(&faults, "stall-before-audio:", why, sizeof why));
	assert_false(fault_parse(&faults, "no-done:3", why, sizeof why));
	assert_non_null(strstr(why, "takes no argument"));
}

static void the_old_service_begins_with_the_conversation(void **state)
{
	struct world *w = world_open_faulty("legacy-no-session-created");

	(void)state;
	assert_int_equal(w->log[0].kind, GROK_CONVERSATION_CREATED);
	world_close(w);
}

static void a_session_may_get_ready_late_or_never_or_on_the_second_request(void **state)
{
	struct world *w = world_open_faulty("never-ready");

	(void)state;
	world_say(w, world_update);
	world_run(w, 60000);
	assert_int_equal(world_count(w, GROK_SESSION_UPDATED), 0);
	world_close(w);
	w = world_open_faulty("late-ready:4000");
	world_say(w, world_update);
	world_run(w, 3999);
	assert_int_equal(world_count(w, GROK_SESSION_UPDATED), 0);
	world_run(w, 1);
	assert_int_equal(world_count(w, GROK_SESSION_UPDATED), 1);
	world_close(w);
	w = world_open_faulty("ready-on-second-update");
	world_say(w, world_update);
	world_run(w, 3000);
	assert_int_equal(world_count(w, GROK_SESSION_UPDATED), 0);
	world_say(w, world_update);
	world_run(w, 3000);
	assert_int_equal(world_count(w, GROK_SESSION_UPDATED), 1);
	world_close(w);
	w = world_open_faulty("error-on-update");
	world_say(w, world_update);
	world_run(w, 3000);
	assert_int_equal(world_count(w, GROK_ERROR), 1);
	assert_int_equal(world_count(w, GROK_SESSION_UPDATED), 0);
	world_close(w);
}

static void a_session_may_show_other_formats_than_were_asked_for(void **state)
{
	struct world *w = world_open_faulty("wrong-format");
	const char *why;

	(void)state;
	world_ready(w);
	assert_false(grok_session_fits_phone(&world_nth(w, GROK_SESSION_UPDATED, 0)->session, &why));
	world_close(w);
}

static void audio_may_be_24_khz_pcm_in_spite_of_the_session(void **state)
{
	struct world *w = open_speaking("pcm24k", 3000);
	const struct grok_event *e = world_nth(w, GROK_AUDIO_DELTA, 0);
	const char *why;

	(void)state;
	assert_int_equal(base64_decoded_len(e->delta), e->audio_duration_ms * 48);
	assert_true(grok_session_fits_phone(&world_nth(w, GROK_SESSION_UPDATED, 0)->session, &why));
	world_close(w);
}

static void the_first_audio_may_stall(void **state)
{
	struct world *w = world_open_faulty("stall-before-audio:9000");

	(void)state;
	world_ready(w);
	world_say(w, FORCE(LONG_SENTENCE));     /* needs no thought */
	world_run(w, 3000);
	assert_int_equal(world_count(w, GROK_RESPONSE_DONE), 1);
	size_t before = world_count(w, GROK_AUDIO_DELTA);
	world_say(w, "{\"type\":\"response.create\"}");
	world_run(w, 9000);
	assert_int_equal(world_count(w, GROK_PART_ADDED), 2);
	assert_int_equal(world_count(w, GROK_AUDIO_DELTA), before);
	world_run(w, 6000);
	assert_int_equal(world_count(w, GROK_RESPONSE_DONE), 2);
	world_close(w);
}

static void audio_may_come_as_one_delta_or_no_faster_than_it_plays(void **state)
{
	struct world *w = open_speaking("huge-delta", 3000);

	(void)state;
	assert_int_equal(world_count(w, GROK_AUDIO_DELTA), 1);
	assert_int_equal(world_nth(w, GROK_AUDIO_DELTA, 0)->audio_duration_ms, 15 * WORLD_MS_PER_WORD);
	world_close(w);
	w = open_speaking("slow-generation", 3000);
	assert_int_equal(world_count(w, GROK_RESPONSE_DONE), 0);
	world_run(w, 3000);
	assert_int_equal(world_count(w, GROK_RESPONSE_DONE), 1);
	world_close(w);
}

static void messages_may_be_fragmented_broken_unknown_or_binary(void **state)
{
	struct world *w = open_speaking("fragmented:7", 3000);

	(void)state;
	assert_int_equal(world_count_actions(w, FAKE_SEND), 0);
	for (size_t i = 0; i < w->log_count; i++)
		assert_int_equal(w->log[i].action == FAKE_SEND_FRAGMENTS ? w->log[i].number : 7, 7);
	assert_int_equal(world_count(w, GROK_RESPONSE_DONE), 1);
	world_close(w);
	w = open_speaking("malformed-base64", 3000);
	assert_true(w->log[world_find(w, GROK_UNKNOWN, 0, 0)].bad);
	assert_int_equal(world_count(w, GROK_RESPONSE_DONE), 1);
	world_close(w);
	w = open_speaking("broken-json", 3000);
	assert_int_equal(world_count(w, GROK_UNKNOWN), 1);
	assert_true(w->log[world_find(w, GROK_UNKNOWN, 0, 0)].bad);
	world_close(w);
	w = open_speaking("unknown-event", 3000);
	assert_int_equal(world_count(w, GROK_UNKNOWN), 1);
	assert_false(w->log[world_find(w, GROK_UNKNOWN, 0, 0)].bad);
	world_close(w);
	w = open_speaking("binary-frame", 3000);
	assert_int_equal(world_count_actions(w, FAKE_SEND_BINARY), 1);
	world_close(w);
}

static void the_connection_may_end_in_the_middle_or_after_a_response(void **state)
{
	struct world *w = open_speaking("close-mid-delta-1006", 3000);

	(void)state;
	assert_int_equal(world_count_actions(w, FAKE_DROP), 1);
	assert_int_equal(world_count(w, GROK_RESPONSE_DONE), 0);
	assert_int_equal(w->log[w->log_count - 1].action, FAKE_DROP);
	world_close(w);
	w = open_speaking("close-1011", 3000);
	assert_int_equal(w->log[w->log_count - 1].action, FAKE_CLOSE);
	assert_int_equal(w->log[w->log_count - 1].number, 1011);
	assert_int_equal(world_count(w, GROK_AUDIO_DELTA), 2);
	world_close(w);
	w = open_speaking("close-1000", 3000);
	assert_int_equal(world_count(w, GROK_RESPONSE_DONE), 1);
	assert_int_equal(w->log[w->log_count - 1].number, 1000);
	world_close(w);
}

static void a_session_may_reach_its_longest_duration(void **state)
{
	struct world *w = world_open_faulty("max-duration:10000");

	(void)state;
	world_run(w, 9999);
	assert_int_equal(world_count(w, GROK_ERROR), 0);
	world_run(w, 10000);
	assert_true(slice_equal(world_nth(w, GROK_ERROR, 0)->error.type, SLICE("max_duration")));
	assert_int_equal(world_count_actions(w, FAKE_CLOSE), 1);
	assert_true(fake_grok_due_ms(&w->g) == FAKE_NEVER);
	world_close(w);
	w = world_open_faulty("timeout:3000");
	world_run(w, 3000);
	assert_true(slice_equal(world_nth(w, GROK_ERROR, 0)->error.type, SLICE("timeout")));
	world_close(w);
}

static void a_silent_session_sends_nothing_any_more_and_does_not_close(void **state)
{
	struct world *w = open_speaking("silent:5000", 5000);
	size_t count = w->log_count;

	(void)state;
	assert_int_equal(world_count(w, GROK_RESPONSE_DONE), 1);
	world_run(w, 60000);
	world_say(w, FORCE("hello"));
	world_run(w, 5000);
	for (size_t i = count; i < w->log_count; i++)
		assert_int_equal(w->log[i].action, FAKE_NOTE);
	world_close(w);
}

static void take_turn(struct world *w)
{
	world_ready(w);
	world_hears(w, "what time do you open");
	world_talk(w, 1000);
	world_listen(w, 4000);
}

static void speech_started_may_come_twice_late_or_never(void **state)
{
	struct world *w = world_open_faulty("speech-started-twice");
	size_t started, stopped;

	(void)state;
	take_turn(w);
	assert_int_equal(world_count(w, GROK_SPEECH_STARTED), 2);
	world_close(w);
	w = world_open_faulty("batched-speech");
	take_turn(w);
	started = world_find(w, GROK_SPEECH_STARTED, 0, 0);
	stopped = world_find(w, GROK_SPEECH_STOPPED, 0, 0);
	assert_int_equal(started + 1, stopped);
	assert_int_equal(w->log[started].at_ms, w->log[stopped].at_ms);
	world_close(w);
	w = world_open_faulty("no-speech-started");
	take_turn(w);
	assert_int_equal(world_count(w, GROK_SPEECH_STARTED), 0);
	assert_int_equal(world_count(w, GROK_RESPONSE_DONE), 1);
	world_close(w);
}

static void a_response_may_be_created_before_the_turn_is_committed(void **state)
{
	struct world *w = world_open_faulty("created-before-committed");

	(void)state;
	take_turn(w);
	assert_true(world_find(w, GROK_RESPONSE_CREATED, 0, 0) < world_find(w, GROK_AUDIO_COMMITTED, 0, 0));
	assert_int_equal(world_count(w, GROK_AUDIO_COMMITTED), 1);
	world_close(w);
}

static void a_stale_transcript_may_follow_the_completed_one(void **state)
{
	struct world *w = world_open_faulty("stale-transcript");
	size_t last;

	(void)state;
	take_turn(w);
	last = world_count(w, GROK_CALLER_TEXT_COMPLETED) - 1;
	assert_true(slice_equal(world_nth(w, GROK_CALLER_TEXT_COMPLETED, last)->status, SLICE("in_progress")));
	assert_true(slice_equal(world_nth(w, GROK_CALLER_TEXT_COMPLETED, last)->transcript, SLICE("What time do you")));
	assert_true(slice_equal(world_nth(w, GROK_CALLER_TEXT_COMPLETED, last - 1)->status, SLICE("completed")));
	world_close(w);
}

static void an_interrupted_response_may_go_on_for_a_few_deltas(void **state)
{
	struct world *w = world_open_faulty("late-deltas:2");
	size_t started, done, late = 0;

	(void)state;
	fault_parse(&w->plan.faults, "slow-generation", (char[200]){ 0 }, 200);
	world_ready(w);
	world_say(w, FORCE(LONG_SENTENCE));
	world_run(w, 1500);
	world_talk(w, 400);
	started = world_find(w, GROK_SPEECH_STARTED, 0, 0);
	done = world_find(w, GROK_RESPONSE_DONE, 0, 0);
	for (size_t i = started; i < done; i++)
		late += w->log[i].kind == GROK_AUDIO_DELTA;
	assert_int_equal(late, 2);
	assert_true(slice_equal(world_event(w, done)->status, SLICE("cancelled")));
	world_close(w);
}

static void a_response_may_never_be_done(void **state)
{
	struct world *w = world_open_faulty("no-done");

	(void)state;
	fault_parse(&w->plan.faults, "slow-generation", (char[200]){ 0 }, 200);
	world_ready(w);
	world_say(w, FORCE(LONG_SENTENCE));
	world_run(w, 1500);
	world_talk(w, 400);
	assert_int_equal(world_count(w, GROK_RESPONSE_DONE), 0);
	assert_false(fake_reply_is_active(&w->g.reply));
	world_close(w);
	w = open_speaking("done-lost", 5000);
	assert_int_equal(world_count(w, GROK_AUDIO_DONE), 1);
	assert_int_equal(world_count(w, GROK_RESPONSE_DONE), 0);
	world_close(w);
}

static void a_response_may_be_refused_or_dropped(void **state)
{
	struct world *w = open_speaking("drop-create", 5000);

	(void)state;
	world_say(w, "{\"type\":\"response.create\"}");
	world_run(w, 5000);
	assert_int_equal(world_count(w, GROK_RESPONSE_CREATED), 1);
	assert_int_equal(world_count(w, GROK_ERROR), 0);
	world_close(w);
	w = open_speaking("error-on-create", 300);
	world_say(w, "{\"type\":\"response.create\"}");
	assert_non_null(strstr(world_nth(w, GROK_ERROR, 0)->error.message.data, "already has an active response"));
	world_close(w);
}

static void a_transcript_may_be_completed_in_other_words_first(void **state)
{
	struct world *w = world_open_faulty("reworded-transcript");

	(void)state;
	world_ready(w);
	world_hears(w, "what time do you open");
	world_talk(w, 1000);
	world_listen(w, 3000);
	assert_true(slice_equal(world_nth(w, GROK_CALLER_TEXT_COMPLETED, 1)->status, SLICE("completed")));
	assert_true(slice_equal(world_nth(w, GROK_CALLER_TEXT_COMPLETED, 2)->status, SLICE("completed")));
	assert_false(slice_equal(world_nth(w, GROK_CALLER_TEXT_COMPLETED, 1)->transcript,
		SLICE("What time do you open?")));
	assert_true(slice_equal(world_nth(w, GROK_CALLER_TEXT_COMPLETED, 2)->transcript,
		SLICE("What time do you open?")));
	world_close(w);
}

static void pings_come_every_ten_seconds_or_never(void **state)
{
	struct world *w = world_open_faulty("no-done");

	(void)state;
	world_run(w, 60500);
	assert_int_equal(world_count(w, GROK_PING), 7);
	world_close(w);
	w = world_open_faulty("no-ping");
	world_run(w, 60500);
	assert_int_equal(world_count(w, GROK_PING), 0);
	world_close(w);
}

static void a_session_ends_at_its_cap_with_max_duration(void **state)
{
	const struct fake_plan plan = { .session_s_max = 90 };
	struct world *w = world_open(&plan);

	(void)state;
	world_run(w, 89999);
	assert_int_equal(world_count(w, GROK_ERROR), 0);
	world_run(w, 1);
	assert_true(slice_equal(world_nth(w, GROK_ERROR, 0)->error.type, SLICE("max_duration")));
	assert_int_equal(w->log[w->log_count - 1].action, FAKE_CLOSE);
	world_close(w);
}

static void faults_of_a_running_session_can_wait(void **state)
{
	struct fake_plan plan = { .fault_after_ms = 8000 };
	char why[200];
	struct world *w;

	(void)state;
	assert_true(fault_parse(&plan.faults, "huge-delta", why, sizeof why));
	w = world_open(&plan);
	world_ready(w);
	world_say(w, FORCE(LONG_SENTENCE));
	world_run(w, 8000);
	assert_true(world_count(w, GROK_AUDIO_DELTA) > 3);
	size_t before = world_count(w, GROK_AUDIO_DELTA);
	world_say(w, FORCE(LONG_SENTENCE));
	world_run(w, 3000);
	assert_int_equal(world_count(w, GROK_AUDIO_DELTA), before + 1);
	world_close(w);
}

static void the_same_seed_plays_the_same_session(void **state)
{
	struct world *a = open_speaking("unknown-event", 5000), *b = open_speaking("unknown-event", 5000);

	(void)state;
	assert_int_equal(a->log_count, b->log_count);
	for (size_t i = 0; i < a->log_count; i++) {
		assert_string_equal(a->log[i].text, b->log[i].text);
		assert_int_equal(a->log[i].at_ms, b->log[i].at_ms);
	}
	world_close(a);
	world_close(b);
}

static void a_client_that_does_not_take_its_messages_is_closed(void **state)
{
	struct world *w = world_open_faulty("error-storm:100000");
	struct fake_action action = { 0 };
	size_t count = 0;

	(void)state;
	fake_grok_text(&w->g, slice_of(world_update), w->now_ms);
	fake_grok_tick(&w->g, w->now_ms + 500);
	while (fake_grok_next(&w->g, &action))
		count++;
	assert_int_equal(count, 1);
	assert_int_equal(action.kind, FAKE_CLOSE);
	assert_int_equal(action.number, 1008);
	world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_are_read_by_name_and_argument),
		cmocka_unit_test(the_old_service_begins_with_the_conversation),
		cmocka_unit_test(a_session_may_get_ready_late_or_never_or_on_the_second_request),
		cmocka_unit_test(a_session_may_show_other_formats_than_were_asked_for),
		cmocka_unit_test(audio_may_be_24_khz_pcm_in_spite_of_the_session),
		cmocka_unit_test(the_first_audio_may_stall),
		cmocka_unit_test(audio_may_come_as_one_delta_or_no_faster_than_it_plays),
		cmocka_unit_test(messages_may_be_fragmented_broken_unknown_or_binary),
		cmocka_unit_test(the_connection_may_end_in_the_middle_or_after_a_response),
		cmocka_unit_test(a_session_may_reach_its_longest_duration),
		cmocka_unit_test(a_silent_session_sends_nothing_any_more_and_does_not_close),
		cmocka_unit_test(speech_started_may_come_twice_late_or_never),
		cmocka_unit_test(a_response_may_be_created_before_the_turn_is_committed),
		cmocka_unit_test(a_stale_transcript_may_follow_the_completed_one),
		cmocka_unit_test(an_interrupted_response_may_go_on_for_a_few_deltas),
		cmocka_unit_test(a_response_may_never_be_done),
		cmocka_unit_test(a_response_may_be_refused_or_dropped),
		cmocka_unit_test(a_transcript_may_be_completed_in_other_words_first),
		cmocka_unit_test(pings_come_every_ten_seconds_or_never),
		cmocka_unit_test(a_session_ends_at_its_cap_with_max_duration),
		cmocka_unit_test(faults_of_a_running_session_can_wait),
		cmocka_unit_test(the_same_seed_plays_the_same_session),
		cmocka_unit_test(a_client_that_does_not_take_its_messages_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
