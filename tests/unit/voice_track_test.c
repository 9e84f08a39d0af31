/*
 * What was heard of what was sent, in logs written by hand: each way takes 10 ms and nothing jitters. What is sent at
 * `t` of the log plays from t + 10 of Twilio's clock on, at the earliest, and a mark that is played at `p` is back at
 * p + 10.
 */
#include "tests/unit/unit.h"

#include "media/sound/timeline.h"

#include <stdarg.h>

enum { MS = ULAW_BYTES_PER_MS, WAY_MS = 10 };

static struct timeline t;
static struct spool_reader reader;
static int64_t stamp_ms;

static void take(const char *text)
{
	struct slice bytes = slice_of(text);
	struct spool_event e;

	assert_int_equal(spool_read(&reader, &bytes, &e), SPOOL_EVENT);
	timeline_take(&t, &e);
}

/* The caller's frames up to then. */
static void frames_until(int64_t ms)
{
	char text[SPOOL_LINE_BYTES_MAX];

	for (; stamp_ms + WAY_MS <= ms; stamp_ms += 20) {
		snprintf(text, sizeof text, "%lld in ts=%lld chunk=%lld at=%lld bytes=160\n",
			(long long)stamp_ms + WAY_MS, (long long)stamp_ms, (long long)stamp_ms / 20 + 1,
			(long long)stamp_ms * MS);
		take(text);
	}
}

__attribute__((format(printf, 2, 3))) static void line(int64_t ms, const char *format, ...)
{
	char text[SPOOL_LINE_BYTES_MAX], rest[SPOOL_LINE_BYTES_MAX / 2];
	va_list args;

	frames_until(ms);
	va_start(args, format);
	vsnprintf(rest, sizeof rest, format, args);
	va_end(args);
	snprintf(text, sizeof text, "%lld %s\n", (long long)ms, rest);
	take(text);
}

static int begin(void **state)
{
	static const int64_t bytes[TIMELINE_FILE_COUNT] = { INT64_MAX, INT64_MAX, INT64_MAX };

	(void)state;
	timeline_init(&t, bytes);
	spool_reader_init(&reader);
	take("0 spool version=1 call=CA1 part=1 wall_ms=0\n");
	stamp_ms = 0;
	/* A word that is heard whole tells how long the way is: 100 ms, from 510 to 610. */
	line(500, "out gen=1 at=0 bytes=800");
	line(500, "mark gen=1 name=first at=800");
	line(620, "back name=first");
	return 0;
}

static int end(void **state)
{
	(void)state;
	timeline_fini(&t);
	return 0;
}

static void settle(int64_t ms)
{
	line(ms, "end reason=x");
	timeline_settle(&t);
}

/* Item i begins at `from_ms` and is `ms` long, give or take `off_ms`, and is of the file from `at` on. */
static void heard(size_t i, int64_t from_ms, int64_t ms, int64_t at, int64_t off_ms)
{
	enum timeline_file file;
	const struct plan *p = timeline_voice(&t, &file);

	assert_int_equal(file, TIMELINE_VOICE_FILE);
	assert_true(i < p->count);
	assert_in_range(p->items[i].sample + 1000, (from_ms - off_ms) * MS + 1000, (from_ms + off_ms) * MS + 1000);
	assert_in_range(p->items[i].bytes + 1000, (ms - off_ms) * MS + 1000, (ms + off_ms) * MS + 1000);
	assert_int_equal(p->items[i].at, at);
}

static void is_all(size_t count)
{
	enum timeline_file file;

	assert_int_equal(timeline_voice(&t, &file)->count, count);
}

static void what_comes_faster_than_it_is_played_waits(void **state)
{
	(void)state;
	line(1000, "out gen=1 at=800 bytes=8000");
	line(1050, "out gen=1 at=8800 bytes=8000");
	line(1050, "mark gen=1 name=m at=16800");
	line(3020, "back name=m");
	settle(4000);
	heard(0, 510, 100, 0, 1);
	heard(1, 1010, 2000, 800, 1);
	is_all(2);
}

static void what_comes_too_late_leaves_a_pause(void **state)
{
	(void)state;
	line(1000, "out gen=1 at=800 bytes=1600");
	line(1500, "out gen=1 at=2400 bytes=1600");
	line(1500, "mark gen=1 name=m at=4000");
	line(1720, "back name=m");
	settle(3000);
	heard(1, 1010, 200, 800, 1);
	heard(2, 1510, 200, 2400, 1);
	is_all(3);
}

/* It was held up for 150 ms on its way: only the mark tells. */
static void a_mark_tells_what_was_held_up_on_its_way(void **state)
{
	(void)state;
	line(1000, "out gen=1 at=800 bytes=1600");
	line(1000, "mark gen=1 name=m at=2400");
	line(1370, "back name=m");
	settle(3000);
	heard(1, 1160, 200, 800, 1);
}

/* The message is sent at 1220, but comes here at 1400. */
static void a_mark_that_is_held_up_on_its_way_back_is_seen_through(void **state)
{
	(void)state;
	line(1000, "out gen=1 at=800 bytes=1600");
	line(1000, "mark gen=1 name=m at=2400");
	frames_until(1210);
	/* The frame of 1220 is behind it in the same connection: it was sent in front of that. */
	take("1400 back name=m\n");
	take("1400 in ts=1220 chunk=62 at=9760 bytes=160\n");
	stamp_ms = 1240;
	settle(3000);
	heard(1, 1010, 200, 800, 10);
}

static void what_was_thrown_away_was_never_heard(void **state)
{
	(void)state;
	line(1000, "out gen=1 at=800 bytes=16000");
	line(1000, "mark gen=1 name=m at=16800");
	line(1500, "clear gen=1");
	line(1520, "back name=m");
	line(2000, "out gen=2 at=16800 bytes=800");
	settle(3000);
	/* Played from 1010 to 1510, when the clear came. */
	heard(1, 1010, 500, 800, 3);
	heard(2, 2010, 100, 16800, 1);
	is_all(3);
}

/* The clear is held up: what it throws back comes 300 ms later than it could. */
static void a_cut_is_when_the_clear_came_not_when_it_left(void **state)
{
	(void)state;
	line(1000, "out gen=1 at=800 bytes=16000");
	line(1000, "mark gen=1 name=m at=16800");
	line(1500, "clear gen=1");
	line(1820, "back name=m");
	settle(3000);
	/* The earlier moment counts: the frame in front of the mark was sent at 1800. */
	heard(1, 1010, 790, 800, 3);
}

static void a_clear_of_what_was_played_takes_nothing_away(void **state)
{
	(void)state;
	line(1000, "out gen=1 at=800 bytes=1600");
	line(1000, "mark gen=1 name=m at=2400");
	line(1220, "back name=m");
	line(1500, "clear gen=1");
	settle(3000);
	heard(1, 1010, 200, 800, 1);
}

static void nothing_is_heard_behind_the_end(void **state)
{
	(void)state;
	line(1000, "out gen=1 at=800 bytes=80000");
	settle(2010);
	heard(1, 1010, 990, 800, 1);
	assert_int_equal(t.samples, 2020 * MS);
}

static void a_log_that_is_cut_ends_with_its_last_line(void **state)
{
	(void)state;
	line(1000, "out gen=1 at=800 bytes=80000");
	frames_until(1510);
	timeline_settle(&t);
	heard(1, 1010, 490, 800, 1);
	assert_false(t.ended);
}

static void the_outbound_track_is_believed_as_it_is(void **state)
{
	enum timeline_file file;

	(void)state;
	line(1000, "far ts=700 chunk=1 at=0 bytes=160");
	line(1000, "far ts=720 chunk=2 at=160 bytes=160");
	settle(2000);
	assert_int_equal(timeline_voice(&t, &file)->count, 1);
	assert_int_equal(file, TIMELINE_PLAYED_FILE);
	assert_int_equal(timeline_voice(&t, &file)->items[0].sample, 700 * MS);
	assert_int_equal(timeline_voice(&t, &file)->items[0].bytes, 320);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_comes_faster_than_it_is_played_waits, begin, end),
		cmocka_unit_test_setup_teardown(what_comes_too_late_leaves_a_pause, begin, end),
		cmocka_unit_test_setup_teardown(a_mark_tells_what_was_held_up_on_its_way, begin, end),
		cmocka_unit_test_setup_teardown(a_mark_that_is_held_up_on_its_way_back_is_seen_through, begin, end),
		cmocka_unit_test_setup_teardown(what_was_thrown_away_was_never_heard, begin, end),
		cmocka_unit_test_setup_teardown(a_cut_is_when_the_clear_came_not_when_it_left, begin, end),
		cmocka_unit_test_setup_teardown(a_clear_of_what_was_played_takes_nothing_away, begin, end),
		cmocka_unit_test_setup_teardown(nothing_is_heard_behind_the_end, begin, end),
		cmocka_unit_test_setup_teardown(a_log_that_is_cut_ends_with_its_last_line, begin, end),
		cmocka_unit_test_setup_teardown(the_outbound_track_is_believed_as_it_is, begin, end),
	};

	return cmocka_run_group_tests_name("voice_track", tests, NULL, NULL);
}
