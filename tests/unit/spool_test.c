#include "tests/unit/unit.h"

#include "proto/spool.h"

static const char example[] =
	"0 spool version=1 part=1 merchant=7 wall_ms=1763706600000 call=CA1 stream=MZ1 "
		"caller=+14155550123 called=+14155550100\n"
	"21 in ts=20 chunk=1 at=0 bytes=160\n"
	"41 out gen=1 at=0 bytes=480\n"
	"41 mark gen=1 at=480 name=m1\n"
	"99 back ts=80 name=m1\n"
	"120 clear gen=1\n"
	"130 secret on=1\n"
	"140 recording on=0 why=disk-full\n"
	"150 end reason=caller-hung-up\n";

static size_t read_all(struct slice bytes, struct spool_event *out, size_t most)
{
	struct spool_reader r;
	size_t count = 0;

	spool_reader_init(&r);
	while (count < most && spool_read(&r, &bytes, &out[count]) == SPOOL_EVENT)
		count++;
	assert_null(r.why);
	return count;
}

static void what_is_written_is_read_back_and_written_again_to_the_letter(void **state)
{
	struct spool_event events[16];
	char again[sizeof example + SPOOL_LINE_BYTES_MAX];
	size_t len = 0, count = read_all(SLICE(example), events, 16);

	(void)state;
	assert_int_equal(count, 9);
	for (size_t i = 0; i < count; i++)
		len += spool_write(&events[i], again + len);
	assert_int_equal(len, sizeof example - 1);
	assert_memory_equal(again, example, len);
	assert_int_equal(events[0].wall_ms, 1763706600000);
	assert_string_equal(events[0].caller, "+14155550123");
	assert_int_equal(events[1].chunk, 1);
	assert_int_equal(events[1].gen, -1);
	assert_string_equal(events[3].text, "m1");
	assert_int_equal(spool_why_parse(slice_of(events[7].text)), SPOOL_DISK_FULL);
}

static void any_text_goes_through_a_line(void **state)
{
	char line[SPOOL_LINE_BYTES_MAX];
	struct spool_event e, back[1];
	struct slice bytes;
	struct spool_reader r;

	(void)state;
	spool_event_init(&e, SPOOL_BEGIN, 0);
	e.version = 1;
	e.part = 2;
	e.wall_ms = 999999999999999;
	memset(e.call, '%', SPOOL_TEXT_BYTES_MAX);
	memset(e.stream, 0xFF, SPOOL_TEXT_BYTES_MAX);
	for (int i = 0; i < SPOOL_TEXT_BYTES_MAX; i++)
		e.caller[i] = (char)(i + 1);
	memset(e.called, ' ', SPOOL_TEXT_BYTES_MAX);
	bytes = (struct slice){ line, spool_write(&e, line) };
	assert_ptr_equal(memchr(line, '\n', bytes.len), line + bytes.len - 1);
	spool_reader_init(&r);
	assert_int_equal(spool_read(&r, &bytes, back), SPOOL_EVENT);
	assert_memory_equal(&back[0], &e, sizeof e);
}

static void every_prefix_gives_the_events_of_its_complete_lines(void **state)
{
	struct spool_event whole[16], part[16];

	(void)state;
	read_all(SLICE(example), whole, 16);
	for (size_t len = 0; len < sizeof example; len++) {
		size_t lines = 0, count = read_all((struct slice){ example, len }, part, 16);

		for (size_t i = 0; i < len; i++)
			lines += example[i] == '\n';
		assert_int_equal(count, lines);
		for (size_t i = 0; i < count; i++)
			assert_memory_equal(&part[i], &whole[i], sizeof part[i]);
	}
}

static void bytes_may_come_in_any_pieces(void **state)
{
	(void)state;
	for (size_t piece = 1; piece < 40; piece++) {
		struct spool_reader r;
		struct slice held = { example, 0 };
		struct spool_event e;
		size_t count = 0;

		spool_reader_init(&r);
		for (size_t given = 0; given < sizeof example - 1;) {
			size_t more = sizeof example - 1 - given < piece ? sizeof example - 1 - given : piece;

			given += more;
			held.len += more;
			while (spool_read(&r, &held, &e) == SPOOL_EVENT)
				count++;
		}
		assert_int_equal(count, 9);
		assert_int_equal(held.len, 0);
	}
}

static void words_and_fields_of_later_times_are_passed_over(void **state)
{
	struct spool_event events[4];
	size_t count = read_all(SLICE("0 spool version=1 call=CA1 part=1 wall_ms=5 colour=red\n"
		"3 weather rain=1 such words=\n"
		"5 in at=0 bytes=160 loud=%%% gen=x\n"), events, 4);

	(void)state;
	assert_int_equal(count, 2);
	assert_int_equal(events[1].word, SPOOL_IN);
	assert_int_equal(events[1].ts, -1);
}

static void refused(const char *text, const char *why)
{
	struct spool_event e;
	struct spool_reader r;
	struct slice bytes = slice_of(text);

	spool_reader_init(&r);
	while (spool_read(&r, &bytes, &e) == SPOOL_EVENT)
		continue;
	assert_non_null(r.why);
	assert_non_null(strstr(r.why, why));
	assert_int_equal(spool_read(&r, &bytes, &e), SPOOL_FAIL);
}

static void what_is_no_log_is_refused_with_a_sentence(void **state)
{
	static char long_line[SPOOL_LINE_BYTES_MAX + 1];
	const char *const begin = "0 spool version=1 call=CA1 part=1 wall_ms=5\n";
	const char *const broken[] = { "x in at=0 bytes=1\n", "1\n", "\n", "1 in at=0\n", "1 in at=0 bytes=\n",
		"1 in at=0 bytes=-1\n", "1 in at=0 bytes=1 bytes=2\n", "1 mark gen=1 at=0 name=%4\n",
		"1 mark gen=1 at=0 name=\n",
		"1 mark gen=1 at=0 name=%00\n", "1 mark gen=1 at=0 name=%zz\n", "1 in at=0 bytes=1 =\n",
		"1 in at=0 bytes=1 word\n", "1234567890123456 in at=0 bytes=1\n",
		"0 spool version=1 call=CA1 part=1 wall_ms=5\n" };
	char text[256];

	(void)state;
	memset(long_line, '1', SPOOL_LINE_BYTES_MAX);
	refused(long_line, "too long");
	refused("hello\n", "not the event log");
	refused("0 in at=0 bytes=0\n", "not the event log");
	refused("0 spool version=2 call=CA1 part=1 wall_ms=5\n", "newer version");
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		snprintf(text, sizeof text, "%s%s", begin, broken[i]);
		refused(text, "broken");
	}
}

static void every_reason_is_found_by_its_word(void **state)
{
	(void)state;
	for (int i = 1; i < SPOOL_WHY_COUNT; i++) {
		assert_int_equal(spool_why_parse(slice_of(spool_why_word((enum spool_why)i))), i);
		assert_true(strlen(spool_why_sentence((enum spool_why)i)) > 10);
	}
	assert_int_equal(spool_why_parse(SLICE("")), SPOOL_WHOLE);
	assert_int_equal(spool_why_parse(SLICE("no such word")), SPOOL_WHOLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back_and_written_again_to_the_letter),
		cmocka_unit_test(any_text_goes_through_a_line),
		cmocka_unit_test(every_prefix_gives_the_events_of_its_complete_lines),
		cmocka_unit_test(bytes_may_come_in_any_pieces),
		cmocka_unit_test(words_and_fields_of_later_times_are_passed_over),
		cmocka_unit_test(what_is_no_log_is_refused_with_a_sentence),
		cmocka_unit_test(every_reason_is_found_by_its_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
