/* Real processes: /bin/sh stands in for ffmpeg, which is nothing to child. */
#include "tests/unit/unit.h"

#include "base/clock.h"
#include "media/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

static struct child_report report;
static char folder[64];

static struct child_report *run_sh(const char *script, struct child_order *order)
{
	const char *argv[] = { "/bin/sh", "-c", script, NULL };

	order->argv = argv;
	order->late_ms = order->late_ms ? order->late_ms : 60000;
	child_run(order, &report);
	return &report;
}

static struct child_report *run(const char *script)
{
	struct child_order order = { 0 };

	return run_sh(script, &order);
}

static void what_it_says_is_kept_and_its_code_told(void **state)
{
	(void)state;
	run("echo hello; echo trouble >&2; exit 3");
	assert_int_equal(report.end, CHILD_FAILED);
	assert_int_equal(report.code, 3);
	assert_string_equal(report.said, "hello\n");
	assert_string_equal(report.why, "sh failed with code 3: trouble");
	run("exit 0");
	assert_int_equal(report.end, CHILD_DONE);
	assert_string_equal(report.why, "");
}

static void of_a_flood_the_beginning_and_the_end_stay(void **state)
{
	(void)state;
	run("i=0; while [ $i -lt 9000 ]; do echo line$i; echo fault$i >&2; i=$((i+1)); done; exit 1");
	assert_int_equal(report.end, CHILD_FAILED);
	assert_int_equal(strlen(report.said), CHILD_SAID_BYTES_MAX);
	assert_memory_equal(report.said, "line0\nline1\n", 12);
	assert_true(strlen(report.tail) <= CHILD_TAIL_BYTES_MAX);
	assert_non_null(strstr(report.tail, "fault8999"));
}

static void a_program_that_is_not_there_has_its_own_name_for_it(void **state)
{
	const char *const missing[] = { "/nonexistent/ffmpeg", NULL };
	const char *const unrunnable[] = { "/etc/passwd", NULL };
	struct child_order order = { .argv = missing, .late_ms = 5000 };

	(void)state;
	child_run(&order, &report);
	assert_int_equal(report.end, CHILD_MISSING);
	assert_string_equal(report.why, "ffmpeg cannot be run: No such file or directory");
	order.argv = unrunnable;
	child_run(&order, &report);
	assert_int_equal(report.end, CHILD_MISSING);
	order.argv = (const char *const[]){ "true", NULL };
	child_run(&order, &report);
	assert_int_equal(report.end, CHILD_DONE);
}

static void no_word_goes_through_a_shell(void **state)
{
	const char *const argv[] = { "/bin/echo", "$(id); `id` > x", NULL };
	struct child_order order = { .argv = argv, .late_ms = 60000 };

	(void)state;
	child_run(&order, &report);
	assert_string_equal(report.said, "$(id); `id` > x\n");
}

/* Until the script has said that it is on its way. */
static bool is_quiet(void *owner)
{
	char byte;

	return read(*(int *)owner, &byte, 1) != 1;
}

/* What it started in the background must be gone with it: the FIFO's last writer is then away. */
static void its_whole_group_dies_with_it(void **state)
{
	struct child_order order = { .folder = folder, .alive = is_quiet };
	char path[80], byte;
	int fd;

	(void)state;
	snprintf(path, sizeof path, "%s/fifo", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	order.owner = &fd;
	run_sh("exec 3>fifo; trap '' TERM INT; sleep 1000 & echo ready >&3; while :; do sleep 1000; done", &order);
	assert_int_equal(report.end, CHILD_STOPPED);
	fcntl(fd, F_SETFL, 0);
	while (read(fd, &byte, 1) == 1)
		;
	assert_int_equal(read(fd, &byte, 1), 0);
	close(fd);
}

static void one_that_takes_too_long_is_ended(void **state)
{
	struct child_order order = { .late_ms = 100 };

	(void)state;
	run_sh("sleep 1000", &order);
	assert_int_equal(report.end, CHILD_LATE);
	assert_non_null(strstr(report.why, "took longer"));
}

static void one_that_closes_its_output_is_waited_for(void **state)
{
	(void)state;
	run("exec >&- 2>&-; sleep 0.3; exit 7");
	assert_int_equal(report.code, 7);
	/* A background child that keeps the pipes open does not hold us up. */
	run("sleep 1000 & exit 5");
	assert_int_equal(report.code, 5);
}

static void a_foreign_signal_is_told(void **state)
{
	(void)state;
	run("kill -9 $$");
	assert_int_equal(report.end, CHILD_KILLED);
	assert_int_equal(report.code, SIGKILL);
	assert_string_equal(report.why, "sh was killed by signal 9 (Killed)");
}

struct source {
	uint8_t block[100000];
	int left;
};

static size_t next_block(void *owner, const uint8_t **out)
{
	struct source *source = owner;

	*out = source->block;
	return source->left-- > 0 ? sizeof source->block : 0;
}

static void it_is_fed_all_there_is(void **state)
{
	static struct source source = { .left = 77 };
	struct child_order order = { .feed = next_block, .owner = &source };

	(void)state;
	memset(source.block, 'x', sizeof source.block);
	run_sh("wc -c", &order);
	assert_int_equal(report.end, CHILD_DONE);
	assert_int_equal(strtol(report.said, NULL, 10), 7700000);
	/* It stops reading: nobody dies of SIGPIPE, its code counts. */
	source.left = 1000;
	run_sh("exit 4", &order);
	assert_int_equal(report.code, 4);
	run("cat; echo end");
	assert_string_equal(report.said, "end\n");
}

static void secrets_and_descriptors_stay_with_us(void **state)
{
	int fd = open("/dev/null", O_RDONLY);

	(void)state;
	assert_true(fd >= 0 && dup2(fd, 99) == 99);
	setenv("XAI_API_KEY", "secret", 1);
	setenv("LANG", "C", 1);
	run("env; ls /proc/self/fd | wc -l; ulimit -c");
	assert_null(strstr(report.said, "XAI_API_KEY"));
	assert_non_null(strstr(report.said, "LANG=C\n"));
	assert_non_null(strstr(report.said, "\n4\n0\n"));
	close(99);
	close(fd);
}

static void it_is_bounded_and_polite(void **state)
{
	struct child_order order = { .folder = folder, .file_bytes_max = 10000, .memory_bytes_max = 1 << 30,
		.cpu_s_max = 7 };

	(void)state;
	run_sh("pwd; nice; ulimit -v; ulimit -t; umask; head -c 20000 /dev/zero >big", &order);
	assert_int_not_equal(report.end, CHILD_DONE);
	assert_non_null(strstr(report.said, folder));
	assert_non_null(strstr(report.said, "\n1048576\n7\n0027\n"));
}

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/receptionai-child.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char path[80];

	(void)state;
	snprintf(path, sizeof path, "%s/fifo", folder);
	unlink(path);
	snprintf(path, sizeof path, "%s/big", folder);
	unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_says_is_kept_and_its_code_told),
		cmocka_unit_test(of_a_flood_the_beginning_and_the_end_stay),
		cmocka_unit_test(a_program_that_is_not_there_has_its_own_name_for_it),
		cmocka_unit_test(no_word_goes_through_a_shell),
		cmocka_unit_test(its_whole_group_dies_with_it),
		cmocka_unit_test(one_that_takes_too_long_is_ended),
		cmocka_unit_test(one_that_closes_its_output_is_waited_for),
		cmocka_unit_test(a_foreign_signal_is_told),
		cmocka_unit_test(it_is_fed_all_there_is),
		cmocka_unit_test(secrets_and_descriptors_stay_with_us),
		cmocka_unit_test(it_is_bounded_and_polite),
	};

	return cmocka_run_group_tests_name("child", tests, make_folder, remove_folder);
}
