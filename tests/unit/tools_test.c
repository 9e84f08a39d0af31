#include "tests/unit/unit.h"

#include "base/check.h"
#include "relay/tools.h"

static struct pool pool;
static struct tools t;
static struct tools_view view;
static struct tool_use *use;

static int begin(void **state)
{
	static const struct pool_plan plan[] = {{1024, 64}, {32768, 32}};

	(void)state;
	check(pool_open(&pool, plan, ARRAY_COUNT(plan)) == 0);
	tools_init(&t, &pool);
	view = (struct tools_view){.now_ms = 1000, .free = true};
	return 0;
}

static int end(void **state)
{
	(void)state;
	tools_fini(&t);
	tools_fini(&t);
	assert_int_equal(pool_used_bytes(&pool), 0);
	pool_close(&pool);
	return 0;
}

static enum tools_seen see(
	const char *response, const char *id, const char *name, const char *arguments)
{
	struct tool_seen seen = {
		.response_id = slice_of(response),
		.call_id = slice_of(id),
		.name = slice_of(name),
		.arguments = slice_of(arguments),
	};

	return tools_call(&t, &seen, view.now_ms);
}

static enum tools_act next(void)
{
	return tools_next(&t, &view, &use);
}

static const char *output(void)
{
	static char text[TOOL_OUTPUT_BYTES_MAX + 1];

	slice_copy((struct slice){(char *)buf_data(&use->output), buf_len(&use->output)}, text,
		sizeof text);
	return text;
}

static uint32_t start(const char *response, const char *id)
{
	assert_int_equal(see(response, id, "book", "{}"), TOOLS_ACCEPTED);
	assert_int_equal(next(), TOOLS_START);
	return use->serial;
}

static void tell(void)
{
	assert_int_equal(next(), TOOLS_OUTPUT);
	tools_told(&t, use, view.now_ms);
}

static void done(const char *response)
{
	tools_response_done(&t, slice_of(response));
}

/* --- rules
 * ---------------------------------------------------------------------------------------- */

static void a_call_that_is_shown_three_times_runs_once(void **state)
{
	(void)state;
	assert_int_equal(see("r1", "c1", "book", "{\"n\":1}"), TOOLS_ACCEPTED);
	assert_int_equal(see("r1", "c1", "book", "{\"n\":1}"), TOOLS_DUPLICATE);
	assert_int_equal(next(), TOOLS_START);
	assert_memory_equal(buf_data(&use->arguments), "{\"n\":1}", 7);
	assert_true(slice_equal(tool_name(use), SLICE("book")));
	assert_int_equal(tools_result(&t, use->serial, TOOL_OK, SLICE("{}"), 1000), TOOLS_TAKEN);
	done("r1");
	tell();
	assert_int_equal(see("r1", "c1", "book", "{\"n\":1}"), TOOLS_DUPLICATE);
	assert_int_equal(next(), TOOLS_RESPOND);
	assert_int_equal(next(), TOOLS_REST);
}

static void an_output_waits_for_the_end_of_its_response(void **state)
{
	(void)state;
	uint32_t serial = start("r1", "c1");

	assert_int_equal(tools_result(&t, serial, TOOL_OK, SLICE("{\"ok\":true}"), view.now_ms),
		TOOLS_TAKEN);
	assert_int_equal(next(), TOOLS_REST);
	done("r2");
	assert_int_equal(next(), TOOLS_REST);
	done("r1");
	assert_int_equal(next(), TOOLS_OUTPUT);
	assert_string_equal(output(), "{\"ok\":true}");
}

static void a_response_that_never_ends_is_ended_by_the_next_or_by_time(void **state)
{
	(void)state;
	uint32_t serial = start("r1", "c1");

	tools_result(&t, serial, TOOL_OK, SLICE("{}"), view.now_ms);
	assert_int_equal(tools_deadline_ms(&t, view.now_ms), 1000 + TOOLS_PARENT_MS);
	tools_response(&t, SLICE("r2"), false);
	tell();
	serial = start("r3", "c2");
	tools_result(&t, serial, TOOL_OK, SLICE("{}"), view.now_ms);
	view.free = false;
	assert_int_equal(next(), TOOLS_REST);
	view.now_ms += TOOLS_PARENT_MS;
	tell();
}

static void one_answer_is_asked_for_when_all_are_told(void **state)
{
	(void)state;
	uint32_t one = start("r1", "c1"), two = start("r1", "c2");

	done("r1");
	tools_result(&t, two, TOOL_OK, SLICE("{}"), view.now_ms);
	tell();
	assert_int_equal(next(), TOOLS_REST);
	tools_result(&t, one, TOOL_FAILED, SLICE("{}"), view.now_ms);
	tell();
	assert_int_equal(next(), TOOLS_RESPOND);
	assert_int_equal(next(), TOOLS_REST);
}

static void the_preamble_is_heard_first(void **state)
{
	(void)state;
	uint32_t serial = start("r1", "c1");

	done("r1");
	tools_result(&t, serial, TOOL_OK, SLICE("{}"), view.now_ms);
	view.playing = true;
	tell();
	assert_int_equal(next(), TOOLS_REST);
	assert_true(tools_deadline_ms(&t, view.now_ms) <= view.now_ms + TOOLS_LOOK_MS);
	view.playing = false;
	view.free = false;
	assert_int_equal(next(), TOOLS_REST);
	view.free = true;
	assert_int_equal(next(), TOOLS_RESPOND);
}

static void silence_is_not_waited_for_for_ever(void **state)
{
	(void)state;
	uint32_t serial = start("r1", "c1");

	done("r1");
	tools_result(&t, serial, TOOL_OK, SLICE("{}"), view.now_ms);
	view.playing = true;
	tell();
	view.now_ms += TOOLS_HEARD_MS;
	assert_int_equal(next(), TOOLS_RESPOND);
}

static void no_answer_is_asked_for_when_the_caller_has_taken_the_word(void **state)
{
	(void)state;
	uint32_t serial = start("r1", "c1");

	done("r1");
	tools_result(&t, serial, TOOL_OK, SLICE("{}"), view.now_ms);
	view.free = false;
	tell();
	tools_response(&t, SLICE("r2"), false);
	view.free = true;
	assert_int_equal(next(), TOOLS_REST);
}

static void words_said_verbatim_answer_nothing(void **state)
{
	(void)state;
	uint32_t serial = start("r1", "c1");

	done("r1");
	tools_result(&t, serial, TOOL_OK, SLICE("{}"), view.now_ms);
	view.free = false;
	tell();
	tools_response(&t, SLICE("filler"), true);
	view.free = true;
	assert_int_equal(next(), TOOLS_RESPOND);
}

static void an_answer_that_began_before_the_outputs_knows_nothing_of_them(void **state)
{
	(void)state;
	uint32_t serial = start("r1", "c1");

	done("r1");
	tools_response(&t, SLICE("r2"), false);
	view.free = false;
	tools_result(&t, serial, TOOL_OK, SLICE("{}"), view.now_ms);
	tell();
	assert_int_equal(next(), TOOLS_REST);
	view.free = true;
	assert_int_equal(next(), TOOLS_RESPOND);
}

static void a_deadline_answers_and_what_comes_later_is_dropped(void **state)
{
	(void)state;
	uint32_t serial = start("r1", "c1");

	tools_allow(use, 500, view.now_ms);
	assert_int_equal(tools_deadline_ms(&t, view.now_ms), 1500);
	done("r1");
	view.now_ms = 1500;
	assert_int_equal(next(), TOOLS_OUTPUT);
	assert_int_equal(use->status, TOOL_TIMEOUT);
	assert_non_null(strstr(output(), "\"ok\":false"));
	assert_int_equal(
		tools_result(&t, serial, TOOL_OK, SLICE("{\"late\":1}"), view.now_ms), TOOLS_LATE);
	assert_null(strstr(output(), "late"));
	tools_told(&t, use, view.now_ms);
	assert_int_equal(tools_result(&t, serial, TOOL_OK, SLICE("{}"), view.now_ms), TOOLS_LATE);
	assert_int_equal(tools_result(&t, 4711, TOOL_OK, SLICE("{}"), view.now_ms), TOOLS_LATE);
}

static void what_cannot_be_run_is_answered_all_the_same(void **state)
{
	static char long_text[TOOL_ARGUMENTS_BYTES_MAX + 2], long_name[TOOL_NAME_BYTES_MAX + 2];

	(void)state;
	memset(long_text, 'x', sizeof long_text - 1);
	memset(long_name, 'n', sizeof long_name - 1);
	assert_int_equal(see("r1", "c1", "book", long_text), TOOLS_ACCEPTED);
	assert_int_equal(see("r1", "c2", long_name, "{}"), TOOLS_ACCEPTED);
	assert_int_equal(next(), TOOLS_REST);
	done("r1");
	assert_int_equal(next(), TOOLS_OUTPUT);
	assert_int_equal(use->status, TOOL_MALFORMED);
	assert_non_null(strstr(output(), "not a JSON object"));
	tools_told(&t, use, view.now_ms);
	assert_int_equal(next(), TOOLS_OUTPUT);
	assert_int_equal(use->status, TOOL_UNKNOWN);
	tools_told(&t, use, view.now_ms);
	assert_int_equal(next(), TOOLS_RESPOND);
}

static void a_call_of_an_interrupted_response_is_not_carried_out(void **state)
{
	struct tool_seen seen = {.response_id = SLICE("r1"),
		.call_id = SLICE("c1"),
		.name = SLICE("transfer_call"),
		.arguments = SLICE("{}"),
		.interrupted = true};

	(void)state;
	assert_int_equal(tools_call(&t, &seen, view.now_ms), TOOLS_ACCEPTED);
	assert_int_equal(next(), TOOLS_REST);
	done("r1");
	assert_int_equal(next(), TOOLS_OUTPUT);
	assert_int_equal(use->status, TOOL_INTERRUPTED);
	tools_told(&t, use, view.now_ms);
	assert_int_equal(next(), TOOLS_REST);
}

static void a_quiet_call_is_not_told(void **state)
{
	(void)state;
	uint32_t serial = start("r1", "c1");

	tools_quiet(&t, serial);
	assert_int_equal(tools_result(&t, serial, TOOL_OK, SLICE("{}"), view.now_ms), TOOLS_TAKEN);
	done("r1");
	assert_int_equal(next(), TOOLS_REST);
	assert_true(tools_deadline_ms(&t, view.now_ms) == UINT64_MAX);
}

static void a_filler_is_said_once_when_it_takes_long(void **state)
{
	(void)state;
	uint32_t serial = start("r1", "c1");

	done("r1");
	assert_int_equal(next(), TOOLS_REST);
	view.now_ms += TOOLS_FILLER_MS - 1;
	assert_int_equal(next(), TOOLS_REST);
	view.now_ms++;
	view.playing = true;
	assert_int_equal(next(), TOOLS_REST);
	view.playing = false;
	assert_int_equal(next(), TOOLS_FILLER);
	view.now_ms += 5000;
	assert_int_equal(next(), TOOLS_REST);
	tools_result(&t, serial, TOOL_OK, SLICE("{}"), view.now_ms);
	tell();
	assert_int_equal(next(), TOOLS_RESPOND);
}

static void more_calls_than_there_is_room_for_are_refused(void **state)
{
	char id[16];

	(void)state;
	assert_int_equal(see("r1", "", "book", "{}"), TOOLS_REFUSED);
	for (unsigned i = 0; i < TOOLS_CALLS_MAX; i++) {
		snprintf(id, sizeof id, "c%u", i);
		assert_int_equal(see("r1", id, "book", "{}"), TOOLS_ACCEPTED);
	}
	assert_int_equal(see("r1", "one more", "book", "{}"), TOOLS_REFUSED);
}

static void an_output_that_is_too_long_is_an_error(void **state)
{
	static char text[TOOL_OUTPUT_BYTES_MAX + 1];

	(void)state;
	uint32_t serial = start("r1", "c1");

	memset(text, 'x', sizeof text);
	assert_int_equal(tools_result(&t, serial, TOOL_OK, (struct slice){text, sizeof text}, 1000),
		TOOLS_TAKEN);
	done("r1");
	assert_int_equal(next(), TOOLS_OUTPUT);
	assert_int_equal(use->status, TOOL_NO_ROOM);
	assert_non_null(strstr(output(), "\"ok\":false"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_call_that_is_shown_three_times_runs_once, begin, end),
		cmocka_unit_test_setup_teardown(
			an_output_waits_for_the_end_of_its_response, begin, end),
		cmocka_unit_test_setup_teardown(
			a_response_that_never_ends_is_ended_by_the_next_or_by_time, begin, end),
		cmocka_unit_test_setup_teardown(
			one_answer_is_asked_for_when_all_are_told, begin, end),
		cmocka_unit_test_setup_teardown(the_preamble_is_heard_first, begin, end),
		cmocka_unit_test_setup_teardown(silence_is_not_waited_for_for_ever, begin, end),
		cmocka_unit_test_setup_teardown(
			no_answer_is_asked_for_when_the_caller_has_taken_the_word, begin, end),
		cmocka_unit_test_setup_teardown(words_said_verbatim_answer_nothing, begin, end),
		cmocka_unit_test_setup_teardown(
			an_answer_that_began_before_the_outputs_knows_nothing_of_them, begin, end),
		cmocka_unit_test_setup_teardown(
			a_deadline_answers_and_what_comes_later_is_dropped, begin, end),
		cmocka_unit_test_setup_teardown(
			what_cannot_be_run_is_answered_all_the_same, begin, end),
		cmocka_unit_test_setup_teardown(
			a_call_of_an_interrupted_response_is_not_carried_out, begin, end),
		cmocka_unit_test_setup_teardown(a_quiet_call_is_not_told, begin, end),
		cmocka_unit_test_setup_teardown(
			a_filler_is_said_once_when_it_takes_long, begin, end),
		cmocka_unit_test_setup_teardown(
			more_calls_than_there_is_room_for_are_refused, begin, end),
		cmocka_unit_test_setup_teardown(an_output_that_is_too_long_is_an_error, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
