#include "proto/json_write.h"

#include "base/check.h"
#include "proto/utf8.h"

#include <string.h>

enum { DECIMAL_BYTES_MAX = 20 };           /* -9223372036854775808 */

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

static void append(struct json_writer *w, const void *data, size_t len)
{
	w->full = w->full || !buf_append(w->out, data, len);
}

void json_begin(struct json_writer *w, struct buf *out)
{
	*w = (struct json_writer){ .out = out, .start_len = buf_len(out) };
}

bool json_end(struct json_writer *w)
{
	if (w->full)
		buf_cut(w->out, w->start_len);
	return !w->full;
}

/* Length of the character at the head: 1 to 4 bytes, or 0 when it is not valid UTF-8. */
static size_t character_len(const char *text, size_t len)
{
	uint8_t lead = (uint8_t)text[0];
	size_t n = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;

	return n <= len && utf8_is_valid(text, n) ? n : 0;
}

/* How many bytes at the head may stand in a JSON string as they are. */
static size_t plain_span(const char *text, size_t len)
{
	size_t at = 0;

	while (at < len) {
		uint8_t c = (uint8_t)text[at];
		if (c < 0x20 || c == '"' || c == '\\')
			break;
		size_t n = c < 0x80 ? 1 : character_len(text + at, len - at);
		if (n == 0)
			break;
		at += n;
	}
	return at;
}

static void append_escaped(struct json_writer *w, char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *known = c ? strchr(from, c) : NULL;
	static const char hex[] = "0123456789abcdef";

	if ((uint8_t)c >= 0x80)
		return append(w, replacement, sizeof replacement - 1);
	if (known)
		return append(w, (char[]){ '\\', to[known - from] }, 2);
	append(w, (char[]){ '\\', 'u', '0', '0', hex[(uint8_t)c >> 4], hex[c & 15] }, 6);
}

static void append_string(struct json_writer *w, struct slice text)
{
	append(w, "\"", 1);
	while (text.len > 0 && !w->full) {
		size_t n = plain_span(text.data, text.len);
		append(w, text.data, n);
		if (n < text.len)
			append_escaped(w, text.data[n++]);
		text.data += n;
		text.len -= n;
	}
	append(w, "\"", 1);
}

bool json_write_string(struct buf *out, struct slice text)
{
	struct json_writer w;

	json_begin(&w, out);
	append_string(&w, text);
	return json_end(&w);
}

static void begin_value(struct json_writer *w, struct slice key)
{
	if (w->comma)
		append(w, ",", 1);
	w->comma = true;
	if (!key.data)
		return;
	append_string(w, key);
	append(w, ":", 1);
}

void json_open(struct json_writer *w, const char *key, char bracket)
{
	begin_value(w, slice_of(key));
	append(w, &bracket, 1);
	w->comma = false;
}

void json_close(struct json_writer *w, char bracket)
{
	append(w, &bracket, 1);
	w->comma = true;
}

void json_put(struct json_writer *w, const char *key, struct slice text)
{
	json_put_pair(w, slice_of(key), text);
}

void json_put_pair(struct json_writer *w, struct slice key, struct slice text)
{
	begin_value(w, key);
	append_string(w, text);
}

void json_put_optional(struct json_writer *w, const char *key, struct slice text)
{
	if (text.data)
		json_put(w, key, text);
}

void json_put_raw(struct json_writer *w, const char *key, struct slice json)
{
	begin_value(w, slice_of(key));
	append(w, json.data, json.len);
}

void json_put_members(struct json_writer *w, struct slice members)
{
	if (members.len == 0)
		return;
	begin_value(w, (struct slice){ 0 });
	append(w, members.data, members.len);
}

void json_put_plain(struct json_writer *w, const char *key, struct slice text)
{
	begin_value(w, slice_of(key));
	append(w, "\"", 1);
	append(w, text.data, text.len);
	append(w, "\"", 1);
}

/* Right-aligned in `out`; returns where it begins. */
static struct slice decimal(char out[DECIMAL_BYTES_MAX], int64_t number)
{
	uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;
	size_t at = DECIMAL_BYTES_MAX;

	do {
		out[--at] = (char)('0' + left % 10);
		left /= 10;
	} while (left);
	if (number < 0)
		out[--at] = '-';
	return (struct slice){ out + at, DECIMAL_BYTES_MAX - at };
}

void json_put_int(struct json_writer *w, const char *key, int64_t number)
{
	char text[DECIMAL_BYTES_MAX];

	json_put_raw(w, key, decimal(text, number));
}

void json_put_int_optional(struct json_writer *w, const char *key, int64_t number)
{
	if (number >= 0)
		json_put_int(w, key, number);
}

void json_put_int_text(struct json_writer *w, const char *key, int64_t number)
{
	char text[DECIMAL_BYTES_MAX];

	json_put_plain(w, key, decimal(text, number));
}

void json_put_double(struct json_writer *w, const char *key, double number)
{
	char memory[2 * DECIMAL_BYTES_MAX], text[DECIMAL_BYTES_MAX];
	double size = number < 0 ? -number : number;
	struct buf out;

	check(size < 1e12);
	int64_t millionths = (int64_t)(size * 1e6 + 0.5);
	buf_init_fixed(&out, memory, sizeof memory);
	if (number < 0)
		buf_append_string(&out, "-");
	struct slice whole = decimal(text, millionths / 1000000);
	buf_append(&out, whole.data, whole.len);
	/* The leading 1 keeps the fraction's zeros. */
	struct slice fraction = decimal(text, 1000000 + millionths % 1000000);
	while (fraction.data[fraction.len - 1] == '0' && fraction.len > 1)
		fraction.len--;
	if (fraction.len > 1) {
		buf_append_string(&out, ".");
		buf_append(&out, fraction.data + 1, fraction.len - 1);
	}
	json_put_raw(w, key, (struct slice){ memory, buf_len(&out) });
}

void json_put_bool(struct json_writer *w, const char *key, bool value)
{
	json_put_raw(w, key, value ? SLICE("true") : SLICE("false"));
}
