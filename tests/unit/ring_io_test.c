/* What a ring stands on, where the kernel does not let it choose. */
#include "relay/ring.h"

#include "tests/unit/unit.h"

#include "base/check.h"
#include "relay/ring_files.h"

#include <errno.h>
#include <fcntl.h>
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

/* --- files ------------------------------------------------------------------------------------------ */

struct file_bench {
	struct ring *ring;
	struct ring_file file;
	int res;
	bool done;
};

static void file_done(struct ring_op *op, const struct ring_result *result)
{
	struct file_bench *b = container_of(op, struct file_bench, file.op);

	assert_true(result->last && !result->data);
	b->res = result->res;
	b->done = true;
}

static int landed(struct file_bench *b)
{
	while (!b->done)
		ring_turn(b->ring, 1000000000, 0);
	b->done = false;
	assert_false(b->file.op.in_flight);
	return b->res;
}

static void files_on(enum ring_io io)
{
	struct file_bench b = { 0 };
	char why[256], folder[] = "/tmp/receptionai-ring.XXXXXX", path[64], read_back[8];

	assert_non_null(mkdtemp(folder));
	b.ring = ring_open(&(struct ring_plan){ .socket_count_max = 8, .io = io }, why, sizeof why);
	assert_non_null(b.ring);
	ring_op_init(&b.file.op, file_done);
	ring_file_mkdir(b.ring, &b.file, folder, 0750);
	assert_int_equal(landed(&b), -EEXIST);
	snprintf(path, sizeof path, "%s/none/x", folder);
	ring_file_open(b.ring, &b.file, path, O_WRONLY | O_CREAT, 0640);
	assert_int_equal(landed(&b), -ENOENT);
	snprintf(path, sizeof path, "%s/x", folder);
	ring_file_open(b.ring, &b.file, path, O_WRONLY | O_CREAT | O_EXCL, 0640);
	int fd = landed(&b);
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	ring_file_write(b.ring, &b.file, fd, "world", 5, 3);
	assert_int_equal(landed(&b), 5);
	ring_file_write(b.ring, &b.file, fd, "abc", 3, 0);
	assert_int_equal(landed(&b), 3);
	ring_file_close(b.ring, &b.file, fd);
	assert_int_equal(landed(&b), 0);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	fd = open(path, O_RDONLY);
	assert_int_equal(read(fd, read_back, sizeof read_back), 8);
	assert_memory_equal(read_back, "abcworld", 8);
	ring_file_write(b.ring, &b.file, fd, "x", 1, 0);
	assert_int_equal(landed(&b), -EBADF);
	close(fd);
	unlink(path);
	rmdir(folder);
	ring_close(b.ring);
}

static void files_are_made_written_and_closed_by_io_uring(void **state)
{
	(void)state;
	files_on(RING_IO_URING);
}

static void and_by_the_thread_beside_epoll(void **state)
{
	(void)state;
	files_on(RING_IO_EPOLL);
}

/* A ring that is closed with a thread of its own leaves none behind, also when it was never needed. */
static void the_thread_beside_epoll_begins_with_the_first_file(void **state)
{
	struct ring_files files;
	struct ring_file file;
	uint64_t rings;

	(void)state;
	assert_true(ring_files_open(&files));
	assert_false(files.runs);
	assert_null(ring_files_take(&files));
	ring_op_init(&file.op, file_done);
	file.op.kind = RING_FILE_MKDIR;
	file.path = "/";
	ring_files_put(&files, &file);
	assert_true(files.runs);
	struct ring_file *done;
	while (!(done = ring_files_take(&files)))
		usleep(1000);
	assert_ptr_equal(done, &file);
	assert_int_equal(done->res, -EEXIST);
	assert_int_equal(read(files.bell_fd, &rings, sizeof rings), sizeof rings);
	ring_files_close(&files);
	ring_files_close(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_io_uring_is_refused_auto_takes_epoll),
		cmocka_unit_test(its_name_is_read_as_the_setting_spells_it),
		cmocka_unit_test(files_are_made_written_and_closed_by_io_uring),
		cmocka_unit_test(and_by_the_thread_beside_epoll),
		cmocka_unit_test(the_thread_beside_epoll_begins_with_the_first_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
