#include "tests/unit/unit.h"

#include "sim/recording.h"

#include <unistd.h>

static char path[64];

static int make_path(void **state)
{
	int fd;

	(void)state;
	snprintf(path, sizeof path, "/tmp/receptionai-recording.XXXXXX");
	fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int remove_path(void **state)
{
	(void)state;
	return unlink(path);
}

static void write_file(const char *text)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	fclose(file);
}

static void what_is_recorded_is_read_back_word_by_word(void **state)
{
	struct recording_writer w;
	struct recording r;
	char why[200];

	(void)state;
	assert_int_equal(recording_begin(&w, path), 0);
	recording_put(&w, 0, SLICE("{\"event\":\"connected\"}"));
	recording_put(&w, 7, SLICE("  { odd,\tspacing }  "));
	recording_put(&w, 7, SLICE("two\nlines"));
	assert_int_equal(recording_end(&w), 0);
	assert_int_equal(recording_end(&w), 0);
	assert_true(recording_read(&r, path, why, sizeof why));
	assert_int_equal(r.frame_count, 3);
	assert_true(slice_equal(r.frames[0].text, SLICE("{\"event\":\"connected\"}")));
	assert_int_equal(r.frames[1].ms, 7);
	assert_true(slice_equal(r.frames[1].text, SLICE("  { odd,\tspacing }  ")));
	assert_true(slice_equal(r.frames[2].text, SLICE("two lines")));
	recording_release(&r);
	recording_release(&r);
}

static void the_call_and_its_stream_are_those_of_the_start_message(void **state)
{
	struct recording r;
	char why[200];

	(void)state;
	write_file("# a call\n\n0 {\"event\":\"connected\",\"streamSid\":\"MZ1\"}\n0 no message at all\n"
		   "3 {\"event\":\"start\",\"streamSid\":\"MZ1\",\"start\":{\"callSid\":\"CA1\"}}");
	assert_true(recording_read(&r, path, why, sizeof why));
	assert_int_equal(r.frame_count, 3);
	assert_string_equal(r.call_sid, "CA1");
	assert_string_equal(r.stream_sid, "MZ1");
	recording_release(&r);
	write_file("0 x\n");
	assert_true(recording_read(&r, path, why, sizeof why));
	assert_string_equal(r.call_sid, "");
	recording_release(&r);
}

static void assert_refused(const char *text, const char *reason)
{
	struct recording r;
	char why[300] = "";

	write_file(text);
	assert_false(recording_read(&r, path, why, sizeof why));
	if (!strstr(why, reason))
		fail_msg("\"%s\" does not say \"%s\"", why, reason);
}

static void files_that_are_no_recording_are_refused_with_the_line(void **state)
{
	struct recording r;
	char why[300];

	(void)state;
	assert_refused("", "no message");
	assert_refused("# nothing\n", "no message");
	assert_refused("0 a\nhello\n", ":2: milliseconds");
	assert_refused("0 a\n5\n", ":2: milliseconds");
	assert_refused("0 a\n5 \n", ":2: milliseconds");
	assert_refused("-1 a\n", ":1: milliseconds");
	assert_refused("99999999999 a\n", ":1: milliseconds");
	assert_refused("20 a\n20 b\n19 c\n", ":3: it was sent before");
	assert_false(recording_read(&r, "/nonexistent", why, sizeof why));
	assert_non_null(strstr(why, "No such file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_recorded_is_read_back_word_by_word),
		cmocka_unit_test(the_call_and_its_stream_are_those_of_the_start_message),
		cmocka_unit_test(files_that_are_no_recording_are_refused_with_the_line),
	};

	return cmocka_run_group_tests(tests, make_path, remove_path);
}
