/* The worker's small parts: who holds a lease, how long a pause is, what a spool folder tells. */
#include "tests/unit/unit.h"

#include "base/clock.h"
#include "media/back_off.h"
#include "media/found.h"
#include "media/owner.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void a_pause_doubles_up_to_an_hour_and_is_never_quite_the_same(void **state)
{
	(void)state;
	assert_int_equal(back_off_ms(1, 15000, 0), 12000);
	assert_int_equal(back_off_ms(1, 15000, 400), 18000);
	assert_int_equal(back_off_ms(2, 15000, 200), 30000);
	assert_int_equal(back_off_ms(9, 15000, 200), 3600000);
	assert_int_equal(back_off_ms(1000, 3600000, 200), 3600000);
	assert_int_equal(back_off_ms(0, 15000, 200), 15000);
	for (uint32_t chance = 0; chance < 5000; chance += 7)
		assert_in_range(back_off_ms(3, 100, chance), 320, 480);
}

static void a_process_is_gone_when_it_is_dead_and_not_before(void **state)
{
	char owner[JOB_OWNER_BYTES_MAX + 1] = "", child_owner[JOB_OWNER_BYTES_MAX + 1] = "";
	int ends[2];

	(void)state;
	assert_true(owner_self(owner));
	assert_false(owner_is_gone(owner));
	assert_int_equal(pipe(ends), 0);
	const pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (!owner_self(child_owner) || write(ends[1], child_owner, sizeof child_owner) < 0)
			_exit(1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(ends[0], child_owner, sizeof child_owner), sizeof child_owner);
	assert_string_not_equal(owner, child_owner);
	assert_false(owner_is_gone(child_owner));
	assert_int_equal(kill(pid, SIGKILL), 0);
	siginfo_t info;

	/* Dead, and not yet collected. */
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_true(owner_is_gone(child_owner));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(owner_is_gone(child_owner));
	close(ends[0]);
	close(ends[1]);
}

static void a_later_process_with_the_same_number_is_another(void **state)
{
	char owner[JOB_OWNER_BYTES_MAX + 1];

	(void)state;
	assert_true(owner_self(owner));
	char *last = &owner[strlen(owner) - 1];

	*last = *last == '1' ? '2' : '1';
	assert_true(owner_is_gone(owner));
}

static void nobody_is_gone_of_whom_nothing_can_be_known(void **state)
{
	char owner[JOB_OWNER_BYTES_MAX + 1];

	(void)state;
	assert_true(owner_self(owner));
	owner[0] = owner[0] == 'a' ? 'b' : 'a';
	assert_true(owner_is_gone(owner)); /* before the machine was started anew */
	assert_true(owner_self(owner));
	strchr(owner, ':')[1]++;
	assert_false(owner_is_gone(owner)); /* in another container */
	assert_false(owner_is_gone(""));
	assert_false(owner_is_gone("me"));
}

static void only_names_of_calls_are_calls(void **state)
{
	(void)state;
	assert_true(found_is_sid("CA00000000000000000000000000000001"));
	assert_false(found_is_sid("CA"));
	assert_false(found_is_sid(".."));
	assert_false(found_is_sid("CA/../x"));
	assert_false(found_is_sid("CA1.part"));
	assert_false(found_is_sid("RE1"));
}

/* --- a spool folder -------------------------------------------------------------------------------- */

struct folder {
	char spool[64];
};

static void write_file(const struct folder *f, const char *name, const char *text, int age_s)
{
	char path[256];
	const struct timespec times[2] = { { .tv_sec = time(NULL) - age_s }, { .tv_sec = time(NULL) - age_s } };

	(void)snprintf(path, sizeof path, "%s/%s", f->spool, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void make_folder(const struct folder *f, const char *name)
{
	char path[256];

	(void)snprintf(path, sizeof path, "%s/%s", f->spool, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

#define FIRST_LINE(part) "0 spool version=1 call=CA1 stream=MZ" part " part=" part " merchant=7 wall_ms=1000\n"

static int set_up(void **state)
{
	static struct folder f;

	(void)snprintf(f.spool, sizeof f.spool, "/tmp/receptionai-found.XXXXXX");
	assert_non_null(mkdtemp(f.spool));
	make_folder(&f, "CA1");
	make_folder(&f, "CA1/1");
	write_file(&f, "CA1/1/events.log", FIRST_LINE("1") "20 in at=0 bytes=4\n30 end reason=caller-hung-up\n", 10);
	write_file(&f, "CA1/1/caller.ulaw", "abcd", 10);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	const struct folder *f = *state;

	(void)found_delete(f->spool, "CA1");
	return rmdir(f->spool);
}

static struct found look(const struct folder *f)
{
	struct found found;

	found_look(&found, f->spool, "CA1", clock_wall_ms());
	assert_true(found.is_there);
	found_read_logs(&found, f->spool, "CA1");
	return found;
}

static void a_folder_tells_whose_it_is_and_how_it_ended(void **state)
{
	const struct found found = look(*state);

	assert_int_equal(found.part_count, 1);
	assert_int_equal(found.sound_bytes, 4);
	assert_false(found.is_written);
	assert_true(found.is_known);
	assert_int_equal(found.first.merchant, 7);
	assert_string_equal(found.last_stream, "MZ1");
	assert_true(found.is_ended);
	assert_int_equal(found.end_reason, END_CALLER_HUNG_UP);
	assert_false(found.is_withdrawn);
}

static void the_last_part_says_how_the_call_ended(void **state)
{
	struct folder *f = *state;

	make_folder(f, "CA1/2");
	write_file(f, "CA1/2/events.log", FIRST_LINE("2") "9 recording on=0 why=withdrawn\n10 end rea", 10);
	const struct found found = look(f);

	assert_int_equal(found.part_count, 2);
	assert_string_equal(found.last_stream, "MZ2");
	assert_string_equal(found.first.stream, "MZ1");
	assert_false(found.is_ended);
	assert_true(found.is_withdrawn);
	assert_int_equal(found.why, SPOOL_WITHDRAWN);
}

static void what_was_touched_just_now_or_is_locked_is_being_written(void **state)
{
	struct folder *f = *state;
	char path[256];

	(void)snprintf(path, sizeof path, "%s/CA1/1/events.log", f->spool);
	const int fd = open(path, O_RDONLY);

	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_true(look(f).is_written);
	close(fd);
	assert_false(look(f).is_written);
	write_file(f, "CA1/1/voice.ulaw", "x", 0);
	assert_true(look(f).is_written);
}

static void a_folder_is_deleted_whole_and_nothing_beside_it(void **state)
{
	struct folder *f = *state;
	struct found found;
	char path[256];

	make_folder(f, "CA1/made");
	write_file(f, "CA1/made/call.wav", "x", 0);
	make_folder(f, "CA2");
	write_file(f, "CA2/keep", "x", 0);
	(void)snprintf(path, sizeof path, "%s/CA1/1/link", f->spool);
	assert_int_equal(symlink("../../CA2", path), 0);
	assert_true(found_delete(f->spool, "CA1"));
	found_look(&found, f->spool, "CA1", clock_wall_ms());
	assert_false(found.is_there);
	assert_true(found_delete(f->spool, "CA1"));
	(void)snprintf(path, sizeof path, "%s/CA2/keep", f->spool);
	assert_int_equal(access(path, F_OK), 0);
	assert_true(found_delete(f->spool, "CA2"));
}

#define FOLDER_CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pause_doubles_up_to_an_hour_and_is_never_quite_the_same),
		cmocka_unit_test(a_process_is_gone_when_it_is_dead_and_not_before),
		cmocka_unit_test(a_later_process_with_the_same_number_is_another),
		cmocka_unit_test(nobody_is_gone_of_whom_nothing_can_be_known),
		cmocka_unit_test(only_names_of_calls_are_calls),
		FOLDER_CASE(a_folder_tells_whose_it_is_and_how_it_ended),
		FOLDER_CASE(the_last_part_says_how_the_call_ended),
		FOLDER_CASE(what_was_touched_just_now_or_is_locked_is_being_written),
		FOLDER_CASE(a_folder_is_deleted_whole_and_nothing_beside_it),
	};

	return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}
