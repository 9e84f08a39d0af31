/* Going on with a conversation of the simulated Grok. */
#include "tests/unit/fake_world.h"

#include "sim/fake_store.h"

static struct fake_store store;

static int tear_down(void **state)
{
	(void)state;
	fake_store_fini(&store);
	return 0;
}

static const char opt_in[] =
	"{\"type\":\"session.update\",\"session\":{\"instructions\":\"You are the receptionist of Bella's.\","
	"\"turn_detection\":{\"type\":\"server_vad\",\"silence_duration_ms\":600},\"resumption\":{\"enabled\":true},"
	"\"tools\":[{\"type\":\"function\",\"name\":\"business_hours\"}],"
	"\"audio\":{\"input\":{\"format\":{\"type\":\"audio/pcmu\"}},\"output\":{\"format\":{\"type\":\"audio/"
	"pcmu\"}}}}}";

static struct world *open_with(const char *fault)
{
	struct fake_plan plan = {.store = &store};
	char why[200];

	if (fault)
		assert_true(fault_parse(&plan.faults, fault, why, sizeof why));
	return world_open(&plan);
}

/* The same world goes on with another connection. */
static void reconnect(struct world *w, const char *conversation_id)
{
	fake_grok_close(&w->g);
	for (size_t i = 0; i < w->log_count; i++)
		free(w->log[i].text);
	w->log_count = 0;
	fake_grok_open(
		&w->g, &w->plan, &w->pool, 8, "grok-voice-think-fast-2.0", conversation_id, w->now_ms, 1790645006955);
	world_drain(w);
}

static void hold_conversation(struct world *w, char id[FAKE_ID_BYTES])
{
	world_say(w, opt_in);
	world_run(w, 600);
	snprintf(id, FAKE_ID_BYTES, "%s", w->g.wire.conversation_id);
	world_hears(w, "can i book a table for two people");
	world_talk(w, 1000);
	world_listen(w, 5000);
	assert_string_equal(w->g.receptionist.people, "two");
}

static void a_conversation_is_played_back_before_the_session_is_updated(void **state)
{
	struct world *w = open_with(NULL);
	char id[FAKE_ID_BYTES];
	const struct grok_event *e;

	(void)state;
	hold_conversation(w, id);
	reconnect(w, id);
	assert_true(slice_equal(world_nth(w, GROK_CONVERSATION_CREATED, 0)->conversation_id, slice_of(id)));
	assert_int_equal(world_count(w, GROK_ITEM_ADDED), 0);
	world_say(w, opt_in);
	world_run(w, 600);
	assert_order(w, 0, "session.created\nconversation.created\nconversation.item.added\nsession.updated\n");
	assert_int_equal(world_count(w, GROK_ITEM_ADDED), 2);
	e = world_nth(w, GROK_ITEM_ADDED, 0);
	assert_int_equal(e->item.replayed, GROK_YES);
	assert_true(slice_equal(e->item.role, SLICE("user")));
	assert_true(slice_equal(e->item.text, SLICE("Can I book a table for two people?")));
	e = world_nth(w, GROK_ITEM_ADDED, 1);
	assert_true(slice_equal(e->item.content_type, SLICE("text")));
	assert_true(slice_equal(e->item.text, SLICE("For two people, very good. On which day?")));
	world_close(w);
}

static void it_goes_on_where_it_was(void **state)
{
	struct world *w = open_with(NULL);
	char id[FAKE_ID_BYTES];
	double billed;

	(void)state;
	hold_conversation(w, id);
	billed = world_nth(w, GROK_RESPONSE_DONE, 0)->usage.billable_audio_seconds;
	reconnect(w, id);
	world_say(w, opt_in);
	world_run(w, 600);
	w->ear_next = w->ear_count;
	world_hears(w, "tomorrow at seven");
	world_talk(w, 1000);
	world_listen(w, 5000);
	assert_true(slice_equal(world_nth(w, GROK_TRANSCRIPT_DONE, 0)->transcript,
		SLICE("A table for two people tomorrow at seven. Is that right?")));
	assert_true(world_nth(w, GROK_RESPONSE_DONE, 0)->usage.billable_audio_seconds > billed + 1);
	world_close(w);
}

static void calls_and_outputs_are_played_back_and_can_still_be_answered(void **state)
{
	struct world *w = open_with(NULL);
	char id[FAKE_ID_BYTES], call[FAKE_CALL_ID_BYTES], message[300];

	(void)state;
	world_say(w, opt_in);
	world_run(w, 600);
	snprintf(id, sizeof id, "%s", w->g.wire.conversation_id);
	world_hears(w, "what are your hours");
	world_talk(w, 1000);
	world_listen(w, 5000);
	assert_true(slice_copy(world_nth(w, GROK_ARGUMENTS_DONE, 0)->call_id, call, sizeof call));
	reconnect(w, id);
	world_say(w, opt_in);
	world_run(w, 600);
	assert_int_equal(world_count(w, GROK_ITEM_ADDED), 3);
	assert_true(slice_equal(world_nth(w, GROK_ITEM_ADDED, 2)->item.type, SLICE("function_call")));
	assert_true(slice_equal(world_nth(w, GROK_ITEM_ADDED, 2)->call_id, slice_of(call)));
	snprintf(message, sizeof message,
		"{\"type\":\"conversation.item.create\",\"item\":{"
		"\"type\":\"function_call_output\",\"call_id\":\"%s\",\"output\":\"{}\"}}",
		call);
	world_say(w, message);
	assert_int_equal(world_count(w, GROK_ERROR), 0);
	world_close(w);
}

static void whoever_did_not_opt_in_begins_anew(void **state)
{
	struct world *w = open_with(NULL);
	char id[FAKE_ID_BYTES];

	(void)state;
	world_ready(w);
	snprintf(id, sizeof id, "%s", w->g.wire.conversation_id);
	reconnect(w, id);
	assert_false(slice_equal(world_nth(w, GROK_CONVERSATION_CREATED, 0)->conversation_id, slice_of(id)));
	hold_conversation(w, id);
	reconnect(w, id);
	world_ready(w); /* known, but not asked for again */
	assert_int_equal(world_count(w, GROK_ITEM_ADDED), 0);
	world_close(w);
}

static void half_an_hour_later_it_is_forgotten(void **state)
{
	struct world *w = open_with(NULL);
	char id[FAKE_ID_BYTES];

	(void)state;
	hold_conversation(w, id);
	reconnect(w, id);
	assert_true(w->g.resumed);
	fake_grok_close(&w->g);
	w->now_ms += FAKE_STORE_MS - 1;
	assert_non_null(fake_store_find(&store, id, w->now_ms));
	w->now_ms += 1;
	fake_grok_open(&w->g, &w->plan, &w->pool, 9, "m", id, w->now_ms, 0);
	world_drain(w);
	assert_false(w->g.resumed);
	assert_int_equal(store.count, 0);
	world_close(w);
}

static void a_fault_forgets_at_once(void **state)
{
	struct world *w = open_with("resume-forgotten");
	char id[FAKE_ID_BYTES];

	(void)state;
	hold_conversation(w, id);
	reconnect(w, id);
	assert_false(slice_equal(world_nth(w, GROK_CONVERSATION_CREATED, 0)->conversation_id, slice_of(id)));
	world_close(w);
}

static void the_store_has_its_bounds(void **state)
{
	struct grok_item item;
	char id[40];

	(void)state;
	grok_item_init(&item);
	item.id = SLICE("i");
	item.text = SLICE("words");
	for (int i = 0; i < FAKE_STORE_COUNT_MAX + 10; i++) {
		snprintf(id, sizeof id, "c%d", i);
		fake_store_open(&store, id, 1000);
	}
	assert_null(fake_store_find(&store, "c0", 1000));
	assert_true(store.count <= FAKE_STORE_COUNT_MAX + 1);
	for (int i = 0; i < FAKE_STORE_ITEM_COUNT_MAX + 10; i++)
		fake_store_add(&store, id, &item, 1000);
	assert_int_equal(fake_store_find(&store, id, 1000)->item_count, FAKE_STORE_ITEM_COUNT_MAX);
	assert_true(slice_equal(fake_store_find(&store, id, 1000)->items[7].text, SLICE("words")));
	fake_store_add(&store, "nobody", &item, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_conversation_is_played_back_before_the_session_is_updated, tear_down),
		cmocka_unit_test_teardown(it_goes_on_where_it_was, tear_down),
		cmocka_unit_test_teardown(calls_and_outputs_are_played_back_and_can_still_be_answered, tear_down),
		cmocka_unit_test_teardown(whoever_did_not_opt_in_begins_anew, tear_down),
		cmocka_unit_test_teardown(half_an_hour_later_it_is_forgotten, tear_down),
		cmocka_unit_test_teardown(a_fault_forgets_at_once, tear_down),
		cmocka_unit_test_teardown(the_store_has_its_bounds, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
