/*
 * What a merchant, a model and a service may write, three texts out of one: arguments, a schema or options, an answer.
 * Whatever they are, what goes to Grok is valid JSON, and no deeper than a reader takes.
 */
#include "base/check.h"
#include "relay/tool_arguments.h"
#include "relay/tool_list.h"
#include "relay/tool_request.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static char memory[TOOL_LIST_BYTES_MAX];

static struct slice next_text(struct slice *rest)
{
	const char *end = rest->len ? memchr(rest->data, '\n', rest->len) : NULL;
	struct slice text = { rest->data, end ? (size_t)(end - rest->data) : rest->len };
	size_t taken = text.len + (end != NULL);

	rest->data += taken;
	rest->len -= taken;
	return text;
}

static void must_be_valid(const struct buf *out)
{
	const char *why;

	check(json_valid((const char *)buf_data(out), buf_len(out), &why));
}

static void arguments(struct slice text, struct slice schema)
{
	struct json_reader reader = { 0 };
	char why[TOOL_ARGUMENTS_WHY_BYTES];
	const struct json_object *root = tool_arguments_read(&reader, text);
	struct buf out;

	if (root && !tool_arguments_fit(root, schema, why, sizeof why)) {
		buf_init_fixed(&out, memory, sizeof memory);
		check(tool_error_write(&out, slice_of(why)));
		must_be_valid(&out);
	}
	if (root)
		check(tool_argument(root, "message").len <= text.len);
	json_reader_fini(&reader);
}

static void answer(struct slice text)
{
	struct buf out;
	const char *why;

	buf_init_fixed(&out, memory, sizeof memory);
	/* What was as deep as a text may be is one level deeper within ours: it is told as a string to be read. */
	if (tool_answer_write(&out, 200, text) && !json_valid(text.data, text.len, &why))
		must_be_valid(&out);
}

static void offer(struct slice parameters, struct slice options)
{
	static struct merchant_tools tools;
	struct tool_list_plan plan = { .server_tools = true, .tools = &tools };
	struct buf out;

	tools.count = 2;
	tools.tools[0] = (struct merchant_tool){ .kind = TOOL_HTTP, .name = SLICE("a"), .parameters = parameters };
	tools.tools[1] = (struct merchant_tool){ .kind = TOOL_MCP, .name = options, .options = options };
	buf_init_fixed(&out, memory, sizeof memory);
	if (tool_list_write(&out, &plan))
		must_be_valid(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice rest = { (const char *)data, len };
	struct slice one = next_text(&rest), two = next_text(&rest);

	arguments(one, two);
	answer(rest);
	offer(two, rest);
	return 0;
}
