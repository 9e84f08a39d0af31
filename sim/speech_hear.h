/*
 * speech_hear - telephone audio to text, by pocketsphinx with a JSGF grammar.
 *
 * Place:    sim; above ulaw.
 * Usage:    hear = speech_hear_open(grammar, "", why, sizeof why);
 *           speech_hear_utterance(hear, ulaw, bytes, text, sizeof text);        one utterance at a time
 * Lifetime: heap; one decoder serves any number of callers in turn, from one thread.
 * Fails:    open: NULL with a sentence (no model: apt-get install pocketsphinx-en-us). Hearing: "" if no sentence of
 *           the grammar was recognised.
 * Limits:   the words of the grammar must be in the model's dictionary; only they are loaded (about 12 MB in all).
 *           About 1 % of the audio's length in processor time.
 *
 * The model wants 16 kHz. A zero after every sample mirrors the telephone band into the empty upper half, which the
 * model understands far better than properly interpolated audio (18 of 18 sentences against 6 of 18).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SPEECH_HEARD_BYTES_MAX = 512, SPEECH_HEAR_MS_MAX = 60000 };

struct speech_hear;

/* `model_path` is the folder with en-us/ and cmudict-en-us.dict in it; "" for Debian's. */
struct speech_hear *speech_hear_open(const char *jsgf, const char *model_path, char *why, size_t why_bytes);
void speech_hear_close(struct speech_hear *hear);
/* Recognises one utterance as a whole: the same bytes always give the same words, in lower case. */
void speech_hear_utterance(struct speech_hear *hear, const uint8_t *ulaw, size_t bytes, char *out_text,
	size_t text_bytes);
