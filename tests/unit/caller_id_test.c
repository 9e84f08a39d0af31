#include "tests/unit/unit.h"

#include "proto/caller_id.h"

static const struct row {
	const char *from;
	enum caller_kind kind;
	const char *text;
} rows[] = {
	{ "+14155550123", CALLER_NUMBER, "+14155550123" },
	{ "+4915112345678", CALLER_NUMBER, "+4915112345678" },
	{ "+2901234", CALLER_NUMBER, "+2901234" },                      /* the shortest that merchants may have */
	{ "+123456789012345", CALLER_NUMBER, "+123456789012345" },
	{ " +14155550123 ", CALLER_NUMBER, "+14155550123" },            /* a + that was not encoded, a blank too many */

	{ "", CALLER_ANONYMOUS, "anonymous" },
	{ " ", CALLER_ANONYMOUS, "anonymous" },
	{ "anonymous", CALLER_ANONYMOUS, "anonymous" },
	{ "Anonymous", CALLER_ANONYMOUS, "anonymous" },
	{ "RESTRICTED", CALLER_ANONYMOUS, "anonymous" },
	{ "unavailable", CALLER_ANONYMOUS, "anonymous" },
	{ "unknown", CALLER_ANONYMOUS, "anonymous" },
	{ "Private", CALLER_ANONYMOUS, "anonymous" },
	{ "withheld", CALLER_ANONYMOUS, "anonymous" },
	{ "blocked", CALLER_ANONYMOUS, "anonymous" },
	{ "+266696687", CALLER_ANONYMOUS, "anonymous" },
	{ "266696687", CALLER_ANONYMOUS, "anonymous" },
	{ "+7378742833", CALLER_ANONYMOUS, "anonymous" },
	{ "+2562533", CALLER_ANONYMOUS, "anonymous" },
	{ "+8656696", CALLER_ANONYMOUS, "anonymous" },
	{ "+86282452253", CALLER_ANONYMOUS, "anonymous" },
	{ "sip:anonymous@anonymous.invalid", CALLER_ANONYMOUS, "anonymous" },
	{ "sips:Restricted@192.0.2.1:5061", CALLER_ANONYMOUS, "anonymous" },
	{ "sip:+266696687@carrier.example.com", CALLER_ANONYMOUS, "anonymous" },
	{ "sip:@192.0.2.1", CALLER_ANONYMOUS, "anonymous" },
	{ "sip:", CALLER_ANONYMOUS, "anonymous" },

	{ "client:anna", CALLER_ADDRESS, "client:anna" },
	{ "sip:anna@example.com", CALLER_ADDRESS, "sip:anna@example.com" },
	{ "SIP:+14155550123@example.com", CALLER_ADDRESS, "SIP:+14155550123@example.com" },

	{ "+266696688", CALLER_NUMBER, "+266696688" },
	{ "anonymous1", CALLER_ODD, "anonymous1" },
	{ "4155550123", CALLER_ODD, "4155550123" },
	{ "+", CALLER_ODD, "+" },
	{ "++14155550123", CALLER_ODD, "++14155550123" },
	{ "+04155550123", CALLER_ODD, "+04155550123" },
	{ "+1415555", CALLER_NUMBER, "+1415555" },
	{ "+141555", CALLER_ODD, "+141555" },
	{ "+1234567890123456", CALLER_ODD, "+1234567890123456" },
	{ "+1415555012a", CALLER_ODD, "+1415555012a" },
	{ "+1900*", CALLER_ODD, "+1900*" },
	{ "' OR 1=1 --", CALLER_ODD, "' OR 1=1 --" },
	{ "\xff\xfe<\x01", CALLER_ODD, "\?\?<\?" },
};

static void each_caller_is_known_for_what_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct caller_id caller = caller_id_read(slice_of(rows[i].from));

		if (caller.kind != rows[i].kind || strcmp(caller.text, rows[i].text) != 0)
			fail_msg("\"%s\" is of kind %d, \"%s\"", rows[i].from, caller.kind, caller.text);
	}
}

static void what_was_read_is_read_again_as_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct caller_id once = caller_id_read(slice_of(rows[i].from));
		const struct caller_id twice = caller_id_read(slice_of(once.text));

		assert_int_equal(twice.kind, once.kind);
		assert_string_equal(twice.text, once.text);
	}
}

static void a_caller_of_any_length_with_any_bytes_fits(void **state)
{
	char from[1000];

	(void)state;
	for (size_t len = 0; len <= sizeof from; len += len < 2 * PHONE_BYTES_MAX ? 1 : 97) {
		memset(from, ' ', sizeof from);
		memset(from, '\0', len / 2);
		const struct caller_id caller = caller_id_read((struct slice){ from, len });
		const struct caller_id again = caller_id_read(slice_of(caller.text));

		assert_true(strlen(caller.text) <= PHONE_BYTES_MAX);
		assert_string_equal(again.text, caller.text);
		assert_int_equal(again.kind, caller.kind);
	}
}

static void no_number_that_somebody_may_have_counts_as_withheld(void **state)
{
	char number[17];

	(void)state;
	/* North America's have eleven digits, and those words none of the sort. */
	for (int64_t n = 0; n < 200000; n++) {
		const long long digits = (n * 6364136223LL + 2000000000) % 10000000000;

		snprintf(number, sizeof number, "+1%010lld", digits);
		assert_int_equal(caller_id_read(slice_of(number)).kind, CALLER_NUMBER);
	}
}

static const struct {
	const char *verstat;
	enum attestation attestation;
	const char *word;
	bool is_passed;
} verstats[] = {
	{ "", ATTESTATION_ABSENT, "", false },
	{ "No-TN-Validation", ATTESTATION_NONE, "none", false },
	{ "TN-Validation-Failed", ATTESTATION_FAILED, "failed", false },
	{ "TN-Validation-Failed-A", ATTESTATION_FAILED, "failed", false },
	{ "TN-Validation-Failed-C", ATTESTATION_FAILED, "failed", false },
	{ "TN-Validation-Passed-A", ATTESTATION_PASSED_A, "passed-a", true },
	{ "TN-Validation-Passed-B", ATTESTATION_PASSED_B, "passed-b", true },
	{ "TN-Validation-Passed-C", ATTESTATION_PASSED_C, "passed-c", true },
	{ "TN-Validation-Passed-A-Diverted", ATTESTATION_PASSED_A, "passed-a", true },
	{ "tn-validation-passed-b", ATTESTATION_PASSED_B, "passed-b", true },
	/* Nobody's words are nobody's word. */
	{ "TN-Validation-Passed", ATTESTATION_NONE, "none", false },
	{ "TN-Validation-Passed-", ATTESTATION_NONE, "none", false },
	{ "TN-Validation-Passed-D", ATTESTATION_NONE, "none", false },
	{ "TN-Validation-Passed-AB", ATTESTATION_NONE, "none", false },
	{ " TN-Validation-Passed-A", ATTESTATION_NONE, "none", false },
	{ "TN-Validation-FailedNot", ATTESTATION_NONE, "none", false },
	{ "passed", ATTESTATION_NONE, "none", false },
};

static void each_word_of_the_network_is_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof verstats / sizeof verstats[0]; i++) {
		const enum attestation a = attestation_read(slice_of(verstats[i].verstat));

		if (a != verstats[i].attestation || strcmp(attestation_word(a), verstats[i].word) != 0)
			fail_msg("\"%s\" is \"%s\"", verstats[i].verstat, attestation_word(a));
		assert_int_equal(attestation_is_passed(a), verstats[i].is_passed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_caller_is_known_for_what_it_is),
		cmocka_unit_test(what_was_read_is_read_again_as_the_same),
		cmocka_unit_test(a_caller_of_any_length_with_any_bytes_fits),
		cmocka_unit_test(no_number_that_somebody_may_have_counts_as_withheld),
		cmocka_unit_test(each_word_of_the_network_is_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
