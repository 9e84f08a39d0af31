/* OpenAI's session (GA): everything of the voice is under audio, and the type must be said. */
#include "proto/grok_parts.h"

static void put_transcription(struct json_writer *w, const struct grok_session *s)
{
	if (!s->transcription_model.data && !s->language_hint.data)
		return;
	json_open(w, "transcription", '{');
	json_put_optional(w, "model", s->transcription_model);
	json_put_optional(w, "language", s->language_hint);
	json_close(w, '}');
}

static void put_audio(struct json_writer *w, const struct grok_session *s)
{
	json_open(w, "audio", '{');
	json_open(w, "input", '{');
	grok_format_put(w, &s->input);
	put_transcription(w, s);
	grok_turn_detection_put(w, &s->turn_detection);
	json_close(w, '}');
	json_open(w, "output", '{');
	grok_format_put(w, &s->output);
	json_put_optional(w, "voice", s->voice);
	grok_put_real(w, "speed", s->speed);
	json_close(w, '}');
	json_close(w, '}');
}

/* One tool of a type that the service does not have would have the whole session refused. */
static void put_known_tool(struct json_writer *w, const struct json_object *tool)
{
	struct slice type = {0}, text;

	grok_get(tool, "type", &type);
	if ((slice_equal(type, SLICE("function")) || slice_equal(type, SLICE("mcp"))) &&
		json_text(tool, &text))
		json_put_raw(w, NULL, text);
}

static void put_tools(struct json_writer *w, struct slice tools_json)
{
	struct json_reader reader = {0};
	const struct json_object *tools = json_read(&reader, tools_json.data, tools_json.len);

	json_open(w, "tools", '[');
	for (size_t i = 0; i < json_array_count(tools); i++)
		put_known_tool(w, json_array_item(tools, i));
	json_close(w, ']');
	json_reader_fini(&reader);
}

void grok_session_put_nested_update(struct json_writer *w, const struct grok_session *s)
{
	json_open(w, "session", '{');
	json_put(w, "type", s->type.data ? s->type : SLICE("realtime"));
	json_put_optional(w, "model", s->model);
	json_put_raw(w, "output_modalities", SLICE("[\"audio\"]"));
	json_put_optional(w, "instructions", s->instructions);
	put_audio(w, s);
	if (s->tools_json.data)
		put_tools(w, s->tools_json);
	json_put_optional(w, "tool_choice", s->tool_choice);
	json_close(w, '}');
}

void grok_session_put_nested_echo(struct json_writer *w, const struct grok_session *s)
{
	json_open(w, "session", '{');
	json_put(w, "type", SLICE("realtime"));
	json_put(w, "object", SLICE("realtime.session"));
	json_put_optional(w, "id", s->id);
	json_put_optional(w, "model", s->model);
	json_put_raw(w, "output_modalities", SLICE("[\"audio\"]"));
	json_put(w, "instructions", s->instructions);
	put_tools(w, s->tools_json.data ? s->tools_json : SLICE("[]"));
	json_put(w, "tool_choice", s->tool_choice.data ? s->tool_choice : SLICE("auto"));
	json_put(w, "max_output_tokens", SLICE("inf"));
	json_put(w, "truncation", SLICE("auto"));
	put_audio(w, s);
	json_close(w, '}');
}
