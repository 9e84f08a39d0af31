#include "tests/unit/unit.h"

#include "relay/ledger.h"

static char name[MARK_NAME_BYTES_MAX + 1];

static enum ledger_mark back(struct ledger *l, const char *mark)
{
	return ledger_mark_back(l, slice_of(mark));
}

static void a_mark_that_comes_back_proves_what_was_in_front_of_it(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	ledger_item(&l);
	ledger_sent(&l, 1600);
	ledger_mark(&l, name);
	assert_string_equal(name, "g1:1600");
	ledger_sent(&l, 800);
	assert_int_equal(ledger_unmarked_bytes(&l), 800);
	assert_int_equal(ledger_item_heard_ms(&l), 0);
	assert_int_equal(back(&l, "g1:1600"), LEDGER_PLAYED);
	assert_int_equal(ledger_item_heard_ms(&l), 200);
	assert_int_equal(ledger_item_sent_ms(&l), 300);
	assert_int_equal(ledger_waiting_bytes(&l), 800);
}

static void what_is_heard_never_goes_back(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	ledger_sent(&l, 160);
	ledger_mark(&l, name);
	ledger_sent(&l, 160);
	ledger_mark(&l, name);
	assert_int_equal(back(&l, "g1:320"), LEDGER_PLAYED);
	assert_int_equal(back(&l, "g1:160"), LEDGER_PLAYED);
	assert_int_equal(ledger_heard_ms(&l), 40);
	assert_int_equal(back(&l, "g1:320"), LEDGER_FOREIGN);       /* more came back than were sent */
}

static void marks_of_an_older_generation_prove_nothing(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	ledger_sent(&l, 1600);
	ledger_mark(&l, name);
	ledger_clear(&l);
	assert_int_equal(back(&l, name), LEDGER_STALE);
	ledger_sent(&l, 160);
	ledger_mark(&l, name);
	assert_string_equal(name, "g2:160");
	assert_int_equal(back(&l, name), LEDGER_PLAYED);
	assert_int_equal(ledger_heard_ms(&l), 20);
	assert_int_equal(ledger_sent_ms(&l), 220);
}

static void the_heard_part_of_an_item_begins_where_the_item_does(void **state)
{
	struct ledger l;

	(void)state;
	ledger_init(&l);
	ledger_sent(&l, 1600);
	ledger_mark(&l, name);
	ledger_item(&l);
	ledger_sent(&l, 1600);
	ledger_mark(&l, name);
	back(&l, "g1:1600");
	assert_int_equal(ledger_item_heard_ms(&l), 0);
	assert_int_equal(ledger_item_sent_ms(&l), 200);
	back(&l, "g1:3200");
	assert_int_equal(ledger_item_heard_ms(&l), 200);
}

static void what_is_no_mark_of_ours_changes_nothing(void **state)
{
	static const char *const marks[] = { "", "g", "g1", "g1:", "g:160", ":160", "g1:160x", "g1x:160", "x1:160",
		"g0:160", "g2:160", "g1:161", "g1:-1", "g1: 160", "g99999999999:160", "g1:99999999999999999999999",
		"g4294967296:160", "G1:160" };
	struct ledger l;

	(void)state;
	ledger_init(&l);
	ledger_sent(&l, 160);
	ledger_mark(&l, name);
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		assert_int_equal(back(&l, marks[i]), LEDGER_FOREIGN);
	assert_int_equal(ledger_heard_ms(&l), 0);
	assert_int_equal(back(&l, "g1:160"), LEDGER_PLAYED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mark_that_comes_back_proves_what_was_in_front_of_it),
		cmocka_unit_test(what_is_heard_never_goes_back),
		cmocka_unit_test(marks_of_an_older_generation_prove_nothing),
		cmocka_unit_test(the_heard_part_of_an_item_begins_where_the_item_does),
		cmocka_unit_test(what_is_no_mark_of_ours_changes_nothing),
	};

	return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
