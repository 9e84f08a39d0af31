/*
 * crew - several processes that do one kind of work, under a parent that replaces the fallen.
 *
 * Place:    base; used by the webhook, where no web server minds its processes, and by the worker.
 * Usage:    code = crew_run("webhook", 4, 60, serve_one_process, &context);
 * Lifetime: returns in the parent, when a signal (SIGTERM, SIGINT, SIGUSR1) has asked for the end and all have ended;
 *           the workers exit with what `work` returns. Before it nothing may be open that fork(2) must not share.
 * Alive:    a process calls beat() now and then; one that has not for `stall_s` seconds is killed and replaced.
 *           systemd is told when the crew stands, that its parent is alive, and when it ends.
 * Fails:    1 if the first processes cannot be started or one had to be killed; otherwise 0.
 * Limits:   CREW_COUNT_MAX processes; one that falls is replaced a second later; a worker that has not ended
 *           CREW_STOP_S_MAX seconds after the signal is killed.
 */
#pragma once

enum { CREW_COUNT_MAX = 64, CREW_STOP_S_MAX = 15 };

/* `noun` begins the log's lines; `index` is 0 to count - 1, and who replaces a fallen one has his. */
int crew_run(const char *noun, unsigned count, unsigned stall_s, int (*work)(void *context, unsigned index),
	void *context);
