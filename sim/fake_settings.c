/* fake_settings - the table of texts drives copying, merging and freeing; numbers are merged by hand. */
#include "sim/fake_settings.h"

#include "base/check.h"
#include "base/limits.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

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

void fake_settings_init(struct fake_settings *s, const char *model)
{
	*s = (struct fake_settings){ 0 };
	grok_session_init(&s->session);
	set_text(s, 0, slice_of(model));
	set_text(s, 1, SLICE(""));
	set_text(s, 2, SLICE("xai_ara"));
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

bool fake_settings_merge(struct fake_settings *s, const struct grok_session *update, const char **out_why)
{
	struct grok_session copy = *update;
	const char *why = NULL;

	if (!is_known_format(update->input.type))
		why = "session.audio.input.format.type is not supported";
	else if (!is_known_format(update->output.type))
		why = "session.audio.output.format.type is not supported";
	if (why) {
		*out_why = why;
		return false;
	}
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
