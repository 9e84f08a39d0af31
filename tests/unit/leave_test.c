#include "tests/unit/unit.h"

#include "relay/leave.h"

static struct leave l;

static enum leave_act next(uint64_t now_ms, bool generating, bool playing)
{
	return leave_next(&l, &(struct leave_view){now_ms, generating, playing});
}

static int begin(void **state)
{
	(void)state;
	l = (struct leave){0};
	return 0;
}

static void nobody_leaves_unasked(void **state)
{
	(void)state;
	leave_voice(&l);
	assert_int_equal(next(1, false, false), LEAVE_WAIT);
	assert_true(leave_deadline_ms(&l) == UINT64_MAX);
}

static void what_grok_says_itself_is_heard_first(void **state)
{
	(void)state;
	assert_true(leave_begin(&l, END_RECEPTIONIST_HUNG_UP, false, false, 1000));
	assert_int_equal(next(1000, true, false), LEAVE_WAIT);
	leave_voice(&l);
	assert_int_equal(next(1100, true, true), LEAVE_WAIT);
	assert_int_equal(next(1200, false, true), LEAVE_WAIT);
	assert_int_equal(leave_deadline_ms(&l), 1200 + LEAVE_MS);
	assert_int_equal(next(3000, false, false), LEAVE_GO);
}

static void somebody_who_said_nothing_says_goodbye(void **state)
{
	(void)state;
	leave_begin(&l, END_RECEPTIONIST_HUNG_UP, false, false, 1000);
	assert_int_equal(next(1000, false, false), LEAVE_SAY);
	assert_int_equal(next(1010, false, false), LEAVE_WAIT);
	assert_int_equal(next(1200, true, false), LEAVE_WAIT);
	leave_voice(&l);
	assert_int_equal(next(1300, true, true), LEAVE_WAIT);
	assert_int_equal(next(1400, false, true), LEAVE_WAIT);
	assert_int_equal(next(2400, false, false), LEAVE_GO);
}

static void set_words_are_said_whatever_was_said_before(void **state)
{
	(void)state;
	leave_begin(&l, END_CALL_TOO_LONG, true, true, 1000);
	assert_int_equal(next(1000, true, true), LEAVE_WAIT);
	assert_int_equal(next(1500, false, true), LEAVE_SAY);
	assert_int_equal(next(1600, false, false), LEAVE_WAIT);
	leave_voice(&l);
	assert_int_equal(next(2000, false, false), LEAVE_GO);
}

static void words_that_never_come_hold_nobody(void **state)
{
	(void)state;
	leave_begin(&l, END_RECEPTIONIST_HUNG_UP, false, false, 1000);
	assert_int_equal(next(1000, false, false), LEAVE_SAY);
	assert_int_equal(next(1000 + LEAVE_MS - 1, false, false), LEAVE_WAIT);
	assert_int_equal(next(1000 + LEAVE_MS, false, false), LEAVE_GO);
}

static void an_answer_without_end_is_waited_for_in_vain_only_so_long(void **state)
{
	(void)state;
	leave_begin(&l, END_RECEPTIONIST_HUNG_UP, false, true, 1000);
	assert_int_equal(next(1000 + LEAVE_MS - 1, true, true), LEAVE_WAIT);
	assert_int_equal(next(1000 + LEAVE_MS, true, true), LEAVE_GO);
}

static void playback_that_is_never_confirmed_is_waited_for_only_so_long(void **state)
{
	(void)state;
	leave_begin(&l, END_RECEPTIONIST_HUNG_UP, false, true, 1000);
	assert_int_equal(next(2000, false, true), LEAVE_WAIT);
	assert_int_equal(next(2000 + LEAVE_MS - 1, false, true), LEAVE_WAIT);
	assert_int_equal(next(2000 + LEAVE_MS, false, true), LEAVE_GO);
}

static void the_first_to_leave_is_the_one_who_leaves(void **state)
{
	(void)state;
	assert_true(leave_begin(&l, END_CALL_TOO_LONG, false, true, 1000));
	assert_false(leave_begin(&l, END_RECEPTIONIST_HUNG_UP, false, true, 1000));
	assert_int_equal(l.reason, END_CALL_TOO_LONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nobody_leaves_unasked, begin),
		cmocka_unit_test_setup(what_grok_says_itself_is_heard_first, begin),
		cmocka_unit_test_setup(somebody_who_said_nothing_says_goodbye, begin),
		cmocka_unit_test_setup(set_words_are_said_whatever_was_said_before, begin),
		cmocka_unit_test_setup(words_that_never_come_hold_nobody, begin),
		cmocka_unit_test_setup(
			an_answer_without_end_is_waited_for_in_vain_only_so_long, begin),
		cmocka_unit_test_setup(
			playback_that_is_never_confirmed_is_waited_for_only_so_long, begin),
		cmocka_unit_test_setup(the_first_to_leave_is_the_one_who_leaves, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
