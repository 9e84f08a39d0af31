/* The program is started, then one loop of poll(2) gives it what it reads and takes what it says, until it is gone or
 * has to go. Whatever happens, its whole process group is killed before its leader is reaped: until then nobody else
 * can have got the group's number.
 *
 * Between fork and exec only what is safe after a fork of a program with threads is called. Whether exec worked is
 * told through a pipe that closes itself when it did. */
#include "media/child.h"

#include "base/check.h"
#include "base/clock.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	TICK_MS = 250,
	GONE_TICK_MS = 5,               /* its pipes are closed: it is about to be gone */
	FEED_PIPE_BYTES = 1024 * 1024,
	NICENESS = 10,
	ENVIRONMENT_COUNT_MAX = 16,
	ENVIRONMENT_BYTES_MAX = 8192,
};

/* Each pipe's read end, then its write end; -1: closed. */
enum { PIPE_IN, PIPE_OUT, PIPE_ERROR, PIPE_STATUS, PIPE_COUNT };

struct run {
	const struct child_order *order;
	struct child_report *report;
	int pipes[PIPE_COUNT][2];
	pid_t pid;
	const uint8_t *feed;
	size_t feed_bytes;
	size_t said_bytes, tail_bytes;
	uint64_t end_ms, tick_ms;
	char *environment[ENVIRONMENT_COUNT_MAX];
	char environment_text[ENVIRONMENT_BYTES_MAX];
};

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void close_pipes(struct run *r)
{
	for (int i = 0; i < PIPE_COUNT; i++) {
		close_end(&r->pipes[i][0]);
		close_end(&r->pipes[i][1]);
	}
}

/* Nothing of ours that is secret stands in an environment that is made of this list. */
static void make_environment(struct run *r)
{
	static const char *const names[] = { "PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "FONTCONFIG_FILE",
		"FONTCONFIG_PATH", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "LD_LIBRARY_PATH" };
	size_t used = 0, count = 0;

	static_assert(ARRAY_COUNT(names) < ENVIRONMENT_COUNT_MAX, "a NULL fits behind the names");
	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		const char *value = getenv(names[i]);
		int len;

		if (!value)
			continue;
		len = snprintf(r->environment_text + used, sizeof r->environment_text - used, "%s=%s", names[i], value);
		if (len < 0 || (size_t)len >= sizeof r->environment_text - used)
			continue;
		r->environment[count++] = r->environment_text + used;
		used += (size_t)len + 1;
	}
}

static void bound(int resource, uint64_t most)
{
	struct rlimit limit = { .rlim_cur = most, .rlim_max = most };
	struct rlimit now;

	if (most && getrlimit(resource, &now) == 0) {
		if (now.rlim_max != RLIM_INFINITY && now.rlim_max < most)
			limit.rlim_cur = limit.rlim_max = now.rlim_max;
		setrlimit((__rlimit_resource_t)resource, &limit);
	}
}

static void calm_signals(void)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		sigaction(number, &plain, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child: never returns. Each descriptor is brought above those that it may become first. */
static _Noreturn void become(struct run *r, pid_t parent)
{
	const struct child_order *o = r->order;
	int in = o->feed ? r->pipes[PIPE_IN][0] : open("/dev/null", O_RDONLY | O_CLOEXEC);
	int from[4] = { in, r->pipes[PIPE_OUT][1], r->pipes[PIPE_ERROR][1], r->pipes[PIPE_STATUS][1] };
	int number;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	calm_signals();
	for (int i = 0; i < 4; i++)
		from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 10);
	for (int i = 0; i < 3; i++)
		dup2(from[i], i);
	dup3(from[3], 3, O_CLOEXEC);
	close_range(4, ~0u, 0);
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	bound(RLIMIT_FSIZE, o->file_bytes_max);
	bound(RLIMIT_AS, o->memory_bytes_max);
	bound(RLIMIT_CPU, o->cpu_s_max);
	umask(027);
	errno = 0;
	if (nice(NICENESS) == -1)
		errno = 0;                      /* less polite, no reason to fail */
	if (!o->folder || chdir(o->folder) == 0)
		execvpe(o->argv[0], (char *const *)o->argv, r->environment);
	number = errno;
	if (write(3, &number, sizeof number) < 0)
		_exit(126);
	_exit(127);
}

/* 0, or why there is no process. */
static int start(struct run *r)
{
	pid_t parent = getpid();
	int number = 0;
	ssize_t n;

	for (int i = 0; i < PIPE_COUNT; i++) {
		if (pipe2(r->pipes[i], O_CLOEXEC) < 0)
			return errno;
	}
	r->pid = fork();
	if (r->pid < 0)
		return errno;
	if (r->pid == 0)
		become(r, parent);
	setpgid(r->pid, r->pid);
	close_end(&r->pipes[PIPE_IN][0]);
	close_end(&r->pipes[PIPE_OUT][1]);
	close_end(&r->pipes[PIPE_ERROR][1]);
	close_end(&r->pipes[PIPE_STATUS][1]);
	while ((n = read(r->pipes[PIPE_STATUS][0], &number, sizeof number)) < 0 && errno == EINTR)
		;
	close_end(&r->pipes[PIPE_STATUS][0]);
	for (int i = PIPE_IN; i <= PIPE_ERROR; i++) {
		int fd = r->pipes[i][i == PIPE_IN];

		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	}
	fcntl(r->pipes[PIPE_IN][1], F_SETPIPE_SZ, FEED_PIPE_BYTES);
	return n > 0 ? number : 0;
}

static void feed(struct run *r)
{
	for (;;) {
		ssize_t n;

		if (!r->feed_bytes && r->order->feed)
			r->feed_bytes = r->order->feed(r->order->owner, &r->feed);
		if (!r->feed_bytes)
			break;
		n = write(r->pipes[PIPE_IN][1], r->feed, r->feed_bytes);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0)
			break;
		r->feed += n;
		r->feed_bytes -= (size_t)n;
		if (r->feed_bytes)
			return;
		if (clock_mono_ms() >= r->tick_ms)
			return;
	}
	close_end(&r->pipes[PIPE_IN][1]);
}

static void keep_said(struct run *r, const char *bytes, size_t len)
{
	size_t room = CHILD_SAID_BYTES_MAX - r->said_bytes;

	memcpy(r->report->said + r->said_bytes, bytes, len < room ? len : room);
	r->said_bytes += len < room ? len : room;
}

/* The last bytes stay. */
static void keep_tail(struct run *r, const char *bytes, size_t len)
{
	char *tail = r->report->tail;
	size_t kept;

	if (len > CHILD_TAIL_BYTES_MAX) {
		bytes += len - CHILD_TAIL_BYTES_MAX;
		len = CHILD_TAIL_BYTES_MAX;
	}
	kept = r->tail_bytes + len <= CHILD_TAIL_BYTES_MAX ? r->tail_bytes : CHILD_TAIL_BYTES_MAX - len;
	memmove(tail, tail + r->tail_bytes - kept, kept);
	memcpy(tail + kept, bytes, len);
	r->tail_bytes = kept + len;
}

static void take(struct run *r, int pipe)
{
	char bytes[4096];
	ssize_t n = read(r->pipes[pipe][0], bytes, sizeof bytes);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		return close_end(&r->pipes[pipe][0]);
	if (pipe == PIPE_OUT)
		keep_said(r, bytes, (size_t)n);
	else
		keep_tail(r, bytes, (size_t)n);
}

static void turn(struct run *r)
{
	struct pollfd fds[3] = {
		{ .fd = r->pipes[PIPE_IN][1], .events = POLLOUT },
		{ .fd = r->pipes[PIPE_OUT][0], .events = POLLIN },
		{ .fd = r->pipes[PIPE_ERROR][0], .events = POLLIN },
	};
	bool is_silent = fds[1].fd < 0 && fds[2].fd < 0;

	if (poll(fds, 3, is_silent ? GONE_TICK_MS : TICK_MS) <= 0)
		return;
	if (fds[1].revents)
		take(r, PIPE_OUT);
	if (fds[2].revents)
		take(r, PIPE_ERROR);
	if (fds[0].revents)
		feed(r);
}

static bool is_gone(const struct run *r)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)r->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == r->pid;
}

/* Until it is gone, or a reason is there to end it. */
static enum child_end watch(struct run *r)
{
	while (!is_gone(r)) {
		uint64_t now_ms = clock_mono_ms();

		if (now_ms >= r->end_ms)
			return CHILD_LATE;
		if (now_ms >= r->tick_ms) {
			r->tick_ms = now_ms + TICK_MS;
			if (r->order->alive && !r->order->alive(r->order->owner))
				return CHILD_STOPPED;
		}
		turn(r);
	}
	for (int i = PIPE_OUT; i <= PIPE_ERROR; i++) {
		for (int reads = 0; r->pipes[i][0] >= 0 && reads < 16; reads++)
			take(r, i);
	}
	return CHILD_DONE;
}

static void end(struct run *r, enum child_end how)
{
	int status = 0;

	kill(-r->pid, SIGKILL);
	kill(r->pid, SIGKILL);
	while (waitpid(r->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (how == CHILD_DONE && WIFSIGNALED(status))
		how = CHILD_KILLED;
	else if (how == CHILD_DONE && WEXITSTATUS(status))
		how = CHILD_FAILED;
	r->report->end = how;
	r->report->code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

static void say_why(struct run *r)
{
	struct child_report *report = r->report;
	const char *name = strrchr(r->order->argv[0], '/');
	const char *colon = report->tail[0] ? ": " : "";
	int code = report->code;

	name = name ? name + 1 : r->order->argv[0];
	for (size_t i = 0; i < r->tail_bytes; i++) {
		if ((unsigned char)report->tail[i] < ' ')
			report->tail[i] = ' ';
	}
	while (r->tail_bytes && report->tail[r->tail_bytes - 1] == ' ')
		report->tail[--r->tail_bytes] = '\0';
	switch (report->end) {
	case CHILD_DONE:
		return;
	case CHILD_FAILED:
		snprintf(report->why, sizeof report->why, "%s failed with code %d%s%s", name, code, colon,
			report->tail);
		return;
	case CHILD_KILLED:
		snprintf(report->why, sizeof report->why, "%s was killed by signal %d (%s)%s%s", name, code,
			sigdescr_np(code), colon, report->tail);
		return;
	case CHILD_LATE:
		snprintf(report->why, sizeof report->why, "%s took longer than %u s", name, r->order->late_ms / 1000);
		return;
	case CHILD_STOPPED:
		snprintf(report->why, sizeof report->why, "%s was stopped", name);
		return;
	case CHILD_MISSING:
		snprintf(report->why, sizeof report->why, "%s cannot be run: %s", name, strerror(code));
		return;
	case CHILD_BROKEN:
		snprintf(report->why, sizeof report->why, "no process for %s: %s", name, strerror(code));
		return;
	}
}

void child_run(const struct child_order *order, struct child_report *out_report)
{
	struct run r = { .order = order, .report = out_report, .end_ms = clock_mono_ms() + order->late_ms };
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	int number;

	check(order->argv && order->argv[0]);
	*out_report = (struct child_report){ .end = CHILD_BROKEN };
	for (int i = 0; i < PIPE_COUNT; i++)
		r.pipes[i][0] = r.pipes[i][1] = -1;
	make_environment(&r);
	/* A program that stops reading is found by its exit code. */
	sigaction(SIGPIPE, &ignore, &before);
	number = start(&r);
	if (number == 0)
		end(&r, watch(&r));
	else if (r.pid > 0)
		end(&r, CHILD_MISSING);
	if (number) {
		out_report->code = number;
		if (number != ENOENT && number != EACCES && number != ENOEXEC && number != ENOTDIR && number != ELOOP)
			out_report->end = CHILD_BROKEN;
	}
	sigaction(SIGPIPE, &before, NULL);
	close_pipes(&r);
	say_why(&r);
}
