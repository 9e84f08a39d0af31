/* The parent only waits for signals, which are blocked in it; a worker whose parent dies is told to stop. */
#include "base/crew.h"

#include "base/beat.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/notify.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct crew {
	const char *noun;
	pid_t pids[CREW_COUNT_MAX];     /* 0: fallen */
	unsigned count, stall_s;
	int (*work)(void *context, unsigned index);
	void *context;
	uint64_t stop_by_ms;            /* 0: not stopping */
	uint64_t watchdog_ms;           /* 0: nobody asks */
	uint64_t watchdog_at_ms;
	bool failed;
};

static void block_signals(sigset_t *out_set)
{
	sigemptyset(out_set);
	sigaddset(out_set, SIGTERM);
	sigaddset(out_set, SIGINT);
	sigaddset(out_set, SIGUSR1);
	sigaddset(out_set, SIGCHLD);
	sigprocmask(SIG_BLOCK, out_set, NULL);
}

static bool start_worker(struct crew *c, unsigned i)
{
	pid_t parent = getpid(), pid;

	beat_begin(i, clock_mono_ms());
	pid = fork();
	if (pid < 0) {
		log_error("%s cannot start a process: %s", c->noun, strerror(errno));
		return false;
	}
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		beat_join(i);
		/* The parent may have died before that. */
		exit(getppid() == parent ? c->work(c->context, i) : 0);
	}
	c->pids[i] = pid;
	return true;
}

static void signal_all(const struct crew *c, int signal_number)
{
	for (unsigned i = 0; i < c->count; i++)
		if (c->pids[i])
			kill(c->pids[i], signal_number);
}

static unsigned living_count(const struct crew *c)
{
	unsigned living = 0;

	for (unsigned i = 0; i < c->count; i++)
		living += c->pids[i] != 0;
	return living;
}

static void collect(struct crew *c)
{
	int status;

	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
		for (unsigned i = 0; i < c->count; i++)
			if (c->pids[i] == pid)
				c->pids[i] = 0;
		if (!c->stop_by_ms)
			log_error("%s process fell pid=%d %s=%d", c->noun, (int)pid,
				WIFSIGNALED(status) ? "signal" : "code",
				WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	}
}

/* Replacing comes after the wait for a signal or a second, so one that falls at once does not spin. */
static void replace(struct crew *c)
{
	for (unsigned i = 0; i < c->count && !c->stop_by_ms; i++)
		if (!c->pids[i])
			start_worker(c, i);
}

/* Replaced like one that fell. */
static void kill_stalled(const struct crew *c, uint64_t now_ms)
{
	for (unsigned i = 0; i < c->count && !c->stop_by_ms; i++) {
		if (!c->pids[i] || now_ms < beat_last_ms(i) + 1000ull * c->stall_s)
			continue;
		log_error("%s process stalled pid=%d for_s=%u", c->noun, (int)c->pids[i], c->stall_s);
		kill(c->pids[i], SIGKILL);
	}
}

static void tell_supervisor(struct crew *c, uint64_t now_ms)
{
	if (!c->watchdog_ms || now_ms < c->watchdog_at_ms)
		return;
	c->watchdog_at_ms = now_ms + c->watchdog_ms;
	notify_send("WATCHDOG=1");
}

static void wait_for_signal(struct crew *c, const sigset_t *signals)
{
	const struct timespec second = { .tv_sec = 1 };
	int signal_number = sigtimedwait(signals, NULL, &second);

	if (signal_number < 0)
		return replace(c);
	collect(c);
	if (signal_number != SIGCHLD && !c->stop_by_ms) {
		c->stop_by_ms = clock_mono_ms() + 1000 * CREW_STOP_S_MAX;
		notify_send("STOPPING=1");
		signal_all(c, SIGTERM);
	}
}

int crew_run(const char *noun, unsigned count, unsigned stall_s, int (*work)(void *context, unsigned index),
	void *context)
{
	struct crew c = { .noun = noun, .count = count, .stall_s = stall_s, .work = work, .context = context,
		.watchdog_ms = notify_watchdog_ms() };
	sigset_t signals;

	check(count > 0 && count <= CREW_COUNT_MAX);
	static_assert((int)BEAT_COUNT_MAX >= (int)CREW_COUNT_MAX, "each process has a place for its beat");
	if (!beat_open())
		return 1;
	block_signals(&signals);
	for (unsigned i = 0; i < count && !c.failed; i++)
		c.failed = !start_worker(&c, i);
	if (c.failed)
		raise(SIGTERM);
	else
		notify_send("READY=1");
	while (!c.stop_by_ms || living_count(&c) > 0) {
		wait_for_signal(&c, &signals);
		kill_stalled(&c, clock_mono_ms());
		tell_supervisor(&c, clock_mono_ms());
		if (c.stop_by_ms && clock_mono_ms() > c.stop_by_ms) {
			c.failed = true;
			signal_all(&c, SIGKILL);
		}
	}
	return c.failed;
}
