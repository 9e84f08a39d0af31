#include "tests/unit/unit.h"

#include "media/plain.h"
#include "proto/utf8.h"

static const char *plain(const char *text)
{
	static char out[512];
	struct slice clean = plain_text(slice_of(text), out, sizeof out - 1);

	assert_true(utf8_is_valid(clean.data, clean.len));
	out[clean.len] = '\0';
	return out;
}

static void good_text_stays_as_it_is(void **state)
{
	(void)state;
	assert_string_equal(plain("Gr\xC3\xB6\xC3\x9F" "e, na\xC3\xAFve \xE4\xBD\xA0\xE5\xA5\xBD \xF0\x9F\x98\x80"),
		"Gr\xC3\xB6\xC3\x9F" "e, na\xC3\xAFve \xE4\xBD\xA0\xE5\xA5\xBD \xF0\x9F\x98\x80");
	assert_string_equal(plain("\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7"),
		"\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7");
	assert_string_equal(plain(""), "");
}

static void whatever_is_blank_becomes_one_blank_between_words(void **state)
{
	(void)state;
	assert_string_equal(plain(" \t one\r\n\ntwo\x01\x7F\xC2\x85three\xE2\x80\xA8" "four\xE3\x80\x80" "five \n"),
		"one two three four five");
}

static void what_turns_or_hides_text_is_dropped(void **state)
{
	(void)state;
	assert_string_equal(plain("a\xE2\x80\xAE" "b\xE2\x81\xA6" "c\xE2\x80\x8F" "d\xD8\x9C"
			"e\xEF\xBB\xBF" "f\xE2\x80\x8B" "g"), "abcdefg");
	assert_string_equal(plain("x\xF3\xA0\x81\xA5y\xC2\xADz"), "xyz");
}

static void a_crowd_of_marks_is_thinned(void **state)
{
	char many[1 + 2 * 40 + 1] = "a";

	(void)state;
	for (int i = 0; i < 40; i++)
		memcpy(many + 1 + 2 * i, "\xCC\x81", 2);
	assert_int_equal(strlen(plain(many)), 1 + 2 * PLAIN_MARKS_MAX);
	assert_int_equal(
		strlen(plain("a\xE2\x80\x8D\xCC\x81\xE2\x80\x8D\xCC\x81\xE2\x80\x8D\xCC\x81\xE2\x80\x8D")), 1 + 2 * 5);
}

static void bytes_that_are_no_text_become_replacement_characters(void **state)
{
	(void)state;
	assert_string_equal(plain("a\xFF" "b\xC3"), "a\xEF\xBF\xBD" "b\xEF\xBF\xBD");
	assert_string_equal(plain("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
	assert_string_equal(plain("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void what_does_not_fit_is_left_out_by_whole_characters(void **state)
{
	char out[8];

	(void)state;
	for (size_t room = 0; room <= 8; room++) {
		struct slice clean = plain_text(SLICE("a \xE4\xBD\xA0\xE5\xA5\xBD"), out, room);

		assert_true(clean.len <= room && utf8_is_valid(clean.data, clean.len));
	}
	assert_int_equal(plain_text(SLICE("a \xE4\xBD\xA0\xE5\xA5\xBD"), out, 7).len, 5);
}

static void a_name_that_is_too_wide_ends_in_an_ellipsis(void **state)
{
	char out[64];
	struct slice s = plain_short(SLICE("A very long name of a business"), 60, out, sizeof out);

	(void)state;
	assert_true(s.len > 3 && memcmp(s.data + s.len - 3, "\xE2\x80\xA6", 3) == 0);
	assert_true(s.len < 20);
	assert_true(slice_equal(plain_short(SLICE("Bella's"), 60, out, sizeof out), SLICE("Bella's")));
	assert_true(slice_equal(plain_short(SLICE("WWWW"), 1, out, sizeof out), SLICE("\xE2\x80\xA6")));
}

static void the_first_letter_tells_the_direction(void **state)
{
	(void)state;
	assert_true(plain_is_right_to_left(SLICE("123 \xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D hello")));
	assert_true(plain_is_right_to_left(SLICE("\xD9\x85\xD8\xB1")));
	assert_false(plain_is_right_to_left(SLICE("hello \xD7\xA9")));
	assert_false(plain_is_right_to_left(SLICE("42!")));
	assert_false(plain_is_right_to_left(SLICE("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_text_stays_as_it_is),
		cmocka_unit_test(whatever_is_blank_becomes_one_blank_between_words),
		cmocka_unit_test(what_turns_or_hides_text_is_dropped),
		cmocka_unit_test(a_crowd_of_marks_is_thinned),
		cmocka_unit_test(bytes_that_are_no_text_become_replacement_characters),
		cmocka_unit_test(what_does_not_fit_is_left_out_by_whole_characters),
		cmocka_unit_test(a_name_that_is_too_wide_ends_in_an_ellipsis),
		cmocka_unit_test(the_first_letter_tells_the_direction),
	};

	return cmocka_run_group_tests_name("plain", tests, NULL, NULL);
}
