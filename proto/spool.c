/* A line is told and taken field by field, both from the same tables: what a word must have is known to writer and
 * reader alike. Numbers are written without printf: lines are written for each message of audio. */
#include "proto/spool.h"

#include "base/check.h"
#include "proto/scan.h"

enum field {
#define X(field, ...) FIELD_##field,
	SPOOL_NUMBERS(X)
	SPOOL_TEXTS(X)
#undef X
	FIELD_COUNT
};

static const struct {
	struct slice name;
	bool is_text;
	size_t at;                      /* in struct spool_event */
} fields[] = {
#define X(field, name, member) [FIELD_##field] = { { name, sizeof(name) - 1 }, false, \
	__builtin_offsetof(struct spool_event, member) },
	SPOOL_NUMBERS(X)
#undef X
#define X(field, name, member) [FIELD_##field] = { { name, sizeof(name) - 1 }, true, \
	__builtin_offsetof(struct spool_event, member) },
	SPOOL_TEXTS(X)
#undef X
};

#define F(field) (1u << FIELD_##field)

static const struct {
	struct slice word;
	unsigned must, may;
} words[] = {
#define X(id, text, must_have, may_have) [id] = { { text, sizeof(text) - 1 }, must_have, may_have },
	SPOOL_WORDS(X)
#undef X
};

static int64_t *number_of(struct spool_event *e, enum field field)
{
	return (int64_t *)(void *)((char *)e + fields[field].at);
}

static char *text_of(struct spool_event *e, enum field field)
{
	return (char *)e + fields[field].at;
}

void spool_event_init(struct spool_event *e, enum spool_word word, int64_t ms)
{
	memset(e, 0, sizeof *e);        /* padding too: events may be compared by their bytes */
	e->word = word;
	e->ms = ms;
	for (int field = 0; field < FIELD_COUNT; field++) {
		if (!fields[field].is_text)
			*number_of(e, (enum field)field) = -1;
	}
}

/* --- writing ---------------------------------------------------------------------------------------- */

struct line {
	char *at, *end;
};

static void put(struct line *l, const char *data, size_t len)
{
	check((size_t)(l->end - l->at) >= len);
	memcpy(l->at, data, len);
	l->at += len;
}

static void put_number(struct line *l, int64_t number)
{
	char digits[SCAN_DIGITS_MAX];
	size_t len = 0;

	check(number >= 0);
	do {
		check(len < sizeof digits);
		digits[sizeof digits - ++len] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	put(l, digits + sizeof digits - len, len);
}

static void put_text(struct line *l, const char *text)
{
	static const char hex[] = "0123456789ABCDEF";

	for (; *text; text++) {
		uint8_t c = (uint8_t)*text;

		if (c > ' ' && c < 0x7F && c != '%' && c != '=')
			put(l, text, 1);
		else
			put(l, (const char[]){ '%', hex[c >> 4], hex[c & 15] }, 3);
	}
}

size_t spool_write(const struct spool_event *event, char out[SPOOL_LINE_BYTES_MAX])
{
	struct line l = { out, out + SPOOL_LINE_BYTES_MAX };
	struct spool_event *e = (struct spool_event *)event;    /* only read */

	check(e->word < SPOOL_WORD_COUNT);
	put_number(&l, e->ms);
	put(&l, " ", 1);
	put(&l, words[e->word].word.data, words[e->word].word.len);
	for (int i = 0; i < FIELD_COUNT; i++) {
		enum field field = (enum field)i;
		bool is_said = fields[i].is_text ? *text_of(e, field) != '\0' : *number_of(e, field) >= 0;

		if (!((words[e->word].must | words[e->word].may) & 1u << i))
			continue;
		check(is_said || !(words[e->word].must & 1u << i));
		if (!is_said)
			continue;
		put(&l, " ", 1);
		put(&l, fields[i].name.data, fields[i].name.len);
		put(&l, "=", 1);
		if (fields[i].is_text)
			put_text(&l, text_of(e, field));
		else
			put_number(&l, *number_of(e, field));
	}
	put(&l, "\n", 1);
	return (size_t)(l.at - out);
}

/* --- reading ---------------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* An empty text is one that is not said: nobody writes it. */
static bool take_text(struct slice value, char out[SPOOL_TEXT_BYTES_MAX + 1])
{
	char text[SPOOL_TEXT_BYTES_MAX + 1];
	size_t len = 0;

	for (size_t i = 0; i < value.len; i++) {
		int c = (uint8_t)value.data[i];

		if (c == '%') {
			int high = i + 2 < value.len ? hex_digit(value.data[i + 1]) : -1;
			int low = high >= 0 ? hex_digit(value.data[i + 2]) : -1;

			c = low < 0 ? 0 : high << 4 | low;
			i += 2;
		}
		if (c == 0 || len == SPOOL_TEXT_BYTES_MAX)
			return false;
		text[len++] = (char)c;
	}
	memcpy(out, text, len);
	out[len] = '\0';
	return len > 0;
}

/* A field that this word does not have is another version's, and nobody's business. */
static bool take_field(struct spool_event *e, struct slice name, struct slice value, unsigned *said)
{
	unsigned known = words[e->word].must | words[e->word].may;

	for (int i = 0; i < FIELD_COUNT; i++) {
		enum field field = (enum field)i;

		if (!(known & 1u << i) || !slice_equal(name, fields[i].name))
			continue;
		if (*said & 1u << i)
			return false;
		*said |= 1u << i;
		return fields[i].is_text ? take_text(value, text_of(e, field))
			: scan_digits(value.data, value.len, number_of(e, field));
	}
	return true;
}

static bool take_fields(struct spool_event *e, struct slice line)
{
	struct slice pair;
	unsigned said = 0;

	while (slice_next_word(&line, ' ', &pair)) {
		const char *equals = memchr(pair.data, '=', pair.len);
		size_t len = equals ? (size_t)(equals - pair.data) : 0;

		if (len == 0 || !take_field(e, (struct slice){ pair.data, len },
				(struct slice){ equals + 1, pair.len - len - 1 }, &said))
			return false;
	}
	return (said & words[e->word].must) == words[e->word].must;
}

enum line_kind { LINE_KNOWN, LINE_UNKNOWN, LINE_BROKEN };

static enum line_kind read_line(struct slice line, struct spool_event *out)
{
	struct slice ms_text, word;
	int64_t ms;

	if (!slice_next_word(&line, ' ', &ms_text) || !scan_digits(ms_text.data, ms_text.len, &ms) ||
		!slice_next_word(&line, ' ', &word))
		return LINE_BROKEN;
	for (int i = 0; i < SPOOL_WORD_COUNT; i++) {
		if (slice_equal(word, words[i].word)) {
			spool_event_init(out, (enum spool_word)i, ms);
			return take_fields(out, line) ? LINE_KNOWN : LINE_BROKEN;
		}
	}
	return LINE_UNKNOWN;
}

void spool_reader_init(struct spool_reader *r)
{
	*r = (struct spool_reader){ 0 };
}

static enum spool_result fail(struct spool_reader *r, const char *why)
{
	r->why = why;
	return SPOOL_FAIL;
}

/* The first line is the version's, and no other is. */
static const char *refuse(const struct spool_reader *r, enum line_kind kind, const struct spool_event *e)
{
	bool begins = kind == LINE_KNOWN && e->word == SPOOL_BEGIN;

	if (r->line_count == 1 && !begins)
		return "not the event log of a recorded call";
	if (begins && e->version > SPOOL_VERSION)
		return "the log was written by a newer version of ReceptionAI";
	if (kind == LINE_BROKEN || (begins && r->line_count > 1))
		return "a line of the log is broken";
	return NULL;
}

enum spool_result spool_read(struct spool_reader *r, struct slice *bytes, struct spool_event *out_event)
{
	struct spool_event e;

	while (!r->why) {
		size_t len_max = bytes->len < SPOOL_LINE_BYTES_MAX ? bytes->len : SPOOL_LINE_BYTES_MAX;
		const char *end = len_max ? memchr(bytes->data, '\n', len_max) : NULL;

		if (!end && len_max < SPOOL_LINE_BYTES_MAX)
			return SPOOL_MORE;
		if (!end)
			return fail(r, "a line of the log is too long");
		struct slice line = { bytes->data, (size_t)(end - bytes->data) };
		bytes->data += line.len + 1;
		bytes->len -= line.len + 1;
		r->line_count++;
		enum line_kind kind = read_line(line, &e);
		const char *why = refuse(r, kind, &e);
		if (why)
			return fail(r, why);
		if (kind == LINE_KNOWN) {
			*out_event = e;
			return SPOOL_EVENT;
		}
	}
	return SPOOL_FAIL;
}

/* --- why -------------------------------------------------------------------------------------------- */

static const struct {
	const char *word, *sentence;
} whys[] = {
	[SPOOL_WHOLE] = { "", "" },
#define X(why, word, sentence) [why] = { word, sentence },
	SPOOL_WHYS(X)
#undef X
};

const char *spool_why_word(enum spool_why why)
{
	return whys[why].word;
}

const char *spool_why_sentence(enum spool_why why)
{
	return whys[why].sentence;
}

enum spool_why spool_why_parse(struct slice word)
{
	for (int i = 1; i < SPOOL_WHY_COUNT; i++) {
		if (slice_equal(word, slice_of(whys[i].word)))
			return (enum spool_why)i;
	}
	return SPOOL_WHOLE;
}
