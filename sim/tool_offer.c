/* tool_offer - the tools are read anew each time: they are few and short. */
#include "sim/tool_offer.h"

#include "base/buf.h"
#include "proto/json.h"
#include "proto/json_write.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The object with name and parameters, be it the tool itself or its "function". */
static const struct json_object *function_of(const struct json_object *tool)
{
	struct slice type = { 0 };

	json_slice(json_field(tool, "type"), &type);
	if (!slice_equal(type, SLICE("function")))
		return NULL;
	return json_is_object(json_field(tool, "function")) ? json_field(tool, "function") : tool;
}

static const struct json_object *find_function(struct json_reader *reader, struct slice tools_json, const char *name)
{
	const struct json_object *tools = tools_json.len ? json_read(reader, tools_json.data, tools_json.len) : NULL;

	for (size_t i = 0; i < json_array_count(tools); i++) {
		const struct json_object *function = function_of(json_array_item(tools, i));
		struct slice is = { 0 };

		json_slice(json_field(function, "name"), &is);
		if (function && slice_equal(is, slice_of(name)))
			return function;
	}
	return NULL;
}

bool tool_offer_has(struct slice tools_json, const char *name)
{
	struct json_reader reader = { 0 };
	bool has = find_function(&reader, tools_json, name) != NULL;

	json_reader_fini(&reader);
	return has;
}

static bool has_text(const struct json_object *object, const char *key)
{
	struct slice text = { 0 };

	return json_slice(json_field(object, key), &text) && text.len > 0;
}

static bool is_server_tool(struct slice type)
{
	return slice_equal(type, SLICE("web_search")) || slice_equal(type, SLICE("x_search")) ||
		slice_equal(type, SLICE("file_search"));
}

static bool is_mcp(struct slice type)
{
	return slice_equal(type, SLICE("mcp"));
}

static const char *fault_of(const struct json_object *tool)
{
	struct slice type = { 0 };

	if (!json_slice(json_field(tool, "type"), &type))
		return "session.tools: a tool has no type";
	if (slice_equal(type, SLICE("function"))) {
		const struct json_object *function = function_of(tool);

		if (!has_text(function, "name"))
			return "session.tools: a function has no name";
		if (json_has(function, "parameters") && !json_is_object(json_field(function, "parameters")))
			return "session.tools: the parameters of a function are no JSON Schema";
		return NULL;
	}
	if (slice_equal(type, SLICE("mcp")))
		return has_text(tool, "server_url") && has_text(tool, "server_label") ? NULL
			: "session.tools: mcp wants server_url and server_label";
	if (is_server_tool(type))
		return NULL;
	return "session.tools: a tool of a type that does not exist";
}

const char *tool_offer_fault(struct slice tools_json)
{
	struct json_reader reader = { 0 };
	const struct json_object *tools = json_read(&reader, tools_json.data, tools_json.len);
	const char *fault = json_is_array(tools) ? NULL : "session.tools is no array";

	for (size_t i = 0; !fault && i < json_array_count(tools); i++)
		fault = fault_of(json_array_item(tools, i));
	json_reader_fini(&reader);
	return fault;
}

static bool has_type(struct slice tools_json, bool (*wanted)(struct slice type))
{
	struct json_reader reader = { 0 };
	const struct json_object *tools = tools_json.len ? json_read(&reader, tools_json.data, tools_json.len) : NULL;
	bool has = false;

	for (size_t i = 0; i < json_array_count(tools); i++) {
		struct slice type = { 0 };

		json_slice(json_field(json_array_item(tools, i), "type"), &type);
		has = has || wanted(type);
	}
	json_reader_fini(&reader);
	return has;
}

bool tool_offer_has_mcp(struct slice tools_json)
{
	return has_type(tools_json, is_mcp);
}

bool tool_offer_has_server_tools(struct slice tools_json)
{
	return has_type(tools_json, is_server_tool);
}

/* --- arguments --------------------------------------------------------------------------------- */

struct filling {
	struct json_writer w;
	const struct tool_facts *facts;
	const struct json_object *required;
};

static bool names(struct slice key, const char *word)
{
	return memmem(key.data, key.len, word, strlen(word)) != NULL;
}

static const char *text_for(const struct tool_facts *facts, struct slice key)
{
	if (names(key, "name"))
		return facts->caller_name;
	if (names(key, "number") || names(key, "phone"))
		return NULL;
	if (names(key, "message") || names(key, "text") || names(key, "note"))
		return facts->message;
	return facts->heard;
}

static bool is_required(const struct filling *f, struct slice key)
{
	for (size_t i = 0; i < json_array_count(f->required); i++) {
		struct slice name = { 0 };

		json_slice(json_array_item(f->required, i), &name);
		if (slice_equal(name, key))
			return true;
	}
	return false;
}

static bool fill_member(void *context, struct slice key, const struct json_object *schema)
{
	struct filling *f = context;
	struct slice type = { 0 }, choice = { 0 };
	const char *text = text_for(f->facts, key);
	bool required = is_required(f, key);
	char name[64];

	json_slice(json_field(schema, "type"), &type);
	if (!slice_copy(key, name, sizeof name))
		return true;
	if (json_slice(json_array_item(json_field(schema, "enum"), 0), &choice)) {
		if (required)
			json_put(&f->w, name, choice);
	} else if (slice_equal(type, SLICE("boolean"))) {
		json_put_bool(&f->w, name, false);
	} else if (slice_equal(type, SLICE("integer")) || slice_equal(type, SLICE("number"))) {
		if (required)
			json_put_int(&f->w, name, 1);
	} else if ((text && text[0]) || required) {
		json_put(&f->w, name, slice_of(text ? text : ""));
	}
	return true;
}

void tool_offer_arguments(struct slice tools_json, const char *name, const struct tool_facts *facts, char *out,
	size_t out_bytes)
{
	struct json_reader reader = { 0 };
	const struct json_object *schema = json_field(find_function(&reader, tools_json, name), "parameters");
	struct filling f = { .facts = facts, .required = json_field(schema, "required") };
	struct buf buf;

	buf_init_fixed(&buf, out, out_bytes - 1);
	json_begin(&f.w, &buf);
	json_open(&f.w, NULL, '{');
	json_each(json_field(schema, "properties"), fill_member, &f);
	json_close(&f.w, '}');
	if (!json_end(&f.w))
		buf_append(&buf, "{}", 2);
	out[buf_len(&buf)] = '\0';
	json_reader_fini(&reader);
}

/* --- outputs ----------------------------------------------------------------------------------- */

static bool is_failure(const struct json_object *root)
{
	struct slice status = { 0 };
	bool ok = true;

	json_truth(json_field(root, "ok"), &ok);
	json_truth(json_field(root, "success"), &ok);
	json_slice(json_field(root, "status"), &status);
	return !ok || json_has(root, "error") || slice_equal(status, SLICE("error")) ||
		slice_equal(status, SLICE("failed"));
}

struct collecting {
	char *out;
	size_t out_bytes, len;
};

static bool collect(void *context, struct slice key, const struct json_object *value)
{
	struct collecting *c = context;
	struct slice text = { 0 };

	(void)key;
	if (json_is_object(value) || json_is_array(value) || (!json_slice(value, &text) && !json_text(value, &text)))
		return true;
	int len = snprintf(c->out + c->len, c->out_bytes - c->len, "%s%.*s", c->len ? ", " : "", (int)text.len,
		text.data);

	if (len > 0 && (size_t)len < c->out_bytes - c->len)
		c->len += (size_t)len;
	else
		c->out[c->len] = '\0';
	return true;
}

bool tool_offer_words(const char *output, char *out, size_t out_bytes)
{
	static const char *const keys[] = { "say", "message", "text", "answer", "result", "error", "reason" };
	struct json_reader reader = { 0 };
	const struct json_object *root = json_read(&reader, output, strlen(output));
	struct collecting c = { out, out_bytes, 0 };
	bool good = true;

	out[0] = '\0';
	if (!json_is_object(root)) {
		snprintf(out, out_bytes, "%s", output);
	} else {
		good = !is_failure(root);
		for (size_t i = 0; !c.len && i < sizeof keys / sizeof keys[0]; i++)
			collect(&c, slice_of(keys[i]), json_field(root, keys[i]));
		if (!c.len)
			json_each(root, collect, &c);
	}
	json_reader_fini(&reader);
	return good;
}
