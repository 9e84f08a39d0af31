/* WebVTT for players and people who search: each piece with its speaker as a voice span. In a text & and < begin
 * something (W3C WebVTT, 3.4), and "-->" ends a file's patience: &, < and > are written as escapes. Players that turn
 * WebVTT into ASS take { and \ for commands: look-alikes stand for them, as in the picture. */
#include "media/video/captions.h"

#include "media/plain.h"

#include <inttypes.h>

enum { NAME_BYTES_MAX = 160 };

static void put_text(struct slice text, FILE *out)
{
	for (size_t i = 0; i < text.len; i++) {
		switch (text.data[i]) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '{':
			putc('(', out);
			break;
		case '}':
			putc(')', out);
			break;
		case '\\':
			putc('/', out);
			break;
		default:
			putc(text.data[i], out);
		}
	}
}

static void put_time(int64_t ms, FILE *out)
{
	fprintf(out, "%02" PRId64 ":%02d:%02d.%03d", ms / 3600000, (int)(ms / 60000 % 60), (int)(ms / 1000 % 60),
		(int)(ms % 1000));
}

void captions_vtt(const struct captions *c, const struct captions_look *look, FILE *out)
{
	char memory[NAME_BYTES_MAX];

	fputs("WEBVTT\n", out);
	for (size_t i = 0; i < c->count; i++) {
		const struct caption *caption = &c->list[i];

		fprintf(out, "\n%zu\n", i + 1);
		put_time(caption->start_ms, out);
		fputs(" --> ", out);
		put_time(caption->end_ms, out);
		fputs("\n<v ", out);
		put_text(plain_text(look->names[caption->speaker], memory, sizeof memory), out);
		putc('>', out);
		for (uint32_t line = 0; line < caption->line_count; line++) {
			if (line)
				putc('\n', out);
			put_text(caption_line(c, caption, line), out);
		}
		fputs("</v>\n", out);
	}
}
