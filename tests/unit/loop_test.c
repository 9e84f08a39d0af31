#include "relay/loop.h"

#include "tests/unit/unit.h"

#include "base/check.h"
#include "base/clock.h"
#include "relay/count.h"

struct counted {
	struct task task;
	struct loop *loop;
	struct counted *marks;          /* whom its turn marks */
	struct counted *forgets;
	unsigned turns;
	unsigned order;
	uint64_t at_ms;
};

static unsigned order;

static void counted_turn(struct task *task, uint64_t now_ms)
{
	struct counted *c = container_of(task, struct counted, task);

	c->turns++;
	c->order = ++order;
	c->at_ms = now_ms;
	if (c->marks)
		loop_mark(c->loop, &c->marks->task);
	if (c->forgets)
		loop_forget(c->loop, &c->forgets->task);
}

static void counted_init(struct counted *c, struct loop *loop)
{
	*c = (struct counted){ .loop = loop };
	task_init(&c->task, counted_turn);
}

static struct loop loop;

static int open_loop(void **state)
{
	struct loop_plan plan = { .ring = { .socket_count_max = 8 }, .task_count_max = 1000, .batch_us_max = 200 };
	char why[256];

	(void)state;
	order = 0;
	return loop_open(&loop, &plan, why, sizeof why) ? 0 : -1;
}

static int close_loop(void **state)
{
	(void)state;
	loop_close(&loop);
	return 0;
}

static void a_task_marked_often_runs_once_in_the_order_of_marking(void **state)
{
	struct counted a, b;

	(void)state;
	counted_init(&a, &loop);
	counted_init(&b, &loop);
	loop_mark(&loop, &b.task);
	loop_mark(&loop, &a.task);
	loop_mark(&loop, &b.task);
	loop_turn(&loop, 0);
	assert_int_equal(a.turns, 1);
	assert_int_equal(b.turns, 1);
	assert_true(b.order < a.order);
	loop_turn(&loop, 0);
	assert_int_equal(a.turns, 1);
}

static void flushes_run_after_all_tasks(void **state)
{
	struct counted flush, task;

	(void)state;
	counted_init(&flush, &loop);
	counted_init(&task, &loop);
	loop_mark_flush(&loop, &flush.task);
	loop_mark(&loop, &task.task);
	loop_turn(&loop, 0);
	assert_true(task.order < flush.order);
}

static void a_task_that_marks_itself_waits_for_the_next_turn(void **state)
{
	struct counted a;

	(void)state;
	counted_init(&a, &loop);
	a.marks = &a;
	loop_mark(&loop, &a.task);
	loop_turn(&loop, 0);
	assert_int_equal(a.turns, 1);
	loop_turn(&loop, 1000);
	assert_int_equal(a.turns, 2);
	loop_forget(&loop, &a.task);
}

static void a_forgotten_task_has_no_turn_even_if_it_was_marked(void **state)
{
	struct counted a, b, c;

	(void)state;
	counted_init(&a, &loop);
	counted_init(&b, &loop);
	counted_init(&c, &loop);
	a.forgets = &c;
	loop_mark(&loop, &a.task);
	loop_mark(&loop, &b.task);
	loop_mark(&loop, &c.task);
	loop_turn(&loop, 0);
	assert_int_equal(c.turns, 0);
	assert_int_equal(b.turns, 1);
	loop_mark(&loop, &c.task);
	loop_turn(&loop, 0);
	assert_int_equal(c.turns, 1);
}

static void deadlines_come_in_order_and_not_early(void **state)
{
	static struct counted tasks[500];
	uint64_t begin_ms = clock_mono_ms();

	(void)state;
	for (int i = 0; i < 500; i++) {
		counted_init(&tasks[i], &loop);
		loop_deadline(&loop, &tasks[i].task, begin_ms + 5 + (uint64_t)(i * 37 % 50));
	}
	while (clock_mono_ms() < begin_ms + 80)
		loop_turn(&loop, 10);
	loop_turn(&loop, 0);            /* the machine may have slept over the last of them */
	for (int i = 0; i < 500; i++) {
		uint64_t due_ms = begin_ms + 5 + (uint64_t)(i * 37 % 50);

		assert_int_equal(tasks[i].turns, 1);
		assert_true(tasks[i].at_ms >= due_ms);
		for (int j = 0; j < 500; j++) {
			if (i * 37 % 50 < j * 37 % 50 && tasks[i].at_ms != tasks[j].at_ms)
				assert_true(tasks[i].order < tasks[j].order);
		}
	}
}

static void a_deadline_may_move_both_ways_and_go(void **state)
{
	struct counted later, sooner, never;
	uint64_t begin_ms = clock_mono_ms();

	(void)state;
	counted_init(&later, &loop);
	counted_init(&sooner, &loop);
	counted_init(&never, &loop);
	loop_deadline(&loop, &later.task, begin_ms + 5);
	loop_deadline(&loop, &later.task, begin_ms + 40);
	loop_deadline(&loop, &sooner.task, begin_ms + 4000);
	loop_deadline(&loop, &sooner.task, begin_ms + 5);
	loop_deadline(&loop, &never.task, begin_ms + 5);
	loop_deadline(&loop, &never.task, UINT64_MAX);
	while (clock_mono_ms() < begin_ms + 60)
		loop_turn(&loop, 10);
	loop_turn(&loop, 0);
	assert_int_equal(later.turns, 1);
	assert_true(later.at_ms >= begin_ms + 40);
	assert_int_equal(sooner.turns, 1);
	assert_true(sooner.order < later.order);
	assert_int_equal(never.turns, 0);
	assert_int_equal(loop.timers.count, 0);
}

/* Against the simplest thing that could be right: an array that is searched. */
static void timers_agree_with_a_plain_array(void **state)
{
	enum { COUNT = 64 };
	struct task tasks[COUNT];
	uint64_t model[COUNT], now_ms = 1000;
	struct timers timers;
	uint32_t seed = 12345;

	(void)state;
	assert_true(timers_open(&timers, COUNT));
	for (int i = 0; i < COUNT; i++) {
		task_init(&tasks[i], counted_turn);
		model[i] = UINT64_MAX;
	}
	for (int round = 0; round < 20000; round++) {
		seed = seed * 1664525 + 1013904223;
		unsigned i = seed >> 8 & 63, what = seed >> 16 & 7;
		if (what == 0) {
			timers_forget(&timers, &tasks[i]);
			model[i] = UINT64_MAX;
		} else {
			model[i] = what == 1 ? UINT64_MAX : now_ms + (seed >> 20 & 127);
			timers_set(&timers, &tasks[i], model[i]);
		}
		now_ms += seed >> 28 & 3;
		for (struct task *due; (due = timers_take_due(&timers, now_ms));) {
			long at = due - tasks;
			assert_true(model[at] <= now_ms);
			model[at] = UINT64_MAX;
		}
		for (int j = 0; j < COUNT; j++) {
			assert_true(model[j] > now_ms);
			assert_true(model[j] == UINT64_MAX || timers_next_ms(&timers) <= model[j]);
		}
	}
	timers_close(&timers);
}

struct said {
	struct note note;
	struct loop *loop;
	unsigned *total;
	unsigned stop_at;
};

static void read_said(struct note *note)
{
	struct said *said = container_of(note, struct said, note);

	if (++*said->total == said->stop_at)
		loop_stop(said->loop);
}

enum { SPEAKERS = 4, NOTES = 250 };

static void *speak(void *argument)
{
	struct said *said = argument;

	for (int i = 0; i < NOTES; i++)
		loop_post(said[i].loop, &said[i].note);
	return NULL;
}

static void notes_of_other_threads_all_arrive(void **state)
{
	static struct said said[SPEAKERS][NOTES];
	pthread_t speakers[SPEAKERS];
	unsigned total = 0;

	(void)state;
	for (int i = 0; i < SPEAKERS * NOTES; i++)
		said[i / NOTES][i % NOTES] = (struct said){ { .read = read_said }, &loop, &total, SPEAKERS * NOTES };
	for (int i = 0; i < SPEAKERS; i++)
		assert_int_equal(pthread_create(&speakers[i], NULL, speak, said[i]), 0);
	loop_run(&loop);
	for (int i = 0; i < SPEAKERS; i++)
		pthread_join(speakers[i], NULL);
	assert_int_equal(total, SPEAKERS * NOTES);
}

static void turns_are_counted_by_how_long_they_took(void **state)
{
	uint64_t sum = 0;

	(void)state;
	for (int i = 0; i < 10; i++)
		loop_turn(&loop, 0);
	for (int i = 0; i < LOOP_TURN_BUCKETS; i++)
		sum += count_read(&loop.counters.buckets[i]);
	assert_int_equal(sum, 10);
	assert_int_equal(loop.counters.turns, 10);
	assert_true(loop.counters.turn_ns_max <= loop.counters.busy_ns);
}

static void batching_waits_for_nobody_when_idle_and_for_many_under_load(void **state)
{
	struct batch b;
	uint64_t now_ns = 5000000000;

	(void)state;
	batch_init(&b, 200);
	assert_int_equal(batch_wait_us(&b), 0);
	for (int i = 0; i < 100; i++)
		batch_turn(&b, 2, now_ns += 1000000);           /* 2000 a second */
	assert_int_equal(batch_wait_us(&b), 0);
	for (int i = 0; i < 100; i++)
		batch_turn(&b, 40, now_ns += 1000000);          /* 40000 */
	assert_true(batch_wait_us(&b) > 50 && batch_wait_us(&b) < 150);
	for (int i = 0; i < 100; i++)
		batch_turn(&b, 200, now_ns += 1000000);         /* 200000 */
	assert_int_equal(batch_wait_us(&b), 200);
	batch_turn(&b, 1, now_ns += 10000000000);
	assert_int_equal(batch_wait_us(&b), 0);
}

int main(void)
{
#define IN_LOOP(test) cmocka_unit_test_setup_teardown(test, open_loop, close_loop)
	const struct CMUnitTest tests[] = {
		IN_LOOP(a_task_marked_often_runs_once_in_the_order_of_marking),
		IN_LOOP(flushes_run_after_all_tasks),
		IN_LOOP(a_task_that_marks_itself_waits_for_the_next_turn),
		IN_LOOP(a_forgotten_task_has_no_turn_even_if_it_was_marked),
		IN_LOOP(deadlines_come_in_order_and_not_early),
		IN_LOOP(a_deadline_may_move_both_ways_and_go),
		cmocka_unit_test(timers_agree_with_a_plain_array),
		IN_LOOP(notes_of_other_threads_all_arrive),
		IN_LOOP(turns_are_counted_by_how_long_they_took),
		cmocka_unit_test(batching_waits_for_nobody_when_idle_and_for_many_under_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
