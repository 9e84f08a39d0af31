/*
 * slice - some bytes that somebody else owns: a pointer and a length, no NUL.
 *
 * Place:    base. What parsers hand out.
 * Lifetime: borrowed; the module that hands it out says until when.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

struct slice {
	const char *data;
	size_t len;
};

/* A slice over a string literal. */
#define SLICE(literal) ((struct slice){ (literal), sizeof(literal) - 1 })

static inline struct slice slice_of(const char *text)
{
	return (struct slice){ text, text ? strlen(text) : 0 };
}

static inline bool slice_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* ASCII letters compare equal in either case. */
static inline bool slice_equal_nocase(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || strncasecmp(a.data, b.data, a.len) == 0);
}

/* Copies into `out` with a final NUL. false, and out is "", if it does not fit or holds a NUL. */
static inline bool slice_copy(struct slice s, char *out, size_t out_bytes)
{
	if (s.len >= out_bytes || (s.len && memchr(s.data, '\0', s.len))) {
		out[0] = '\0';
		return false;
	}
	if (s.len)
		memcpy(out, s.data, s.len);
	out[s.len] = '\0';
	return true;
}

/* Takes the next word off a list: words are not empty, blanks around them do not count. false at the end. */
static inline bool slice_next_word(struct slice *list, char separator, struct slice *out_word)
{
	while (list->len) {
		const char *end = (const char *)memchr(list->data, separator, list->len);
		struct slice word = { list->data, end ? (size_t)(end - list->data) : list->len };
		size_t taken = word.len + (end != NULL);

		list->data += taken;
		list->len -= taken;
		for (; word.len && strchr(" \t", word.data[0]); word.len--)
			word.data++;
		while (word.len && strchr(" \t", word.data[word.len - 1]))
			word.len--;
		if (word.len) {
			*out_word = word;
			return true;
		}
	}
	return false;
}
