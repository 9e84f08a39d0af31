#include "proto/json.h"

#include "base/limits.h"

#include <json-c/json.h>
#include <limits.h>
#include <math.h>

void json_reader_rest(struct json_reader *reader)
{
	json_object_put(reader->root);
	reader->root = NULL;
}

void json_reader_fini(struct json_reader *reader)
{
	json_reader_rest(reader);
	if (reader->tokener)
		json_tokener_free(reader->tokener);
	reader->tokener = NULL;
}

static bool has_tokener(struct json_reader *reader)
{
	if (reader->tokener)
		return true;
	/* json-c counts the scalar in the innermost object as a level. */
	reader->tokener = json_tokener_new_ex(JSON_DEPTH_MAX + 1);
	if (reader->tokener)
		json_tokener_set_flags(reader->tokener, JSON_TOKENER_STRICT);
	return reader->tokener;
}

const struct json_object *json_read(struct json_reader *reader, const char *text, size_t len)
{
	json_reader_rest(reader);
	reader->why = "the text is too long";
	if (len > INT_MAX || !json_valid(text, len, &reader->why))
		return NULL;
	reader->why = "no memory";
	if (!has_tokener(reader))
		return NULL;
	json_tokener_reset(reader->tokener);
	reader->root = json_tokener_parse_ex(reader->tokener, text, (int)len);
	reader->why = "not an object or array";
	if (json_is_object(reader->root) || json_is_array(reader->root))
		return reader->root;
	json_reader_rest(reader);
	return NULL;
}

const struct json_object *json_field(const struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	if (json_is_object(object))
		json_object_object_get_ex(object, key, &value);
	return value;
}

bool json_has(const struct json_object *object, const char *key)
{
	return json_is_object(object) && json_object_object_get_ex(object, key, NULL);
}

bool json_is_object(const struct json_object *node)
{
	return json_object_is_type(node, json_type_object);
}

bool json_is_array(const struct json_object *node)
{
	return json_object_is_type(node, json_type_array);
}

bool json_is_string(const struct json_object *node)
{
	return json_object_is_type(node, json_type_string);
}

bool json_is_number(const struct json_object *node)
{
	return json_object_is_type(node, json_type_int) || json_object_is_type(node, json_type_double);
}

bool json_slice(const struct json_object *node, struct slice *out)
{
	if (!json_is_string(node))
		return false;
	/* json-c 0.16 takes a struct that is not const, and does not change it. */
	*out = (struct slice){ json_object_get_string((struct json_object *)node),
		(size_t)json_object_get_string_len(node) };
	return true;
}

bool json_truth(const struct json_object *node, bool *out)
{
	if (!json_object_is_type(node, json_type_boolean))
		return false;
	*out = json_object_get_boolean(node);
	return true;
}

bool json_double(const struct json_object *node, double *out)
{
	if (!json_is_number(node))
		return false;
	double number = json_object_get_double(node);
	if (!isfinite(number))
		return false;
	*out = number;
	return true;
}

bool json_int(const struct json_object *node, int64_t *out)
{
	const double exact_max = 9007199254740992.0;
	double number;

	if (!json_double(node, &number) || number < -exact_max || number > exact_max)
		return false;
	*out = (int64_t)number;
	return true;
}

bool json_text(const struct json_object *node, struct slice *out)
{
	size_t len = 0;
	const char *text;

	if (!node)
		return false;
	text = json_object_to_json_string_length((struct json_object *)node,
		JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	if (!text)
		return false;
	*out = (struct slice){ text, len };
	return true;
}

size_t json_member_count(const struct json_object *object)
{
	return json_is_object(object) ? (size_t)json_object_object_length(object) : 0;
}

size_t json_array_count(const struct json_object *array)
{
	return json_is_array(array) ? json_object_array_length(array) : 0;
}

const struct json_object *json_array_item(const struct json_object *array, size_t index)
{
	return index < json_array_count(array) ? json_object_array_get_idx(array, index) : NULL;
}

bool json_each(const struct json_object *object,
	bool (*visit)(void *context, struct slice key, const struct json_object *value), void *context)
{
	if (!json_is_object(object))
		return true;
	json_object_object_foreach((struct json_object *)object, key, value)
	{
		if (!visit(context, slice_of(key), value))
			return false;
	}
	return true;
}
