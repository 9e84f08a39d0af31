#include "tests/unit/unit.h"

#include "base/beat.h"
#include "base/clock.h"
#include "base/crew.h"
#include "base/notify.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int told;                        /* what the supervisor hears */
static char path[] = "/tmp/receptionai-crew-test.XXXXXX";

static int set_up(void **state)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	(void)state;
	if (!mkdtemp(path))
		return -1;
	snprintf(a.sun_path, sizeof a.sun_path, "%s/notify", path);
	told = socket(AF_UNIX, SOCK_DGRAM, 0);
	setenv("NOTIFY_SOCKET", a.sun_path, 1);
	setenv("WATCHDOG_USEC", "200000", 1);
	return bind(told, (struct sockaddr *)&a, sizeof a);
}

static int tear_down(void **state)
{
	(void)state;
	close(told);
	unlink(getenv("NOTIFY_SOCKET"));
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	return rmdir(path);
}

static bool hears(const char *word)
{
	char text[256];
	ssize_t len;

	while ((len = recv(told, text, sizeof text - 1, MSG_DONTWAIT)) >= 0) {
		text[len] = '\0';
		if (strstr(text, word))
			return true;
	}
	return false;
}

static void on_stop(int signal_number)
{
	(void)signal_number;
	_exit(0);
}

static int beat_on(void)
{
	for (int i = 0; i < 600; i++) {
		beat(clock_mono_ms());
		usleep(100000);
	}
	return 1;
}

/* The first process of its place is stuck; the one that replaces it beats, and ends the crew. */
static int work(void *context, unsigned index)
{
	int *pipe_ends = context;
	sigset_t none;
	char byte;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGTERM, on_stop);
	if (index == 1)
		return beat_on();
	if (read(pipe_ends[0], &byte, 1) == 1)
		for (;;)
			pause();
	kill(getppid(), SIGTERM);
	return beat_on();
}

static void a_process_that_is_stuck_is_replaced_and_the_supervisor_is_told(void **state)
{
	int pipe_ends[2];

	(void)state;
	assert_int_equal(pipe(pipe_ends), 0);
	assert_int_equal(write(pipe_ends[1], "x", 1), 1);
	close(pipe_ends[1]);
	pid_t pid = fork();
	if (pid == 0) {
		_exit(crew_run("test", 2, 1, work, pipe_ends));
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_true(hears("READY=1"));
	assert_true(hears("WATCHDOG=1"));
	assert_true(hears("STOPPING=1"));
}

static void who_is_in_no_crew_may_beat_all_the_same(void **state)
{
	(void)state;
	beat(1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_process_that_is_stuck_is_replaced_and_the_supervisor_is_told, set_up,
			tear_down),
		cmocka_unit_test(who_is_in_no_crew_may_beat_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
