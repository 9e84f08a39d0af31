/* How the simulated Grok cuts what was not heard, and the ways in which it may fail to. */
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

/* A truncate of what was interrupted: its item is gone, unless a fault says otherwise. */
static struct world *truncate_interrupted(const char *fault)
{
	struct world *w = world_open_faulty(fault);
	char message[300];

	w->plan.faults.mask |= (uint64_t)1 << FAULT_SLOW;
	w->plan.faults.values[FAULT_SLOW] = 1;
	world_ready(w);
	world_say(w, FORCE(LONG_SENTENCE));
	world_run(w, 2500);
	world_talk(w, 300);
	snprintf(message, sizeof message, "{\"type\":\"conversation.item.truncate\",\"item_id\":\"%s\","
		"\"content_index\":0,\"audio_end_ms\":500}", w->g.reply.item_id);
	world_say(w, message);
	return w;
}

static void an_unfinished_item_may_be_truncated_or_the_truncate_be_lost(void **state)
{
	struct world *w = truncate_interrupted("no-ping");

	(void)state;
	assert_int_equal(world_count(w, GROK_ERROR), 1);
	world_close(w);
	w = truncate_interrupted("truncate-unfinished-ignore");
	assert_int_equal(world_count(w, GROK_ERROR) + world_count(w, GROK_ITEM_TRUNCATED), 0);
	world_close(w);
	w = truncate_interrupted("truncate-unfinished-ack");
	assert_true(slice_equal(world_nth(w, GROK_ITEM_TRUNCATED, 0)->transcript, SLICE("one two")));
	assert_int_equal(world_count(w, GROK_ERROR), 0);
	world_close(w);
}

static void nobody_can_have_heard_more_than_was_sent(void **state)
{
	struct world *w = open_speaking("no-ping", 6000);
	char message[300];

	(void)state;
	for (int ms = 15 * WORLD_MS_PER_WORD; ms <= 15 * WORLD_MS_PER_WORD + 1; ms++) {
		snprintf(message, sizeof message, "{\"type\":\"conversation.item.truncate\",\"item_id\":\"%s\","
			"\"content_index\":0,\"audio_end_ms\":%d}", w->g.reply.item_id, ms);
		assert_int_equal(w->g.client_fault_count, 0);
		world_say(w, message);
	}
	assert_int_equal(w->g.client_fault_count, 1);
	world_close(w);
}

static void a_truncation_may_fail_or_stay_unanswered(void **state)
{
	char message[200];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct world *w = open_speaking(i ? "truncate-ignore" : "truncate-error", 5000);

		snprintf(message, sizeof message, "{\"type\":\"conversation.item.truncate\",\"item_id\":\"%s\","
			"\"content_index\":0,\"audio_end_ms\":500}", w->g.reply.item_id);
		world_say(w, message);
		assert_int_equal(world_count(w, GROK_ITEM_TRUNCATED), 0);
		assert_int_equal(world_count(w, GROK_ERROR), i ? 0 : 1);
		world_close(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_truncation_may_fail_or_stay_unanswered),
		cmocka_unit_test(an_unfinished_item_may_be_truncated_or_the_truncate_be_lost),
		cmocka_unit_test(nobody_can_have_heard_more_than_was_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
