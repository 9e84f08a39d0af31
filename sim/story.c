#include "sim/story.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *word, *phrase;
} kinds[] = {
#define X(kind, word, phrase) [kind] = { word, phrase },
	STORY_KINDS(X)
#undef X
};

const char *story_word(enum story_kind kind)
{
	return kinds[kind].word;
}

/* Cut where a character ends, so that it stays UTF-8. */
static void copy_text(char out[STORY_TEXT_BYTES_MAX + 1], const char *text)
{
	size_t len = strnlen(text, STORY_TEXT_BYTES_MAX + 1);

	if (len > STORY_TEXT_BYTES_MAX)
		for (len = STORY_TEXT_BYTES_MAX; len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80;)
			len--;
	memcpy(out, text, len);
	out[len] = '\0';
}

void story_put(struct story *s, enum story_kind kind, uint64_t at_ms, uint64_t ms, const char *text)
{
	size_t i = s->count;

	if (s->count == STORY_SCENES_MAX) {
		s->left_out++;
		return;
	}
	for (; i > 0 && s->scenes[i - 1].at_ms > at_ms; i--)
		s->scenes[i] = s->scenes[i - 1];
	s->scenes[i] = (struct story_scene){ .kind = kind, .at_ms = at_ms, .ms = ms };
	copy_text(s->scenes[i].text, text);
	s->count++;
}

/* Each gap behind the ringing becomes a scene; those that were put are passed over by their own end. */
static void put_silences(struct story *s, uint64_t end_ms)
{
	uint64_t heard_until_ms = 0;
	bool is_answered = false;

	for (size_t i = 0; i <= s->count; i++) {
		const uint64_t next_ms = i < s->count ? s->scenes[i].at_ms : end_ms;

		if (is_answered && next_ms >= heard_until_ms + STORY_SILENCE_MS && s->count < STORY_SCENES_MAX) {
			story_put(s, STORY_SILENCE, heard_until_ms, next_ms - heard_until_ms, "");
			heard_until_ms = next_ms;
			continue;       /* the silence stands at i now; what was there is next */
		}
		if (i == s->count)
			return;
		is_answered = is_answered || s->scenes[i].kind == STORY_RINGING;
		if (s->scenes[i].at_ms + s->scenes[i].ms > heard_until_ms)
			heard_until_ms = s->scenes[i].at_ms + s->scenes[i].ms;
	}
}

void story_finish(struct story *s, uint64_t end_ms, const char *how)
{
	put_silences(s, end_ms);
	story_put(s, STORY_END, end_ms, 0, how);
}

const char *story_phrase(const struct story_scene *scene, char *out, size_t out_bytes)
{
	const bool is_quoted = scene->kind == STORY_SAY || scene->kind == STORY_PERSON || scene->kind == STORY_CALLER;
	const char *quote = is_quoted && scene->text[0] ? "\"" : "";
	int n = snprintf(out, out_bytes, "%s%s%s%s%s", kinds[scene->kind].phrase, scene->text[0] ? " " : "", quote,
		scene->text, quote);

	if (scene->ms && n > 0 && (size_t)n < out_bytes)
		snprintf(out + n, out_bytes - (size_t)n, ", %.1f s", (double)scene->ms / 1000);
	return out;
}

uint64_t story_silence_ms(const struct story *s)
{
	uint64_t longest = 0;

	for (size_t i = 0; i < s->count; i++)
		if (s->scenes[i].kind == STORY_SILENCE && s->scenes[i].ms > longest)
			longest = s->scenes[i].ms;
	return longest;
}
