/* Items of a conversation: messages, function calls and their results. Only the first content part is of interest;
 * xAI never sends a second. */
#include "proto/grok_parts.h"

void grok_item_read(const struct json_object *node, struct grok_item *item)
{
	const struct json_object *part = json_array_item(json_field(node, "content"), 0);

	grok_get(node, "id", &item->id);
	grok_get(node, "type", &item->type);
	grok_get(node, "role", &item->role);
	grok_get(node, "status", &item->status);
	grok_get(node, "call_id", &item->call_id);
	grok_get(node, "name", &item->name);
	grok_get(node, "arguments", &item->arguments);
	grok_get(node, "output", &item->output);
	grok_get(part, "type", &item->content_type);
	grok_get(part, "transcript", &item->text);
	grok_get(part, "text", &item->text);
	grok_get_flag(node, "interruptible", &item->interruptible);
	grok_get_flag(node, "replayed", &item->replayed);
}

static bool ends_with(struct slice text, struct slice end)
{
	return text.len >= end.len && memcmp(text.data + text.len - end.len, end.data, end.len) == 0;
}

static void put_content(struct json_writer *w, const struct grok_item *item)
{
	json_open(w, "content", '[');
	if (item->content_type.data) {
		bool is_audio = ends_with(item->content_type, SLICE("audio"));
		json_open(w, NULL, '{');
		json_put(w, "type", item->content_type);
		json_put_optional(w, is_audio ? "transcript" : "text", item->text);
		json_close(w, '}');
	}
	json_close(w, ']');
}

static void put_call(struct json_writer *w, const struct grok_item *item)
{
	json_put_optional(w, "call_id", item->call_id);
	json_put_optional(w, "name", item->name);
	json_put_optional(w, "arguments", item->arguments);
	json_put_optional(w, "output", item->output);
}

void grok_item_put_new(struct json_writer *w, const char *key, const struct grok_item *item)
{
	json_open(w, key, '{');
	json_put_optional(w, "id", item->id);
	json_put_optional(w, "type", item->type);
	json_put_optional(w, "role", item->role);
	grok_put_flag(w, "interruptible", item->interruptible);
	put_call(w, item);
	if (item->content_type.data)
		put_content(w, item);
	json_close(w, '}');
}

void grok_item_put(struct json_writer *w, const char *key, const struct grok_item *item, bool with_content)
{
	json_open(w, key, '{');
	json_put_optional(w, "id", item->id);
	json_put(w, "object", SLICE("realtime.item"));
	json_put_optional(w, "type", item->type);
	json_put_optional(w, "status", item->status);
	json_put_optional(w, "role", item->role);
	put_call(w, item);
	if (item->content_type.data || (with_content && slice_equal(item->type, SLICE("message"))))
		put_content(w, item);
	grok_put_flag(w, "replayed", item->replayed);
	json_close(w, '}');
}
