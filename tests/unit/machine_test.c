#include "tests/unit/unit.h"

#include "fcgi/machine.h"

static const struct {
	const char *answered_by;
	enum answerer talk, hang_up, message;
} table[] = {
	{ "", ANSWERER_PERSON, ANSWERER_PERSON, ANSWERER_PERSON },
	{ "human", ANSWERER_PERSON, ANSWERER_PERSON, ANSWERER_PERSON },
	{ "unknown", ANSWERER_PERSON, ANSWERER_PERSON, ANSWERER_PERSON },
	{ "something new", ANSWERER_PERSON, ANSWERER_PERSON, ANSWERER_PERSON },
	{ "machine_start", ANSWERER_PERSON, ANSWERER_HANG_UP, ANSWERER_HANG_UP },
	{ "machine_end_beep", ANSWERER_PERSON, ANSWERER_HANG_UP, ANSWERER_LEAVE_MESSAGE },
	{ "machine_end_silence", ANSWERER_PERSON, ANSWERER_HANG_UP, ANSWERER_LEAVE_MESSAGE },
	{ "machine_end_other", ANSWERER_PERSON, ANSWERER_HANG_UP, ANSWERER_LEAVE_MESSAGE },
	{ "fax", ANSWERER_HANG_UP, ANSWERER_HANG_UP, ANSWERER_HANG_UP },
};

static void who_answers_gets_what_was_ordered(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct slice word = slice_of(table[i].answered_by);

		assert_int_equal(machine_decide(word, MACHINE_TALK), table[i].talk);
		assert_int_equal(machine_decide(word, MACHINE_HANG_UP), table[i].hang_up);
		assert_int_equal(machine_decide(word, MACHINE_MESSAGE), table[i].message);
	}
}

static void words_of_the_database_are_read_back(void **state)
{
	enum outgoing_machine machine;

	(void)state;
	for (enum outgoing_machine m = MACHINE_TALK; m <= MACHINE_MESSAGE; m++) {
		assert_true(outgoing_machine_parse(slice_of(outgoing_machine_word(m)), &machine));
		assert_int_equal(machine, m);
	}
	assert_false(outgoing_machine_parse(SLICE("dance"), &machine));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_answers_gets_what_was_ordered),
		cmocka_unit_test(words_of_the_database_are_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
