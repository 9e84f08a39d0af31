/* The handler writes into a pipe, so that a signal between the question and the wait is not lost. */
#include "media/stop.h"

#include "base/check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t asked;
static int ends[2] = { -1, -1 };

static void on_stop(int signal_number)
{
	const int error = errno;

	(void)signal_number;
	asked = 1;
	if (write(ends[1], "", 1) < 0) {
		/* The pipe is full: there is enough in it. */
	}
	errno = error;
}

void stop_catch(void)
{
	struct sigaction stop = { .sa_handler = on_stop };
	sigset_t all;

	check(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
	sigemptyset(&stop.sa_mask);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* Who started us may have blocked them. */
	sigemptyset(&all);
	sigaddset(&all, SIGTERM);
	sigaddset(&all, SIGINT);
	sigaddset(&all, SIGCHLD);
	sigprocmask(SIG_UNBLOCK, &all, NULL);
}

bool stop_asked(void)
{
	return asked;
}

bool stop_wait(int ms, int fd)
{
	struct pollfd fds[] = { { .fd = ends[0], .events = POLLIN }, { .fd = fd, .events = POLLIN } };

	return !asked && poll(fds, 2, ms) > 0 && fds[1].revents != 0;
}
