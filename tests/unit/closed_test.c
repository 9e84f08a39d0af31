#include "tests/unit/unit.h"

#include "fcgi/closed.h"

static const struct hours_answer unknown = { .is_known = false };

static void check_sentence(const struct hours_answer *opening, bool before_tone, const char *wanted)
{
	static struct merchant m;
	char text[CLOSED_BYTES_MAX];

	strcpy(m.name, "Bella's");
	struct slice sentence = closed_sentence(&m, opening, before_tone, text);

	assert_int_equal(sentence.len, strlen(wanted));
	assert_memory_equal(sentence.data, wanted, sentence.len);
}

static void the_merchants_words_stand_as_they_are(void **state)
{
	static struct merchant m;
	char text[CLOSED_BYTES_MAX];

	(void)state;
	strcpy(m.after_hours_notice, "Zu.");
	assert_true(slice_equal(closed_sentence(&m, &unknown, false, text), SLICE("Zu.")));
	assert_true(slice_equal(closed_sentence(&m, &unknown, true, text), SLICE("Zu.")));
}

static void without_them_the_name_and_the_next_opening_are_told(void **state)
{
	struct hours_answer a = { .is_known = true, .has_change = true, .month = 1, .day = 4, .hour = 17 };

	(void)state;
	check_sentence(&unknown, false, "You have reached Bella's. We are closed right now. Goodbye.");
	check_sentence(&a, false, "You have reached Bella's. We are closed right now. "
		"We open again today at 5 PM. Goodbye.");
	a.days_ahead = 1;
	a.hour = 9;
	a.minute = 30;
	check_sentence(&a, true, "You have reached Bella's. We are closed right now. "
		"We open again tomorrow at 9:30 AM. Please leave a message after the tone.");
	a.days_ahead = 6;
	a.hour = a.minute = 0;
	a.weekday = 6;
	check_sentence(&a, false, "You have reached Bella's. We are closed right now. "
		"We open again on Sunday at 12 AM. Goodbye.");
	a.days_ahead = 7;
	a.hour = 12;
	a.minute = 5;
	a.weekday = 0;
	check_sentence(&a, false, "You have reached Bella's. We are closed right now. "
		"We open again on Monday, January 4, at 12:05 PM. Goodbye.");
	a.has_change = false;
	check_sentence(&a, false, "You have reached Bella's. We are closed right now. Goodbye.");
	a.has_change = a.is_open = true;
	check_sentence(&a, false, "You have reached Bella's. We are closed right now. Goodbye.");
}

static void the_longest_name_and_the_longest_date_fit(void **state)
{
	static struct merchant m;
	const struct hours_answer a = { .is_known = true, .has_change = true, .days_ahead = 300, .month = 9, .day = 30,
		.weekday = 2, .hour = 22, .minute = 59 };
	char text[CLOSED_BYTES_MAX];

	(void)state;
	memset(m.name, 'n', MERCHANT_NAME_BYTES_MAX);
	assert_in_range(closed_sentence(&m, &a, true, text).len, MERCHANT_NAME_BYTES_MAX, CLOSED_BYTES_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_merchants_words_stand_as_they_are),
		cmocka_unit_test(without_them_the_name_and_the_next_opening_are_told),
		cmocka_unit_test(the_longest_name_and_the_longest_date_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
