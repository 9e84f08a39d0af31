#include "fcgi/sentences.h"

#include "base/check.h"

static const char *const texts[SENTENCE_COUNT][TONGUE_COUNT] = {
#define X(name, ...) [SENTENCE_##name] = { __VA_ARGS__ },
	SENTENCES(X)
#undef X
};

static const char tongues[TONGUE_COUNT][3] = { "en", "de", "es", "fr", "it", "pt" };

/* What Twilio can pronounce: the first of a language is for its other countries, too. */
static const char *const tags[] = { "en-US", "en-AU", "en-CA", "en-GB", "en-IN", "de-DE", "es-ES", "es-MX", "fr-FR",
	"fr-CA", "it-IT", "pt-BR", "pt-PT", "ca-ES", "da-DK", "fi-FI", "ja-JP", "ko-KR", "nb-NO", "nl-NL", "pl-PL",
	"ru-RU", "sv-SE", "zh-CN" };

/* "de", "de-AT", "DE_at" are German; "den" is not. */
static bool is_language(struct slice tag, const char *code)
{
	if (tag.len < 2 || (tag.data[0] | 0x20) != code[0] || (tag.data[1] | 0x20) != code[1])
		return false;
	return tag.len == 2 || tag.data[2] == '-' || tag.data[2] == '_';
}

enum sentence_tongue sentence_tongue(struct slice language)
{
	for (int i = 0; i < TONGUE_COUNT; i++)
		if (is_language(language, tongues[i]))
			return (enum sentence_tongue)i;
	return TONGUE_EN;
}

struct slice sentence(enum sentence_name name, struct slice language)
{
	return slice_of(texts[name][sentence_tongue(language)]);
}

const char *sentence_tag(struct slice language)
{
	for (size_t i = 0; i < ARRAY_COUNT(tags); i++)
		if (slice_equal_nocase(language, slice_of(tags[i])))
			return tags[i];
	for (size_t i = 0; i < ARRAY_COUNT(tags); i++)
		if (is_language(language, tags[i]))
			return is_language(language, "en") ? NULL : tags[i];
	return NULL;
}

const char *sentence_our_tag(struct slice language)
{
	const bool is_ours = sentence_tongue(language) != TONGUE_EN || is_language(language, tongues[TONGUE_EN]);

	return is_ours ? sentence_tag(language) : NULL;
}
