/* fake_settings - the table of texts drives copying, merging and freeing; numbers are merged by hand. */
#include "sim/fake_settings.h"

#include "base/check.h"
#include "base/limits.h"
#include "sim/tool_offer.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* OpenAI's defaults. */
enum { OPENAI_SILENCE_MS = 200, OPENAI_PREFIX_MS = 300 };

enum { THRESHOLD_PERMILLE = 850, SILENCE_MS = 600, PREFIX_MS = 333, PADDING_MS_MAX = 10000, PCM_HZ = 24000 };

#define TEXT(member) offsetof(struct grok_session, member)

static const size_t text_offsets[] = {
	TEXT(model), TEXT(instructions), TEXT(voice), TEXT(reasoning_effort), TEXT(input.type), TEXT(output.type),
	TEXT(input_transport), TEXT(output_transport), TEXT(turn_detection.type), TEXT(transcription_model),
	TEXT(language_hint), TEXT(keyterms_json), TEXT(tools_json), TEXT(tool_choice), TEXT(replace_json),
	TEXT(flat_input_format), TEXT(flat_output_format),
};

static_assert(sizeof text_offsets / sizeof text_offsets[0] == FAKE_SETTINGS_TEXT_COUNT, "one copy a text");

static const char *const codings[] = { "audio/pcmu", "audio/pcma", "audio/pcm", "audio/opus" };

static struct slice *text_of(struct grok_session *session, size_t i)
{
	return (struct slice *)((char *)session + text_offsets[i]);
}

static void set_text(struct fake_settings *s, size_t i, struct slice value)
{
	char *copy = malloc(value.len + 1);

	check(copy);
	memcpy(copy, value.data, value.len);
	copy[value.len] = '\0';
	free(s->texts[i]);
	s->texts[i] = copy;
	*text_of(&s->session, i) = (struct slice){ copy, value.len };
}

/* OpenAI listens and answers at once, and says so. */
static void init_openai(struct fake_settings *s)
{
	struct grok_turn_detection *t = &s->session.turn_detection;

	set_text(s, 2, SLICE("marin"));
	set_text(s, 4, SLICE("audio/pcm"));
	set_text(s, 5, SLICE("audio/pcm"));
	s->session.input.rate_hz = s->session.output.rate_hz = PCM_HZ;
	set_text(s, 8, SLICE("server_vad"));
	*t = (struct grok_turn_detection){ GROK_YES, t->type, 0.5, OPENAI_SILENCE_MS, OPENAI_PREFIX_MS, -1, GROK_YES,
		GROK_YES };
}

void fake_settings_init(struct fake_settings *s, const struct grok_dialect *dialect, const char *model)
{
	*s = (struct fake_settings){ .dialect = dialect };
	grok_session_init(&s->session);
	set_text(s, 0, slice_of(model));
	set_text(s, 1, SLICE(""));
	set_text(s, 2, SLICE("xai_ara"));
	if (dialect->nested_session)
		init_openai(s);
}

void fake_settings_fini(struct fake_settings *s)
{
	for (size_t i = 0; i < FAKE_SETTINGS_TEXT_COUNT; i++)
		free(s->texts[i]);
	*s = (struct fake_settings){ 0 };
}

static bool is_known_format(struct slice type)
{
	for (size_t i = 0; i < ARRAY_COUNT(codings); i++)
		if (slice_equal(type, slice_of(codings[i])))
			return true;
	return !type.data;
}

static void merge_format(struct grok_format *format, const struct grok_format *update)
{
	if (update->type.data)
		format->rate_hz = update->rate_hz;      /* a new type brings its own rate */
	else if (update->rate_hz >= 0)
		format->rate_hz = update->rate_hz;
}

static void merge_number(int64_t *number, int64_t update)
{
	if (update >= 0)
		*number = update;
}

static void merge_flag(enum grok_flag *flag, enum grok_flag update)
{
	if (update != GROK_UNSAID)
		*flag = update;
}

static void merge_turn_detection(struct grok_turn_detection *t, const struct grok_turn_detection *update)
{
	merge_flag(&t->on, update->on);
	if (update->threshold >= 0)
		t->threshold = update->threshold;
	merge_number(&t->silence_duration_ms, update->silence_duration_ms);
	merge_number(&t->prefix_padding_ms, update->prefix_padding_ms);
	merge_number(&t->idle_timeout_ms, update->idle_timeout_ms);
	merge_flag(&t->create_response, update->create_response);
	merge_flag(&t->interrupt_response, update->interrupt_response);
}

static bool refuse(struct fake_refusal *out, const char *code, const char *message, const char *param)
{
	*out = (struct fake_refusal){ code, message, param };
	return false;
}

/* What only xAI has, and what OpenAI had before. */
static bool is_pure_openai(const struct grok_session *u, struct fake_refusal *why)
{
	const struct {
		bool said;
		const char *param, *message;
	} strays[] = {
#define STRAY(said, name) { said, name, "Unknown parameter: '" name "'." }
		STRAY(u->places & GROK_VOICE_TOP, "session.voice"),
		STRAY(u->places & GROK_TURN_TOP, "session.turn_detection"),
		STRAY(u->flat_input_format.data, "session.input_audio_format"),
		STRAY(u->flat_output_format.data, "session.output_audio_format"),
		STRAY(u->input_transport.data, "session.audio.input.transport"),
		STRAY(u->output_transport.data, "session.audio.output.transport"),
		STRAY(u->keyterms_json.data, "session.audio.input.transcription.keyterms"),
		STRAY(u->replace_json.data, "session.replace"),
		STRAY(u->resumption != GROK_UNSAID, "session.resumption"),
#undef STRAY
	};

	if (!slice_equal(u->type, SLICE("realtime")))
		return refuse(why, "missing_required_parameter", "Missing required parameter: 'session.type'.",
			"session.type");
	for (size_t i = 0; i < ARRAY_COUNT(strays); i++)
		if (strays[i].said)
			return refuse(why, "unknown_parameter", strays[i].message, strays[i].param);
	if (u->voice.data && !slice_equal_nocase(grok_dialect_voice(&grok_openai, u->voice), u->voice))
		return refuse(why, "invalid_value", "Invalid value: no such voice.", "session.audio.output.voice");
	if (tool_offer_has_server_tools(u->tools_json))
		return refuse(why, "invalid_value", "Invalid value: supported values are 'function' and 'mcp'.",
			"session.tools[0].type");
	return true;
}

static bool is_acceptable(const struct fake_settings *s, const struct grok_session *u, struct fake_refusal *why)
{
	const char *tools = u->tools_json.data ? tool_offer_fault(u->tools_json) : NULL;

	if (!is_known_format(u->input.type))
		return refuse(why, "invalid_audio_format", "session.audio.input.format.type is not supported", NULL);
	if (!is_known_format(u->output.type))
		return refuse(why, "invalid_audio_format", "session.audio.output.format.type is not supported", NULL);
	if (tools)
		return refuse(why, "invalid_tool", tools, "session.tools");
	return !s->dialect->nested_session || is_pure_openai(u, why);
}

/* xAI looks for voice and turn detection at the top only. */
static void drop_nested(struct grok_session *u)
{
	struct grok_session nothing;

	grok_session_init(&nothing);
	if (!(u->places & GROK_VOICE_TOP))
		u->voice = nothing.voice;
	if (!(u->places & GROK_TURN_TOP))
		u->turn_detection = nothing.turn_detection;
}

bool fake_settings_merge(struct fake_settings *s, const struct grok_session *given, struct fake_refusal *out_why)
{
	struct grok_session copy = *given;
	const struct grok_session *update = &copy;

	if (!is_acceptable(s, given, out_why))
		return false;
	if (!s->dialect->nested_session)
		drop_nested(&copy);
	merge_format(&s->session.input, &update->input);
	merge_format(&s->session.output, &update->output);
	merge_turn_detection(&s->session.turn_detection, &update->turn_detection);
	merge_flag(&s->session.resumption, update->resumption);
	if (update->speed > 0)
		s->session.speed = update->speed;
	for (size_t i = 0; i < FAKE_SETTINGS_TEXT_COUNT; i++)
		if (text_of(&copy, i)->data)
			set_text(s, i, *text_of(&copy, i));
	return true;
}

static struct fake_format format_of(const struct grok_format *format)
{
	if (slice_equal(format->type, SLICE("audio/pcmu")))
		return (struct fake_format){ FAKE_ULAW, ULAW_BYTES_PER_MS * 1000 };
	if (format->type.data && !slice_equal(format->type, SLICE("audio/pcm")))
		return (struct fake_format){ FAKE_OTHER, ULAW_BYTES_PER_MS * 1000 };
	return (struct fake_format){ FAKE_PCM, format->rate_hz >= 8000 && format->rate_hz <= 48000
		? (uint32_t)format->rate_hz : PCM_HZ };
}

struct fake_format fake_settings_input(const struct fake_settings *s)
{
	return format_of(&s->session.input);
}

struct fake_format fake_settings_output(const struct fake_settings *s)
{
	return format_of(&s->session.output);
}

uint32_t fake_format_bytes_per_ms(struct fake_format format)
{
	return format.rate_hz / 1000 * (format.coding == FAKE_PCM ? 2 : 1);
}

bool fake_settings_detect_turns(const struct fake_settings *s)
{
	const struct grok_turn_detection *t = &s->session.turn_detection;

	return t->on == GROK_YES && slice_equal(t->type, SLICE("server_vad"));
}

static uint32_t within(int64_t value, uint32_t otherwise)
{
	return value < 0 ? otherwise : value > PADDING_MS_MAX ? PADDING_MS_MAX : (uint32_t)value;
}

double fake_settings_threshold(const struct fake_settings *s)
{
	double threshold = s->session.turn_detection.threshold;

	return threshold >= 0.1 && threshold <= 0.9 ? threshold : THRESHOLD_PERMILLE / 1000.0;
}

uint32_t fake_settings_silence_ms(const struct fake_settings *s)
{
	return within(s->session.turn_detection.silence_duration_ms, SILENCE_MS);
}

uint32_t fake_settings_prefix_ms(const struct fake_settings *s)
{
	return within(s->session.turn_detection.prefix_padding_ms, PREFIX_MS);
}
