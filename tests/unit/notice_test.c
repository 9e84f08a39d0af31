#include "tests/unit/unit.h"

#include "proto/notice.h"

static const struct notice full = {
	.kind = NOTICE_EXPECT,
	.merchant_id = 7,
	.call_sid = "CA0123",
	.caller_number = "+4930123456",
	.called_number = "+15550100",
};

static bool reads(const char *text)
{
	struct notice n;

	return notice_read(slice_of(text), &n);
}

static void what_is_written_is_read_back(void **state)
{
	char text[NOTICE_BYTES_MAX];
	struct notice n;

	(void)state;
	for (int kind = 0; kind < NOTICE_KIND_COUNT; kind++) {
		struct notice said = full;

		said.kind = (enum notice_kind)kind;
		size_t len = notice_write(&said, text);

		assert_true(notice_read((struct slice){text, len}, &n));
		assert_int_equal(n.kind, kind);
		assert_string_equal(n.call_sid, kind == NOTICE_ASK ? "" : "CA0123");
		assert_int_equal(n.merchant_id, kind == NOTICE_EXPECT ? 7 : 0);
		assert_string_equal(n.caller_number, kind == NOTICE_EXPECT ? "+4930123456" : "");
		assert_string_equal(n.called_number, kind == NOTICE_EXPECT ? "+15550100" : "");
	}
}

static void the_form_is_what_the_contract_says(void **state)
{
	char text[NOTICE_BYTES_MAX], answer[NOTICE_ANSWER_BYTES_MAX];
	static const char wanted[] =
		"receptionai 1 "
		"expect\ncall=CA0123\nmerchant=7\ncaller=+4930123456\ncalled=+15550100\n";

	(void)state;
	assert_int_equal(notice_write(&full, text), sizeof wanted - 1);
	assert_memory_equal(text, wanted, sizeof wanted - 1);
	assert_int_equal(notice_write_answer(NOTICE_UP, answer), strlen("receptionai 1 up\n"));
	assert_memory_equal(answer, "receptionai 1 up\n", strlen("receptionai 1 up\n"));
}

static void where_a_call_is_has_two_answers(void **state)
{
	char text[NOTICE_ANSWER_BYTES_MAX];
	enum notice_state how;
	bool is_here = false;

	(void)state;
	assert_int_equal(notice_write_whereabouts(true, text), strlen("receptionai 1 here\n"));
	assert_memory_equal(text, "receptionai 1 here\n", strlen("receptionai 1 here\n"));
	assert_true(notice_read_whereabouts(SLICE("receptionai 1 here\n"), &is_here) && is_here);
	assert_true(notice_read_whereabouts(SLICE("receptionai 1 gone\n"), &is_here) && !is_here);
	assert_false(notice_read_whereabouts(SLICE("receptionai 1 up\n"), &is_here));
	assert_false(notice_read_whereabouts(SLICE("receptionai 1 gone"), &is_here));
	assert_false(notice_read_whereabouts(SLICE("receptionai 1 gone\n\n"), &is_here));
	assert_false(notice_read_answer(SLICE("receptionai 1 here\n"), &how));
	assert_true(reads("receptionai 1 find\ncall=CA1\n"));
	assert_false(reads("receptionai 1 find\n"));
}

static void how_a_call_ended_is_told_and_read_back(void **state)
{
	static const char *const wrong[] = {
		"", "receptionai 1 untold",
		"receptionai 1 untold\n\n", "receptionai 1 ended\n",
		"receptionai 1 ended \n", "receptionai 1 ended well\n",
		"receptionai 1 ended caller-hung-up", "receptionai 1 ended caller-hung-up \n",
		"receptionai 1 caller-hung-up\n", "receptionai 2 ended caller-hung-up\n",
		"receptionai 1 endedcaller-hung-up\n", "receptionai 1 up\n",
		"receptionai 1 gone\n",
	};
	enum end_reason said = END_OVERFLOW;
	char text[NOTICE_ANSWER_BYTES_MAX];
	enum notice_state how;
	bool is_here;

	(void)state;
	for (int i = END_NONE; i < END_REASON_COUNT; i++) {
		const size_t len = notice_write_end((enum end_reason)i, text);

		assert_true(notice_read_end((struct slice){ text, len }, &said));
		assert_int_equal(said, i);
		for (size_t cut = 0; cut < len; cut++)
			assert_false(notice_read_end((struct slice){ text, cut }, &said));
		assert_false(notice_read_answer((struct slice){ text, len }, &how));
		assert_false(notice_read_whereabouts((struct slice){ text, len }, &is_here));
	}
	assert_int_equal(notice_write_end(END_NONE, text), strlen("receptionai 1 untold\n"));
	assert_memory_equal(text, "receptionai 1 untold\n", strlen("receptionai 1 untold\n"));
	assert_int_equal(notice_write_end(END_CALLER_HUNG_UP, text), strlen("receptionai 1 ended caller-hung-up\n"));
	assert_memory_equal(text, "receptionai 1 ended caller-hung-up\n",
		strlen("receptionai 1 ended caller-hung-up\n"));
	said = END_OVERFLOW;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (notice_read_end(slice_of(wrong[i]), &said) || said != END_OVERFLOW)
			fail_msg("read: %s", wrong[i]);
	assert_true(reads("receptionai 1 end\ncall=CA1\n"));
	assert_false(reads("receptionai 1 end\n"));
}

static void the_longest_notice_fits(void **state)
{
	char text[NOTICE_BYTES_MAX];
	struct notice n = {.kind = NOTICE_EXPECT, .merchant_id = INT64_MAX - 1}, again;

	(void)state;
	memset(n.call_sid, 'a', SID_BYTES_MAX);
	memset(n.caller_number, '~', PHONE_BYTES_MAX);
	memset(n.called_number, ' ', PHONE_BYTES_MAX);
	size_t len = notice_write(&n, text);

	assert_true(notice_read((struct slice){text, len}, &again));
	assert_memory_equal(&n, &again, sizeof n);
}

static void nothing_but_the_form_is_read(void **state)
{
	static const char *const wrong[] = {
		"",
		"\n",
		"receptionai 1 ask",
		"receptionai 2 ask\n",
		"receptionai 1 ask\n\n",
		" receptionai 1 ask\n",
		"receptionai 1 asks\n",
		"receptionai 1 as\n",
		"receptionai 1 ask\ncall=CA1\n",
		"receptionai 1 forget\n",
		"receptionai 1 forget\ncall=\n",
		"receptionai 1 forget\ncall=CA1",
		"receptionai 1 forget\ncall=CA/1\n",
		"receptionai 1 forget\ncall=CA 1\n",
		"receptionai 1 forget\ncall=CA1\ncall=CA1\n",
		"receptionai 1 expect\ncall=CA1\nmerchant=0\ncaller=+1\ncalled=+2\n",
		"receptionai 1 expect\ncall=CA1\nmerchant=-7\ncaller=+1\ncalled=+2\n",
		"receptionai 1 expect\ncall=CA1\nmerchant=07\ncaller=+1\ncalled=+2\n",
		"receptionai 1 "
		"expect\ncall=CA1\nmerchant=99999999999999999999\ncaller=+1\ncalled=+2\n",
		"receptionai 1 "
		"expect\ncall=CA1\nmerchant=9223372036854775807\ncaller=+1\ncalled=+2\n",
		"receptionai 1 expect\ncall=CA1\nmerchant=7\ncalled=+2\ncaller=+1\n",
		"receptionai 1 expect\ncall=CA1\nmerchant=7\ncaller=+1\t\ncalled=+2\n",
		"receptionai 1 expect\ncall=CA1\nmerchant=7\ncaller=\xc3\xa4\ncalled=+2\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (reads(wrong[i]))
			fail_msg("read: %s", wrong[i]);
	assert_true(reads("receptionai 1 ask\n"));
	assert_true(reads("receptionai 1 expect\ncall=CA1\nmerchant=7\ncaller=\ncalled=\n"));
}

static void a_nul_or_a_byte_too_many_is_refused(void **state)
{
	struct notice n;
	char text[NOTICE_BYTES_MAX];
	size_t len = notice_write(&full, text);

	(void)state;
	for (size_t cut = 0; cut < len; cut++)
		assert_false(notice_read((struct slice){text, cut}, &n));
	text[len] = '\n';
	assert_false(notice_read((struct slice){text, len + 1}, &n));
	text[len - 2] = '\0';
	assert_false(notice_read((struct slice){text, len}, &n));
}

static void every_answer_comes_back(void **state)
{
	char text[NOTICE_ANSWER_BYTES_MAX];
	enum notice_state said;

	(void)state;
	for (int i = 0; i < NOTICE_STATE_COUNT; i++) {
		size_t len = notice_write_answer((enum notice_state)i, text);

		assert_true(notice_read_answer((struct slice){text, len}, &said));
		assert_int_equal(said, i);
		assert_false(notice_read_answer((struct slice){text, len - 1}, &said));
		text[len] = 'x';
		assert_false(notice_read_answer((struct slice){text, len + 1}, &said));
	}
	assert_false(notice_read_answer(SLICE("receptionai 1 fine\n"), &said));
	assert_false(notice_read_answer(SLICE(""), &said));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(the_form_is_what_the_contract_says),
		cmocka_unit_test(where_a_call_is_has_two_answers),
		cmocka_unit_test(how_a_call_ended_is_told_and_read_back),
		cmocka_unit_test(the_longest_notice_fits),
		cmocka_unit_test(nothing_but_the_form_is_read),
		cmocka_unit_test(a_nul_or_a_byte_too_many_is_refused),
		cmocka_unit_test(every_answer_comes_back),
	};

	return cmocka_run_group_tests_name("notice", tests, NULL, NULL);
}
