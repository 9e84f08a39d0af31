/*
 * story - what the caller lived through, from the first ring to the end: what was heard, when and how long.
 *
 * Place:    sim, pure. Times are milliseconds since the caller dialled.
 * Usage:    story_put(&s, STORY_SAY, at_ms, ms, "We are sorry."); ... story_finish(&s, end_ms, "twiml-hangup");
 *           for (i = 0; i < s.count; i++) story_phrase(&s.scenes[i], text, sizeof text)
 * Order:    scenes are kept by their beginning, in whatever order they are put; two may overlap.
 * Silence:  story_finish() puts a scene of silence wherever nothing was to be heard for STORY_SILENCE_MS, once
 *           somebody has answered.
 * Limits:   STORY_SCENES_MAX; what comes then is counted in `left_out`. Texts are cut at STORY_TEXT_BYTES_MAX.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { STORY_SCENES_MAX = 256, STORY_TEXT_BYTES_MAX = 200, STORY_SILENCE_MS = 1500 };

/* X(kind, word, phrase): in the phrase, what the text is stands behind it. */
#define STORY_KINDS(X) \
	X(STORY_RINGING, "rings", "it rings")                           /* nobody has answered yet */ \
	X(STORY_RECEPTIONIST, "receptionist", "the receptionist speaks") \
	X(STORY_SAY, "says", "Twilio's voice:") \
	X(STORY_PLAY, "plays", "a recording plays:") \
	X(STORY_RINGBACK, "dials", "it rings at")                       /* somebody else's phone */ \
	X(STORY_PERSON, "person", "a person:") \
	X(STORY_BEEP, "beep", "a beep") \
	X(STORY_CALLER, "caller", "the caller:")                        /* himself */ \
	X(STORY_SILENCE, "silence", "silence") \
	X(STORY_BUSY, "busy", "the busy tone") \
	X(STORY_UNAVAILABLE, "not-in-service", "a voice: this number is not in service") \
	X(STORY_ERROR, "application-error", "Twilio's voice: an application error has occurred") \
	X(STORY_END, "ends", "the end:")

enum story_kind {
#define X(kind, word, phrase) kind,
	STORY_KINDS(X)
#undef X
};

struct story_scene {
	enum story_kind kind;
	uint64_t at_ms, ms;
	char text[STORY_TEXT_BYTES_MAX + 1];
};

struct story {
	struct story_scene scenes[STORY_SCENES_MAX];
	size_t count;
	uint32_t left_out;
};

const char *story_word(enum story_kind kind);
void story_put(struct story *s, enum story_kind kind, uint64_t at_ms, uint64_t ms, const char *text);
void story_finish(struct story *s, uint64_t end_ms, const char *how);
/* "it rings at +15550199, busy for 1.0 s"; returns `out`. */
const char *story_phrase(const struct story_scene *scene, char *out, size_t out_bytes);
/* The longest silence; 0: none. After story_finish(). */
uint64_t story_silence_ms(const struct story *s);
