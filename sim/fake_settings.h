/*
 * fake_settings - what a client has asked for in its session.updates, merged member by member as xAI does.
 *
 * Place:    sim, pure; above proto/grok.
 * Usage:    fake_settings_init(&s, dialect, "grok-voice-latest");
 *           if (!fake_settings_merge(&s, &e.session, &why)) error;
 * Lifetime: owns copies of all texts (heap) until fini; session's slices point to them.
 * Fails:    merge refuses audio formats and tools that do not exist, with a sentence, and then changes nothing.
 *           xAI passes over flat formats (input_audio_format) and a voice or turn detection under audio; OpenAI
 *           refuses whatever it does not know, and a session without its type.
 */
#pragma once

#include "proto/grok.h"

#include <stdbool.h>
#include <stdint.h>

enum { FAKE_SETTINGS_TEXT_COUNT = 17 };

enum fake_coding { FAKE_ULAW, FAKE_PCM, FAKE_OTHER };

struct fake_format {
	enum fake_coding coding;
	uint32_t rate_hz;
};

struct fake_settings {
	const struct grok_dialect *dialect;
	struct grok_session session;
	char *texts[FAKE_SETTINGS_TEXT_COUNT];
};

struct fake_refusal {
	const char *code, *message, *param;     /* static; param may be NULL */
};

void fake_settings_init(struct fake_settings *s, const struct grok_dialect *dialect, const char *model);
void fake_settings_fini(struct fake_settings *s);
bool fake_settings_merge(struct fake_settings *s, const struct grok_session *update, struct fake_refusal *out_why);
/* What the bytes are: until a client says otherwise, PCM at 24 kHz. */
struct fake_format fake_settings_input(const struct fake_settings *s);
struct fake_format fake_settings_output(const struct fake_settings *s);
uint32_t fake_format_bytes_per_ms(struct fake_format format);
/* Whether the server detects turns. */
bool fake_settings_detect_turns(const struct fake_settings *s);
double fake_settings_threshold(const struct fake_settings *s);
uint32_t fake_settings_silence_ms(const struct fake_settings *s);
uint32_t fake_settings_prefix_ms(const struct fake_settings *s);
