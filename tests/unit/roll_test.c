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

static void how_a_call_ended_is_known_for_a_while(void **state)
{
	static struct roll roll;

	(void)state;
	roll_open(&roll);
	assert_int_equal(roll_end_of(&roll, SLICE("CA1"), 5), END_NONE);
	assert_int_equal(roll_end_of(&roll, SLICE(""), 5), END_NONE);
	roll_end(&roll, "CA1", END_RECEPTIONIST_HUNG_UP, 5);
	roll_end(&roll, "CA2", END_GROK_CLOSED, 6);
	assert_int_equal(roll_end_of(&roll, SLICE("CA1"), 7), END_RECEPTIONIST_HUNG_UP);
	assert_int_equal(roll_end_of(&roll, SLICE("CA2"), 7), END_GROK_CLOSED);
	assert_int_equal(roll_end_of(&roll, SLICE("CA"), 7), END_NONE);
	assert_int_equal(roll_end_of(&roll, SLICE("CA1"), 4 + ROLL_END_MS), END_RECEPTIONIST_HUNG_UP);
	assert_int_equal(roll_end_of(&roll, SLICE("CA1"), 5 + ROLL_END_MS), END_NONE);
	assert_int_equal(roll_end_of(&roll, SLICE("CA2"), 5 + ROLL_END_MS), END_GROK_CLOSED);
}

static void of_two_streams_the_last_end_counts(void **state)
{
	static struct roll roll;

	(void)state;
	roll_open(&roll);
	roll_end(&roll, "CA1", END_TRANSFERRED, 5);
	roll_end(&roll, "CA2", END_CALLER_SILENT, 5);
	roll_end(&roll, "CA1", END_CALLER_HUNG_UP, 6);
	assert_int_equal(roll_end_of(&roll, SLICE("CA1"), 7), END_CALLER_HUNG_UP);
}

static void the_oldest_end_makes_room(void **state)
{
	static struct roll roll;
	char sid[16];

	(void)state;
	roll_open(&roll);
	for (int i = 0; i <= ROLL_ENDS_MAX; i++) {
		snprintf(sid, sizeof sid, "CA%d", i);
		roll_end(&roll, sid, END_CALLER_HUNG_UP, 5);
	}
	assert_int_equal(roll_end_of(&roll, SLICE("CA0"), 6), END_NONE);
	assert_int_equal(roll_end_of(&roll, SLICE("CA1"), 6), END_CALLER_HUNG_UP);
	assert_int_equal(roll_end_of(&roll, slice_of(sid), 6), END_CALLER_HUNG_UP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_entered_is_found_until_he_leaves),
		cmocka_unit_test(entering_and_leaving_twice_changes_nothing),
		cmocka_unit_test(how_a_call_ended_is_known_for_a_while),
		cmocka_unit_test(of_two_streams_the_last_end_counts),
		cmocka_unit_test(the_oldest_end_makes_room),
		cmocka_unit_test(threads_do_not_disturb_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
