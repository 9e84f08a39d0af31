/* A script that is drawn over the picture's frames: the title, the date and the names stand for the whole call, the
 * clock changes each second, the captions come and go, each speaker's on his own card.
 *
 * In a text { begins commands, \ an escape: look-alikes stand for them. Lines are ours, so libass shall not wrap. */
#include "media/video/captions.h"

#include "media/video/picture.h"
#include "media/plain.h"

#include <inttypes.h>

enum {
	NAME_BYTES_MAX = 1000,
	NAME_WIDTH_MAX = 180,           /* units of plain_width(): it ends in front of the clock */
	CLOCK_BYTES_MAX = 32,
	FADED_MS_MAX = 12000,           /* for so long what was said can be read again while it is answered */
};

/* What only chooses between forms of the character before; libass would draw a box for it. */
static bool is_variant(uint32_t c)
{
	return (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0x1F3FB && c <= 0x1F3FF);
}

static void put_text(struct slice text, FILE *out)
{
	size_t bytes;

	for (; text.len; text.data += bytes, text.len -= bytes) {
		uint32_t c = plain_character(text, &bytes);

		if (c == '{' || c == '}')
			putc(c == '{' ? '(' : ')', out);
		else if (c == '\\')
			putc('/', out);
		else if (!is_variant(c))
			fwrite(text.data, 1, bytes, out);
	}
}

/* A font's name stands between commas. */
static void put_font(const char *font, FILE *out)
{
	char memory[NAME_BYTES_MAX];
	struct slice name = plain_text(slice_of(font), memory, sizeof memory);

	for (size_t i = 0; i < name.len; i++)
		putc(memory[i] == ',' ? ' ' : memory[i], out);
}

static void put_head(const struct captions_look *look, FILE *out)
{
	static const struct {
		const char *name;
		int size;
		const char *colour;             /* BBGGRR */
		int bold, alignment;            /* as on a keypad: 7 left above, 9 right above */
	} styles[] = {
		{ "title", 42, "F6F4F3", 1, 4 },    { "date", 26, "A09387", 0, 4 },     { "clock", 34, "DBD5D1", 0, 6 },
		{ "caller", 32, "BFD42D", 1, 4 },   { "voice", 32, "FA8BA7", 1, 4 },    { "said", 37, "F6F4F3", 0, 7 },
		{ "dias", 37, "F6F4F3", 0, 9 },     { "faded", 37, "94847A", 0, 7 }, { "dedaf", 37, "94847A", 0, 9 },
	};

	fprintf(out, "[Script Info]\nScriptType: v4.00+\nPlayResX: %d\nPlayResY: %d\nWrapStyle: 2\n"
		"ScaledBorderAndShadow: yes\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour, Bold, "
		"BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\n",
		PICTURE_WIDTH, PICTURE_HEIGHT);
	for (size_t i = 0; i < sizeof styles / sizeof *styles; i++) {
		fprintf(out, "Style: %s,", styles[i].name);
		put_font(look->font, out);
		/* Encoding -1: the direction of writing is found by the text. */
		fprintf(out, ",%d,&H00%s,%d,1,0,0,%d,0,0,0,-1\n", styles[i].size, styles[i].colour,
			styles[i].bold ? -1 : 0, styles[i].alignment);
	}
	fputs("\n[Events]\nFormat: Layer, Start, End, Style, Text\n", out);
}

static void put_time(int64_t ms, FILE *out)
{
	fprintf(out, "%" PRId64 ":%02d:%02d.%02d,", ms / 3600000, (int)(ms / 60000 % 60), (int)(ms / 1000 % 60),
		(int)(ms / 10 % 100));
}

static void begin_event(int64_t start_ms, int64_t end_ms, const char *style, int x, int y, FILE *out)
{
	fputs("Dialogue: 0,", out);
	put_time(start_ms, out);
	put_time(end_ms, out);
	fprintf(out, "%s,{\\pos(%d,%d)}", style, x, y);
}

static void put_name(struct slice name, int64_t length_ms, const char *style, int y, FILE *out)
{
	char memory[NAME_BYTES_MAX];

	begin_event(0, length_ms, style, PICTURE_LEFT, y, out);
	put_text(plain_short(name, NAME_WIDTH_MAX, memory, sizeof memory), out);
	putc('\n', out);
}

/* 1:05, and 1:00:05 where a call is that long. */
static void clock_text(int64_t ms, int64_t length_ms, char *out, size_t out_bytes)
{
	int64_t s = ms / 1000;

	if (length_ms >= 3600000)
		snprintf(out, out_bytes, "%" PRId64 ":%02d:%02d", s / 3600, (int)(s / 60 % 60), (int)(s % 60));
	else
		snprintf(out, out_bytes, "%d:%02d", (int)(s / 60), (int)(s % 60));
}

static void put_clock(int64_t length_ms, FILE *out)
{
	char total[CLOCK_BYTES_MAX], now[CLOCK_BYTES_MAX];

	clock_text(length_ms + 500, length_ms, total, sizeof total);
	for (int64_t ms = 0; ms < length_ms; ms += 1000) {
		clock_text(ms, length_ms, now, sizeof now);
		begin_event(ms, ms + 1000 < length_ms ? ms + 1000 : length_ms + 1000, "clock", PICTURE_RIGHT, 54, out);
		fprintf(out, "%s{\\c&HA09387&} / %s\n", now, total);
	}
}

static void put_lines(const struct captions *c, const struct caption *caption, int64_t start_ms, int64_t end_ms,
	const char *const styles[2], FILE *out)
{
	bool is_mirrored = plain_is_right_to_left(caption_line(c, caption, 0));

	if (start_ms >= end_ms)
		return;
	begin_event(start_ms, end_ms, styles[is_mirrored], is_mirrored ? PICTURE_RIGHT : PICTURE_LEFT,
		PICTURE_CARD_TOP + PICTURE_CARD_PITCH * (int)caption->speaker + PICTURE_WORDS_TOP, out);
	for (uint32_t i = 0; i < caption->line_count; i++) {
		fputs(i ? "\\N" : "", out);
		put_text(caption_line(c, caption, i), out);
	}
	putc('\n', out);
}

/* Bright while it is said, then grey until its speaker goes on. */
static void put_caption(const struct captions *c, size_t number, int64_t length_ms, FILE *out)
{
	static const char *const said[2] = { "said", "dias" }, *const faded[2] = { "faded", "dedaf" };
	const struct caption *caption = &c->list[number];
	int64_t faded_ms = caption->end_ms + FADED_MS_MAX;

	if (faded_ms > length_ms + 1000)
		faded_ms = length_ms + 1000;
	for (size_t i = number + 1; i < c->count && c->list[i].start_ms < faded_ms; i++) {
		if (c->list[i].speaker == caption->speaker)
			faded_ms = c->list[i].start_ms;
	}
	put_lines(c, caption, caption->start_ms, caption->end_ms, said, out);
	put_lines(c, caption, caption->end_ms, faded_ms, faded, out);
}

void captions_ass(const struct captions *c, const struct captions_look *look, FILE *out)
{
	static const char *const name_styles[SPEAKER_COUNT] = { "caller", "voice" };

	put_head(look, out);
	put_name(look->title, look->length_ms + 1000, "title", 42, out);
	put_name(look->date, look->length_ms + 1000, "date", 80, out);
	for (int i = 0; i < SPEAKER_COUNT; i++)
		put_name(look->names[i], look->length_ms + 1000, name_styles[i],
			PICTURE_CARD_TOP + PICTURE_CARD_PITCH * i + PICTURE_NAME_MIDDLE, out);
	put_clock(look->length_ms, out);
	for (size_t i = 0; i < c->count; i++)
		put_caption(c, i, look->length_ms, out);
}
