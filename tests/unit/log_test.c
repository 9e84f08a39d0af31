#include "tests/unit/unit.h"

#include "base/log.h"

static void a_phone_number_shows_only_its_last_two_digits(void **state)
{
	(void)state;
	assert_string_equal(log_phone("+14155550123").text, "+*********23");
	assert_string_equal(log_phone("12345").text, "*****");
	assert_string_equal(log_phone("").text, "-");
	assert_string_equal(log_phone("client:mallory\n").text, "*************y*");
}

static void text_of_a_peer_is_one_harmless_word(void **state)
{
	char long_text[500];

	(void)state;
	assert_string_equal(log_text("a\"b\n\x80", 5).text, "\"a\\x22b\\x0a\\x80\"");
	memset(long_text, 0, sizeof long_text);
	assert_true(strlen(log_text(long_text, sizeof long_text).text) < LOG_WORD_BYTES_MAX);
}

static void a_harmless_name_stands_bare_and_any_other_as_text(void **state)
{
	(void)state;
	assert_string_equal(log_name("CA0123-x_y", 10).text, "CA0123-x_y");
	assert_string_equal(log_name("", 0).text, "-");
	assert_string_equal(log_name("CA1 reason=ok", 13).text, "\"CA1 reason=ok\"");
	assert_string_equal(log_name("CA\0", 3).text, "\"CA\\x00\"");
	assert_string_equal(log_name("CA=1", 4).text, "\"CA=1\"");
}

static void a_repeated_cause_is_written_a_few_times_a_second_and_the_rest_is_counted(void **state)
{
	struct log_limit limit = { 0 };
	uint32_t left_out = 7;

	(void)state;
	assert_true(log_limit_pass(&limit, 1000, 2, &left_out));
	assert_int_equal(left_out, 0);
	assert_true(log_limit_pass(&limit, 1001, 2, &left_out));
	assert_false(log_limit_pass(&limit, 1002, 2, &left_out));
	assert_false(log_limit_pass(&limit, 1999, 2, &left_out));
	assert_true(log_limit_pass(&limit, 2000, 2, &left_out));
	assert_int_equal(left_out, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_phone_number_shows_only_its_last_two_digits),
		cmocka_unit_test(text_of_a_peer_is_one_harmless_word),
		cmocka_unit_test(a_harmless_name_stands_bare_and_any_other_as_text),
		cmocka_unit_test(a_repeated_cause_is_written_a_few_times_a_second_and_the_rest_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
