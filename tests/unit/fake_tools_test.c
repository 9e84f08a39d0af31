/* Function calls of the simulated Grok: how they are announced, what the client must keep to, what comes of outputs. */
#include "tests/unit/fake_world.h"

#include "sim/tool_offer.h"

#define TOOLS                                                                                                        \
	"[{\"type\":\"function\",\"name\":\"transfer_call\",\"parameters\":{\"type\":\"object\",\"properties\":{"    \
	"\"reason\":{\"type\":\"string\"}},\"required\":[\"reason\"]}},"                                             \
	"{\"type\":\"function\",\"name\":\"take_message\",\"parameters\":{\"type\":\"object\",\"properties\":{"      \
	"\"caller_name\":{\"type\":\"string\"},\"callback_number\":{\"type\":\"string\"},"                           \
	"\"message\":{\"type\":\"string\"},\"urgent\":{\"type\":\"boolean\"}}}},"                                    \
	"{\"type\":\"function\",\"name\":\"business_hours\",\"parameters\":{\"type\":\"object\",\"properties\":{}}}" \
	","                                                                                                          \
	"{\"type\":\"function\",\"name\":\"end_call\",\"parameters\":{\"type\":\"object\",\"properties\":{}}},"      \
	"{\"type\":\"web_search\"},{\"type\":\"mcp\",\"server_label\":\"d\",\"server_url\":\"https://e.com/\"}]"

static const char offer[] = "{\"type\":\"session.update\",\"session\":{\"tools\":" TOOLS "}}";

static struct world *open_offered(const struct fake_plan *plan)
{
	struct world *w = world_open(plan);

	world_ready(w);
	world_say(w, offer);
	world_run(w, 600);
	return w;
}

/* The caller says it, and is answered. */
static void caller_says(struct world *w, const char *words)
{
	world_hears(w, words);
	world_talk(w, 1000);
	world_listen(w, 5000);
}

static void answer_call(struct world *w, const char *id, const char *output)
{
	char message[600];
	struct buf out;

	buf_init_fixed(&out, message, sizeof message - 1);
	assert_true(grok_write_function_output(&out, slice_of(id), slice_of(output)));
	message[buf_len(&out)] = '\0';
	world_say(w, message);
}

/* The id of the n-th call that was completed. */
static const char *call_id(struct world *w, size_t n)
{
	static char ids[4][FAKE_CALL_ID_BYTES];

	assert_true(slice_copy(world_nth(w, GROK_ARGUMENTS_DONE, n)->call_id, ids[n % 4], sizeof ids[0]));
	return ids[n % 4];
}

static const char *said_last(struct world *w)
{
	static char text[1000];
	size_t count = world_count(w, GROK_TRANSCRIPT_DONE);

	assert_true(count > 0);
	assert_true(slice_copy(world_nth(w, GROK_TRANSCRIPT_DONE, count - 1)->transcript, text, sizeof text));
	return text;
}

static void a_call_follows_its_preamble_in_the_recorded_order(void **state)
{
	struct world *w = open_offered(NULL);
	size_t from = w->log_count, response;

	(void)state;
	caller_says(w, "i would like to speak to a person");
	response = world_find(w, GROK_RESPONSE_CREATED, from, 0);
	assert_order(w, response,
		"response.created\n"
		"response.output_item.added\nconversation.item.added\nresponse.content_part.added\n"
		"response.output_audio.delta\n"
		"response.output_audio_transcript.done\nresponse.content_part.done\nresponse.output_audio.done\n"
		"response.output_item.done\n"
		"response.output_item.added\nconversation.item.added\nresponse.function_call_arguments.delta\n"
		"response.function_call_arguments.done\nresponse.output_item.done\nresponse.done\n");
	assert_true(slice_equal(world_nth(w, GROK_ARGUMENTS_DONE, 0)->name, SLICE("transfer_call")));
	assert_true(slice_equal(world_nth(w, GROK_ARGUMENTS_DONE, 0)->arguments,
		SLICE("{\"reason\":\"i would like to speak to a person\"}")));
	assert_int_equal(world_nth(w, GROK_RESPONSE_DONE, 0)->output_count, 2);
	assert_true(slice_equal(world_nth(w, GROK_RESPONSE_DONE, 0)->output[1].call_id, slice_of(call_id(w, 0))));
	assert_memory_equal(call_id(w, 0), "call-", 5);
	world_close(w);
}

static void the_answer_is_made_of_the_output(void **state)
{
	struct world *w = open_offered(NULL);

	(void)state;
	caller_says(w, "what are your hours");
	assert_string_equal(said_last(w), "One moment, I will look that up.");
	answer_call(w, call_id(w, 0), "{\"open\":false,\"message\":\"We open tomorrow at nine\"}");
	world_say(w, "{\"type\":\"response.create\"}");
	world_run(w, 5000);
	assert_string_equal(said_last(w), "We open tomorrow at nine. Is there anything else I can do for you?");
	assert_int_equal(w->g.reply.tools.violation_count, 0);
	assert_int_equal(world_count(w, GROK_ERROR), 0);
	world_close(w);
}

static void a_message_is_taken_with_what_was_said(void **state)
{
	struct world *w = open_offered(NULL);

	(void)state;
	caller_says(w, "can you take a message");
	assert_string_equal(said_last(w), "Of course. What should I write down?");
	caller_says(w, "please call me back tomorrow");
	caller_says(w, "my name is john smith");
	assert_true(slice_equal(world_nth(w, GROK_ARGUMENTS_DONE, 0)->name, SLICE("take_message")));
	assert_true(slice_equal(world_nth(w, GROK_ARGUMENTS_DONE, 0)->arguments,
		SLICE("{\"caller_name\":\"John Smith\",\"message\":\"please call me back "
		      "tomorrow\",\"urgent\":false}")));
	answer_call(w, call_id(w, 0), "{\"ok\":true}");
	world_say(w, "{\"type\":\"response.create\"}");
	world_run(w, 5000);
	assert_non_null(strstr(said_last(w), "your message has been taken"));
	world_close(w);
}

static void goodbye_ends_the_call_behind_the_farewell(void **state)
{
	struct world *w = open_offered(NULL);

	(void)state;
	caller_says(w, "thank you goodbye");
	assert_string_equal(said_last(w), "Thank you for calling. Goodbye!");
	assert_true(slice_equal(world_nth(w, GROK_ARGUMENTS_DONE, 0)->name, SLICE("end_call")));
	assert_true(world_find(w, GROK_ARGUMENTS_DONE, 0, 0) > world_find(w, GROK_TRANSCRIPT_DONE, 0, 0));
	world_close(w);
}

static void without_an_offer_nothing_is_called(void **state)
{
	struct world *w = world_open(NULL);

	(void)state;
	world_ready(w);
	caller_says(w, "i would like to speak to a person");
	caller_says(w, "goodbye");
	assert_int_equal(world_count(w, GROK_ARGUMENTS_DONE), 0);
	assert_int_equal(world_count(w, GROK_RESPONSE_DONE), 2);
	world_close(w);
}

static void a_transfer_that_failed_becomes_an_offer_of_a_message(void **state)
{
	struct world *w = open_offered(NULL);

	(void)state;
	caller_says(w, "connect me to a person");
	answer_call(w, call_id(w, 0), "{\"ok\":false,\"reason\":\"nobody answers\"}");
	world_say(w, "{\"type\":\"response.create\"}");
	world_run(w, 5000);
	assert_string_equal(said_last(w), "I am sorry, nobody can be reached. May I take a message?");
	caller_says(w, "yes please");
	assert_string_equal(said_last(w), "What should I write down?");
	world_close(w);
}

/* --- rules ------------------------------------------------------------------------------------- */

static const struct fake_plan parallel = {
	.scripts = {{"where", "find_address", "{\"city\":\"Rome\"}"}, {"where", "find_map", "{}"}},
	.script_count = 2};

static void parallel_calls_come_before_the_audio_and_want_one_create(void **state)
{
	struct world *w = open_offered(&parallel);

	(void)state;
	caller_says(w, "where are you located");
	assert_int_equal(world_count(w, GROK_ARGUMENTS_DONE), 2);
	assert_true(world_find(w, GROK_ARGUMENTS_DONE, 0, 1) < world_find(w, GROK_AUDIO_DELTA, 0, 0));
	assert_true(slice_equal(world_nth(w, GROK_ARGUMENTS_DONE, 0)->arguments, SLICE("{\"city\":\"Rome\"}")));
	answer_call(w, call_id(w, 1), "\"a map\"");
	answer_call(w, call_id(w, 0), "{\"text\":\"Main Street\"}");
	world_say(w, "{\"type\":\"response.create\"}");
	world_run(w, 5000);
	assert_non_null(strstr(said_last(w), "Main Street"));
	assert_int_equal(w->g.reply.tools.violation_count, 0);
	world_close(w);
}

static size_t violations(struct world *w)
{
	size_t notes = 0;

	for (size_t i = 0; i < w->log_count; i++)
		notes += w->log[i].action == FAKE_NOTE && strstr(w->log[i].text, "\"violation\"");
	assert_int_equal(notes, w->g.reply.tools.violation_count);
	return notes;
}

static void a_create_before_all_outputs_is_a_violation(void **state)
{
	struct world *w = open_offered(&parallel);

	(void)state;
	caller_says(w, "where are you located");
	answer_call(w, call_id(w, 0), "{}");
	world_say(w, "{\"type\":\"response.create\"}");
	assert_int_equal(violations(w), 1);
	world_close(w);
}

static void a_second_create_is_a_violation(void **state)
{
	struct world *w = open_offered(NULL);

	(void)state;
	caller_says(w, "what are your hours");
	answer_call(w, call_id(w, 0), "{}");
	world_say(w, "{\"type\":\"response.create\"}");
	world_run(w, 5000);
	assert_int_equal(violations(w), 0);
	world_say(w, "{\"type\":\"response.create\",\"response\":{\"instructions\":\"Say: \\\"Well.\\\"\"}}");
	assert_int_equal(violations(w), 0);
	world_run(w, 3000);
	world_say(w, "{\"type\":\"response.create\"}");
	assert_int_equal(violations(w), 1);
	world_close(w);
}

static void no_create_at_all_is_a_violation_once_the_session_is_over(void **state)
{
	struct world *w = open_offered(NULL);

	(void)state;
	caller_says(w, "what are your hours");
	answer_call(w, call_id(w, 0), "{}");
	fake_grok_judge(&w->g, w->now_ms);
	world_drain(w);
	assert_int_equal(violations(w), 0); /* it may still come */
	world_run(w, 16000);
	fake_grok_judge(&w->g, w->now_ms);
	world_drain(w);
	assert_int_equal(violations(w), 1);
	world_close(w);
}

static void an_output_must_name_a_call_whose_response_is_done_and_only_once(void **state)
{
	struct world *w = open_offered(&parallel);

	(void)state;
	answer_call(w, "call-nobodys", "{}");
	assert_non_null(strstr(world_nth(w, GROK_ERROR, 0)->error.message.data, "'call-nobodys' not found"));
	assert_int_equal(violations(w), 1);
	world_hears(w, "where are you located");
	world_talk(w, 1000);
	world_listen(w, 900);
	assert_int_equal(world_count(w, GROK_ARGUMENTS_DONE), 2);
	assert_int_equal(world_count(w, GROK_RESPONSE_DONE), 0);
	answer_call(w, call_id(w, 0), "{}");
	assert_true(slice_equal(world_nth(w, GROK_ERROR, 1)->error.code, SLICE("invalid_tool_call_id")));
	assert_int_equal(violations(w), 2);
	world_run(w, 5000);
	answer_call(w, call_id(w, 0), "{}");
	assert_int_equal(violations(w), 2);
	answer_call(w, call_id(w, 0), "{}");
	assert_int_equal(violations(w), 3);
	assert_int_equal(world_count(w, GROK_ERROR), 2);
	world_close(w);
}

static void a_turn_that_was_answered_meanwhile_wants_no_create(void **state)
{
	struct world *w = open_offered(NULL);

	(void)state;
	caller_says(w, "what are your hours");
	caller_says(w, "how much is lunch");
	answer_call(w, call_id(w, 0), "{}"); /* late, and welcome */
	assert_int_equal(world_count(w, GROK_ERROR), 0);
	world_run(w, 20000);
	fake_grok_judge(&w->g, w->now_ms);
	world_drain(w);
	assert_int_equal(violations(w), 0);
	world_say(w, "{\"type\":\"response.create\"}");
	assert_int_equal(violations(w), 1);
	world_close(w);
}

static void an_interrupted_preamble_takes_its_call_with_it(void **state)
{
	struct world *w = open_offered(NULL);

	(void)state;
	w->plan.faults.mask = (uint64_t)1 << FAULT_SLOW;
	w->plan.faults.values[FAULT_SLOW] = 1;
	world_hears(w, "what are your hours");
	world_talk(w, 1000);
	world_listen(w, 2000);
	assert_int_equal(world_count(w, GROK_RESPONSE_DONE), 0);
	world_talk(w, 300);
	assert_true(slice_equal(world_nth(w, GROK_RESPONSE_DONE, 0)->status, SLICE("cancelled")));
	assert_int_equal(world_count(w, GROK_ARGUMENTS_DONE), 0);
	world_close(w);
}

/* --- offers and faults -------------------------------------------------------------------------- */

static void what_the_server_runs_itself_is_echoed_and_listed(void **state)
{
	struct world *w = open_offered(NULL);
	const struct grok_event *e = world_nth(w, GROK_SESSION_UPDATED, 1);

	(void)state;
	assert_non_null(
		memmem(e->session.tools_json.data, e->session.tools_json.len, "{\"type\":\"web_search\"}", 21));
	assert_non_null(memmem(e->session.tools_json.data, e->session.tools_json.len, "server_url", 10));
	assert_int_equal(world_count(w, GROK_MCP_LIST_COMPLETED), 1);
	assert_int_equal(world_count(w, GROK_ERROR), 0);
	world_close(w);
}

static void a_tool_that_is_none_is_refused_and_the_old_ones_stay(void **state)
{
	static const char *const wrong[] = {"[{\"type\":\"teleport\"}]", "[{\"type\":\"function\"}]", "{}",
		"[{\"type\":\"mcp\",\"server_label\":\"x\"}]",
		"[{\"type\":\"function\",\"name\":\"f\",\"parameters\":7}]"};
	struct world *w = open_offered(NULL);
	char message[300];

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		snprintf(message, sizeof message, "{\"type\":\"session.update\",\"session\":{\"tools\":%s}}",
			wrong[i]);
		world_say(w, message);
		assert_int_equal(world_count(w, GROK_ERROR), i + 1);
	}
	caller_says(w, "what are your hours");
	assert_int_equal(world_count(w, GROK_ARGUMENTS_DONE), 1);
	world_close(w);
}

static struct world *open_faulty(const char *fault)
{
	struct fake_plan plan = parallel;
	char why[200];

	plan.script_count = 1;
	assert_true(fault_parse(&plan.faults, fault, why, sizeof why));
	return open_offered(&plan);
}

static void calls_may_come_twice_broken_or_unknown(void **state)
{
	struct world *w = open_faulty("call-twice");

	(void)state;
	caller_says(w, "where are you located");
	assert_int_equal(world_count(w, GROK_ARGUMENTS_DONE), 2);
	assert_string_equal(call_id(w, 0), call_id(w, 1));
	world_close(w);
	w = open_faulty("call-broken-arguments");
	caller_says(w, "where are you located");
	assert_true(slice_equal(world_nth(w, GROK_ARGUMENTS_DONE, 0)->arguments, SLICE("{\"city\"")));
	world_close(w);
	w = open_faulty("call-unknown");
	caller_says(w, "where are you located");
	assert_true(slice_equal(world_nth(w, GROK_ARGUMENTS_DONE, 0)->name, SLICE("open_the_pod_bay_doors")));
	answer_call(w, call_id(w, 0), "{\"error\":\"unknown tool\"}");
	assert_int_equal(violations(w), 0);
	world_close(w);
	w = open_faulty("mcp-failed");
	assert_int_equal(world_count(w, GROK_MCP_LIST_FAILED), 1);
	world_close(w);
}

static void words_of_outputs(void **state)
{
	static const struct {
		const char *output, *words;
		bool good;
	} rows[] = {
		{"{\"ok\":true,\"say\":\"Done\"}", "Done", true},
		{"{\"temperature\":21,\"sky\":\"clear\",\"x\":[1]}", "21, clear", true},
		{"just words", "just words", true},
		{"{\"error\":\"no such city\"}", "no such city", false},
		{"{\"status\":\"failed\"}", "failed", false},
		{"{}", "", true},
		{"", "", true},
	};
	char words[200];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(tool_offer_words(rows[i].output, words, sizeof words), rows[i].good);
		assert_string_equal(words, rows[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_follows_its_preamble_in_the_recorded_order),
		cmocka_unit_test(the_answer_is_made_of_the_output),
		cmocka_unit_test(a_message_is_taken_with_what_was_said),
		cmocka_unit_test(goodbye_ends_the_call_behind_the_farewell),
		cmocka_unit_test(without_an_offer_nothing_is_called),
		cmocka_unit_test(a_transfer_that_failed_becomes_an_offer_of_a_message),
		cmocka_unit_test(parallel_calls_come_before_the_audio_and_want_one_create),
		cmocka_unit_test(a_create_before_all_outputs_is_a_violation),
		cmocka_unit_test(a_second_create_is_a_violation),
		cmocka_unit_test(no_create_at_all_is_a_violation_once_the_session_is_over),
		cmocka_unit_test(an_output_must_name_a_call_whose_response_is_done_and_only_once),
		cmocka_unit_test(a_turn_that_was_answered_meanwhile_wants_no_create),
		cmocka_unit_test(an_interrupted_preamble_takes_its_call_with_it),
		cmocka_unit_test(what_the_server_runs_itself_is_echoed_and_listed),
		cmocka_unit_test(a_tool_that_is_none_is_refused_and_the_old_ones_stay),
		cmocka_unit_test(calls_may_come_twice_broken_or_unknown),
		cmocka_unit_test(words_of_outputs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
