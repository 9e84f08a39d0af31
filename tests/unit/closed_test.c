#include "tests/unit/unit.h"

#include "fcgi/closed.h"
#include "fcgi/sentences.h"

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

static const char *const languages[] = { "", "de-AT", "es", "fr-CA", "it", "pt-BR", "nl" };

static void each_language_says_it_in_its_way(void **state)
{
	static const char *const in_a_week[] = {
		"You have reached Bella's. We are closed right now. "
		"We open again on Monday, January 4, at 2:05 PM. Goodbye.",
		"Sie haben Bella's erreicht. Wir haben gerade geschlossen. "
		"Wir öffnen wieder am Montag, dem 4. Januar, um 14 Uhr 05. Auf Wiederhören.",
		"Ha llamado a Bella's. Ahora estamos cerrados. "
		"Volvemos a abrir el lunes, 4 de enero, a las 14:05. Adiós.",
		"Vous êtes bien chez Bella's. Nous sommes actuellement fermés. "
		"Nous rouvrons lundi 4 janvier à 14 h 05. Au revoir.",
		"Ha chiamato Bella's. In questo momento siamo chiusi. "
		"Riapriamo lunedì 4 gennaio alle 14:05. Arrivederci.",
		"Ligou para Bella's. Neste momento estamos fechados. "
		"Voltamos a abrir segunda-feira, 4 de janeiro, às 14:05. Adeus.",
		"You have reached Bella's. We are closed right now. "
		"We open again on Monday, January 4, at 2:05 PM. Goodbye.",
	};
	const struct hours_answer a = { .is_known = true, .has_change = true, .days_ahead = 8, .month = 1, .day = 4,
		.hour = 14, .minute = 5 };
	static struct merchant m;
	char text[CLOSED_BYTES_MAX];

	(void)state;
	strcpy(m.name, "Bella's");
	for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++) {
		strcpy(m.language, languages[i]);
		struct slice sentence = closed_sentence(&m, &a, false, text);

		text[sentence.len] = '\0';
		assert_string_equal(text, in_a_week[i]);
	}
}

static void a_language_is_spoken_as_twilio_can(void **state)
{
	static const struct { const char *language, *tag, *ours; } rows[] = {
		{ "", NULL, NULL }, { "en", NULL, NULL }, { "en-GB", "en-GB", "en-GB" }, { "en-NZ", NULL, NULL },
		{ "de", "de-DE", "de-DE" }, { "de-AT", "de-DE", "de-DE" }, { "pt", "pt-BR", "pt-BR" },
		{ "pt-PT", "pt-PT", "pt-PT" }, { "fr-CA", "fr-CA", "fr-CA" }, { "nl", "nl-NL", NULL },
		{ "gsw", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *tag = sentence_tag(slice_of(rows[i].language)), *ours
			= sentence_our_tag(slice_of(rows[i].language));

		print_message("# %s\n", rows[i].language);
		assert_string_equal(tag ? tag : "", rows[i].tag ? rows[i].tag : "");
		assert_string_equal(ours ? ours : "", rows[i].ours ? rows[i].ours : "");
	}
}

static void the_longest_name_and_the_longest_date_fit(void **state)
{
	static struct merchant m;
	const struct hours_answer a = { .is_known = true, .has_change = true, .days_ahead = 300, .month = 9, .day = 30,
		.weekday = 2, .hour = 22, .minute = 59 };
	char text[CLOSED_BYTES_MAX];

	(void)state;
	memset(m.name, 'n', MERCHANT_NAME_BYTES_MAX);
	for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++) {
		strcpy(m.language, languages[i]);
		struct slice sentence = closed_sentence(&m, &a, true, text);

		assert_in_range(sentence.len, MERCHANT_NAME_BYTES_MAX, CLOSED_BYTES_MAX - 40);
		assert_int_equal(sentence.data[sentence.len - 1], '.');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_merchants_words_stand_as_they_are),
		cmocka_unit_test(without_them_the_name_and_the_next_opening_are_told),
		cmocka_unit_test(each_language_says_it_in_its_way),
		cmocka_unit_test(a_language_is_spoken_as_twilio_can),
		cmocka_unit_test(the_longest_name_and_the_longest_date_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
