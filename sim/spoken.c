/* spoken - a ring of items. */
#include "sim/spoken.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

static void clear_item(struct spoken_item *item)
{
	free(item->text);
	free(item->words);
	*item = (struct spoken_item){ 0 };
}

void spoken_fini(struct spoken *spoken)
{
	for (size_t i = 0; i < SPOKEN_COUNT_MAX; i++)
		clear_item(&spoken->items[i]);
}

void spoken_add(struct spoken *spoken, const char *id, const char *text, const struct speech_word *words,
	size_t word_count, uint32_t audio_ms)
{
	struct spoken_item *item = &spoken->items[spoken->next];

	spoken->next = (spoken->next + 1) % SPOKEN_COUNT_MAX;
	clear_item(item);
	snprintf(item->id, sizeof item->id, "%s", id);
	item->text = strdup(text);
	item->words = calloc(word_count + 1, sizeof *words);
	check(item->text && item->words);
	if (word_count)
		memcpy(item->words, words, word_count * sizeof *words);
	item->word_count = word_count;
	item->audio_ms = audio_ms;
}

static struct spoken_item *find_item(struct spoken *spoken, struct slice id)
{
	for (size_t i = 0; i < SPOKEN_COUNT_MAX; i++)
		if (id.len > 0 && slice_equal(id, slice_of(spoken->items[i].id)))
			return &spoken->items[i];
	return NULL;
}

static void trim_end(char *text)
{
	for (size_t len = strlen(text); len > 0 && text[len - 1] == ' '; len--)
		text[len - 1] = '\0';
}

bool spoken_truncate(struct spoken *spoken, struct slice id, int64_t end_ms, struct slice *out_text)
{
	struct spoken_item *item = find_item(spoken, id);

	if (!item)
		return false;
	for (size_t i = 0; i < item->word_count; i++)
		if (item->words[i].start_ms >= end_ms) {
			item->text[item->words[i].text_at] = '\0';
			item->word_count = i;
		}
	if (end_ms < item->audio_ms)
		item->audio_ms = end_ms < 0 ? 0 : (uint32_t)end_ms;
	trim_end(item->text);
	*out_text = slice_of(item->text);
	return true;
}

int64_t spoken_audio_ms(struct spoken *spoken, struct slice id)
{
	struct spoken_item *item = find_item(spoken, id);

	return item ? (int64_t)item->audio_ms : -1;
}

bool spoken_delete(struct spoken *spoken, struct slice id)
{
	struct spoken_item *item = find_item(spoken, id);

	if (item)
		clear_item(item);
	return item != NULL;
}
