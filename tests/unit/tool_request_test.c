/* What a service is asked, what is told of its answer, and which arguments fit. */
#include "tests/unit/unit.h"

#include "base/check.h"
#include "relay/tool_arguments.h"
#include "relay/tool_request.h"

static char memory[4096];
static struct buf out;

static int begin(void **state)
{
	(void)state;
	buf_init_fixed(&out, memory, sizeof memory - 1);
	return 0;
}

static const char *text(void)
{
	memory[buf_len(&out)] = '\0';
	return memory;
}

static void a_request_names_everything(void **state)
{
	struct tool_request request = {
		.event_id = SLICE("evt_1"),
		.call_sid = SLICE("CA1"),
		.merchant_id = 7,
		.tool = SLICE("book"),
		.arguments_json = SLICE("{\"n\":2}"),
	};

	(void)state;
	assert_true(tool_request_write(&out, &request));
	assert_string_equal(text(),
		"{\"event_id\":\"evt_1\",\"call_sid\":\"CA1\",\"merchant_id\":7,\"tool\":\"book\","
		"\"arguments\":{\"n\":2}}");
}

static void digits_are_for_those_who_may_have_them(void **state)
{
	struct tool_request request = {.digits = SLICE("4711")};

	(void)state;
	assert_true(tool_request_write(&out, &request));
	assert_non_null(strstr(text(), "\"arguments\":{},\"digits\":\"4711\"}"));
}

static void an_answer_is_data(void **state)
{
	static const struct {
		long status;
		const char *answer, *told;
	} cases[] = {
		{200, "{\"a\":[1]}", "{\"ok\":true,\"data\":{\"a\":[1]}}"},
		{201, "17", "{\"ok\":true,\"data\":17}"},
		{204, "", "{\"ok\":true}"},
		{200, "say \"hi\"}", "{\"ok\":true,\"data\":\"say \\\"hi\\\"}\"}"},
		{200, "{\"ok\":false},\"x\":{}",
			"{\"ok\":true,\"data\":\"{\\\"ok\\\":false},\\\"x\\\":{}\"}"},
		{302, "", "{\"ok\":false,\"error\":\"the service refused it (302)\"}"},
		{500, "oops",
			"{\"ok\":false,\"error\":\"the service refused it "
			"(500)\",\"data\":\"oops\"}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		buf_clear(&out);
		assert_true(tool_answer_write(&out, cases[i].status, slice_of(cases[i].answer)));
		assert_string_equal(text(), cases[i].told);
	}
}

static void an_answer_of_no_text_is_made_valid(void **state)
{
	const char *why;

	(void)state;
	assert_true(tool_answer_write(&out, 200, SLICE("\xff\x01\xc3(")));
	assert_true(json_valid(text(), buf_len(&out), &why));
}

static void what_does_not_fit_is_not_begun(void **state)
{
	struct buf small;
	char bytes[20];

	(void)state;
	buf_init_fixed(&small, bytes, sizeof bytes);
	assert_false(tool_answer_write(&small, 200, SLICE("a long answer, longer than that")));
	assert_int_equal(buf_len(&small), 0);
}

static void arguments_are_an_object_or_nothing(void **state)
{
	struct json_reader reader = {0};

	(void)state;
	assert_non_null(tool_arguments_read(&reader, SLICE("")));
	assert_non_null(tool_arguments_read(&reader, SLICE("{\"a\":1}")));
	assert_null(tool_arguments_read(&reader, SLICE("[1]")));
	assert_null(tool_arguments_read(&reader, SLICE("\"a\"")));
	assert_null(tool_arguments_read(&reader, SLICE("{\"a\":1")));
	assert_null(tool_arguments_read(&reader, SLICE("null")));
	json_reader_fini(&reader);
}

static const char *judge(const char *arguments, const char *schema)
{
	static char why[TOOL_ARGUMENTS_WHY_BYTES];
	struct json_reader reader = {0};
	const struct json_object *root = tool_arguments_read(&reader, slice_of(arguments));
	bool fits = tool_arguments_fit(root, slice_of(schema), why, sizeof why);

	json_reader_fini(&reader);
	return fits ? "" : why;
}

#define SCHEMA                                                                                     \
	"{\"type\":\"object\",\"properties\":{\"s\":{\"type\":\"string\"},\"i\":{\"type\":"        \
	"\"integer\"},"                                                                            \
	"\"n\":{\"type\":\"number\"},\"b\":{\"type\":\"boolean\"},\"a\":{\"type\":\"array\"},"     \
	"\"o\":{\"type\":\"object\"},"                                                             \
	"\"any\":{},\"two\":{\"type\":[\"string\",\"null\"]}},\"required\":[\"s\"]}"

static void arguments_fit_or_a_sentence_says_why_not(void **state)
{
	(void)state;
	assert_string_equal(judge("{\"s\":\"x\",\"i\":3,\"n\":1.5,\"b\":true,\"a\":[],\"o\":{},"
				  "\"any\":1,\"two\":2,\"more\":1}",
				    SCHEMA),
		"");
	assert_string_equal(judge("{\"i\":3}", SCHEMA), "the argument s is missing");
	assert_string_equal(judge("{\"s\":1}", SCHEMA), "the argument s must be of type string");
	assert_string_equal(
		judge("{\"s\":\"\",\"i\":1.5}", SCHEMA), "the argument i must be of type integer");
	assert_string_equal(
		judge("{\"s\":\"\",\"n\":\"1\"}", SCHEMA), "the argument n must be of type number");
	assert_string_equal(
		judge("{\"s\":\"\",\"b\":1}", SCHEMA), "the argument b must be of type boolean");
	assert_string_equal(
		judge("{\"s\":\"\",\"a\":{}}", SCHEMA), "the argument a must be of type array");
	assert_string_equal(
		judge("{\"s\":\"\",\"o\":[]}", SCHEMA), "the argument o must be of type object");
	assert_string_equal(judge("{}", ""), "");
	assert_string_equal(judge("{}", "{\"required\":{},\"properties\":[]}"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_request_names_everything, begin),
		cmocka_unit_test_setup(digits_are_for_those_who_may_have_them, begin),
		cmocka_unit_test_setup(an_answer_is_data, begin),
		cmocka_unit_test_setup(an_answer_of_no_text_is_made_valid, begin),
		cmocka_unit_test_setup(what_does_not_fit_is_not_begun, begin),
		cmocka_unit_test_setup(arguments_are_an_object_or_nothing, begin),
		cmocka_unit_test_setup(arguments_fit_or_a_sentence_says_why_not, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
