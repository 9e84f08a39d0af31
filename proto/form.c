/* Reading: cut at '&', cut at the first '=', decode each half where it lies; decoding never makes text longer. */
#include "proto/form.h"

#include "base/buf.h"
#include "base/check.h"

#include <string.h>

void form_init(struct form *form)
{
	form->field_count = 0;
}

const char *form_result_name(enum form_result result)
{
	switch (result) {
	case FORM_OK:
		return "ok";
	case FORM_TOO_LONG:
		return "too long";
	case FORM_TOO_MANY:
		return "too many fields";
	case FORM_BROKEN:
		return "broken percent-encoding";
	}
	return "unknown";
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool decode(char *text, size_t len, struct slice *out)
{
	size_t w = 0;

	for (size_t r = 0; r < len; r++) {
		char c = text[r];

		if (c == '%') {
			int high = len - r > 2 ? hex_digit(text[r + 1]) : -1;
			int low = len - r > 2 ? hex_digit(text[r + 2]) : -1;

			if (high < 0 || low < 0)
				return false;
			c = (char)(high << 4 | low);
			r += 2;
		} else if (c == '+') {
			c = ' ';
		}
		text[w++] = c;
	}
	*out = (struct slice){ text, w };
	return true;
}

static enum form_result read_field(struct form *form, char *piece, size_t len)
{
	char *equals = memchr(piece, '=', len);
	size_t name_len = equals ? (size_t)(equals - piece) : len;
	/* Without '=' the value is empty, yet it is there: it must have an address. */
	char *value = piece + name_len + (equals != NULL);
	struct slice name_text, value_text;

	if (!decode(piece, name_len, &name_text)
		|| !decode(value, len - (size_t)(value - piece), &value_text))
		return FORM_BROKEN;
	return form_add(form, name_text, value_text) ? FORM_OK : FORM_TOO_MANY;
}

enum form_result form_read(struct form *form, char *bytes, size_t len)
{
	size_t piece_len;

	check(form->field_count <= FORM_FIELD_COUNT_MAX);
	if (len > FORM_BODY_BYTES_MAX)
		return FORM_TOO_LONG;
	for (size_t at = 0; at < len; at += piece_len + 1) {
		char *end = memchr(bytes + at, '&', len - at);

		piece_len = end ? (size_t)(end - bytes) - at : len - at;
		enum form_result result = piece_len ? read_field(form, bytes + at, piece_len) : FORM_OK;
		if (result != FORM_OK)
			return result;
	}
	return FORM_OK;
}

struct slice form_value(const struct form *form, const char *name)
{
	struct slice wanted = slice_of(name);

	for (size_t i = 0; i < form->field_count; i++)
		if (slice_equal(form->fields[i].name, wanted))
			return form->fields[i].value;
	return (struct slice){ NULL, 0 };
}

bool form_add(struct form *form, struct slice name, struct slice value)
{
	check(form->field_count <= FORM_FIELD_COUNT_MAX);
	if (form->field_count == FORM_FIELD_COUNT_MAX)
		return false;
	form->fields[form->field_count++] = (struct form_field){ name, value };
	return true;
}

static bool is_bare(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '*'
		|| c == '-' || c == '.' || c == '_';
}

bool form_encode(struct buf *out, struct slice text)
{
	static const char digits[] = "0123456789ABCDEF";

	if (!buf_room(out, 3 * text.len))
		return false;
	char *start = (char *)buf_tail(out), *w = start;
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (is_bare(c)) {
			*w++ = (char)c;
		} else if (c == ' ') {
			*w++ = '+';
		} else {
			*w++ = '%';
			*w++ = digits[c >> 4];
			*w++ = digits[c & 15];
		}
	}
	buf_commit(out, (size_t)(w - start));
	return true;
}

bool form_write(const struct form *form, struct buf *out)
{
	size_t room = 0;

	for (size_t i = 0; i < form->field_count; i++)
		room += 3 * (form->fields[i].name.len + form->fields[i].value.len) + 2;
	/* All or nothing, although the encoded form is mostly shorter than this. */
	if (!buf_room(out, room))
		return false;
	for (size_t i = 0; i < form->field_count; i++) {
		bool ok = (i == 0 || buf_append_string(out, "&"))
			&& form_encode(out, form->fields[i].name) && buf_append_string(out, "=")
			&& form_encode(out, form->fields[i].value);
		check(ok);
	}
	return true;
}
