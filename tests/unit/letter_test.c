/* E-mail: what is written, and what nobody can smuggle into it. */
#include "tests/unit/unit.h"

#include "proto/base64.h"
#include "proto/letter.h"

static char memory[64 * 1024];

static const char *write_letter(struct slice subject, struct slice name, struct slice text)
{
	static struct zone zone;
	struct letter letter = {
		.from = SLICE("reception@host.example"), .from_name = name, .to = SLICE("anna@bellas.example"),
		.subject = subject, .text = text, .event_id = SLICE("evt_1"),
	};
	struct buf out;

	zone_init_utc(&zone);
	letter.date = zone_local(&zone, 1700000000);
	buf_init_fixed(&out, memory, sizeof memory - 1);
	assert_true(letter_write(&out, &letter));
	memory[buf_len(&out)] = '\0';
	return memory;
}

static void a_letter_in_full(void **state)
{
	(void)state;
	assert_string_equal(write_letter(SLICE("Call from +14155550123"), SLICE("ReceptionAI"), SLICE("Hello\n")),
		"From: ReceptionAI <reception@host.example>\n"
		"To: <anna@bellas.example>\n"
		"Subject: Call from +14155550123\n"
		"Date: Tue, 14 Nov 2023 22:13:20 +0000\n"
		"Message-ID: <evt_1@host.example>\n"
		"X-ReceptionAI-Event: evt_1\n"
		"Auto-Submitted: auto-generated\n"
		"MIME-Version: 1.0\n"
		"Content-Type: text/plain; charset=utf-8\n"
		"Content-Transfer-Encoding: base64\n"
		"\n"
		"SGVsbG8K\n");
}

/* The subject, its encoded words decoded and joined. */
static void decode_subject(const char *letter, char *out)
{
	const char *at = strstr(letter, "\nSubject: ") + 10;
	size_t len = 0;

	for (;;) {
		assert_int_equal(strncmp(at, "=?UTF-8?B?", 10), 0);
		const char *end = strstr(at + 10, "?=");

		assert_non_null(end);
		assert_in_range((size_t)(end + 2 - at), 12, 67);
		const ptrdiff_t got = base64_decode(out + len, (struct slice){ at + 10, (size_t)(end - at - 10) });

		assert_true(got > 0);
		/* Each word holds whole characters. */
		assert_int_not_equal((uint8_t)out[len] & 0xC0, 0x80);
		len += (size_t)got;
		if (strncmp(end + 2, "\n =?", 4) != 0)
			break;
		at = end + 4;
	}
	out[len] = '\0';
}

static void other_subjects_are_encoded_in_whole_characters(void **state)
{
	static const char *const subjects[] = {
		"M\xC3\xBCller", "=?UTF-8?Q?x?=", " x", "x ", "a\tb",
		"\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80"
		"\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80",
		"x\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC"
		"\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC",
		"A subject that is longer than sixty characters is folded into two or more encoded words",
	};
	char decoded[512];

	(void)state;
	for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++) {
		decode_subject(write_letter(slice_of(subjects[i]), SLICE("x"), SLICE("x")), decoded);
		assert_string_equal(decoded, subjects[i]);
	}
}

static size_t header_count(const char *letter)
{
	size_t count = 0;

	for (const char *line = letter; *line && *line != '\n'; line = strchr(line, '\n') + 1)
		count += *line != ' ';
	return count;
}

static void nothing_becomes_a_header(void **state)
{
	static const char *const evil[] = {
		"x\nBcc: everybody@example.com", "x\r\nBcc: everybody@example.com", "\n\nnew body", "x\r\n\r\n.\r\n",
		"\"<x@y>\", Bcc", "<evil@example.com>", "\xFF\xFE\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof evil / sizeof evil[0]; i++) {
		const char *letter = write_letter(slice_of(evil[i]), slice_of(evil[i]), slice_of(evil[i]));

		assert_int_equal(header_count(letter), 10);
		assert_null(strstr(letter, "Bcc"));
		assert_null(strstr(letter, "evil"));
		assert_null(strchr(letter, '\r'));
	}
}

static void lines_stay_within_76(void **state)
{
	static char text[5000];
	const char *line;

	(void)state;
	memset(text, 'x', sizeof text);
	const struct slice whole = { text, sizeof text };

	line = write_letter((struct slice){ text, 300 }, (struct slice){ text, 200 }, whole);
	for (; *line; line = strchr(line, '\n') + 1)
		assert_in_range(strcspn(line, "\n"), 0, 76);
}

static void an_address_is_one_address(void **state)
{
	static const char *const good[] = { "a@b", "anna@bellas.example", "a.b+c@x-y.example", "1@2.3" };
	static const char *const bad[] = {
		"", "@", "a@", "@b", "a", "-f@b", "a@-b", "a@b@c", "a b@c", "a@b c", "a@b\n", "a\n@b", "a@b,c@d",
		"<a@b>",
		"a@b>", "\"a\"@b", "a@b;c", "m\xC3\xBC@b", "a@[1.2.3.4]",
	};
	static char long_one[300];

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(letter_address_is_good(slice_of(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(letter_address_is_good(slice_of(bad[i])));
	assert_false(letter_address_is_good((struct slice){ "a@b\0c", 5 }));
	memset(long_one, 'a', sizeof long_one - 1);
	long_one[1] = '@';
	assert_false(letter_address_is_good(slice_of(long_one)));
}

static void what_does_not_fit_leaves_nothing(void **state)
{
	static struct zone zone;
	struct letter letter = {
		.from = SLICE("a@b"), .to = SLICE("c@d"), .subject = SLICE("s"), .text = SLICE("text"),
		.event_id = SLICE("e"),
	};
	struct buf out;

	(void)state;
	zone_init_utc(&zone);
	letter.date = zone_local(&zone, 0);
	buf_init_fixed(&out, memory, sizeof memory);
	assert_true(letter_write(&out, &letter));
	const size_t len = buf_len(&out);

	for (size_t bytes = 0; bytes < len; bytes++) {
		buf_init_fixed(&out, memory, bytes);
		assert_false(letter_write(&out, &letter));
		assert_int_equal(buf_len(&out), 0);
	}
	letter.to = SLICE("c@d, e@f");
	buf_init_fixed(&out, memory, sizeof memory);
	assert_false(letter_write(&out, &letter));
	letter.to = SLICE("c@d");
	letter.event_id = SLICE("e\nX: y");
	assert_false(letter_write(&out, &letter));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_letter_in_full),
		cmocka_unit_test(other_subjects_are_encoded_in_whole_characters),
		cmocka_unit_test(nothing_becomes_a_header),
		cmocka_unit_test(lines_stay_within_76),
		cmocka_unit_test(an_address_is_one_address),
		cmocka_unit_test(what_does_not_fit_leaves_nothing),
	};

	return cmocka_run_group_tests_name("letter", tests, NULL, NULL);
}
