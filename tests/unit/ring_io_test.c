/* What a ring stands on, where the kernel does not let it choose. */
#include "relay/ring.h"

#include "tests/unit/unit.h"

#include "base/check.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* As containers do: io_uring_setup(2) is not permitted. */
static bool forbid_io_uring(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_io_uring_setup, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { .len = ARRAY_COUNT(code), .filter = code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

static int choose_where_it_is_forbidden(void)
{
	char why[256] = "";

	if (!forbid_io_uring())
		return 77;
	if (ring_open(&(struct ring_plan){ .socket_count_max = 8, .io = RING_IO_URING }, why, sizeof why))
		return 1;
	if (!strstr(why, "io_uring is refused here (Operation not permitted)"))
		return 2;
	struct ring *ring = ring_open(&(struct ring_plan){ .socket_count_max = 8 }, why, sizeof why);
	if (!ring)
		return 3;
	ring_close(ring);
	return 0;
}

static void where_io_uring_is_refused_auto_takes_epoll(void **state)
{
	int status;

	(void)state;
	pid_t child = fork();
	if (child == 0)
		_exit(choose_where_it_is_forbidden());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void its_name_is_read_as_the_setting_spells_it(void **state)
{
	(void)state;
	assert_int_equal(ring_io_parse("auto"), RING_IO_AUTO);
	assert_int_equal(ring_io_parse("uring"), RING_IO_URING);
	assert_int_equal(ring_io_parse("epoll"), RING_IO_EPOLL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_io_uring_is_refused_auto_takes_epoll),
		cmocka_unit_test(its_name_is_read_as_the_setting_spells_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
