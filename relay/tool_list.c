#include "relay/tool_list.h"

#include "base/limits.h"
#include "proto/json.h"
#include "proto/json_write.h"

enum { LEVELS_MAX = JSON_DEPTH_MAX - 8 };

struct built_in {
	const char *name, *description, *parameters;
};

#define NO_PARAMETERS "{\"type\":\"object\",\"properties\":{}}"

static const struct built_in built_ins[TOOL_BUILT_IN_COUNT] = {
	[TOOL_END_CALL] = {"end_call",
		"Hangs up. Use it only when the caller has said goodbye or wants nothing more. Say "
		"goodbye "
		"first, in the same answer; the caller hears it to its end.",
		NO_PARAMETERS},
	[TOOL_TRANSFER_CALL] = {"transfer_call",
		"Connects the caller with a person. Use it when the caller asks for a person, or "
		"needs what you "
		"cannot do. Say first, in the same answer, that you are connecting them.",
		"{\"type\":\"object\",\"properties\":{\"reason\":{\"type\":\"string\","
		"\"description\":\"What it is about, in a few words.\"}}}"},
	[TOOL_TAKE_MESSAGE] = {"take_message",
		"Writes down a message for the business. Ask for the caller's name and for what "
		"they want to "
		"say; ask for a number only if they want to be called back at another than the one "
		"they call from. "
		"Tell the caller that the message was taken only after this has succeeded.",
		"{\"type\":\"object\",\"properties\":{"
		"\"message\":{\"type\":\"string\",\"description\":\"The message, complete, in the "
		"caller's words.\"},"
		"\"caller_name\":{\"type\":\"string\"},"
		"\"callback_number\":{\"type\":\"string\",\"description\":\"If it is another than "
		"the caller's own.\"},"
		"\"urgent\":{\"type\":\"boolean\"}},\"required\":[\"message\"]}"},
	[TOOL_BUSINESS_HOURS] = {"business_hours",
		"Tells whether the business is open now, when it opens or closes next, and its "
		"hours of the week.",
		NO_PARAMETERS},
	[TOOL_STOP_RECORDING] = {"stop_recording",
		"Stops the recording of this call and deletes what was recorded. Use it when the caller "
		"does not want to be recorded, and tell the caller afterwards that it was done.",
		NO_PARAMETERS},
};

static const char end_call_with_farewell[] =
	"Hangs up. Use it only when the caller has said goodbye or wants nothing more. Do not say "
	"goodbye yourself: "
	"the farewell is spoken for you.";

enum tool_built_in tool_built_in(struct slice name)
{
	enum tool_built_in tool = 0;

	while (tool < TOOL_BUILT_IN_COUNT && !slice_equal(name, slice_of(built_ins[tool].name)))
		tool++;
	return tool;
}

const struct merchant_tool *tool_list_find(const struct merchant_tools *tools, struct slice name)
{
	for (uint32_t i = 0; i < tools->count; i++)
		if (tools->tools[i].kind == TOOL_HTTP && slice_equal(tools->tools[i].name, name))
			return &tools->tools[i];
	return NULL;
}

static bool is_offered(const struct tool_list_plan *plan, enum tool_built_in tool)
{
	return (tool != TOOL_TRANSFER_CALL || (plan->can_transfer && !plan->only_messages)) &&
	       (tool != TOOL_BUSINESS_HOURS || plan->has_hours) &&
	       (tool != TOOL_STOP_RECORDING || plan->is_recorded);
}

static bool is_known(const struct tool_list_plan *plan, enum tool_kind kind)
{
	return !plan->only_messages && (plan->server_tools || kind == TOOL_HTTP || kind == TOOL_MCP);
}

static void put_function(
	struct json_writer *w, struct slice name, struct slice description, struct slice parameters)
{
	json_open(w, NULL, '{');
	json_put(w, "type", SLICE("function"));
	json_put(w, "name", name);
	json_put(w, "description", description);
	json_put_raw(w, "parameters", parameters);
	json_close(w, '}');
}

static void put_built_in(
	struct json_writer *w, const struct tool_list_plan *plan, enum tool_built_in tool)
{
	const struct built_in *b = &built_ins[tool];
	bool farewell = tool == TOOL_END_CALL && plan->has_farewell;
	bool named = tool == TOOL_TRANSFER_CALL && plan->transfer_parameters.len;

	put_function(w, slice_of(b->name),
		slice_of(farewell ? end_call_with_farewell : b->description),
		named ? plan->transfer_parameters : slice_of(b->parameters));
}

/* How many levels a valid JSON text has. */
static int levels_of(struct slice json)
{
	int levels = 0, most = 0;
	bool in_string = false;

	for (size_t i = 0; i < json.len; i++) {
		char c = json.data[i];

		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == '{' || c == '['))
			most = ++levels > most ? levels : most;
		else if (!in_string && (c == '}' || c == ']'))
			levels--;
	}
	return most;
}

static bool is_object(struct slice json)
{
	const char *why;

	/* What is valid has a first character that is no blank. The message around it has levels of
	 * its own. */
	return json.len && json_valid(json.data, json.len, &why) &&
	       json.data[strspn(json.data, " \t\r\n")] == '{' && levels_of(json) <= LEVELS_MAX;
}

/* What stands between the braces; empty: nothing. */
static struct slice members(struct slice object)
{
	size_t from = 0, to = object.len;

	while (object.data[from] != '{')
		from++;
	while (object.data[to - 1] != '}')
		to--;
	for (from++, to--; from < to && strchr(" \t\r\n", object.data[from]); from++)
		;
	return (struct slice){object.data + from, to > from ? to - from : 0};
}

/* One that Grok runs by itself. */
static void put_service(struct json_writer *w, const struct merchant_tool *tool, const char *type)
{
	json_open(w, NULL, '{');
	json_put(w, "type", slice_of(type));
	if (tool->kind == TOOL_MCP) {
		json_put(w, "server_label", tool->name);
		json_put(w, "server_url", tool->url);
		if (tool->description.len)
			json_put(w, "server_description", tool->description);
		if (tool->secret.len)
			json_put(w, "authorization", tool->secret);
	}
	if (is_object(tool->options))
		json_put_members(w, members(tool->options));
	json_close(w, '}');
}

static void put_tool(struct json_writer *w, const struct merchant_tool *tool)
{
	switch (tool->kind) {
	case TOOL_HTTP:
		if (tool->parameters.len == 0)
			put_function(w, tool->name, tool->description, SLICE(NO_PARAMETERS));
		else if (is_object(tool->parameters))
			put_function(w, tool->name, tool->description, tool->parameters);
		return;
	case TOOL_MCP:
		return put_service(w, tool, "mcp");
	case TOOL_WEB_SEARCH:
		return put_service(w, tool, "web_search");
	case TOOL_X_SEARCH:
		return put_service(w, tool, "x_search");
	}
}

bool tool_list_write(struct buf *out, const struct tool_list_plan *plan)
{
	struct json_writer w;

	json_begin(&w, out);
	json_open(&w, NULL, '[');
	for (enum tool_built_in tool = 0; tool < TOOL_BUILT_IN_COUNT; tool++)
		if (is_offered(plan, tool))
			put_built_in(&w, plan, tool);
	for (uint32_t i = 0; plan->tools && i < plan->tools->count; i++)
		if (is_known(plan, plan->tools->tools[i].kind))
			put_tool(&w, &plan->tools->tools[i]);
	json_close(&w, ']');
	return json_end(&w);
}
