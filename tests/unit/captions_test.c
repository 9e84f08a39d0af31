#include "tests/unit/unit.h"

#include "media/video/captions.h"
#include "media/plain.h"

static const struct captions_look look = {
	.title = { "Bella's", 7 }, .date = { "2026-11-21", 10 },
	.names = { { "Caller", 6 }, { "Receptionist", 12 } }, .font = "Inter", .length_ms = 60000,
};

static char written[64 * 1024];

static const char *write_all(const struct captions *c, const struct captions_look *around,
	void (*write)(const struct captions *, const struct captions_look *, FILE *))
{
	FILE *out = fmemopen(written, sizeof written, "w");

	assert_non_null(out);
	write(c, around, out);
	assert_int_equal(fclose(out), 0);
	return written;
}

static void add(struct captions *c, enum speaker speaker, const char *text, int64_t start_ms, int64_t end_ms, bool cut)
{
	struct spoken_turn turn = { speaker, slice_of(text), start_ms, end_ms, cut };

	assert_true(captions_add(c, &turn));
}

static bool line_is(const struct captions *c, size_t caption, uint32_t line, const char *text)
{
	return slice_equal(caption_line(c, &c->list[caption], line), slice_of(text));
}

static unsigned width_of(struct slice text)
{
	unsigned width = 0;
	size_t bytes;

	for (; text.len; text.data += bytes, text.len -= bytes)
		width += plain_width(plain_character(text, &bytes));
	return width;
}

static void a_short_turn_is_one_line_with_its_times(void **state)
{
	struct captions c;

	(void)state;
	captions_init(&c);
	add(&c, SPEAKER_CALLER, "Good  day,\nis there a table?", 1000, 3000, false);
	assert_int_equal(c.count, 1);
	assert_int_equal(c.list[0].line_count, 1);
	assert_true(line_is(&c, 0, 0, "Good day, is there a table?"));
	assert_int_equal(c.list[0].start_ms, 1000);
	assert_int_equal(c.list[0].end_ms, 3000);
	captions_release(&c);
}

/* All words in order, no line too wide, no piece with more than two, times that go forward inside the turn. */
static void a_long_turn_is_cut_without_losing_a_word(void **state)
{
	char text[4000] = "", joined[8000] = "";
	struct captions c;
	size_t len = 0;

	(void)state;
	for (int i = 0; len < 3500; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%sword%d%s", i ? " " : "", i, i % 9 ? "" : ".");
	captions_init(&c);
	add(&c, SPEAKER_RECEPTIONIST, text, 2000, 202000, false);
	assert_true(c.count > 15);
	len = 0;
	for (size_t i = 0; i < c.count; i++) {
		for (uint32_t k = 0; k < c.list[i].line_count; k++) {
			struct slice line = caption_line(&c, &c.list[i], k);

			assert_true(width_of(line) <= CAPTION_LINE_WIDTH);
			len += (size_t)snprintf(joined + len, sizeof joined - len, "%s%.*s", len ? " " : "",
				(int)line.len, line.data);
		}
		assert_true(c.list[i].end_ms > c.list[i].start_ms);
		assert_int_equal(c.list[i].start_ms >= 2000 && c.list[i].end_ms <= 202000, true);
		if (i)
			assert_true(c.list[i].start_ms >= c.list[i - 1].start_ms);
	}
	assert_string_equal(joined, text);
	captions_release(&c);
}

static void a_piece_rather_ends_with_a_sentence(void **state)
{
	struct captions c;

	(void)state;
	captions_init(&c);
	add(&c, SPEAKER_RECEPTIONIST, "A table for four on Saturday at half past seven, in the garden room, with a "
		"view of the lake. Is there anything else that I can do for you or for your friends?", 0, 9000, false);
	assert_int_equal(c.count, 2);
	assert_true(line_is(&c, 1, 0, "Is there anything else that I can do for you or for your friends?"));
	captions_release(&c);
}

static void two_lines_are_about_equally_long(void **state)
{
	struct captions c;
	unsigned one, other;

	(void)state;
	captions_init(&c);
	add(&c, SPEAKER_CALLER, "I would like to know whether there is still a table for four people on Saturday", 0,
		5000, false);
	assert_int_equal(c.count, 1);
	assert_int_equal(c.list[0].line_count, 2);
	one = width_of(caption_line(&c, &c.list[0], 0));
	other = width_of(caption_line(&c, &c.list[0], 1));
	assert_true(one < other + 60 && other < one + 60);
	captions_release(&c);
}

static void text_without_blanks_is_broken_between_characters(void **state)
{
	char wide[3 * 200 + 1] = "", word[900 + 1] = "", marked[5 * 200 + 1] = "";
	const char *const texts[] = { wide, word, marked };
	struct captions c;

	(void)state;
	for (int i = 0; i < 200; i++) {
		memcpy(wide + 3 * i, "\xE4\xBD\xA0", 3);
		memcpy(marked + 5 * i, "e\xCC\x81\xCC\x81", 5);
	}
	memset(word, 'x', 900);
	for (int i = 0; i < 3; i++) {
		size_t bytes = 0;

		captions_init(&c);
		add(&c, SPEAKER_CALLER, texts[i], 0, 20000, false);
		for (size_t k = 0; k < c.count; k++) {
			for (uint32_t line = 0; line < c.list[k].line_count; line++) {
				struct slice text = caption_line(&c, &c.list[k], line);

				assert_true(text.len > 0 && width_of(text) <= CAPTION_LINE_WIDTH);
				assert_int_not_equal((unsigned char)text.data[0], 0xCC);
				bytes += text.len;
			}
		}
		assert_int_equal(bytes, strlen(texts[i]));
		captions_release(&c);
	}
}

static void a_turn_that_was_cut_ends_in_a_dash(void **state)
{
	struct captions c;

	(void)state;
	captions_init(&c);
	add(&c, SPEAKER_RECEPTIONIST, "We are open from", 0, 1000, true);
	assert_true(line_is(&c, 0, 0, "We are open from \xE2\x80\x94"));
	add(&c, SPEAKER_RECEPTIONIST, "  ", 2000, 2100, true);
	assert_int_equal(c.count, 1);
	captions_release(&c);
}

static void pieces_of_one_speaker_never_overlap_and_none_is_lost(void **state)
{
	struct captions c;

	(void)state;
	captions_init(&c);
	add(&c, SPEAKER_CALLER, "One", 1000, 1100, false);
	add(&c, SPEAKER_CALLER, "Two", 1000, 1000, false);
	add(&c, SPEAKER_RECEPTIONIST, "Three", 1050, 2000, false);
	add(&c, SPEAKER_CALLER, "Four", 1500, 9000, false);
	add(&c, SPEAKER_CALLER, "Too late", 70000, 71000, false);
	captions_settle(&c, 5000);
	assert_int_equal(c.count, 4);
	for (size_t i = 0; i < c.count; i++) {
		assert_true(c.list[i].end_ms > c.list[i].start_ms && c.list[i].end_ms <= 5000);
		for (size_t k = i + 1; k < c.count; k++) {
			assert_true(c.list[k].start_ms >= c.list[i].start_ms);
			assert_true(c.list[k].speaker != c.list[i].speaker || c.list[k].start_ms >= c.list[i].end_ms);
		}
	}
	captions_release(&c);
}

static size_t count_of(const char *text, const char *part)
{
	size_t count = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		count++;
	return count;
}

static void no_text_becomes_a_command_of_ass(void **state)
{
	struct captions_look around = look;
	struct captions c;
	const char *ass;

	(void)state;
	around.title = SLICE("{\\p1}m 0 0 l 9 9{\\p0}\nDialogue: 0,0:00:00.00,9:00:00.00,title,evil");
	around.names[0] = SLICE("}{\\fs200}");
	around.font = "Inter,99\nStyle: evil";
	captions_init(&c);
	add(&c, SPEAKER_CALLER, "{\\an8\\fs200}big\\Nlines\\h{", 0, 1000, false);
	captions_settle(&c, 60000);
	ass = write_all(&c, &around, captions_ass);
	/* Ours: one \pos a line, a colour in the clock. */
	assert_int_equal(count_of(ass, "{\\pos("), count_of(ass, "\nDialogue: "));
	assert_int_equal(count_of(ass, "{"), count_of(ass, "\nDialogue: ") + 60);
	assert_int_equal(count_of(ass, "\\"), count_of(ass, "{"));
	assert_int_equal(count_of(ass, "\nStyle: "), 9);
	assert_non_null(strstr(ass, "(/an8/fs200)big/Nlines/h("));
	assert_null(strstr(ass, "Inter,99"));
	captions_release(&c);
}

static void what_was_said_stays_grey_until_its_speaker_goes_on(void **state)
{
	struct captions c;
	const char *ass;

	(void)state;
	captions_init(&c);
	add(&c, SPEAKER_CALLER, "One", 1000, 2000, false);
	add(&c, SPEAKER_RECEPTIONIST, "Two", 3000, 4000, false);
	add(&c, SPEAKER_CALLER, "Three", 6000, 7000, false);
	captions_settle(&c, 60000);
	ass = write_all(&c, &look, captions_ass);
	assert_non_null(strstr(ass, "0:00:01.00,0:00:02.90,said,{\\pos(72,298)}One\n"));
	assert_non_null(strstr(ass, "0:00:02.90,0:00:06.00,faded,{\\pos(72,298)}One\n"));
	assert_non_null(strstr(ass, "0:00:04.90,0:00:16.90,faded,{\\pos(72,598)}Two\n"));
	captions_release(&c);
}

static void webvtt_is_escaped_and_names_its_speakers(void **state)
{
	struct captions_look around = look;
	struct captions c;

	(void)state;
	around.names[0] = SLICE("Cal>ler\n");
	captions_init(&c);
	add(&c, SPEAKER_CALLER, "a < b && c > d {\\fs9}\n\n00:00.000 --> 00:01.000", 3723004, 3725000, false);
	captions_settle(&c, 7200000);
	assert_string_equal(write_all(&c, &around, captions_vtt), "WEBVTT\n\n1\n01:02:03.004 --> 01:02:05.900\n"
		"<v Cal&gt;ler>a &lt; b &amp;&amp; c &gt; d (/fs9) 00:00.000 --&gt; 00:01.000</v>\n");
	captions_release(&c);
}

static void a_call_without_words_has_captions_files_all_the_same(void **state)
{
	struct captions c;

	(void)state;
	captions_init(&c);
	captions_settle(&c, 2000);
	assert_string_equal(write_all(&c, &look, captions_vtt), "WEBVTT\n");
	assert_non_null(strstr(write_all(&c, &look, captions_ass), "Bella's"));
	captions_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_turn_is_one_line_with_its_times),
		cmocka_unit_test(a_long_turn_is_cut_without_losing_a_word),
		cmocka_unit_test(a_piece_rather_ends_with_a_sentence),
		cmocka_unit_test(two_lines_are_about_equally_long),
		cmocka_unit_test(text_without_blanks_is_broken_between_characters),
		cmocka_unit_test(a_turn_that_was_cut_ends_in_a_dash),
		cmocka_unit_test(pieces_of_one_speaker_never_overlap_and_none_is_lost),
		cmocka_unit_test(no_text_becomes_a_command_of_ass),
		cmocka_unit_test(what_was_said_stays_grey_until_its_speaker_goes_on),
		cmocka_unit_test(webvtt_is_escaped_and_names_its_speakers),
		cmocka_unit_test(a_call_without_words_has_captions_files_all_the_same),
	};

	return cmocka_run_group_tests_name("captions", tests, NULL, NULL);
}
