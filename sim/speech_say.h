/*
 * speech_say - text to telephone audio, by flite.
 *
 * Place:    sim; above wav (its filter). Deterministic: the same text and voice give the same bytes.
 * Usage:    speech_say(SPEECH_VOICE_SLT, "Good evening.", 1.0, &speech); ... speech_release(&speech);
 * Lifetime: the speech owns its arrays until released; a zeroed struct may be released.
 * Fails:    false if the text is empty or too long, or memory is short.
 * Limits:   SPEECH_TEXT_BYTES_MAX; about 50 ms of processor a sentence. flite keeps global state: one call at a
 *           time is served, others wait on a lock inside.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SPEECH_TEXT_BYTES_MAX = 8192, SPEECH_WORD_COUNT_MAX = 1024 };

/* SPEECH_VOICE(enum, name, what it sounds like). The receptionist speaks slt unless told otherwise, the caller rms. */
#define SPEECH_VOICES(SPEECH_VOICE) \
	SPEECH_VOICE(SLT, "slt", "woman, American") \
	SPEECH_VOICE(RMS, "rms", "man, American") \
	SPEECH_VOICE(AWB, "awb", "man, Scottish") \
	SPEECH_VOICE(KAL, "kal16", "man, robotic")

enum speech_voice {
#define SPEECH_VOICE_ENUM(id, name, sound) SPEECH_VOICE_##id,
	SPEECH_VOICES(SPEECH_VOICE_ENUM)
#undef SPEECH_VOICE_ENUM
	SPEECH_VOICE_COUNT
};

enum { SPEECH_VOICE_RECEPTIONIST = SPEECH_VOICE_SLT, SPEECH_VOICE_CALLER = SPEECH_VOICE_RMS };

struct speech_word {
	size_t text_at;                 /* where the word begins in the text */
	uint32_t start_ms;              /* when it begins in the audio */
};

struct speech {
	uint8_t *ulaw;                  /* 8000 Hz */
	size_t ulaw_bytes;
	struct speech_word *words;      /* ascending */
	size_t word_count;
};

bool speech_voice_parse(const char *name, enum speech_voice *out_voice);
const char *speech_voice_name(enum speech_voice voice);
/* speed: 0.7 (slow) to 1.5 (fast); 1.0 is the voice's own. */
bool speech_say(enum speech_voice voice, const char *text, double speed, struct speech *out);
void speech_release(struct speech *speech);
