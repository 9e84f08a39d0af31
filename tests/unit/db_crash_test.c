/* Writers that are killed at any instant, and writers that meet: nothing acknowledged is lost, nothing breaks. */
#include "tests/unit/db_fixture.h"

#include "base/check.h"
#include "base/clock.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

enum { KILLS = 25, WRITER_TURNS = 150 };

static struct db *open_or_exit(struct fixture *f)
{
	char why[DB_WHY_BYTES_MAX];
	struct db *db = NULL;

	if (db_open(&db, f->path, DB_WRITE, 5000, why, sizeof(why)) != DB_OK) {
		(void)fprintf(stderr, "# %s\n", why);
		_exit(1);
	}
	return db;
}

static enum db_result put_turn(struct db *db, const char *sid, int32_t position)
{
	const struct turn turn = {
		.call_sid = slice_of(sid),
		.position = position,
		.role = position % 2 ? TURN_CALLER : TURN_RECEPTIONIST,
		.text = SLICE("I would like to book a table for two people tomorrow at seven o'clock."),
		.start_ms = position,
		.end_ms = position + 1,
		.final = true,
	};

	return db_turn_put(db, &turn);
}

static void sleep_ms(long ms)
{
	const struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&pause, NULL);
}

/* Says each position that is durable; every fourth turn comes as a batch of two. Never returns. */
static void write_until_killed(struct fixture *f, int32_t position, int report)
{
	struct db *db = open_or_exit(f);

	for (;; position++) {
		if (position % 4 == 0) {
			if (db_batch_begin(db) != DB_OK || put_turn(db, SID, position) != DB_OK
				|| put_turn(db, SID, position + 1) != DB_OK || db_batch_end(db) != DB_OK)
				_exit(2);
			position++;
		} else if (put_turn(db, SID, position) != DB_OK) {
			_exit(3);
		}
		if (write(report, &position, sizeof(position)) != sizeof(position))
			_exit(4);
	}
}

/* The last position that a killed writer reported, or `before`. The time runs from its first report, or from its
 * birth if it is to be killed young: then it may not have written anything yet. */
static int32_t kill_a_writer(struct fixture *f, int32_t before, bool young, long after_ms)
{
	int pipes[2];
	int32_t position;
	int32_t last = before;

	assert_return_code(pipe(pipes), 0);
	const pid_t child = fork();

	assert_return_code(child, 0);
	if (child == 0)
		write_until_killed(f, before + 1, pipes[1]);
	(void)close(pipes[1]);
	if (!young && read(pipes[0], &position, sizeof(position)) == sizeof(position))
		last = position;
	sleep_ms(after_ms);
	assert_return_code(kill(child, SIGKILL), 0);
	int status = 0;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	while (read(pipes[0], &position, sizeof(position)) == sizeof(position))
		last = position;
	(void)close(pipes[0]);
	return last;
}

static void a_writer_may_be_killed_at_any_instant(void **state)
{
	struct fixture *f = *state;
	int32_t written = -1;

	begin_call(f, SID);
	close_all(f);
	for (int i = 0; i < KILLS; i++) {
		const int32_t acknowledged = kill_a_writer(f, written, i % 5 == 0, 5 + i * 7 % 60);
		struct db *db = open_or_exit(f);

		if (i % 3 == 0)
			assert_int_equal(db_checkpoint(db), DB_OK);
		db_close(db);
		open_plain(f);
		written = (int32_t)ask_number(f, "SELECT coalesce(max(position), -1) FROM turns");
		assert_true(written >= acknowledged);
		assert_int_equal(ask_number(f, "SELECT count(*) FROM turns"), written + 1);
		/* Of a batch both or none: its second turn is at 1, 5, 9 … */
		assert_int_not_equal(written % 4, 0);
		close_all(f);
	}
	assert_true(written >= KILLS * 4 / 5 - 1);      /* one turn a writer that was not killed young */
	open_plain(f);
	assert_string_equal(ask_text(f, "PRAGMA integrity_check"), "ok");
	assert_int_equal(ask_number(f, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

static pid_t start_writer(struct fixture *f, const char *sid)
{
	const pid_t child = fork();

	assert_return_code(child, 0);
	if (child != 0)
		return child;
	struct db *db = open_or_exit(f);

	for (int32_t i = 0; i < WRITER_TURNS; i++)
		if (put_turn(db, sid, i) != DB_OK) {
			(void)fprintf(stderr, "# %s\n", db_why(db));
			_exit(2);
		}
	db_close(db);
	_exit(0);
}

/* Whether a child has ended, well. */
static bool has_ended(pid_t child)
{
	int status = -1;
	const pid_t ended = waitpid(child, &status, WNOHANG);

	assert_true(ended == 0 || (ended == child && status == 0));
	return ended == child;
}

static void two_processes_write_while_a_third_moves_the_log(void **state)
{
	struct fixture *f = *state;
	int checkpoint_count = 0;
	bool first_ended = false;
	bool second_ended = false;

	begin_call(f, "CAone");
	begin_call(f, "CAtwo");
	close_all(f);
	const pid_t first = start_writer(f, "CAone");
	const pid_t second = start_writer(f, "CAtwo");
	f->db = open_or_exit(f);
	open_plain(f);
	const uint64_t deadline_ms = clock_mono_ms() + 120000;

	while (!first_ended || !second_ended) {
		assert_true(clock_mono_ms() < deadline_ms);
		const enum db_result result = db_checkpoint(f->db);

		assert_true(result == DB_OK || result == DB_BUSY);
		checkpoint_count += result == DB_OK;
		sleep_ms(2);
		first_ended = first_ended || has_ended(first);
		second_ended = second_ended || has_ended(second);
	}
	assert_true(checkpoint_count > 0);
	assert_int_equal(ask_number(f, "SELECT count(*) FROM turns"), 2 * WRITER_TURNS);
	assert_string_equal(ask_text(f, "PRAGMA integrity_check"), "ok");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DB_CASE(a_writer_may_be_killed_at_any_instant),
		DB_CASE(two_processes_write_while_a_third_moves_the_log),
	};

	return cmocka_run_group_tests_name("db_crash", tests, NULL, NULL);
}
