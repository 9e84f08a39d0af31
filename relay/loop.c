/*
 * A turn begins when the ring returns with completions, each of which only marked tasks. What other threads said and
 * deadlines that have come mark tasks too. Then every dirty task runs, in the order they were marked; then every
 * dirty flush. A flush may mark tasks again (a leg found out that it is gone): then the next turn does not sleep.
 */
#include "relay/loop.h"

#include "base/check.h"
#include "base/clock.h"
#include "relay/count.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void list_init(struct dirty_list *list)
{
	*list = (struct dirty_list){ .last = &list->first };
}

static void list_append(struct dirty_list *list, struct task *task)
{
	task->dirty = true;
	task->next_dirty = NULL;
	*list->last = task;
	list->last = &task->next_dirty;
	list->count++;
}

static void list_remove(struct dirty_list *list, struct task **at)
{
	struct task *task = *at;

	task->dirty = false;
	*at = task->next_dirty;
	if (list->last == &task->next_dirty)
		list->last = at;
	list->count--;
}

static void wake_up(struct loop *loop)
{
	uint64_t one = 1;
	ssize_t n = write(loop->wake_fd, &one, sizeof one);

	(void)n;                        /* a full counter wakes as well */
}

static void wake_done(struct ring_op *op, const struct ring_result *result)
{
	struct loop *loop = container_of(op, struct loop, wake);

	(void)result;
	loop->must_listen = true;
}

bool loop_open(struct loop *loop, const struct loop_plan *plan, char *why, size_t why_bytes)
{
	memset(loop, 0, sizeof *loop);
	list_init(&loop->tasks);
	list_init(&loop->flushes);
	loop->notes_last = &loop->notes;
	batch_init(&loop->batch, plan->batch_us_max);
	loop->ring = ring_open(&plan->ring, why, why_bytes);
	if (!loop->ring)
		return false;
	loop->wake_fd = eventfd(0, EFD_CLOEXEC);
	if (loop->wake_fd < 0 || !timers_open(&loop->timers, plan->task_count_max)) {
		snprintf(why, why_bytes, "a loop cannot be opened: %s", strerror(errno));
		if (loop->wake_fd >= 0)
			close(loop->wake_fd);
		ring_close(loop->ring);
		return false;
	}
	pthread_mutex_init(&loop->lock, NULL);
	ring_op_init(&loop->wake, wake_done);
	loop->must_listen = true;
	loop->now_ms = clock_mono_ms();
	return true;
}

void loop_close(struct loop *loop)
{
	while (loop->wake.in_flight) {
		wake_up(loop);
		ring_turn(loop->ring, 1000000000, 0);
	}
	ring_close(loop->ring);
	close(loop->wake_fd);
	timers_close(&loop->timers);
	pthread_mutex_destroy(&loop->lock);
}

/* --- tasks ------------------------------------------------------------------------------------------ */

void task_init(struct task *task, void (*turn)(struct task *task, uint64_t now_ms))
{
	*task = (struct task){ .turn = turn, .deadline_ms = UINT64_MAX };
}

static void mark(struct dirty_list *list, struct task *task)
{
	check(task->turn != NULL);
	if (!task->dirty)
		list_append(list, task);
}

void loop_mark(struct loop *loop, struct task *task)
{
	mark(&loop->tasks, task);
}

void loop_mark_flush(struct loop *loop, struct task *task)
{
	task->is_flush = true;
	mark(&loop->flushes, task);
}

void loop_deadline(struct loop *loop, struct task *task, uint64_t at_ms)
{
	timers_set(&loop->timers, task, at_ms);
}

void loop_forget(struct loop *loop, struct task *task)
{
	struct dirty_list *list = task->is_flush ? &loop->flushes : &loop->tasks;

	timers_forget(&loop->timers, task);
	if (!task->dirty)
		return;
	struct task **at = &list->first;
	while (*at != task)
		at = &(*at)->next_dirty;
	list_remove(list, at);
}

/* Runs those that are dirty now; whoever is marked meanwhile waits for the next round. */
static void run_dirty(struct dirty_list *list, uint64_t now_ms)
{
	for (uint32_t count = list->count; count && list->first; count--) {
		struct task *task = list->first;

		list_remove(list, &list->first);
		task->turn(task, now_ms);
	}
}

/* --- other threads ---------------------------------------------------------------------------------- */

void loop_post(struct loop *loop, struct note *note)
{
	pthread_mutex_lock(&loop->lock);
	note->next = NULL;
	bool first = !loop->notes;
	*loop->notes_last = note;
	loop->notes_last = &note->next;
	pthread_mutex_unlock(&loop->lock);
	if (first)
		wake_up(loop);
}

void loop_stop(struct loop *loop)
{
	__atomic_store_n(&loop->stop, true, __ATOMIC_RELAXED);
	wake_up(loop);
}

static void read_notes(struct loop *loop)
{
	pthread_mutex_lock(&loop->lock);
	struct note *note = loop->notes;
	loop->notes = NULL;
	loop->notes_last = &loop->notes;
	pthread_mutex_unlock(&loop->lock);
	while (note) {
		struct note *next = note->next;

		note->read(note);
		note = next;
	}
}

/* --- the turn --------------------------------------------------------------------------------------- */

static void mark_due(struct loop *loop)
{
	struct task *task;

	while ((task = timers_take_due(&loop->timers, loop->now_ms)))
		mark(task->is_flush ? &loop->flushes : &loop->tasks, task);
}

static void listen_again(struct loop *loop)
{
	loop->must_listen = false;
	read_notes(loop);
	ring_read_event(loop->ring, &loop->wake, loop->wake_fd, &loop->wake_count);
}

static uint64_t sleep_ns(const struct loop *loop, uint64_t wait_ms)
{
	uint64_t next_ms = timers_next_ms(&loop->timers), now_ns = clock_mono_ns();
	uint64_t wait_ns = wait_ms > UINT64_MAX / 1000000 ? UINT64_MAX : wait_ms * 1000000;

	if (loop->tasks.first || loop->flushes.first || loop->must_listen)
		return 0;
	if (next_ms == UINT64_MAX)
		return wait_ns;
	uint64_t due_ns = next_ms * 1000000 > now_ns ? next_ms * 1000000 - now_ns : 0;
	return due_ns < wait_ns ? due_ns : wait_ns;
}

static void count_turn(struct loop *loop, uint64_t busy_ns)
{
	struct loop_counters *c = &loop->counters;
	unsigned bucket = 0;

	while (bucket < LOOP_TURN_BUCKETS - 1 && busy_ns > (16000ull << bucket))
		bucket++;
	count_add(&c->buckets[bucket], 1);
	count_add(&c->turns, 1);
	count_add(&c->busy_ns, busy_ns);
	count_max(&c->turn_ns_max, busy_ns);
	count_set(&c->last_ns, busy_ns);
}

void loop_turn(struct loop *loop, uint64_t wait_ms)
{
	ring_submit(loop->ring);
	unsigned completion_count = ring_wait(loop->ring, sleep_ns(loop, wait_ms), batch_wait_us(&loop->batch));
	uint64_t begin_ns = clock_mono_ns();

	loop->now_ms = begin_ns / 1000000;
	if (loop->must_listen)
		listen_again(loop);
	mark_due(loop);
	run_dirty(&loop->tasks, loop->now_ms);
	run_dirty(&loop->flushes, loop->now_ms);
	ring_submit(loop->ring);
	uint64_t end_ns = clock_mono_ns();
	batch_turn(&loop->batch, completion_count, end_ns);
	count_turn(loop, end_ns - begin_ns);
}

void loop_run(struct loop *loop)
{
	while (!__atomic_load_n(&loop->stop, __ATOMIC_RELAXED))
		loop_turn(loop, UINT64_MAX);
}
