/* Any bytes as turns, names and title: nothing crashes, the lines fit, no text becomes a command of ASS, a tag or a
 * cue of WebVTT, and what is written is valid UTF-8. A turn is two bytes (speaker, cut, times) and a text up to a
 * NUL. */
#include "base/check.h"
#include "media/video/captions.h"
#include "media/plain.h"
#include "proto/utf8.h"

#include <stdlib.h>
#include <string.h>

static size_t count_of(const char *text, size_t len, char c)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += text[i] == c;
	return count;
}

static void check_lines(const struct captions *c)
{
	for (size_t i = 0; i < c->count; i++) {
		check(c->list[i].line_count >= 1 && c->list[i].line_count <= CAPTION_LINES_MAX);
		check(c->list[i].end_ms > c->list[i].start_ms);
		for (uint32_t k = 0; k < c->list[i].line_count; k++) {
			struct slice line = caption_line(c, &c->list[i], k);
			unsigned width = 0;
			size_t bytes;

			check(utf8_is_valid(line.data, line.len));
			for (; line.len; line.data += bytes, line.len -= bytes) {
				uint32_t character = plain_character(line, &bytes);

				check(character >= ' ');
				width += plain_width(character);
			}
			/* The dash of a cut turn may stand beyond. */
			check(width <= CAPTION_LINE_WIDTH + 2 * PLAIN_EM);
		}
	}
}

static size_t written(const struct captions *c, const struct captions_look *look, char **out_text,
	void (*write)(const struct captions *, const struct captions_look *, FILE *))
{
	size_t len = 0;
	FILE *out = open_memstream(out_text, &len);

	check(out);
	write(c, look, out);
	check(fclose(out) == 0 && utf8_is_valid(*out_text, len));
	return len;
}

static void check_files(const struct captions *c, const struct captions_look *look)
{
	size_t seconds = (size_t)(look->length_ms + 999) / 1000, events, lines = 0, len;
	char *text;

	for (size_t i = 0; i < c->count; i++)
		lines += c->list[i].line_count;
	len = written(c, look, &text, captions_ass);
	/* Head and styles, then one line an event; each begins with one command, the clock has another, and nothing
	 * else is one: what remains are our line ends. A caption is there once, or twice. */
	events = count_of(text, len, '\n') - 21;
	check(events >= 4 + seconds + c->count && events <= 4 + seconds + 2 * c->count);
	check(count_of(text, len, '{') == events + seconds && count_of(text, len, '}') == events + seconds);
	check(count_of(text, len, '\\') >= events + seconds + lines - c->count);
	check(count_of(text, len, '\\') <= events + seconds + 2 * (lines - c->count));
	free(text);
	len = written(c, look, &text, captions_vtt);
	check(!memchr(text, '{', len) && !memchr(text, '\\', len));
	check(count_of(text, len, '<') == 2 * c->count && count_of(text, len, '>') == 3 * c->count);
	check(count_of(text, len, '\n') == 1 + 3 * c->count + lines);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = { (const char *)data, size }, first = rest;
	struct captions c;
	struct captions_look look = { .font = "Inter", .length_ms = 20000 };
	int64_t at_ms = 0;

	captions_init(&c);
	while (rest.len > 2) {
		uint8_t kind = (uint8_t)rest.data[0], length = (uint8_t)rest.data[1];
		const char *text = rest.data + 2, *nul = memchr(text, '\0', rest.len - 2);
		struct spoken_turn turn = { .speaker = kind & 1 ? SPEAKER_RECEPTIONIST : SPEAKER_CALLER,
			.cut = kind & 2, .start_ms = at_ms - (kind >> 4) * 100, .end_ms = at_ms + length * 20,
			.text = { text, nul ? (size_t)(nul - text) : rest.len - 2 } };
		size_t taken = 2 + turn.text.len + (nul != NULL);

		first = turn.text;
		if (turn.text.len <= 16384)
			check(captions_add(&c, &turn));
		at_ms += length * 20;
		rest = (struct slice){ rest.data + taken, rest.len - taken };
	}
	captions_settle(&c, look.length_ms);
	look.title = look.date = look.names[0] = look.names[1] = first;
	check_lines(&c);
	check_files(&c, &look);
	captions_release(&c);
	return 0;
}
