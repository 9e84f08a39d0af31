/* Chat completions: the request that is written, the answers that may come. */
#include "tests/unit/unit.h"

#include "proto/chat.h"

static struct json_reader reader;

static void a_request_holds_texts_and_schema(void **state)
{
	const struct chat_request request = {
		.model = SLICE("grok-4.3"),
		.system = SLICE("Sum \"up\"."),
		.user = SLICE("{\"a\":\"b\"}"),
		.schema_name = SLICE("s"),
		.schema_json = SLICE("{\"type\":\"object\"}"),
		.tokens_max = 800,
	};
	char memory[1024];
	struct buf out;

	(void)state;
	buf_init_fixed(&out, memory, sizeof memory);
	assert_true(chat_request_write(&out, &request));
	memory[buf_len(&out)] = '\0';
	assert_string_equal(memory,
		"{\"model\":\"grok-4.3\",\"messages\":[{\"role\":\"system\",\"content\":\"Sum \\\"up\\\".\"},"
		"{\"role\":\"user\",\"content\":\"{\\\"a\\\":\\\"b\\\"}\"}],\"max_completion_tokens\":800,"
		"\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"s\",\"strict\":true,"
		"\"schema\":{\"type\":\"object\"}}}}");
	/* No room: nothing at all. */
	const size_t len = buf_len(&out);

	for (size_t bytes = 0; bytes < len; bytes++) {
		buf_init_fixed(&out, memory, bytes);
		assert_false(chat_request_write(&out, &request));
		assert_int_equal(buf_len(&out), 0);
	}
}

static enum chat_result read_text(const char *text, struct chat_answer *answer)
{
	return chat_answer_read(&reader, slice_of(text), answer);
}

static void an_answer_has_content_model_and_cost(void **state)
{
	struct chat_answer answer;

	(void)state;
	assert_int_equal(read_text("{\"id\":\"x\",\"model\":\"grok-4.3-0901\",\"choices\":[{\"index\":0,\"message\":"
		"{\"role\":\"assistant\",\"content\":\"{\\\"a\\\":1}\",\"refusal\":null},\"finish_reason\":\"stop\"}],"
		"\"usage\":{\"prompt_tokens\":10,\"cost_in_usd_ticks\":12345678}}", &answer), CHAT_ANSWER);
	assert_true(slice_equal(answer.content, SLICE("{\"a\":1}")));
	assert_true(slice_equal(answer.model, SLICE("grok-4.3-0901")));
	assert_int_equal(answer.micro_dollars, 1235);
}

static void ticks_are_rounded_up(void **state)
{
	(void)state;
	assert_int_equal(chat_micro_dollars(-1), 0);
	assert_int_equal(chat_micro_dollars(0), 0);
	assert_int_equal(chat_micro_dollars(1), 1);
	assert_int_equal(chat_micro_dollars(10000), 1);
	assert_int_equal(chat_micro_dollars(10001), 2);
	assert_int_equal(chat_micro_dollars(10000000000), 1000000);
}

static void what_is_cut_or_refused_says_so_and_has_its_cost(void **state)
{
	struct chat_answer answer;

	(void)state;
	assert_int_equal(read_text("{\"choices\":[{\"message\":{\"content\":\"{\\\"a\"},\"finish_reason\":\"length\"}],"
		"\"usage\":{\"cost_in_usd_ticks\":20000}}", &answer), CHAT_CUT);
	assert_int_equal(answer.micro_dollars, 2);
	assert_int_equal(read_text("{\"choices\":[{\"message\":{\"content\":null,\"refusal\":\"I will not.\"},"
		"\"finish_reason\":\"stop\"}],\"usage\":{\"cost_in_usd_ticks\":30000}}", &answer), CHAT_REFUSED);
	assert_true(slice_equal(answer.refusal, SLICE("I will not.")));
	assert_int_equal(answer.micro_dollars, 3);
}

static void anything_else_is_broken_with_a_sentence(void **state)
{
	static const char *const texts[] = {
		"", "{", "[]", "{}", "null", "{\"choices\":[]}", "{\"choices\":{}}", "{\"choices\":[1]}",
		"{\"choices\":[{\"message\":\"x\",\"finish_reason\":\"stop\"}]}",
		"{\"choices\":[{\"message\":{\"content\":\"x\"}}]}",
		"{\"choices\":[{\"message\":{\"content\":7},\"finish_reason\":\"stop\"}]}",
		"{\"choices\":[{\"message\":{},\"finish_reason\":\"stop\"}]}",
		"{\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":\"stop\"},"
		"{\"message\":{\"content\":\"y\"},\"finish_reason\":\"stop\"}]}",
		"{\"error\":\"Incorrect API key provided\"}", "<html>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct chat_answer answer;

		assert_int_equal(read_text(texts[i], &answer), CHAT_BROKEN);
		assert_non_null(answer.why);
		assert_true(strlen(answer.why) > 0);
	}
}

static int close_reader(void **state)
{
	(void)state;
	json_reader_fini(&reader);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_holds_texts_and_schema),
		cmocka_unit_test(an_answer_has_content_model_and_cost),
		cmocka_unit_test(ticks_are_rounded_up),
		cmocka_unit_test(what_is_cut_or_refused_says_so_and_has_its_cost),
		cmocka_unit_test(anything_else_is_broken_with_a_sentence),
	};

	return cmocka_run_group_tests_name("chat", tests, NULL, close_reader);
}
