/*
 * scan - a strict cursor over the one shape of JSON that media comes in: objects of plain strings and numbers.
 *
 * Place:    below twilio's and grok's media scanners; proto only. No memory, no json-c.
 * Usage:    struct scan s = { text, text + len, false, false };
 *           scan_open(&s);
 *           while (scan_key(&s, &key)) { … scan_string(&s, &value) … or scan_skip(&s); }
 *           return scan_end(&s);
 * Fails:    sticky, `failed` is set: the text is bad or merely unusual (escapes, bytes above 0x7F, exponents, signs,
 *           nested values in what is skipped), and json-c has to say which. What it accepts, json-c accepts.
 * Lifetime: slices point into the text.
 */
#pragma once

#include "base/slice.h"
#include "proto/base64.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { SCAN_DIGITS_MAX = 15 };          /* below 2^53, exact in every JSON library */

struct scan {
	const char *at, *end;
	bool opened;                    /* just behind a bracket: no comma yet */
	bool failed;
};

static inline bool scan_fail(struct scan *s)
{
	s->failed = true;
	return false;
}

static inline void scan_space(struct scan *s)
{
	/* Nearly always there is none: one comparison. */
	while (s->at < s->end && *s->at <= ' ' && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
		s->at++;
}

static inline bool scan_byte(struct scan *s, char c)
{
	scan_space(s);
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

/* How many bytes at the head are ASCII, printable, and neither quote nor backslash. */
static inline size_t scan_plain_span(const char *text, size_t len)
{
	size_t at = 0;

#ifdef __SSE2__
	for (; len - at >= 16; at += 16) {
		__m128i c = _mm_loadu_si128((const __m128i *)(const void *)(text + at));
		/* Signed: bytes from 0x80 are below 0x20, too. */
		__m128i odd = _mm_or_si128(_mm_cmplt_epi8(c, _mm_set1_epi8(0x20)),
			_mm_or_si128(_mm_cmpeq_epi8(c, _mm_set1_epi8('"')), _mm_cmpeq_epi8(c, _mm_set1_epi8('\\'))));
		unsigned mask = (unsigned)_mm_movemask_epi8(odd);
		if (mask)
			return at + (size_t)__builtin_ctz(mask);
	}
#endif
	while (at < len && text[at] >= 0x20 && (uint8_t)text[at] < 0x80 && text[at] != '"' && text[at] != '\\')
		at++;
	return at;
}

static inline bool scan_string(struct scan *s, struct slice *out)
{
	if (!scan_byte(s, '"'))
		return scan_fail(s);
	size_t len = scan_plain_span(s->at, (size_t)(s->end - s->at));
	*out = (struct slice){ s->at, len };
	s->at += len;
	if (s->at == s->end || *s->at != '"')
		return scan_fail(s);
	s->at++;
	return true;
}

/* A string of valid base64. */
static inline bool scan_base64(struct scan *s, struct slice *out)
{
	if (!scan_byte(s, '"'))
		return scan_fail(s);
	size_t len = base64_span(s->at, (size_t)(s->end - s->at));
	while (s->at + len < s->end && s->at[len] == '=')
		len++;
	*out = (struct slice){ s->at, len };
	s->at += len;
	if (s->at == s->end || *s->at != '"' || !base64_ends_well(*out))
		return scan_fail(s);
	s->at++;
	return true;
}

/* The digits of a number or of a string; false: none, or too many. */
static inline bool scan_digits(const char *text, size_t len, int64_t *out)
{
	int64_t number = 0;

	if (len == 0 || len > SCAN_DIGITS_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		number = number * 10 + (text[i] - '0');
	}
	*out = number;
	return true;
}

/* A whole number without sign, fraction or exponent. */
static inline bool scan_int(struct scan *s, int64_t *out)
{
	scan_space(s);
	const char *start = s->at;
	while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
		s->at++;
	size_t len = (size_t)(s->at - start);
	if (!scan_digits(start, len, out) || (len > 1 && *start == '0'))
		return scan_fail(s);
	return true;
}

static inline bool scan_peek(struct scan *s, char c)
{
	scan_space(s);
	return s->at < s->end && *s->at == c;
}

static inline bool scan_word(struct scan *s, const char *word, size_t len)
{
	if ((size_t)(s->end - s->at) < len || memcmp(s->at, word, len) != 0)
		return scan_fail(s);
	s->at += len;
	return true;
}

static inline bool scan_null(struct scan *s)
{
	return scan_peek(s, 'n') ? scan_word(s, "null", 4) : false;
}

/* A value that nobody asks for: string, number with an optional fraction, or word. */
static inline bool scan_skip(struct scan *s)
{
	struct slice text;
	int64_t number;

	if (scan_peek(s, '"'))
		return scan_string(s, &text);
	if (scan_peek(s, 'n'))
		return scan_word(s, "null", 4);
	if (scan_peek(s, 't'))
		return scan_word(s, "true", 4);
	if (scan_peek(s, 'f'))
		return scan_word(s, "false", 5);
	if (!scan_int(s, &number))
		return false;
	if (s->at == s->end || *s->at != '.')
		return true;
	const char *fraction = ++s->at;
	while (s->at < s->end && *s->at >= '0' && *s->at <= '9' && s->at - fraction < SCAN_DIGITS_MAX)
		s->at++;
	return s->at > fraction || scan_fail(s);
}

/* Enters an object. */
static inline bool scan_open(struct scan *s)
{
	s->opened = true;
	return scan_byte(s, '{') || scan_fail(s);
}

/* Steps to the next member's value; false at the end of the object, or failed. */
static inline bool scan_key(struct scan *s, struct slice *out)
{
	if (s->failed)
		return false;
	if (scan_byte(s, '}')) {
		s->opened = false;
		return false;
	}
	if (!s->opened && !scan_byte(s, ','))
		return scan_fail(s);
	s->opened = false;
	return scan_string(s, out) && (scan_byte(s, ':') || scan_fail(s));
}

/* Whether everything was read, and nothing stands behind it. */
static inline bool scan_end(struct scan *s)
{
	scan_space(s);
	return !s->failed && s->at == s->end;
}

#define scan_is(key, literal) \
	((key).len == sizeof(literal) - 1 && memcmp((key).data, literal, sizeof(literal) - 1) == 0)
