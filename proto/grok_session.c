#include "proto/grok_parts.h"

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
static void read_turn_detection(const struct json_object *around, struct grok_turn_detection *out)
{
	const struct json_object *node = json_field(around, "turn_detection");

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
	grok_get(transcription, "language", &s->language_hint);
	grok_get(transcription, "language_hint", &s->language_hint);
	read_raw(transcription, "keyterms", &s->keyterms_json);
}

/* Said at the top and under audio: the top counts, as with xAI. */
static void read_places(const struct json_object *node, struct grok_session *s)
{
	const struct json_object *audio = json_field(node, "audio");
	const struct json_object *input = json_field(audio, "input"), *output = json_field(audio, "output");

	s->places = (json_has(node, "voice") ? GROK_VOICE_TOP : 0) |
		(json_has(output, "voice") ? GROK_VOICE_NESTED : 0) |
		(json_has(node, "turn_detection") ? GROK_TURN_TOP : 0) |
		(json_has(input, "turn_detection") ? GROK_TURN_NESTED : 0);
	grok_get(output, "voice", &s->voice);
	grok_get(node, "voice", &s->voice);
	if (s->places & GROK_TURN_TOP)
		read_turn_detection(node, &s->turn_detection);
	else if (s->places & GROK_TURN_NESTED)
		read_turn_detection(input, &s->turn_detection);
}

void grok_session_read(const struct json_object *node, struct grok_session *s)
{
	grok_get(node, "type", &s->type);
	grok_get(node, "id", &s->id);
	grok_get(node, "model", &s->model);
	grok_get(node, "instructions", &s->instructions);
	grok_get(json_field(node, "reasoning"), "effort", &s->reasoning_effort);
	read_places(node, s);
	read_audio(json_field(node, "audio"), s);
	read_raw(node, "tools", &s->tools_json);
	grok_get(node, "tool_choice", &s->tool_choice);
	read_raw(node, "replace", &s->replace_json);
	grok_get_flag(json_field(node, "resumption"), "enabled", &s->resumption);
	grok_get(node, "input_audio_format", &s->flat_input_format);
	grok_get(node, "output_audio_format", &s->flat_output_format);
}

/* --- the session of a telephone call --------------------------------------------------------------- */

/* OpenAI wants "es" where xAI wants "es-MX". */
static struct slice language_alone(struct slice tag)
{
	const char *dash = memchr(tag.data, '-', tag.len);

	return dash ? (struct slice){ tag.data, (size_t)(dash - tag.data) } : tag;
}

void grok_session_phone(struct grok_session *s, const struct grok_dialect *dialect, struct slice instructions,
	struct slice voice, struct slice language_hint)
{
	grok_session_init(s);
	s->instructions = instructions;
	s->voice = grok_dialect_voice(dialect, voice);
	/* No rate: mu-law has only one, and a rate beside it was reported to bring 24 kHz PCM. */
	s->input.type = s->output.type = SLICE("audio/pcmu");
	s->turn_detection.on = GROK_YES;
	s->turn_detection.type = SLICE("server_vad");
	s->turn_detection.threshold = 0.85;
	s->turn_detection.silence_duration_ms = 600;
	s->turn_detection.prefix_padding_ms = 333;
	s->transcription_model = slice_of(dialect->transcription_model);
	s->resumption = dialect->resumption ? GROK_YES : GROK_UNSAID;
	if (language_hint.len)
		s->language_hint = dialect->nested_session ? language_alone(language_hint) : language_hint;
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
