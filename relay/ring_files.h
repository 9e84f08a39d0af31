/*
 * ring_files - one thread that does a ring's file operations where the kernel would make the ring's own thread wait.
 *
 * Place:    inside ring_epoll.c.
 * Usage:    ring_files_open(&files); ring_files_put(&files, file); when bell_fd rings: file = ring_files_take(&files)
 * Order:    first put, first done.
 * Lifetime: a file is the thread's from put until it was taken again. The thread starts with the first one.
 * Threads:  put, take, close: the ring's thread.
 */
#pragma once

#include "relay/ring.h"

#include <pthread.h>

struct ring_files {
	bool is_open, runs, stop;
	int bell_fd;                    /* an eventfd, rung whenever files are done; need not be read */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t news;
	struct ring_file *todo, **todo_last;
	struct ring_file *done, **done_last;
};

bool ring_files_open(struct ring_files *files);
/* Waits for what the thread is doing. Idempotent; a zeroed struct may be closed. */
void ring_files_close(struct ring_files *files);
void ring_files_put(struct ring_files *files, struct ring_file *file);
/* All that are done, chained by `next`, with their results in `res`; NULL: none. */
struct ring_file *ring_files_take(struct ring_files *files);
