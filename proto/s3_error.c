/* A walk over tags with a depth: text counts only in a child of the root. Nothing is kept but the fields. */
#include "proto/s3_error.h"

#include "base/check.h"
#include "proto/utf8.h"

#include <stdint.h>
#include <stdlib.h>

enum { DEPTH_MAX = 32 };

struct walk {
	struct slice rest;
	int depth;
	char *field;                    /* where text goes; NULL: nowhere */
	size_t field_bytes, field_len;
	struct s3_error *out;
	bool is_error, is_done, is_broken;
};

static bool starts(struct slice text, const char *with)
{
	size_t len = strlen(with);

	return text.len >= len && memcmp(text.data, with, len) == 0;
}

static void skip(struct walk *w, size_t len)
{
	w->rest.data += len;
	w->rest.len -= len;
}

/* The bytes in front of `end`, which are taken with it; broken if it does not come. */
static struct slice take_until(struct walk *w, const char *end)
{
	size_t end_len = strlen(end);
	struct slice taken = { w->rest.data, 0 };

	for (; taken.len + end_len <= w->rest.len; taken.len++)
		if (memcmp(w->rest.data + taken.len, end, end_len) == 0) {
			skip(w, taken.len + end_len);
			return taken;
		}
	w->is_broken = true;
	skip(w, w->rest.len);
	return (struct slice){ taken.data, 0 };
}

static void put_byte(struct walk *w, char c)
{
	if (!w->field || w->field_len + 1 >= w->field_bytes)
		return;
	if ((unsigned char)c < ' ' || c == 0x7F)
		c = ' ';
	if (c == ' ' && w->field_len == 0)
		return;
	w->field[w->field_len++] = c;
	w->field[w->field_len] = '\0';
}

static void put_text(struct walk *w, struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		put_byte(w, text.data[i]);
}

/* Numeric ones of ASCII alone: nothing that S3 says needs others. */
static void put_entity(struct walk *w, struct slice name)
{
	static const struct { const char *name; char c; } known[] = {
		{ "lt", '<' }, { "gt", '>' }, { "amp", '&' }, { "quot", '"' }, { "apos", '\'' } };
	char digits[8];

	for (size_t i = 0; i < ARRAY_COUNT(known); i++)
		if (slice_equal(name, slice_of(known[i].name))) {
			put_byte(w, known[i].c);
			return;
		}
	if (!starts(name, "#") || !slice_copy((struct slice){ name.data + 1, name.len - 1 }, digits, sizeof digits))
		return;
	long code = digits[0] == 'x' ? strtol(digits + 1, NULL, 16) : strtol(digits, NULL, 10);

	put_byte(w, code > 0 && code < 0x7F ? (char)code : '?');
}

/* Characters in front of the next tag. */
static void take_text(struct walk *w)
{
	while (w->rest.len && *w->rest.data != '<') {
		const char *end = memchr(w->rest.data, ';', w->rest.len < 10 ? w->rest.len : 10);

		if (*w->rest.data == '&' && end) {
			put_entity(w, (struct slice){ w->rest.data + 1, (size_t)(end - w->rest.data) - 1 });
			skip(w, (size_t)(end - w->rest.data) + 1);
			continue;
		}
		put_byte(w, *w->rest.data);
		skip(w, 1);
	}
}

static struct slice local_name(struct slice tag)
{
	size_t len = 0;

	while (len < tag.len && !strchr(" \t\r\n/", tag.data[len]))
		len++;
	const char *colon = memchr(tag.data, ':', len);

	if (!colon)
		return (struct slice){ tag.data, len };
	return (struct slice){ colon + 1, len - (size_t)(colon + 1 - tag.data) };
}

/* The first of each name counts. */
static void choose_field(struct walk *w, struct slice name)
{
#define X(member, element, bytes) \
	if (slice_equal(name, SLICE(element)) && !*w->out->member) { \
		w->field = w->out->member; \
		w->field_bytes = sizeof w->out->member; \
		w->field_len = 0; \
	}
	S3_ERROR_FIELDS(X)
#undef X
}

/* Up to the tag's '>', which may stand in an attribute's quotes as well. */
static struct slice take_tag(struct walk *w)
{
	struct slice tag = { w->rest.data, 0 };
	char quote = '\0';

	for (; tag.len < w->rest.len; tag.len++) {
		char c = tag.data[tag.len];

		if (!quote && c == '>') {
			skip(w, tag.len + 1);
			return tag;
		}
		if (!quote && (c == '"' || c == '\''))
			quote = c;
		else if (c == quote)
			quote = '\0';
	}
	w->is_broken = true;
	skip(w, w->rest.len);
	return tag;
}

static void begin_element(struct walk *w, struct slice tag)
{
	bool is_empty = tag.len && tag.data[tag.len - 1] == '/';
	struct slice name = local_name(tag);

	w->field = NULL;
	if (w->depth == 0)
		w->is_error = slice_equal(name, SLICE("Error"));
	if (w->depth == 0 && (!w->is_error || is_empty)) {
		w->is_broken = true;
		return;
	}
	if (is_empty)
		return;
	if (w->depth == 1)
		choose_field(w, name);
	w->is_broken = ++w->depth > DEPTH_MAX;
}

static void end_element(struct walk *w)
{
	w->field = NULL;
	if (--w->depth == 0)
		w->is_done = true;
	w->is_broken = w->depth < 0;
}

static void take_markup(struct walk *w)
{
	if (starts(w->rest, "<!--")) {
		skip(w, 4);
		take_until(w, "-->");
	} else if (starts(w->rest, "<![CDATA[")) {
		skip(w, 9);
		put_text(w, take_until(w, "]]>"));
	} else if (starts(w->rest, "<?")) {
		take_until(w, "?>");
	} else if (starts(w->rest, "<!")) {
		/* A document type: S3 has none, and an internal subset would need a parser of its own. */
		w->is_broken = true;
	} else if (starts(w->rest, "</")) {
		take_tag(w);
		if (!w->is_broken)
			end_element(w);
	} else {
		skip(w, 1);
		struct slice tag = take_tag(w);

		if (!w->is_broken)
			begin_element(w, tag);
	}
}

/* A character that the field's end has cut in two goes; bytes that are no UTF-8 go with what is behind them. */
static void mend(char *field)
{
	size_t len = strlen(field);

	while (len && (field[len - 1] == ' ' || !utf8_is_valid(field, len)))
		len--;
	field[len] = '\0';
}

bool s3_error_read(struct slice xml, struct s3_error *out)
{
	struct walk w = { .rest = xml, .out = out };

	*out = (struct s3_error){ 0 };
	while (w.rest.len && !w.is_done && !w.is_broken) {
		take_text(&w);
		if (w.rest.len)
			take_markup(&w);
	}
#define X(member, element, bytes) mend(out->member);
	S3_ERROR_FIELDS(X)
#undef X
	return w.is_done && !w.is_broken && *out->code;
}
