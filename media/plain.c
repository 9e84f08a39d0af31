#include "media/plain.h"

#include "base/check.h"
#include "proto/utf8.h"

enum { REPLACEMENT = 0xFFFD };

struct range {
	uint32_t first, last;
};

static bool is_in(uint32_t c, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	}
	return false;
}

uint32_t plain_character(struct slice text, size_t *out_bytes)
{
	const uint8_t *s = (const uint8_t *)text.data;
	size_t bytes = s[0] < 0x80 ? 1 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
	uint32_t c = bytes == 1 ? s[0] : s[0] & (0x7Fu >> bytes);

	for (size_t i = 1; i < bytes && i < text.len; i++)
		c = c << 6 | (s[i] & 0x3Fu);
	*out_bytes = bytes < text.len ? bytes : text.len;
	return c;
}

bool plain_is_mark(uint32_t c)
{
	static const struct range marks[] = {
		{ 0x0300, 0x036F }, { 0x0483, 0x0489 }, { 0x0591, 0x05BD }, { 0x05BF, 0x05BF }, { 0x05C1, 0x05C7 },
		{ 0x0610, 0x061A }, { 0x064B, 0x065F }, { 0x0670, 0x0670 }, { 0x06D6, 0x06DC }, { 0x06DF, 0x06E8 },
		{ 0x06EA, 0x06ED }, { 0x0900, 0x0903 }, { 0x093A, 0x093C }, { 0x093E, 0x094F }, { 0x0951, 0x0957 },
		{ 0x0E31, 0x0E31 }, { 0x0E34, 0x0E3A }, { 0x0E47, 0x0E4E }, { 0x1AB0, 0x1AFF }, { 0x1DC0, 0x1DFF },
		{ 0x200C, 0x200D }, { 0x20D0, 0x20FF }, { 0x302A, 0x302F }, { 0x3099, 0x309A }, { 0xFE00, 0xFE0F },
		{ 0xFE20, 0xFE2F }, { 0x1F3FB, 0x1F3FF }, { 0xE0100, 0xE01EF },
	};

	return c >= 0x300 && is_in(c, marks, ARRAY_COUNT(marks));
}

bool plain_is_wide(uint32_t c)
{
	static const struct range wide[] = {
		{ 0x1100, 0x115F }, { 0x231A, 0x231B }, { 0x23E9, 0x23F3 }, { 0x25FD, 0x25FE }, { 0x2600, 0x27BF },
		{ 0x2B1B, 0x2B1C }, { 0x2B50, 0x2B55 }, { 0x2E80, 0x303E }, { 0x3041, 0x33FF }, { 0x3400, 0x4DBF },
		{ 0x4E00, 0x9FFF }, { 0xA000, 0xA4CF }, { 0xA960, 0xA97F }, { 0xAC00, 0xD7A3 }, { 0xF900, 0xFAFF },
		{ 0xFE30, 0xFE6F }, { 0xFF01, 0xFF60 }, { 0xFFE0, 0xFFE6 }, { 0x1F000, 0x1FAFF }, { 0x20000, 0x3FFFD },
	};

	return c >= 0x1100 && is_in(c, wide, ARRAY_COUNT(wide));
}

unsigned plain_width(uint32_t c)
{
	if (plain_is_mark(c))
		return 0;
	if (plain_is_wide(c))
		return PLAIN_EM;
	if (c < 0x80 && strchr("ijl.,:;'!|", (int)c))
		return 2;
	if (c < 0x80 && strchr(" frtI()-\"", (int)c))
		return 3;
	if (c == 'W')
		return PLAIN_EM;
	if (c < 0x80 && strchr("mwM@%", (int)c))
		return 7;
	return c >= 'A' && c <= 'Z' ? 6 : 5;
}

bool plain_is_right_to_left(struct slice text)
{
	static const struct range right_to_left[] = {
		{ 0x0590, 0x08FF }, { 0xFB1D, 0xFDFF }, { 0xFE70, 0xFEFC }, { 0x10800, 0x10FFF }, { 0x1E800, 0x1EFFF },
	};
	size_t bytes;

	for (; text.len; text.data += bytes, text.len -= bytes) {
		uint32_t c = plain_character(text, &bytes);
		uint32_t lower = c | 0x20;

		if (is_in(c, right_to_left, ARRAY_COUNT(right_to_left)))
			return true;
		if ((lower >= 'a' && lower <= 'z') || c >= 0xC0)
			return false;
	}
	return false;
}

static bool is_blank(uint32_t c)
{
	static const struct range blanks[] = {
		{ 0x00, 0x20 }, { 0x7F, 0xA0 }, { 0x1680, 0x1680 }, { 0x2000, 0x200A }, { 0x2028, 0x2029 },
		{ 0x202F, 0x202F }, { 0x205F, 0x205F }, { 0x3000, 0x3000 },
	};

	return is_in(c, blanks, ARRAY_COUNT(blanks));
}

/* What is not seen but acts: it turns text around, or hides in it. */
static bool is_dropped(uint32_t c)
{
	static const struct range dropped[] = {
		{ 0x00AD, 0x00AD }, { 0x061C, 0x061C }, { 0x115F, 0x1160 }, { 0x180E, 0x180E }, { 0x200B, 0x200B },
		{ 0x200E, 0x200F }, { 0x202A, 0x202E }, { 0x2060, 0x206F }, { 0x3164, 0x3164 }, { 0xFDD0, 0xFDEF },
		{ 0xFEFF, 0xFEFF }, { 0xFFF0, 0xFFFB }, { 0xE0000, 0xE00FF }, { 0xF0000, 0x10FFFF },
	};

	return is_in(c, dropped, ARRAY_COUNT(dropped)) || (c & 0xFFFE) == 0xFFFE;
}

static uint32_t next_character(struct slice text, size_t *out_bytes)
{
	uint32_t c = plain_character(text, out_bytes);

	if (utf8_is_valid(text.data, *out_bytes))
		return c;
	*out_bytes = 1;
	return REPLACEMENT;
}

struct slice plain_text(struct slice text, char *out, size_t out_bytes)
{
	size_t bytes, len = 0;
	unsigned mark_count = 0;
	bool is_blank_due = false;

	for (; text.len; text.data += bytes, text.len -= bytes) {
		uint32_t c = next_character(text, &bytes);
		const char *from = c == REPLACEMENT ? "\xEF\xBF\xBD" : text.data;
		size_t from_bytes = c == REPLACEMENT ? 3 : bytes;

		if (is_dropped(c))
			continue;
		if (is_blank(c)) {
			is_blank_due = len > 0;
			continue;
		}
		mark_count = plain_is_mark(c) ? mark_count + 1 : 0;
		if (mark_count > PLAIN_MARKS_MAX)
			continue;
		if (len + is_blank_due + from_bytes > out_bytes)
			break;
		if (is_blank_due)
			out[len++] = ' ';
		is_blank_due = false;
		memcpy(out + len, from, from_bytes);
		len += from_bytes;
	}
	return (struct slice){ out, len };
}

struct slice plain_short(struct slice text, unsigned width_max, char *out, size_t out_bytes)
{
	static const char ellipsis[] = "\xE2\x80\xA6";
	struct slice plain = plain_text(text, out, out_bytes);
	size_t at = 0, bytes, kept = 0;
	unsigned width = 0;

	for (; at < plain.len && width <= width_max; at += bytes) {
		struct slice rest = { plain.data + at, plain.len - at };

		if (width + PLAIN_EM <= width_max && at + sizeof ellipsis - 1 <= out_bytes)
			kept = at;
		width += plain_width(plain_character(rest, &bytes));
	}
	if (width <= width_max)
		return plain;
	while (kept && out[kept - 1] == ' ')
		kept--;
	memcpy(out + kept, ellipsis, sizeof ellipsis - 1);
	return (struct slice){ out, kept + sizeof ellipsis - 1 };
}
