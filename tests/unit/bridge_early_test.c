/* A session that is opened before its call: what is asked for ahead, and what waits. */
#include "tests/unit/unit.h"

#include "base/check.h"
#include "tests/relay/kit.h"

static struct kit *ahead(const char *greeting)
{
	struct kit *k = kit_open();

	k->bridge.is_ahead = true;
	kit_merchant(k, greeting);
	kit_ready(k);
	return k;
}

static void given_words_are_asked_for_before_the_call(void **state)
{
	struct kit *k = ahead("Hello.");

	(void)state;
	assert_string_equal(kit_said(k), "model update\nmodel say \"Hello.\"\n");
	assert_true(bridge_is_early(&k->bridge));
	assert_false(bridge_is_talking(&k->bridge));
	kit_close(k);
}

static void they_are_asked_for_once_however_long_the_call_takes(void **state)
{
	struct kit *k = ahead("Hello.");

	(void)state;
	kit_said(k);
	kit_pass(k, 14000);
	assert_true(bridge_deadline_ms(&k->bridge) > k->now_ms);
	kit_start(k);
	assert_false(bridge_is_early(&k->bridge));
	assert_true(bridge_is_talking(&k->bridge));
	kit_pass(k, 20);
	kit_response(k, "r1");
	kit_delta(k, "r1", "i1", 0x55, 1600);
	kit_done(k, "r1");
	assert_string_equal(kit_said(k), "phone media 1600\nphone mark g1:1600\n");
	kit_close(k);
}

static void what_does_not_begin_is_asked_for_again_a_while_after_the_start(void **state)
{
	struct kit *k = ahead("Hello.");

	(void)state;
	kit_said(k);
	kit_pass(k, 9000);
	kit_start(k);
	kit_pass(k, SAY_ASKED_MS - 20);
	assert_string_equal(kit_said(k), "");
	kit_pass(k, 20);
	assert_string_equal(kit_said(k), "model say \"Hello.\"\n");
	kit_close(k);
}

static struct turn first_turn;

static void keep_turn(struct kit *k, const struct turn *turn)
{
	(void)k;
	if (turn->position == 0)
		first_turn = *turn;
}

static void the_greeting_begins_with_the_calls_clock(void **state)
{
	struct kit *k = ahead("Hello.");

	(void)state;
	k->watch_turn = keep_turn;
	kit_pass(k, 5000);
	kit_start(k);
	kit_response(k, "r1");
	kit_delta(k, "r1", "i1", 0x55, 8000);
	kit_words(k, "r1", "i1", "Hello.");
	kit_done(k, "r1");
	kit_pass(k, 1000);
	kit_marks_back(k, k->mark_count);
	bridge_end(&k->bridge, END_CALLER_HUNG_UP, "test", k->now_ms);
	assert_int_equal(first_turn.role, TURN_RECEPTIONIST);
	assert_int_equal(first_turn.start_ms, 0);
	assert_int_equal(first_turn.end_ms, 1000);
	kit_close(k);
}

static void without_given_words_nothing_is_asked_for(void **state)
{
	struct kit *k = ahead("");

	(void)state;
	assert_string_equal(kit_said(k), "model update\n");
	assert_false(bridge_is_early(&k->bridge));
	kit_pass(k, 5000);
	assert_string_equal(kit_said(k), "");
	kit_start(k);
	assert_string_equal(kit_said(k), "model respond greeting\n");
	kit_close(k);
}

static void a_disclosure_alone_is_enough_and_comes_first(void **state)
{
	struct kit *k = kit_open();

	(void)state;
	k->bridge.is_ahead = true;
	k->disclosure = "This call is recorded.";
	kit_merchant(k, "");
	kit_ready(k);
	assert_string_equal(kit_said(k), "model update\nmodel say \"This call is recorded.\"\n");
	kit_pass(k, 5000);
	kit_start(k);
	assert_string_equal(kit_said(k), "");
	kit_close(k);
}

static void a_session_that_is_not_ahead_waits_for_its_call(void **state)
{
	struct kit *k = kit_open();

	(void)state;
	kit_merchant(k, "Hello.");
	kit_ready(k);
	assert_string_equal(kit_said(k), "model update\n");
	kit_start(k);
	assert_string_equal(kit_said(k), "model say \"Hello.\"\n");
	kit_close(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(given_words_are_asked_for_before_the_call),
		cmocka_unit_test(they_are_asked_for_once_however_long_the_call_takes),
		cmocka_unit_test(what_does_not_begin_is_asked_for_again_a_while_after_the_start),
		cmocka_unit_test(the_greeting_begins_with_the_calls_clock),
		cmocka_unit_test(without_given_words_nothing_is_asked_for),
		cmocka_unit_test(a_disclosure_alone_is_enough_and_comes_first),
		cmocka_unit_test(a_session_that_is_not_ahead_waits_for_its_call),
	};

	return cmocka_run_group_tests_name("bridge_early", tests, NULL, NULL);
}
