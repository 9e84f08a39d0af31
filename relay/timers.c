#include "relay/timers.h"

#include "base/check.h"
#include "relay/loop.h"

#include <stdlib.h>

bool timers_open(struct timers *t, uint32_t task_count_max)
{
	*t = (struct timers){ .count_max = task_count_max };
	t->heap = calloc((size_t)task_count_max + 1, sizeof *t->heap);
	return t->heap != NULL;
}

void timers_close(struct timers *t)
{
	free(t->heap);
	*t = (struct timers){ .heap = NULL };
}

static void put(struct timers *t, uint32_t at, struct task *task)
{
	t->heap[at] = task;
	task->heap_at = at;
}

static void sift_up(struct timers *t, uint32_t at, struct task *task)
{
	for (; at > 1 && t->heap[at / 2]->heap_ms > task->heap_ms; at /= 2)
		put(t, at, t->heap[at / 2]);
	put(t, at, task);
}

static void sift_down(struct timers *t, uint32_t at, struct task *task)
{
	for (uint32_t child; (child = at * 2) <= t->count; at = child) {
		if (child < t->count && t->heap[child + 1]->heap_ms < t->heap[child]->heap_ms)
			child++;
		if (t->heap[child]->heap_ms >= task->heap_ms)
			break;
		put(t, at, t->heap[child]);
	}
	put(t, at, task);
}

void timers_set(struct timers *t, struct task *task, uint64_t at_ms)
{
	task->deadline_ms = at_ms;
	if (task->heap_at && task->heap_ms <= at_ms)
		return;
	if (!task->heap_at && at_ms == UINT64_MAX)
		return;
	task->heap_ms = at_ms;
	if (!task->heap_at) {
		check(t->count < t->count_max);
		task->heap_at = ++t->count;
	}
	sift_up(t, task->heap_at, task);
}

void timers_forget(struct timers *t, struct task *task)
{
	uint32_t at = task->heap_at;

	task->deadline_ms = UINT64_MAX;
	if (!at)
		return;
	check(t->heap[at] == task);
	task->heap_at = 0;
	struct task *last = t->heap[t->count--];
	if (last == task)
		return;
	if (at > 1 && t->heap[at / 2]->heap_ms > last->heap_ms)
		sift_up(t, at, last);
	else
		sift_down(t, at, last);
}

struct task *timers_take_due(struct timers *t, uint64_t now_ms)
{
	while (t->count && t->heap[1]->heap_ms <= now_ms) {
		struct task *task = t->heap[1];
		uint64_t deadline_ms = task->deadline_ms;

		timers_forget(t, task);
		if (deadline_ms <= now_ms)
			return task;
		timers_set(t, task, deadline_ms);
	}
	return NULL;
}

uint64_t timers_next_ms(const struct timers *t)
{
	return t->count ? t->heap[1]->heap_ms : UINT64_MAX;
}
