#include "relay/tool_arguments.h"

#include "base/limits.h"

#include <math.h>
#include <stdio.h>

enum { NAME_BYTES_MAX = 64 };

const struct json_object *tool_arguments_read(struct json_reader *reader, struct slice text)
{
	const struct json_object *root;

	if (text.len == 0)
		text = SLICE("{}");
	root = json_read(reader, text.data, text.len);
	return json_is_object(root) ? root : NULL;
}

struct slice tool_argument(const struct json_object *arguments, const char *name)
{
	struct slice text = {0};

	json_slice(json_field(arguments, name), &text);
	for (; text.len && strchr(" \t\r\n", text.data[0]); text.len--)
		text.data++;
	while (text.len && strchr(" \t\r\n", text.data[text.len - 1]))
		text.len--;
	return text;
}

struct judgement {
	const struct json_object *arguments;
	char *why;
	size_t why_bytes;
};

static bool is_integer(const struct json_object *node)
{
	double number;

	return json_double(node, &number) && number == floor(number);
}

static bool is_of_type(const struct json_object *node, struct slice type)
{
	bool truth;

	if (slice_equal(type, SLICE("string")))
		return json_is_string(node);
	if (slice_equal(type, SLICE("integer")))
		return is_integer(node);
	if (slice_equal(type, SLICE("number")))
		return json_is_number(node);
	if (slice_equal(type, SLICE("boolean")))
		return json_truth(node, &truth);
	if (slice_equal(type, SLICE("array")))
		return json_is_array(node);
	if (slice_equal(type, SLICE("object")))
		return json_is_object(node);
	return true;
}

static bool judge_property(void *context, struct slice key, const struct json_object *property)
{
	struct judgement *j = context;
	char name[NAME_BYTES_MAX + 1];
	struct slice type = {0};

	if (!slice_copy(key, name, sizeof name) || !json_slice(json_field(property, "type"), &type))
		return true;
	const struct json_object *argument = json_field(j->arguments, name);

	if (!argument || is_of_type(argument, type))
		return true;
	snprintf(j->why, j->why_bytes, "the argument %s must be of type %.*s", name,
		(int)(type.len % 32), type.data);
	return false;
}

static bool has_required(struct judgement *j, const struct json_object *required)
{
	char name[NAME_BYTES_MAX + 1];
	struct slice text;

	for (size_t i = 0; i < json_array_count(required); i++) {
		if (!json_slice(json_array_item(required, i), &text) ||
			!slice_copy(text, name, sizeof name) || json_field(j->arguments, name))
			continue;
		snprintf(j->why, j->why_bytes, "the argument %s is missing", name);
		return false;
	}
	return true;
}

bool tool_arguments_fit(
	const struct json_object *arguments, struct slice schema, char *why, size_t why_bytes)
{
	struct judgement j = {arguments, why, why_bytes};
	struct json_reader reader = {0};
	const struct json_object *root =
		schema.len ? json_read(&reader, schema.data, schema.len) : NULL;
	const struct json_object *required = json_field(root, "required"),
				 *properties = json_field(root, "properties");
	bool fits = (!json_is_array(required) || has_required(&j, required)) &&
		    (!json_is_object(properties) || json_each(properties, judge_property, &j));

	json_reader_fini(&reader);
	return fits;
}
