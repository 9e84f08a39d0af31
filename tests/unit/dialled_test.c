#include "tests/unit/unit.h"

#include "sim/dialled.h"

static void whoever_is_not_named_answers(void **state)
{
	struct dialled d;

	(void)state;
	dialled_init(&d);
	assert_true(dialled_answers(dialled_find(&d, "+15550199")));
	assert_true(dialled_read_others(&d, "no-answer"));
	assert_string_equal(dialled_status(dialled_find(&d, "+15550199")->outcome), "no-answer");
}

static void each_number_has_its_own_outcome(void **state)
{
	struct dialled d;

	(void)state;
	dialled_init(&d);
	assert_true(dialled_read(&d, "+15550199=busy"));
	assert_true(dialled_read(&d, "+15550198=answered:Hello, this is Bob: speak."));
	assert_true(dialled_read(&d, "+15550197=completed"));
	assert_int_equal(dialled_find(&d, "+15550199")->outcome, DIALLED_BUSY);
	assert_string_equal(dialled_find(&d, "+15550198")->words, "Hello, this is Bob: speak.");
	assert_true(dialled_answers(dialled_find(&d, "+15550197")));
	assert_string_equal(dialled_status(dialled_find(&d, "+15550198")->outcome), "completed");
	assert_true(dialled_read(&d, "+15550199=failed"));
	assert_int_equal(dialled_find(&d, "+15550199")->outcome, DIALLED_FAILED);
}

static void what_is_no_outcome_is_refused(void **state)
{
	static const char *const wrong[] = { "", "+1", "=busy", "+1=", "+1=engaged", "+1=busy:Hello", "+1=Busy" };
	struct dialled d;

	(void)state;
	dialled_init(&d);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(dialled_read(&d, wrong[i]));
	assert_false(dialled_read_others(&d, "engaged"));
	assert_int_equal(d.count, 0);
	for (int i = 0; i < DIALLED_MAX; i++)
		assert_true(dialled_read(&d, "+1=busy"));
	assert_false(dialled_read(&d, "+1=busy"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_is_not_named_answers),
		cmocka_unit_test(each_number_has_its_own_outcome),
		cmocka_unit_test(what_is_no_outcome_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
