/* xAI's session: voice and turn detection at the top, tools echoed in another shape than they came
 * in. */
#include "proto/grok_parts.h"

void grok_turn_detection_put(struct json_writer *w, const struct grok_turn_detection *t)
{
	if (t->on == GROK_NO)
		return json_put_raw(w, "turn_detection", SLICE("null"));
	if (t->on == GROK_UNSAID)
		return;
	json_open(w, "turn_detection", '{');
	json_put_optional(w, "type", t->type);
	grok_put_real(w, "threshold", t->threshold);
	json_put_int_optional(w, "silence_duration_ms", t->silence_duration_ms);
	json_put_int_optional(w, "prefix_padding_ms", t->prefix_padding_ms);
	json_put_int_optional(w, "idle_timeout_ms", t->idle_timeout_ms);
	grok_put_flag(w, "create_response", t->create_response);
	grok_put_flag(w, "interrupt_response", t->interrupt_response);
	json_close(w, '}');
}

void grok_format_put(struct json_writer *w, const struct grok_format *format)
{
	if (!format->type.data)
		return;
	json_open(w, "format", '{');
	json_put(w, "type", format->type);
	json_put_int_optional(w, "rate", format->rate_hz);
	json_close(w, '}');
}

static void put_transcription(struct json_writer *w, const struct grok_session *s)
{
	if (!s->transcription_model.data && !s->language_hint.data && !s->keyterms_json.data)
		return;
	json_open(w, "transcription", '{');
	json_put_optional(w, "model", s->transcription_model);
	json_put_optional(w, "language_hint", s->language_hint);
	grok_put_raw(w, "keyterms", s->keyterms_json);
	json_close(w, '}');
}

static void put_audio(struct json_writer *w, const struct grok_session *s)
{
	json_open(w, "audio", '{');
	json_open(w, "input", '{');
	grok_format_put(w, &s->input);
	json_put_optional(w, "transport", s->input_transport);
	put_transcription(w, s);
	json_close(w, '}');
	json_open(w, "output", '{');
	grok_format_put(w, &s->output);
	json_put_optional(w, "transport", s->output_transport);
	grok_put_real(w, "speed", s->speed);
	json_close(w, '}');
	json_close(w, '}');
}

static void put_reasoning(struct json_writer *w, const struct grok_session *s)
{
	if (!s->reasoning_effort.data)
		return;
	json_open(w, "reasoning", '{');
	json_put(w, "effort", s->reasoning_effort);
	json_close(w, '}');
}

static void put_resumption(struct json_writer *w, const struct grok_session *s)
{
	if (s->resumption == GROK_UNSAID)
		return;
	json_open(w, "resumption", '{');
	grok_put_flag(w, "enabled", s->resumption);
	json_close(w, '}');
}

void grok_session_put_update(
	struct json_writer *w, const struct grok_dialect *d, const struct grok_session *s)
{
	if (d->nested_session)
		return grok_session_put_nested_update(w, s);
	json_open(w, "session", '{');
	json_put_optional(w, "model", s->model);
	json_put_optional(w, "instructions", s->instructions);
	json_put_optional(w, "voice", s->voice);
	put_reasoning(w, s);
	grok_turn_detection_put(w, &s->turn_detection);
	put_audio(w, s);
	grok_put_raw(w, "tools", s->tools_json);
	json_put_optional(w, "tool_choice", s->tool_choice);
	grok_put_raw(w, "replace", s->replace_json);
	put_resumption(w, s);
	json_put_optional(w, "input_audio_format", s->flat_input_format);
	json_put_optional(w, "output_audio_format", s->flat_output_format);
	json_close(w, '}');
}

void grok_session_put_created(
	struct json_writer *w, const struct grok_dialect *d, const struct grok_session *s)
{
	if (d->nested_session)
		return grok_session_put_nested_echo(w, s);
	json_open(w, "session", '{');
	json_put_optional(w, "id", s->id);
	json_put(w, "object", SLICE("realtime.session"));
	json_put_optional(w, "model", s->model);
	json_put(w, "instructions", s->instructions);
	json_put_optional(w, "voice", s->voice);
	json_put_raw(w, "modalities", SLICE("[\"audio\"]"));
	json_put_raw(w, "turn_detection", SLICE("{\"type\":null}"));
	json_put_raw(w, "tools", SLICE("[]"));
	json_close(w, '}');
}

static bool put_function_member(void *context, struct slice key, const struct json_object *value)
{
	struct json_writer *w = context;
	char name[64];
	struct slice text = SLICE("null");

	json_text(value, &text);
	if (!slice_equal(key, SLICE("type")) && slice_copy(key, name, sizeof name))
		json_put_raw(w, name, text);
	return true;
}

/* xAI echoes functions in the shape of chat completions, however they were sent. */
static void put_tool(struct json_writer *w, const struct json_object *tool)
{
	struct slice type = {0}, text = SLICE("null");

	grok_get(tool, "type", &type);
	if (!slice_equal(type, SLICE("function")) || json_is_object(json_field(tool, "function"))) {
		json_text(tool, &text);
		return json_put_raw(w, NULL, text);
	}
	json_open(w, NULL, '{');
	json_put(w, "type", type);
	json_open(w, "function", '{');
	json_each(tool, put_function_member, w);
	json_close(w, '}');
	json_close(w, '}');
}

static void put_tools(struct json_writer *w, struct slice tools_json)
{
	struct json_reader reader = {0};
	const struct json_object *tools =
		tools_json.data ? json_read(&reader, tools_json.data, tools_json.len) : NULL;

	json_open(w, "tools", '[');
	for (size_t i = 0; i < json_array_count(tools); i++)
		put_tool(w, json_array_item(tools, i));
	json_close(w, ']');
	json_reader_fini(&reader);
}

void grok_session_put_updated(
	struct json_writer *w, const struct grok_dialect *d, const struct grok_session *s)
{
	if (d->nested_session)
		return grok_session_put_nested_echo(w, s);
	json_open(w, "session", '{');
	json_put_optional(w, "model", s->model);
	json_put_optional(w, "instructions", s->instructions);
	json_put_optional(w, "voice", s->voice);
	put_reasoning(w, s);
	if (s->turn_detection.on == GROK_YES)
		grok_turn_detection_put(w, &s->turn_detection);
	put_tools(w, s->tools_json);
	json_put_raw(w, "modalities", SLICE("[\"audio\"]"));
	json_put(w, "tool_choice", s->tool_choice.data ? s->tool_choice : SLICE("auto"));
	json_put_raw(w, "temperature", SLICE("-1.0"));
	json_put(w, "max_response_output_tokens", SLICE("inf"));
	json_put(w, "input_audio_format", SLICE("not specified"));
	json_put(w, "output_audio_format", SLICE("not specified"));
	if (s->transcription_model.data) {
		json_open(w, "input_audio_transcription", '{');
		json_put(w, "model", s->transcription_model);
		json_close(w, '}');
	}
	json_put_bool(w, "enable_noise_suppression", false);
	json_put_bool(w, "keep_context", false);
	json_put_bool(w, "enable_phonetic_spelling", false);
	put_audio(w, s);
	grok_put_raw(w, "replace", s->replace_json);
	put_resumption(w, s);
	json_close(w, '}');
}
