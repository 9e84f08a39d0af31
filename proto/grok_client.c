/* The client's messages that need no event. Below the session all dialects are asked in the same
 * words. */
#include "proto/grok.h"

#include "proto/form.h"

bool grok_write_session_update(
	struct buf *out, const struct grok_dialect *dialect, const struct grok_session *session)
{
	struct grok_event e;

	grok_event_init(&e, GROK_SESSION_UPDATE);
	e.session = *session;
	return grok_write(out, dialect, &e);
}

bool grok_write_text_item(struct buf *out, struct slice role, struct slice text)
{
	struct grok_event e;

	grok_event_init(&e, GROK_ITEM_CREATE);
	e.item.type = SLICE("message");
	e.item.role = role;
	e.item.content_type =
		slice_equal(role, SLICE("assistant")) ? SLICE("output_text") : SLICE("input_text");
	e.item.text = text;
	return grok_write(out, &grok_xai, &e);
}

bool grok_write_force_message(struct buf *out, struct slice text, bool interruptible)
{
	struct grok_event e;

	grok_event_init(&e, GROK_ITEM_CREATE);
	e.item.type = SLICE("force_message");
	e.item.role = SLICE("assistant");
	e.item.interruptible = interruptible ? GROK_YES : GROK_NO;
	e.item.content_type = SLICE("output_text");
	e.item.text = text;
	return grok_write(out, &grok_xai, &e);
}

/* Quotes keep the words apart from what is said about them. */
static bool write_request(struct buf *out, struct slice text, struct slice source)
{
	static const char before[] =
		"Say exactly the following words, in their language, and nothing else before or "
		"after them: \"",
			  after[] = "\"";
	char instructions[sizeof before + GROK_SAY_BYTES_MAX + sizeof after];
	struct grok_event e;
	struct buf words;

	if (text.len > GROK_SAY_BYTES_MAX)
		return false;
	buf_init_fixed(&words, instructions, sizeof instructions);
	buf_append(&words, before, sizeof before - 1);
	buf_append(&words, text.data, text.len);
	buf_append(&words, after, sizeof after - 1);
	grok_event_init(&e, GROK_RESPONSE_CREATE);
	e.instructions = (struct slice){instructions, buf_len(&words)};
	e.tool_choice = SLICE("none");
	if (source.len)
		e.metadata[e.metadata_count++] = (struct grok_pair){SLICE("src"), source};
	return grok_write(out, &grok_openai, &e);
}

bool grok_write_say(struct buf *out, const struct grok_dialect *dialect, struct slice text,
	bool interruptible, struct slice source)
{
	if (dialect->force_message)
		return grok_write_force_message(out, text, interruptible);
	return write_request(out, text, source);
}

bool grok_write_function_call(
	struct buf *out, struct slice call_id, struct slice name, struct slice arguments)
{
	struct grok_event e;

	grok_event_init(&e, GROK_ITEM_CREATE);
	e.item.type = SLICE("function_call");
	e.item.call_id = call_id;
	e.item.name = name;
	e.item.arguments = arguments;
	return grok_write(out, &grok_xai, &e);
}

bool grok_write_function_output(struct buf *out, struct slice call_id, struct slice output)
{
	struct grok_event e;

	grok_event_init(&e, GROK_ITEM_CREATE);
	e.item.type = SLICE("function_call_output");
	e.item.call_id = call_id;
	e.item.output = output;
	return grok_write(out, &grok_xai, &e);
}

bool grok_write_response_create(struct buf *out, struct slice instructions, struct slice source)
{
	struct grok_event e;

	grok_event_init(&e, GROK_RESPONSE_CREATE);
	if (instructions.len)
		e.instructions = instructions;
	if (source.len)
		e.metadata[e.metadata_count++] = (struct grok_pair){SLICE("src"), source};
	return grok_write(out, &grok_xai, &e);
}

bool grok_write_truncate(struct buf *out, struct slice item_id, int64_t audio_end_ms)
{
	struct grok_event e;

	grok_event_init(&e, GROK_ITEM_TRUNCATE);
	e.item_id = item_id;
	e.content_index = 0;
	e.audio_end_ms = audio_end_ms;
	return grok_write(out, &grok_xai, &e);
}

bool grok_write_cancel(struct buf *out, struct slice response_id)
{
	struct grok_event e;

	grok_event_init(&e, GROK_RESPONSE_CANCEL);
	if (response_id.len)
		e.response_id = response_id;
	return grok_write(out, &grok_xai, &e);
}

/* --- the URL
 * ---------------------------------------------------------------------------------------- */

static bool has_parameter(struct slice target, struct slice name)
{
	const char *mark = target.len ? memchr(target.data, '?', target.len) : NULL;
	const char *end = target.data + target.len;

	for (const char *at = mark; at; at = memchr(at, '&', (size_t)(end - at))) {
		at++;
		if ((size_t)(end - at) > name.len && memcmp(at, name.data, name.len) == 0 &&
			at[name.len] == '=')
			return true;
	}
	return false;
}

static bool put_parameter(struct buf *out, bool *has_query, struct slice name, struct slice value)
{
	bool put = value.len == 0 || (buf_append(out, *has_query ? "&" : "?", 1) &&
					     buf_append(out, name.data, name.len) &&
					     buf_append(out, "=", 1) && form_encode(out, value));

	*has_query = *has_query || value.len > 0;
	return put;
}

bool grok_write_target(
	struct buf *out, struct slice target, struct slice model, struct slice conversation_id)
{
	size_t start = buf_len(out);
	bool has_query = target.len && memchr(target.data, '?', target.len);

	if (has_parameter(target, SLICE("model")) || has_parameter(target, SLICE("agent_id")))
		model.len = 0;
	bool put = (target.len == 0 ? buf_append(out, "/", 1)
				    : buf_append(out, target.data, target.len)) &&
		   put_parameter(out, &has_query, SLICE("model"), model) &&
		   put_parameter(out, &has_query, SLICE("conversation_id"), conversation_id);

	if (!put)
		buf_cut(out, start);
	return put;
}
