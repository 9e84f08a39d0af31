/*
 * spoken - what the receptionist has said in the last few items: text, length, and when each word begins.
 *
 * Place:    sim, pure; above speech_say's struct. Needed when a client truncates an item at what was heard.
 * Usage:    spoken_add(&spoken, id, text, words, word_count, audio_ms); spoken_truncate(&spoken, id, 1480, text, …)
 * Lifetime: copies everything (heap) until fini or until SPOKEN_COUNT_MAX newer items have come.
 */
#pragma once

#include "base/slice.h"
#include "sim/speech_say.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SPOKEN_COUNT_MAX = 16, SPOKEN_ID_BYTES = 40 };

struct spoken_item {
	char id[SPOKEN_ID_BYTES];
	char *text;
	struct speech_word *words;
	size_t word_count;
	uint32_t audio_ms;
};

struct spoken {
	struct spoken_item items[SPOKEN_COUNT_MAX];
	size_t next;
};

void spoken_fini(struct spoken *spoken);
void spoken_add(struct spoken *spoken, const char *id, const char *text, const struct speech_word *words,
	size_t word_count, uint32_t audio_ms);
/* Cuts the item behind the last word that had begun at end_ms; the text that is left is lent. false: no such item. */
bool spoken_truncate(struct spoken *spoken, struct slice id, int64_t end_ms, struct slice *out_text);
/* How long the item's audio is; -1: no such item. */
int64_t spoken_audio_ms(struct spoken *spoken, struct slice id);
bool spoken_delete(struct spoken *spoken, struct slice id);
