/*
 * timers - which task is due next: a heap that leaves a task where it is when its deadline moves away.
 *
 * Place:    below loop. Pure: it is told the time.
 * Why lazy: most deadlines ("silent for 30 s") move on with every message. That only stores a number; the heap is
 *           put right when the old time comes.
 * Limits:   task_count_max tasks at a time; more are a check().
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct task;

struct timers {
	struct task **heap;             /* 1-based */
	uint32_t count;
	uint32_t count_max;
};

bool timers_open(struct timers *t, uint32_t task_count_max);
void timers_close(struct timers *t);
/* Sets, moves or (UINT64_MAX) takes away a task's deadline. */
void timers_set(struct timers *t, struct task *task, uint64_t at_ms);
/* Takes a task out altogether. */
void timers_forget(struct timers *t, struct task *task);
/* A task whose deadline has come, no longer in the heap; NULL: none. */
struct task *timers_take_due(struct timers *t, uint64_t now_ms);
/* When to look again; UINT64_MAX: never. May be earlier than the first deadline, never later. */
uint64_t timers_next_ms(const struct timers *t);
