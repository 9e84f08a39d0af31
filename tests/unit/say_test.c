#include "tests/unit/unit.h"

#include "base/check.h"
#include "relay/say.h"

#include <stdio.h>
#include <string.h>

static struct pool pool;
static struct say say;
static uint64_t now_ms;
static char asked[4096];

static int start(void **state)
{
	static const struct pool_plan plan[] = { { 2048, 16 }, { 16384, 8 } };

	(void)state;
	check(pool_open(&pool, plan, 2) == 0);
	say_init(&say, &pool);
	now_ms = 1000;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	say_fini(&say);
	say_fini(&say);
	check(pool_used_bytes(&pool) == 0);
	pool_close(&pool);
	return 0;
}

static void put(const char *words, unsigned flags)
{
	assert_true(say_put(&say, slice_of(words), flags));
}

/* What is asked for now: the words, "(own)", or "" for nothing. */
static const char *next(void)
{
	struct say_line *line = say_next(&say, now_ms);

	if (!line)
		return "";
	snprintf(asked, sizeof asked, "%.*s", (int)buf_len(&line->words), (const char *)buf_data(&line->words));
	if (line->finds_own)
		snprintf(asked, sizeof asked, "%s", line->tries ? "(instead)" : "(own)");
	say_asked(&say, now_ms);
	return asked;
}

static enum say_kind response(const char *id)
{
	return say_response(&say, slice_of(id), now_ms);
}

static void whole(const char *id)
{
	say_response_whole(&say, slice_of(id));
	say_response_over(&say, slice_of(id), true);
}

static void spoken(const char *id)
{
	assert_int_equal(response(id), SAY_LINE);
	whole(id);
}

static void lines_are_asked_for_one_after_the_other(void **state)
{
	(void)state;
	put("Recorded.", SAY_PROTECTED);
	put("Hello.", 0);
	assert_string_equal(next(), "Recorded.");
	assert_string_equal(next(), "");
	assert_int_equal(response("r1"), SAY_LINE);
	assert_true(say_is_protected(&say));
	assert_string_equal(next(), "");
	whole("r1");
	assert_false(say_is_protected(&say));
	assert_string_equal(next(), "Hello.");
	spoken("r2");
	assert_string_equal(next(), "");
	assert_int_equal(say_deadline_ms(&say), UINT64_MAX);
	assert_int_equal(pool_used_bytes(&pool), 0);
}

static void what_does_not_begin_is_asked_for_once_more(void **state)
{
	(void)state;
	put("Hello.", 0);
	assert_string_equal(next(), "Hello.");
	assert_int_equal(say_deadline_ms(&say), now_ms + SAY_ASKED_MS);
	now_ms += SAY_ASKED_MS - 1;
	assert_string_equal(next(), "");
	now_ms += 1;
	assert_string_equal(next(), "Hello.");
	now_ms += SAY_ASKED_MS;
	assert_string_equal(next(), "");
	assert_int_equal(say.line_count, 0);
	assert_int_equal(pool_used_bytes(&pool), 0);
}

static void words_that_grok_does_not_find_are_put_in_its_mouth(void **state)
{
	(void)state;
	put("", SAY_YIELDS);
	assert_string_equal(next(), "(own)");
	now_ms += SAY_ASKED_MS;
	assert_string_equal(next(), "(instead)");
}

static void a_response_under_way_is_not_cancelled(void **state)
{
	(void)state;
	assert_int_equal(response("r1"), SAY_ANSWER);
	put("Please hold.", 0);
	assert_string_equal(next(), "");
	assert_int_equal(say_deadline_ms(&say), now_ms + SAY_RESPONSE_MS);
	now_ms += SAY_RESPONSE_MS / 2;
	assert_int_equal(response("r1"), SAY_GOES_ON);
	now_ms += SAY_RESPONSE_MS / 2;
	assert_string_equal(next(), "");
	say_response_over(&say, SLICE("r0"), true);
	assert_string_equal(next(), "");
	say_response_over(&say, SLICE("r1"), false);
	assert_string_equal(next(), "Please hold.");
}

static void a_response_that_never_ends_is_not_waited_for_for_ever(void **state)
{
	(void)state;
	response("r1");
	put("Please hold.", 0);
	now_ms += SAY_RESPONSE_MS;
	assert_string_equal(next(), "Please hold.");
}

static void what_is_to_be_said_at_once_goes_first(void **state)
{
	(void)state;
	put("One.", 0);
	assert_string_equal(next(), "One.");
	put("Two.", 0);
	put("Now.", SAY_AT_ONCE);
	assert_string_equal(next(), "");
	spoken("r1");
	response("r2");
	assert_string_equal(next(), "Now.");
	assert_int_equal(response("r3"), SAY_LINE);
	assert_string_equal(next(), "");
	whole("r3");
	assert_string_equal(next(), "Two.");
}

static void the_callers_turn_is_answered_first(void **state)
{
	(void)state;
	say_caller(&say, true, now_ms);
	put("Are you there?", 0);
	assert_string_equal(next(), "");
	say_caller(&say, false, now_ms);
	assert_string_equal(next(), "");
	assert_false(say_is_free(&say, now_ms));
	assert_int_equal(response("r1"), SAY_ANSWER);
	assert_string_equal(next(), "");
	whole("r1");
	assert_true(say_is_free(&say, now_ms));
	assert_string_equal(next(), "Are you there?");
}

static void a_turn_that_grok_does_not_answer_is_not_waited_for_for_ever(void **state)
{
	(void)state;
	say_caller(&say, true, now_ms);
	say_caller(&say, false, now_ms);
	put("Are you there?", 0);
	assert_int_equal(say_deadline_ms(&say), now_ms + SAY_ANSWER_MS);
	now_ms += SAY_ANSWER_MS;
	assert_string_equal(next(), "Are you there?");
}

static void protected_words_do_not_wait_for_the_caller(void **state)
{
	(void)state;
	say_caller(&say, true, now_ms);
	put("Recorded.", SAY_PROTECTED);
	assert_string_equal(next(), "Recorded.");
}

static void a_greeting_yields_to_an_answer(void **state)
{
	(void)state;
	put("Recorded.", SAY_PROTECTED);
	put("Hello.", SAY_YIELDS);
	next();
	response("r1");
	say_caller(&say, true, now_ms);
	say_caller(&say, false, now_ms);
	whole("r1");
	assert_string_equal(next(), "");
	assert_int_equal(response("r2"), SAY_ANSWER);
	whole("r2");
	assert_string_equal(next(), "");
	assert_int_equal(say.line_count, 0);
}

static void protected_words_that_were_cancelled_are_said_again(void **state)
{
	(void)state;
	put("Recorded.", SAY_PROTECTED);
	next();
	response("r1");
	say_response_over(&say, SLICE("r1"), false);
	assert_string_equal(next(), "Recorded.");
	response("r2");
	assert_int_equal(response("r3"), SAY_ANSWER);   /* it superseded them: enough */
	assert_int_equal(say.line_count, 0);
}

static void protected_words_that_were_complete_are_not(void **state)
{
	(void)state;
	put("Recorded.", SAY_PROTECTED);
	next();
	response("r1");
	say_response_whole(&say, SLICE("r1"));
	assert_int_equal(response("r2"), SAY_ANSWER);
	assert_int_equal(say.line_count, 0);
}

static void other_words_that_were_cancelled_are_not(void **state)
{
	(void)state;
	put("Hello.", 0);
	next();
	response("r1");
	say_response_over(&say, SLICE("r1"), false);
	assert_string_equal(next(), "");
	assert_int_equal(say.line_count, 0);
}

static void what_others_have_asked_for_is_theirs(void **state)
{
	(void)state;
	say_others_asked(&say, now_ms);
	put("Hello.", 0);
	assert_string_equal(next(), "");
	assert_int_equal(response("r1"), SAY_ANSWER);
	assert_string_equal(next(), "");
	whole("r1");
	assert_string_equal(next(), "Hello.");
}

static void more_lines_than_there_is_room_for_are_refused(void **state)
{
	(void)state;
	for (int i = 0; i < SAY_LINES_MAX; i++)
		put("Line.", 0);
	assert_false(say_put(&say, SLICE("One more."), 0));
	assert_int_equal(say.line_count, SAY_LINES_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_are_asked_for_one_after_the_other),
		TEST(what_does_not_begin_is_asked_for_once_more),
		TEST(words_that_grok_does_not_find_are_put_in_its_mouth),
		TEST(a_response_under_way_is_not_cancelled),
		TEST(a_response_that_never_ends_is_not_waited_for_for_ever),
		TEST(what_is_to_be_said_at_once_goes_first),
		TEST(the_callers_turn_is_answered_first),
		TEST(a_turn_that_grok_does_not_answer_is_not_waited_for_for_ever),
		TEST(protected_words_do_not_wait_for_the_caller),
		TEST(a_greeting_yields_to_an_answer),
		TEST(protected_words_that_were_cancelled_are_said_again),
		TEST(protected_words_that_were_complete_are_not),
		TEST(other_words_that_were_cancelled_are_not),
		TEST(what_others_have_asked_for_is_theirs),
		TEST(more_lines_than_there_is_room_for_are_refused),
	};

	return cmocka_run_group_tests_name("say", tests, NULL, NULL);
}
