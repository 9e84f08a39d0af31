/* A turn's text is made plain, then eaten from the front: a line takes as many words as fit, a piece takes up to two
 * lines and rather ends with a sentence. Each piece gets the part of the turn's time that its width is of the whole. */
#include "media/video/captions.h"

#include "base/check.h"
#include "base/limits.h"
#include "media/plain.h"

#include <stdlib.h>

enum {
	/* A byte that is no UTF-8 becomes three. */
	CLEAN_BYTES_MAX = 3 * TRANSCRIPT_BYTES_MAX,
	/* A turn whose times cannot be right: nobody reads or speaks faster than that. */
	UNIT_MS_MIN = 5,
	PIECE_MS_MIN = 1200,            /* that a piece stands, if nothing follows */
	PIECE_MS_LEAST = 300,           /* and if something does */
	LINGER_MS = 900,
};

static const char dash[] = " \xE2\x80\x94";

void captions_init(struct captions *c)
{
	*c = (struct captions){ 0 };
}

void captions_release(struct captions *c)
{
	free(c->list);
	free(c->text);
	*c = (struct captions){ 0 };
}

struct slice caption_line(const struct captions *c, const struct caption *caption, uint32_t line)
{
	check(line < caption->line_count);
	return (struct slice){ c->text + caption->line_at[line], caption->line_bytes[line] };
}

static unsigned text_width(struct slice text)
{
	unsigned width = 0;
	size_t bytes;

	for (; text.len; text.data += bytes, text.len -= bytes)
		width += plain_width(plain_character(text, &bytes));
	return width;
}

/* Closing marks do not begin a line. */
static bool is_closing(uint32_t c)
{
	return c == 0x3001 || c == 0x3002 || c == 0xFF0C || c == 0xFF0E || c == 0xFF01 || c == 0xFF1F ||
		c == 0xFF1A || c == 0xFF1B || c == 0xFF09 || c == 0x300D || c == 0x300F || c == 0x30FC;
}

/* Bytes of the front of `text` that fit into `width_max`: up to a blank or beside a wide character; a word that is
 * wider than a line is broken where it must, but never in front of a mark. */
static size_t line_bytes(struct slice text, unsigned width_max)
{
	size_t at = 0, bytes, fits = 0, forced = 0;
	unsigned width = 0;
	uint32_t before = 0;

	for (; at < text.len; at += bytes) {
		uint32_t c = plain_character((struct slice){ text.data + at, text.len - at }, &bytes);
		bool is_joined = plain_is_mark(c) || before == 0x200D;

		if (c == ' ' || (at && !is_joined && !is_closing(c) && (plain_is_wide(c) || plain_is_wide(before))))
			fits = at;
		if (!is_joined && width <= width_max)
			forced = at;
		width += plain_width(c);
		if (width > width_max && c != ' ')
			break;
		before = c;
	}
	if (at >= text.len)
		return text.len;
	return fits ? fits : forced ? forced : bytes;
}

static struct slice skip(struct slice text, size_t bytes)
{
	check(bytes <= text.len);
	while (bytes < text.len && text.data[bytes] == ' ')
		bytes++;
	return (struct slice){ text.data + bytes, text.len - bytes };
}

static bool is_sentence_end(struct slice text, size_t at)
{
	static const char *const ends[] = { ".", "!", "?", "\xE2\x80\xA6",
		"\xE3\x80\x82", "\xEF\xBC\x81", "\xEF\xBC\x9F" };

	for (size_t i = 0; i < ARRAY_COUNT(ends); i++) {
		size_t len = strlen(ends[i]);

		if (at >= len && memcmp(text.data + at - len, ends[i], len) == 0)
			return i >= 4 || at == text.len || text.data[at] == ' ';
	}
	return false;
}

/* Bytes of the next piece: all that two lines hold, or less where a sentence ends in its second half. */
static size_t piece_bytes(struct slice text)
{
	size_t first = line_bytes(text, CAPTION_LINE_WIDTH);
	struct slice rest = skip(text, first);
	size_t most = rest.len ? (size_t)(rest.data - text.data) + line_bytes(rest, CAPTION_LINE_WIDTH) : first;

	if (most == text.len)
		return most;
	for (size_t at = most; at > most / 2; at--) {
		if (is_sentence_end(text, at))
			return at;
	}
	return most;
}

/* Where the first of two lines ends so that both are about equally long. */
static size_t first_line_bytes(struct slice piece)
{
	unsigned width = text_width(piece);
	size_t bytes;

	if (width <= CAPTION_LINE_WIDTH)
		return piece.len;
	for (unsigned goal = width / 2; goal < CAPTION_LINE_WIDTH; goal += PLAIN_EM) {
		bytes = line_bytes(piece, goal);
		if (text_width(skip(piece, bytes)) <= goal)
			return bytes;
	}
	return line_bytes(piece, CAPTION_LINE_WIDTH);
}

static bool grow(void **memory, size_t *room, size_t needed, size_t unit)
{
	size_t wanted = *room ? *room : 64;
	void *bigger;

	if (needed <= *room)
		return true;
	while (wanted < needed)
		wanted *= 2;
	bigger = realloc(*memory, wanted * unit);
	if (!bigger)
		return false;
	*memory = bigger;
	*room = wanted;
	return true;
}

static bool add_line(struct captions *c, struct caption *caption, struct slice line, bool is_cut)
{
	size_t bytes = line.len + (is_cut ? sizeof dash - 1 : 0);
	void *text = c->text;

	if (!grow(&text, &c->text_room, c->text_bytes + bytes, 1))
		return false;
	c->text = text;
	memcpy(c->text + c->text_bytes, line.data, line.len);
	if (is_cut)
		memcpy(c->text + c->text_bytes + line.len, dash, sizeof dash - 1);
	caption->line_at[caption->line_count] = c->text_bytes;
	caption->line_bytes[caption->line_count++] = bytes;
	c->text_bytes += bytes;
	return true;
}

static bool add_piece(struct captions *c, struct caption caption, struct slice piece, bool is_cut)
{
	size_t first = first_line_bytes(piece);
	struct slice rest = skip(piece, first);
	void *list = c->list;

	if (c->count == CAPTIONS_COUNT_MAX || !grow(&list, &c->room, c->count + 1, sizeof *c->list))
		return false;
	c->list = list;
	if (!add_line(c, &caption, (struct slice){ piece.data, first }, is_cut && !rest.len) ||
		(rest.len && !add_line(c, &caption, rest, is_cut)))
		return false;
	c->list[c->count++] = caption;
	return true;
}

static int64_t max_of(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

bool captions_add(struct captions *c, const struct spoken_turn *turn)
{
	static _Thread_local char memory[CLEAN_BYTES_MAX];
	struct slice text = plain_text(turn->text, memory, sizeof memory);
	int64_t width = max_of(text_width(text), 1), done = 0;
	int64_t length_ms = max_of(turn->end_ms - turn->start_ms, width * UNIT_MS_MIN);
	struct caption caption = { .speaker = turn->speaker };

	while (text.len) {
		struct slice piece = { text.data, piece_bytes(text) };
		int64_t piece_width = text_width(piece);

		text = skip(text, piece.len);
		caption.start_ms = max_of(turn->start_ms, 0) + length_ms * done / width;
		done += piece_width;
		caption.end_ms = max_of(turn->start_ms, 0) + length_ms * done / width;
		if (!add_piece(c, caption, piece, turn->cut && !text.len))
			return false;
	}
	return true;
}

static int by_start(const void *one, const void *other)
{
	const struct caption *a = one, *b = other;

	if (a->start_ms != b->start_ms)
		return a->start_ms < b->start_ms ? -1 : 1;
	return a->line_at[0] < b->line_at[0] ? -1 : 1;
}

/* Of two pieces of one speaker that begin together the second has to wait: none is lost. */
static void spread(struct captions *c)
{
	int64_t free_ms[SPEAKER_COUNT] = { 0 };

	for (size_t i = 0; i < c->count; i++) {
		struct caption *caption = &c->list[i];

		caption->start_ms = max_of(caption->start_ms, free_ms[caption->speaker]);
		free_ms[caption->speaker] = caption->start_ms + PIECE_MS_LEAST;
	}
}

void captions_settle(struct captions *c, int64_t length_ms)
{
	int64_t next_ms[SPEAKER_COUNT] = { length_ms, length_ms };
	size_t kept = 0;

	if (c->count)
		qsort(c->list, c->count, sizeof *c->list, by_start);
	spread(c);
	if (c->count)
		qsort(c->list, c->count, sizeof *c->list, by_start);
	for (size_t i = c->count; i-- > 0;) {
		struct caption *caption = &c->list[i];
		int64_t wanted_ms = max_of(caption->end_ms + LINGER_MS, caption->start_ms + PIECE_MS_MIN);
		int64_t *next = &next_ms[caption->speaker];

		caption->end_ms = wanted_ms < *next ? wanted_ms : *next;
		if (caption->start_ms < *next)
			*next = caption->start_ms;
	}
	for (size_t i = 0; i < c->count; i++) {
		if (c->list[i].end_ms > c->list[i].start_ms)
			c->list[kept++] = c->list[i];
	}
	c->count = kept;
}
