#include "proto/grok_parts.h"

/* --- reading --------------------------------------------------------------------------------------- */

static void read_raw(const struct json_object *object, const char *key, struct slice *out)
{
	if (json_has(object, key) && !json_text(json_field(object, key), out))
		*out = SLICE("null");
}

static void read_format(const struct json_object *format, struct grok_format *out)
{
	grok_get(format, "type", &out->type);
	grok_get_int(format, "rate", &out->rate_hz);
}

/* null, and an object whose type is null, mean: off. Without a type an object changes what is on. */
static void read_turn_detection(const struct json_object *session, struct grok_turn_detection *out)
{
	const struct json_object *node = json_field(session, "turn_detection");

	if (!json_has(session, "turn_detection"))
		return;
	grok_get(node, "type", &out->type);
	bool typed_null = json_has(node, "type") && !out->type.data;
	out->on = json_is_object(node) && !typed_null ? GROK_YES : GROK_NO;
	grok_get_real(node, "threshold", &out->threshold);
	grok_get_int(node, "silence_duration_ms", &out->silence_duration_ms);
	grok_get_int(node, "prefix_padding_ms", &out->prefix_padding_ms);
	grok_get_int(node, "idle_timeout_ms", &out->idle_timeout_ms);
	grok_get_flag(node, "create_response", &out->create_response);
	grok_get_flag(node, "interrupt_response", &out->interrupt_response);
}

static void read_audio(const struct json_object *audio, struct grok_session *s)
{
	const struct json_object *input = json_field(audio, "input"), *output = json_field(audio, "output");
	const struct json_object *transcription = json_field(input, "transcription");

	read_format(json_field(input, "format"), &s->input);
	read_format(json_field(output, "format"), &s->output);
	grok_get(input, "transport", &s->input_transport);
	grok_get(output, "transport", &s->output_transport);
	grok_get_real(output, "speed", &s->speed);
	grok_get(transcription, "model", &s->transcription_model);
	grok_get(transcription, "language_hint", &s->language_hint);
	read_raw(transcription, "keyterms", &s->keyterms_json);
}

void grok_session_read(const struct json_object *node, struct grok_session *s)
{
	grok_get(node, "id", &s->id);
	grok_get(node, "model", &s->model);
	grok_get(node, "instructions", &s->instructions);
	grok_get(node, "voice", &s->voice);
	grok_get(json_field(node, "reasoning"), "effort", &s->reasoning_effort);
	read_turn_detection(node, &s->turn_detection);
	read_audio(json_field(node, "audio"), s);
	read_raw(node, "tools", &s->tools_json);
	grok_get(node, "tool_choice", &s->tool_choice);
	read_raw(node, "replace", &s->replace_json);
	grok_get_flag(json_field(node, "resumption"), "enabled", &s->resumption);
	grok_get(node, "input_audio_format", &s->flat_input_format);
	grok_get(node, "output_audio_format", &s->flat_output_format);
}

/* --- writing --------------------------------------------------------------------------------------- */

static void put_turn_detection(struct json_writer *w, const struct grok_turn_detection *t)
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

static void put_format(struct json_writer *w, const struct grok_format *format)
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
	put_format(w, &s->input);
	json_put_optional(w, "transport", s->input_transport);
	put_transcription(w, s);
	json_close(w, '}');
	json_open(w, "output", '{');
	put_format(w, &s->output);
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

void grok_session_put_update(struct json_writer *w, const struct grok_session *s)
{
	json_open(w, "session", '{');
	json_put_optional(w, "model", s->model);
	json_put_optional(w, "instructions", s->instructions);
	json_put_optional(w, "voice", s->voice);
	put_reasoning(w, s);
	put_turn_detection(w, &s->turn_detection);
	put_audio(w, s);
	grok_put_raw(w, "tools", s->tools_json);
	json_put_optional(w, "tool_choice", s->tool_choice);
	grok_put_raw(w, "replace", s->replace_json);
	put_resumption(w, s);
	json_put_optional(w, "input_audio_format", s->flat_input_format);
	json_put_optional(w, "output_audio_format", s->flat_output_format);
	json_close(w, '}');
}

void grok_session_put_created(struct json_writer *w, const struct grok_session *s)
{
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
	struct slice type = { 0 }, text = SLICE("null");

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
	struct json_reader reader = { 0 };
	const struct json_object *tools = tools_json.data ? json_read(&reader, tools_json.data, tools_json.len) : NULL;

	json_open(w, "tools", '[');
	for (size_t i = 0; i < json_array_count(tools); i++)
		put_tool(w, json_array_item(tools, i));
	json_close(w, ']');
	json_reader_fini(&reader);
}

void grok_session_put_updated(struct json_writer *w, const struct grok_session *s)
{
	json_open(w, "session", '{');
	json_put_optional(w, "model", s->model);
	json_put_optional(w, "instructions", s->instructions);
	json_put_optional(w, "voice", s->voice);
	put_reasoning(w, s);
	if (s->turn_detection.on == GROK_YES)
		put_turn_detection(w, &s->turn_detection);
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

/* --- the session of a telephone call --------------------------------------------------------------- */

void grok_session_phone(struct grok_session *s, struct slice instructions, struct slice voice,
	struct slice language_hint)
{
	grok_session_init(s);
	s->instructions = instructions;
	s->voice = voice;
	/* No rate: mu-law has only one, and a rate beside it was reported to bring 24 kHz PCM. */
	s->input.type = s->output.type = SLICE("audio/pcmu");
	s->turn_detection.on = GROK_YES;
	s->turn_detection.type = SLICE("server_vad");
	s->turn_detection.threshold = 0.85;
	s->turn_detection.silence_duration_ms = 600;
	s->turn_detection.prefix_padding_ms = 333;
	s->transcription_model = SLICE("grok-transcribe");
	if (language_hint.len)
		s->language_hint = language_hint;
}

static bool is_ulaw(const struct grok_format *format)
{
	return slice_equal(format->type, SLICE("audio/pcmu")) && (format->rate_hz < 0 || format->rate_hz == 8000);
}

bool grok_session_fits_phone(const struct grok_session *s, const char **out_why)
{
	if (!is_ulaw(&s->input))
		*out_why = "the session does not take mu-law";
	else if (!is_ulaw(&s->output))
		*out_why = "the session does not speak mu-law";
	else if (!slice_equal(s->turn_detection.type, SLICE("server_vad")))
		*out_why = "the session does not detect turns";
	else
		return true;
	return false;
}
