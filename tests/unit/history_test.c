/* What is kept of a conversation for a model that has not heard it; and what the caller hears and is told meanwhile. */
#include "tests/unit/unit.h"

#include "base/limits.h"
#include "relay/comfort.h"
#include "relay/history.h"
#include "relay/phrases.h"
#include "proto/ulaw.h"
#include "tests/unit/chance.h"

static struct pool pool;

static int open_pool(void **state)
{
	const struct pool_plan plan[] = { { 2048, 2 }, { 16 * 1024, 2 } };

	(void)state;
	return pool_open(&pool, plan, 2);
}

static int close_pool(void **state)
{
	(void)state;
	assert_int_equal(pool_used_bytes(&pool), 0);
	pool_close(&pool);
	return 0;
}

static void put(struct history *h, int32_t position, const char *text)
{
	struct turn turn = {
		.position = position,
		.role = position % 2 ? TURN_CALLER : TURN_RECEPTIONIST,
		.text = slice_of(text),
	};

	history_put(h, &turn);
}

/* "0 Hello | 1 Hi" */
static const char *told(const struct history *h)
{
	static char text[512];
	struct history_line line;
	size_t at = 0, len = 0;

	text[0] = '\0';
	while (history_next(h, &at, &line))
		len += (size_t)snprintf(text + len, sizeof text - len, "%s%d %.*s", len ? " | " : "", line.position,
			(int)line.text.len, line.text.data);
	return text;
}

static void lines_are_told_in_the_order_of_the_conversation(void **state)
{
	struct history h;

	(void)state;
	history_init(&h, &pool);
	put(&h, 0, "Hello.");
	put(&h, 2, "For when?");
	put(&h, 1, "A table.");
	assert_string_equal(told(&h), "0 Hello. | 1 A table. | 2 For when?");
	put(&h, 1, "A table for two.");
	put(&h, 0, "");
	assert_string_equal(told(&h), "0  | 1 A table for two. | 2 For when?");
	history_release(&h);
}

static void the_oldest_lines_are_forgotten_first(void **state)
{
	struct history h;
	struct history_line line;
	char text[1000];
	size_t at = 0, bytes = 0;
	int32_t position = -1;

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	history_init(&h, &pool);
	for (int32_t i = 0; i < 100; i++)
		put(&h, i, text);
	while (history_next(&h, &at, &line)) {
		assert_true(position < 0 || line.position == position + 1);
		position = line.position;
		bytes += line.text.len;
	}
	assert_int_equal(position, 99);
	assert_true(bytes > HISTORY_BYTES_MAX / 2 && bytes <= HISTORY_BYTES_MAX);
	history_release(&h);
}

static void of_a_long_line_the_end_is_kept_in_whole_characters(void **state)
{
	struct history h;
	struct history_line line;
	static char text[2 * HISTORY_LINE_BYTES_MAX + 2];
	size_t at = 0;

	(void)state;
	for (size_t i = 0; i + 2 < sizeof text; i += 2)
		memcpy(text + i, "\xC3\xA9", 2);
	memcpy(text + sizeof text - 2, "!", 2);
	history_init(&h, &pool);
	put(&h, 0, text);
	assert_true(history_next(&h, &at, &line));
	assert_true(line.text.len <= HISTORY_LINE_BYTES_MAX);
	assert_int_equal((uint8_t)line.text.data[0], 0xC3);
	assert_int_equal(line.text.data[line.text.len - 1], '!');
	history_release(&h);
}

static void any_row_of_puts_is_told_like_a_table(void **state)
{
	char texts[8][64];
	char want[1024];

	(void)state;
	for (int run = 0; run < 2000; run++) {
		bool has[8] = { false };
		struct history h;
		size_t len = 0;

		history_init(&h, &pool);
		for (int i = 0; i < 12; i++) {
			unsigned n = chance(8);

			snprintf(texts[n], sizeof texts[n], "t%u-%u", n, chance(100000));
			put(&h, (int32_t)n, texts[n]);
			has[n] = true;
		}
		want[0] = '\0';
		for (int n = 0; n < 8; n++)
			if (has[n])
				len += (size_t)snprintf(want + len, sizeof want - len, "%s%d %s", len ? " | " : "", n,
					texts[n]);
		assert_string_equal(told(&h), want);
		history_release(&h);
	}
}

static void the_tone_is_soft_and_comes_and_goes(void **state)
{
	static uint8_t audio[2 * COMFORT_PERIOD_BYTES], pieces[2 * COMFORT_PERIOD_BYTES];
	struct comfort a = { 0 }, b = { 0 };
	int peak = 0;

	(void)state;
	comfort_write(&a, audio, sizeof audio);
	for (size_t at = 0, len; at < sizeof pieces; at += len) {
		len = 1 + chance(500);
		len = len > sizeof pieces - at ? sizeof pieces - at : len;
		comfort_write(&b, pieces + at, len);
	}
	assert_memory_equal(audio, pieces, sizeof audio);
	for (size_t i = 0; i < sizeof audio; i++)
		peak = abs(ulaw_decode(audio[i])) > peak ? abs(ulaw_decode(audio[i])) : peak;
	assert_true(peak > 1500 && peak < 2200);
	for (size_t i = 2 * COMFORT_NOTE_BYTES; i < COMFORT_PERIOD_BYTES; i++)
		assert_int_equal(audio[i], ULAW_SILENCE);
	/* No click at the edges. */
	for (size_t i = 1; i < sizeof audio; i++)
		assert_true(abs(ulaw_decode(audio[i]) - ulaw_decode(audio[i - 1])) < 900);
}

static void sentences_are_in_the_merchants_language_or_english(void **state)
{
	(void)state;
	assert_memory_equal(phrase(PHRASE_THERE, SLICE("de-AT")).data, "Sind Sie noch da?", 17);
	assert_memory_equal(phrase(PHRASE_THERE, SLICE("ES_mx")).data, "\xC2\xBFSigue", 7);
	assert_memory_equal(phrase(PHRASE_THERE, SLICE("den")).data, "Are you", 7);
	assert_memory_equal(phrase(PHRASE_THERE, (struct slice){ 0 }).data, "Are you", 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_told_in_the_order_of_the_conversation),
		cmocka_unit_test(the_oldest_lines_are_forgotten_first),
		cmocka_unit_test(of_a_long_line_the_end_is_kept_in_whole_characters),
		cmocka_unit_test(any_row_of_puts_is_told_like_a_table),
		cmocka_unit_test(the_tone_is_soft_and_comes_and_goes),
		cmocka_unit_test(sentences_are_in_the_merchants_language_or_english),
	};

	return cmocka_run_group_tests(tests, open_pool, close_pool);
}
