/* The parent only waits for signals, which are blocked in it; a worker whose parent dies is told to stop. */
#include "base/crew.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"

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
	unsigned count;
	int (*work)(void *context, unsigned index);
	void *context;
	uint64_t stop_by_ms;            /* 0: not stopping */
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
	pid_t parent = getpid(), pid = fork();

	if (pid < 0) {
		log_error("%s cannot start a process: %s", c->noun, strerror(errno));
		return false;
	}
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		/* It may have died before that. */
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

static void wait_for_signal(struct crew *c, const sigset_t *signals)
{
	const struct timespec second = { .tv_sec = 1 };
	int signal_number = sigtimedwait(signals, NULL, &second);

	if (signal_number < 0)
		return replace(c);
	collect(c);
	if (signal_number != SIGCHLD && !c->stop_by_ms) {
		c->stop_by_ms = clock_mono_ms() + 1000 * CREW_STOP_S_MAX;
		signal_all(c, SIGTERM);
	}
}

int crew_run(const char *noun, unsigned count, int (*work)(void *context, unsigned index), void *context)
{
	struct crew c = { .noun = noun, .count = count, .work = work, .context = context };
	sigset_t signals;

	check(count > 0 && count <= CREW_COUNT_MAX);
	block_signals(&signals);
	for (unsigned i = 0; i < count && !c.failed; i++)
		c.failed = !start_worker(&c, i);
	if (c.failed)
		raise(SIGTERM);
	while (!c.stop_by_ms || living_count(&c) > 0) {
		wait_for_signal(&c, &signals);
		if (c.stop_by_ms && clock_mono_ms() > c.stop_by_ms) {
			c.failed = true;
			signal_all(&c, SIGKILL);
		}
	}
	return c.failed;
}
