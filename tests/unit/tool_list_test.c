#include "tests/unit/unit.h"

#include "base/check.h"
#include "base/limits.h"
#include "proto/json.h"
#include "relay/tool_list.h"

static char memory[TOOL_LIST_BYTES_MAX + 1];

static const char *list(const struct tool_list_plan *plan)
{
	struct buf out;
	const char *why = "";

	buf_init_fixed(&out, memory, TOOL_LIST_BYTES_MAX);
	assert_true(tool_list_write(&out, plan));
	memory[buf_len(&out)] = '\0';
	if (!json_valid(memory, buf_len(&out), &why))
		fail_msg("%s: %s", why, memory);
	return memory;
}

static void a_merchant_without_anything_can_hang_up_and_take_messages(void **state)
{
	const char *text = list(&(struct tool_list_plan){0});

	(void)state;
	assert_non_null(strstr(text, "\"name\":\"end_call\""));
	assert_non_null(strstr(text, "\"name\":\"take_message\""));
	assert_null(strstr(text, "transfer_call"));
	assert_null(strstr(text, "business_hours"));
	assert_null(strstr(text, "stop_recording"));
	assert_non_null(strstr(text, "Say goodbye first"));
}

static void what_the_merchant_has_is_offered(void **state)
{
	const char *text = list(&(struct tool_list_plan){
		.can_transfer = true, .has_hours = true, .has_farewell = true, .is_recorded = true});

	(void)state;
	assert_non_null(strstr(text, "\"name\":\"transfer_call\""));
	assert_non_null(strstr(text, "\"name\":\"business_hours\""));
	assert_non_null(strstr(text, "\"name\":\"stop_recording\""));
	assert_null(strstr(text, "Say goodbye first"));
	assert_non_null(strstr(text, "Do not say goodbye yourself"));
}

static void the_merchants_own_are_passed_on_as_they_are(void **state)
{
	static struct merchant_tools tools;
	const char *text;

	(void)state;
	tools.count = 5;
	tools.tools[0] = (struct merchant_tool){.kind = TOOL_HTTP,
		.name = SLICE("book"),
		.description = SLICE("Books a \"table\"."),
		.url = SLICE("https://x/"),
		.secret = SLICE("SECRET1"),
		.parameters = SLICE(
			"{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\"}}}")};
	tools.tools[1] = (struct merchant_tool){
		.kind = TOOL_HTTP, .name = SLICE("plain"), .description = SLICE("P")};
	tools.tools[2] = (struct merchant_tool){.kind = TOOL_MCP,
		.name = SLICE("crm"),
		.url = SLICE("https://m/"),
		.secret = SLICE("Bearer_1"),
		.options = SLICE(" {\"allowed_tools\":[\"find\"]} ")};
	tools.tools[3] = (struct merchant_tool){
		.kind = TOOL_WEB_SEARCH, .name = SLICE("web"), .options = SLICE("{ }")};
	tools.tools[4] = (struct merchant_tool){.kind = TOOL_X_SEARCH,
		.name = SLICE("x"),
		.options = SLICE("{\"from_date\":\"2026-01-01\"}")};
	text = list(&(struct tool_list_plan){.tools = &tools, .server_tools = true});
	assert_non_null(strstr(text, "{\"type\":\"function\",\"name\":\"book\",\"description\":"
				     "\"Books a \\\"table\\\".\","
				     "\"parameters\":{\"type\":\"object\",\"properties\":{\"n\":{"
				     "\"type\":\"integer\"}}}}"));
	assert_non_null(strstr(text, "\"name\":\"plain\",\"description\":\"P\","
				     "\"parameters\":{\"type\":\"object\",\"properties\":{}}}"));
	assert_non_null(strstr(text,
		"{\"type\":\"mcp\",\"server_label\":\"crm\",\"server_url\":\"https://m/\","
		"\"authorization\":\"Bearer_1\",\"allowed_tools\":[\"find\"]}"));
	assert_non_null(strstr(text, "{\"type\":\"web_search\"}"));
	assert_non_null(strstr(text, "{\"type\":\"x_search\",\"from_date\":\"2026-01-01\"}"));
	assert_null(strstr(text, "SECRET1"));
	text = list(&(struct tool_list_plan){.tools = &tools});
	assert_non_null(strstr(text, "\"crm\""));
	assert_null(strstr(text, "_search"));
}

static void what_is_no_json_is_left_out(void **state)
{
	static struct merchant_tools tools;
	const char *text;

	(void)state;
	tools.count = 2;
	tools.tools[0] = (struct merchant_tool){.kind = TOOL_HTTP,
		.name = SLICE("bad"),
		.description = SLICE("d"),
		.parameters = SLICE("{\"type\":}")};
	tools.tools[1] = (struct merchant_tool){
		.kind = TOOL_X_SEARCH, .name = SLICE("x"), .options = SLICE("[1]")};
	text = list(&(struct tool_list_plan){.tools = &tools, .server_tools = true});
	assert_null(strstr(text, "bad"));
	assert_non_null(strstr(text, "{\"type\":\"x_search\"}"));
}

static void what_is_too_deep_for_the_message_is_left_out(void **state)
{
	static struct merchant_tools tools;
	static char deep[2 * JSON_DEPTH_MAX + 64];
	size_t at = 0;

	(void)state;
	at += (size_t)snprintf(deep, sizeof deep, "{\"x\":");
	for (int i = 0; i < JSON_DEPTH_MAX - 2; i++)
		deep[at++] = '[';
	for (int i = 0; i < JSON_DEPTH_MAX - 2; i++)
		deep[at++] = ']';
	deep[at++] = '}';
	tools.count = 1;
	tools.tools[0] = (struct merchant_tool){.kind = TOOL_HTTP,
		.name = SLICE("deep"),
		.description = SLICE("d"),
		.parameters = {deep, at}};
	assert_null(strstr(list(&(struct tool_list_plan){.tools = &tools}), "deep"));
}

static void a_list_that_does_not_fit_is_not_begun(void **state)
{
	char small[100];
	struct buf out;

	(void)state;
	buf_init_fixed(&out, small, sizeof small);
	assert_false(tool_list_write(&out, &(struct tool_list_plan){0}));
	assert_int_equal(buf_len(&out), 0);
}

static void tools_are_found_by_name(void **state)
{
	static struct merchant_tools tools;

	(void)state;
	tools.count = 2;
	tools.tools[0] = (struct merchant_tool){.kind = TOOL_MCP, .name = SLICE("crm")};
	tools.tools[1] = (struct merchant_tool){.kind = TOOL_HTTP, .name = SLICE("book")};
	assert_int_equal(tool_built_in(SLICE("end_call")), TOOL_END_CALL);
	assert_int_equal(tool_built_in(SLICE("business_hours")), TOOL_BUSINESS_HOURS);
	assert_int_equal(tool_built_in(SLICE("book")), TOOL_BUILT_IN_COUNT);
	assert_int_equal(tool_built_in(SLICE("")), TOOL_BUILT_IN_COUNT);
	assert_ptr_equal(tool_list_find(&tools, SLICE("book")), &tools.tools[1]);
	assert_null(tool_list_find(&tools, SLICE("crm")));
	assert_null(tool_list_find(&tools, SLICE("boo")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_merchant_without_anything_can_hang_up_and_take_messages),
		cmocka_unit_test(what_the_merchant_has_is_offered),
		cmocka_unit_test(the_merchants_own_are_passed_on_as_they_are),
		cmocka_unit_test(what_is_no_json_is_left_out),
		cmocka_unit_test(what_is_too_deep_for_the_message_is_left_out),
		cmocka_unit_test(a_list_that_does_not_fit_is_not_begun),
		cmocka_unit_test(tools_are_found_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
