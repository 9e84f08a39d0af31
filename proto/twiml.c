/* A start tag stays open for attributes until text, a child or its end comes; an element without content closes as
 * <Name/>. Once something does not fit, every call is a no-op, so callers look at twiml_end() alone. */
#include "proto/twiml.h"

#include "base/buf.h"
#include "base/check.h"
#include "proto/utf8.h"

#include <stdint.h>

enum place { IN_TEXT, IN_ATTRIBUTE };

static void put(struct twiml *t, const char *data, size_t len)
{
	if (!t->is_full && !buf_append(t->out, data, len))
		t->is_full = true;
}

static void put_string(struct twiml *t, const char *text)
{
	put(t, text, strlen(text));
}

static bool is_name(const char *name)
{
	if (!*name)
		return false;
	for (; *name; name++)
		if (!((*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z')))
			return false;
	return true;
}

/* How many bytes the sequence at `s` takes. A malformed one ends where it stops being a prefix of a good one. */
static size_t sequence_len(const uint8_t *s, size_t len, bool *out_is_valid)
{
	struct utf8 utf8 = { 0 };
	size_t n = 0;

	do {
		if (!utf8_check(&utf8, s + n, 1))
			break;
		n++;
	} while (n < len && !utf8_complete(&utf8));
	*out_is_valid = utf8_complete(&utf8);
	return n ? n : 1;
}

/* What stands for a character instead of itself; NULL: it may stand. */
static const char *replacement(const uint8_t *s, size_t len, enum place place)
{
	bool in_attribute = place == IN_ATTRIBUTE;

	switch (s[0]) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return in_attribute ? "&quot;" : NULL;
	case '\t':
		return in_attribute ? "&#x9;" : NULL;
	case '\n':
		return in_attribute ? "&#xA;" : NULL;
	case '\r':
		/* In text a parser would turn it into LF. */
		return "&#xD;";
	}
	if (s[0] < 0x20)
		return "";
	/* U+FFFE and U+FFFF are no XML characters. */
	if (len == 3 && s[0] == 0xEF && s[1] == 0xBF && s[2] >= 0xBE)
		return "";
	return NULL;
}

static void put_escaped(struct twiml *t, struct slice text, enum place place)
{
	const uint8_t *s = (const uint8_t *)text.data;
	size_t clean = 0, at = 0;

	/* Runs of plain bytes are copied whole. */
	while (at < text.len) {
		bool is_valid;
		size_t n = sequence_len(s + at, text.len - at, &is_valid);
		const char *instead = is_valid ? replacement(s + at, n, place) : "\xEF\xBF\xBD";

		if (instead) {
			put(t, text.data + clean, at - clean);
			put_string(t, instead);
			clean = at + n;
		}
		at += n;
	}
	if (at > clean)
		put(t, text.data + clean, at - clean);
}

static void end_start_tag(struct twiml *t)
{
	if (t->in_start_tag)
		put(t, ">", 1);
	t->in_start_tag = false;
}

void twiml_begin(struct twiml *t, struct buf *out)
{
	*t = (struct twiml){ .out = out };
	put_string(t, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	twiml_open(t, "Response");
}

void twiml_open(struct twiml *t, const char *name)
{
	check(is_name(name));
	check(t->depth < TWIML_DEPTH_MAX);
	end_start_tag(t);
	put(t, "<", 1);
	put_string(t, name);
	t->open_names[t->depth++] = name;
	t->in_start_tag = true;
	t->attribute_count = 0;
}

void twiml_attribute(struct twiml *t, const char *name, struct slice value)
{
	check(is_name(name));
	check(t->in_start_tag);
	check(t->attribute_count < TWIML_ATTRIBUTE_COUNT_MAX);
	for (size_t i = 0; i < t->attribute_count; i++)
		check(strcmp(t->attribute_names[i], name) != 0);
	t->attribute_names[t->attribute_count++] = name;
	put(t, " ", 1);
	put_string(t, name);
	put(t, "=\"", 2);
	put_escaped(t, value, IN_ATTRIBUTE);
	put(t, "\"", 1);
}

void twiml_text(struct twiml *t, struct slice text)
{
	check(t->depth > 0);
	if (!text.len)
		return;
	end_start_tag(t);
	put_escaped(t, text, IN_TEXT);
}

void twiml_close(struct twiml *t)
{
	check(t->depth > 0);
	const char *name = t->open_names[--t->depth];
	if (t->in_start_tag) {
		put(t, "/>", 2);
	} else {
		put(t, "</", 2);
		put_string(t, name);
		put(t, ">", 1);
	}
	t->in_start_tag = false;
}

void twiml_element(struct twiml *t, const char *name, struct slice text)
{
	twiml_open(t, name);
	twiml_text(t, text);
	twiml_close(t);
}

bool twiml_end(struct twiml *t)
{
	check(t->depth == 1);
	twiml_close(t);
	put(t, "\n", 1);
	return !t->is_full;
}
