#include "tests/unit/unit.h"

#include "base/buf.h"
#include "sim/playback.h"

/* Virtual time starts at a number that is no round one. */
enum { START = 1234567 };

static uint8_t heard_bytes[1 << 20];

static struct buf fresh_heard(void)
{
	struct buf b;

	buf_init_fixed(&b, heard_bytes, sizeof heard_bytes);
	return b;
}

static void put(struct playback *p, char byte, size_t ms)
{
	uint8_t audio[8 * 2000];

	memset(audio, byte, ms * 8);
	assert_true(playback_put(p, audio, ms * 8));
}

static void run_to(struct playback *p, uint64_t ms, struct buf *heard)
{
	assert_true(playback_run(p, START + ms * 1000, heard));
}

static size_t count(const struct buf *b, uint8_t byte)
{
	size_t n = 0;

	for (size_t i = 0; i < buf_len(b); i++)
		n += buf_data(b)[i] == byte;
	return n;
}

static void what_is_heard_is_audio_in_order_and_silence_on_the_calls_clock(void **state)
{
	struct playback p;
	struct buf heard = fresh_heard();

	(void)state;
	playback_init(&p, START);
	run_to(&p, 100, &heard);
	put(&p, 'a', 30);
	put(&p, 'b', 30);
	run_to(&p, 140, &heard);
	run_to(&p, 500, &heard);
	assert_int_equal(buf_len(&heard), 500 * 8);
	for (size_t i = 0; i < buf_len(&heard); i++) {
		size_t ms = i / 8;
		uint8_t expected = ms < 100 ? ULAW_SILENCE : ms < 130 ? 'a' : ms < 160 ? 'b' : ULAW_SILENCE;

		assert_int_equal(buf_data(&heard)[i], expected);
	}
	playback_fini(&p);
}

static void a_mark_with_nothing_buffered_comes_at_once(void **state)
{
	struct playback p;

	(void)state;
	playback_init(&p, START);
	assert_true(playback_mark(&p, "now"));
	assert_string_equal(playback_take_mark(&p), "now");
	assert_null(playback_take_mark(&p));
	assert_true(playback_due_us(&p) == UINT64_MAX);
	playback_fini(&p);
}

static void a_mark_waits_for_exactly_the_audio_before_it(void **state)
{
	struct playback p;
	struct buf heard = fresh_heard();

	(void)state;
	playback_init(&p, START);
	put(&p, 'a', 20);
	assert_true(playback_mark(&p, "first"));
	put(&p, 'b', 20);
	assert_true(playback_mark(&p, "second"));
	assert_true(playback_mark(&p, "third"));
	assert_null(playback_take_mark(&p));
	assert_true(playback_due_us(&p) == START + 20000);
	assert_true(playback_run(&p, START + 19999, &heard));
	assert_null(playback_take_mark(&p));
	assert_true(playback_run(&p, playback_due_us(&p), &heard));
	assert_string_equal(playback_take_mark(&p), "first");
	assert_null(playback_take_mark(&p));
	run_to(&p, 40, &heard);
	assert_string_equal(playback_take_mark(&p), "second");
	assert_string_equal(playback_take_mark(&p), "third");
	assert_null(playback_take_mark(&p));
	playback_fini(&p);
}

static void clear_drops_the_audio_and_returns_all_marks_in_order(void **state)
{
	struct playback p;
	struct buf heard = fresh_heard();

	(void)state;
	playback_init(&p, START);
	put(&p, 'a', 1000);
	assert_true(playback_mark(&p, "m1"));
	put(&p, 'b', 500);
	assert_true(playback_mark(&p, "m2"));
	run_to(&p, 250, &heard);
	assert_int_equal(playback_clear(&p), 1250 * 8);
	assert_string_equal(playback_take_mark(&p), "m1");
	assert_string_equal(playback_take_mark(&p), "m2");
	assert_null(playback_take_mark(&p));
	put(&p, 'c', 10);
	run_to(&p, 300, &heard);
	assert_int_equal(count(&heard, 'a'), 250 * 8);
	assert_int_equal(count(&heard, 'b'), 0);
	assert_int_equal(count(&heard, 'c'), 10 * 8);
	assert_int_equal(buf_len(&heard), 300 * 8);
	playback_fini(&p);
}

static void a_short_hole_in_a_row_of_audio_is_an_underrun(void **state)
{
	struct playback p;
	struct buf heard = fresh_heard();

	(void)state;
	playback_init(&p, START);
	run_to(&p, 200, &heard);
	put(&p, 'a', 20);
	run_to(&p, 270, &heard);
	put(&p, 'b', 20);
	assert_int_equal(p.underrun_count, 1);
	assert_int_equal(p.underrun_bytes, 50 * 8);
	run_to(&p, 290, &heard);
	put(&p, 'c', 20);
	assert_int_equal(p.underrun_count, 1);
	run_to(&p, 290 + 20 + PLAYBACK_GAP_MS_MAX + 1, &heard);
	put(&p, 'd', 20);
	assert_int_equal(p.underrun_count, 1);
	playback_clear(&p);
	put(&p, 'e', 20);
	assert_int_equal(p.underrun_count, 1);
	playback_fini(&p);
}

static void time_that_is_cut_into_uneven_steps_changes_nothing(void **state)
{
	struct playback p;
	struct buf heard = fresh_heard();
	uint64_t now = START;

	(void)state;
	playback_init(&p, START);
	put(&p, 'x', 1500);
	for (unsigned step = 1; now < START + 2000000; step = step * 7919 % 30011) {
		now += step;
		assert_true(playback_run(&p, now, &heard));
	}
	assert_int_equal(buf_len(&heard), (now - START) * 8 / 1000);
	assert_int_equal(count(&heard, 'x'), 1500 * 8);
	assert_int_equal(p.played_bytes, 1500 * 8);
	playback_fini(&p);
}

static void long_queues_of_audio_and_marks_keep_their_order(void **state)
{
	struct playback p;
	struct buf heard = fresh_heard();
	char name[16];
	unsigned taken = 0;

	(void)state;
	playback_init(&p, START);
	for (unsigned i = 0; i < 5000; i++) {
		put(&p, (char)('A' + i % 26), 20);
		snprintf(name, sizeof name, "m%u", i);
		assert_true(playback_mark(&p, name));
		if (i % 3 == 0)
			run_to(&p, (i / 3 + 1) * 20, &heard);
		const char *got;

		while ((got = playback_take_mark(&p))) {
			snprintf(name, sizeof name, "m%u", taken++);
			assert_string_equal(got, name);
		}
	}
	run_to(&p, 5000 * 20, &heard);
	while (playback_take_mark(&p))
		taken++;
	assert_int_equal(taken, 5000);
	for (size_t i = 0; i < buf_len(&heard); i++)
		assert_int_equal(buf_data(&heard)[i], 'A' + i / 160 % 26);
	playback_fini(&p);
}

static void bounds_refuse_and_keep_what_was_there(void **state)
{
	struct playback p;
	static uint8_t audio[PLAYBACK_BYTES_MAX];
	char name[PLAYBACK_MARK_NAME_BYTES_MAX + 2];
	struct buf small;
	uint8_t memory[8];

	(void)state;
	playback_init(&p, START);
	assert_true(playback_put(&p, audio, sizeof audio));
	assert_false(playback_put(&p, audio, 1));
	assert_int_equal(playback_waiting_bytes(&p), sizeof audio);
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	assert_false(playback_mark(&p, name));
	name[sizeof name - 2] = '\0';
	assert_true(playback_mark(&p, name));
	for (int i = 1; i < PLAYBACK_MARK_COUNT_MAX; i++)
		assert_true(playback_mark(&p, "m"));
	assert_false(playback_mark(&p, "one too many"));
	buf_init_fixed(&small, memory, sizeof memory);
	assert_false(playback_run(&p, START + 10000, &small));
	assert_int_equal(p.heard_bytes, 0);
	playback_fini(&p);
	playback_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_heard_is_audio_in_order_and_silence_on_the_calls_clock),
		cmocka_unit_test(a_mark_with_nothing_buffered_comes_at_once),
		cmocka_unit_test(a_mark_waits_for_exactly_the_audio_before_it),
		cmocka_unit_test(clear_drops_the_audio_and_returns_all_marks_in_order),
		cmocka_unit_test(a_short_hole_in_a_row_of_audio_is_an_underrun),
		cmocka_unit_test(time_that_is_cut_into_uneven_steps_changes_nothing),
		cmocka_unit_test(long_queues_of_audio_and_marks_keep_their_order),
		cmocka_unit_test(bounds_refuse_and_keep_what_was_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
