#include "tests/unit/unit.h"

#include "relay/roll.h"

enum { THREADS = 4, ROUNDS = 2000 };

static void who_is_entered_is_found_until_he_leaves(void **state)
{
	struct roll_entry first = { 0 }, second = { 0 };
	struct roll roll;

	(void)state;
	roll_open(&roll);
	assert_false(roll_has(&roll, SLICE("CA1")));
	roll_enter(&roll, &first, "CA1");
	roll_enter(&roll, &second, "CA2");
	assert_true(roll_has(&roll, SLICE("CA1")) && roll_has(&roll, SLICE("CA2")));
	assert_false(roll_has(&roll, SLICE("CA")) || roll_has(&roll, SLICE("CA11")));
	roll_leave(&roll, &first);
	assert_false(roll_has(&roll, SLICE("CA1")));
	assert_true(roll_has(&roll, SLICE("CA2")));
	roll_leave(&roll, &second);
	assert_false(roll_has(&roll, SLICE("CA2")));
}

static void entering_and_leaving_twice_changes_nothing(void **state)
{
	struct roll_entry entry = { 0 };
	struct roll roll;

	(void)state;
	roll_open(&roll);
	roll_leave(&roll, &entry);
	roll_enter(&roll, &entry, "CA1");
	roll_enter(&roll, &entry, "CA2");
	assert_true(roll_has(&roll, SLICE("CA1")));
	assert_false(roll_has(&roll, SLICE("CA2")));
	roll_leave(&roll, &entry);
	roll_leave(&roll, &entry);
	assert_false(roll_has(&roll, SLICE("CA1")));
}

struct guest {
	struct roll *roll;
	char name[8];
};

static void *come_and_go(void *argument)
{
	struct guest *g = argument;
	struct roll_entry entry = { 0 };
	bool always_right = true;

	for (int i = 0; i < ROUNDS; i++) {
		roll_enter(g->roll, &entry, g->name);
		always_right &= roll_has(g->roll, slice_of(g->name));
		roll_leave(g->roll, &entry);
		always_right &= !roll_has(g->roll, slice_of(g->name));
	}
	return always_right ? g : NULL;
}

static void threads_do_not_disturb_each_other(void **state)
{
	struct guest guests[THREADS];
	pthread_t threads[THREADS];
	struct roll roll;

	(void)state;
	roll_open(&roll);
	for (int i = 0; i < THREADS; i++) {
		guests[i] = (struct guest){ .roll = &roll, .name = { 'C', 'A', (char)('0' + i) } };
		assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, &guests[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		void *result;

		pthread_join(threads[i], &result);
		assert_non_null(result);
	}
	assert_null(roll.first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_entered_is_found_until_he_leaves),
		cmocka_unit_test(entering_and_leaving_twice_changes_nothing),
		cmocka_unit_test(threads_do_not_disturb_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
