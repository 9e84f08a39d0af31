#include "tests/unit/unit.h"

#include "base/buf.h"
#include "base/zone.h"
#include "base/zone_rule.h"

/* A file of version 2 with the given footer and no transitions: type 0 is 1:23:45 east, called LMT. */
static struct slice file_with(const char *footer)
{
	static char file[ZONE_FILE_BYTES_MAX + 200];
	static const char header[44] = { 'T', 'Z', 'i', 'f', '2', [39] = 1, [43] = 4 };
	static const char body[] = "\0\0\x13\xa1\0\0LMT";
	char *at = file;

	for (int i = 0; i < 2; i++) {
		memcpy(at, header, sizeof header);
		memcpy(at + sizeof header, body, sizeof body);
		at += sizeof header + sizeof body;
	}
	const size_t len = strlen(footer);

	memcpy(at, footer, len);
	return (struct slice){ file, (size_t)(at - file) + len };
}

static const char *refusal(struct slice file)
{
	struct zone zone;
	const char *why = NULL;

	assert_false(zone_init(&zone, file, &why));
	assert_int_equal(zone_local(&zone, 0).year, 1970);      /* what is refused is UTC */
	return why;
}

static void assert_local(const struct zone *z, int64_t unix_s, const char *expected)
{
	const struct zone_time t = zone_local(z, unix_s);
	char got[100];

	(void)snprintf(got, sizeof got, "%04d-%02u-%02u %02u:%02u:%02u %s", t.year, t.month, t.day, t.hour, t.minute,
		t.second, t.offset.abbreviation);
	assert_string_equal(got, expected);
}

static struct zone zone_of(const char *footer)
{
	struct zone zone;
	const char *why = "";

	if (!zone_init(&zone, file_with(footer), &why))
		fail_msg("%s: %s", footer, why);
	return zone;
}

static void a_file_without_transitions_lives_by_its_footer(void **state)
{
	(void)state;
	struct zone berlin = zone_of("\nCET-1CEST,M3.5.0,M10.5.0/3\n");

	assert_local(&berlin, 1743296399, "2025-03-30 01:59:59 CET");
	assert_local(&berlin, 1743296400, "2025-03-30 03:00:00 CEST");
	assert_local(&berlin, 1761440399, "2025-10-26 02:59:59 CEST");
	assert_local(&berlin, 1761440400, "2025-10-26 02:00:00 CET");
	assert_int_equal(zone_local(&berlin, 1743296400).weekday, 6);
}

static void a_file_without_footer_text_lives_by_its_types(void **state)
{
	(void)state;
	struct zone old = zone_of("\n\n");

	assert_local(&old, 0, "1970-01-01 01:23:45 LMT");
}

static void south_of_the_equator_summer_goes_over_new_year(void **state)
{
	(void)state;
	struct zone sydney = zone_of("\nAEST-10AEDT,M10.1.0,M4.1.0/3\n");

	assert_local(&sydney, 1735650000, "2025-01-01 00:00:00 AEDT");
	assert_local(&sydney, 1751292000, "2025-07-01 00:00:00 AEST");
}

static void the_odd_footers_of_the_world_are_understood(void **state)
{
	(void)state;
	struct zone nuuk = zone_of("\n<-02>2<-01>,M3.5.0/-1,M10.5.0/0\n");
	struct zone kathmandu = zone_of("\n<+0545>-5:45\n");
	struct zone always = zone_of("\nXXX3EDT4,0/0,J365/23\n");
	struct zone julian = zone_of("\nIST-2IDT,J60/2,J300/2\n");
	struct zone gaza = zone_of("\nEET-2EEST,M3.4.4/50,M10.4.4/50\n");

	assert_local(&nuuk, 1743296400, "2025-03-30 00:00:00 -01");
	assert_local(&nuuk, 1743296399, "2025-03-29 22:59:59 -02");
	assert_local(&kathmandu, 1743296400, "2025-03-30 06:45:00 +0545");
	for (int64_t t = 1700000000; t < 1800000000; t += 3600)
		assert_string_equal(zone_local(&always, t).offset.abbreviation, "EDT");
	assert_local(&julian, 1709251200, "2024-03-01 03:00:00 IDT");   /* 1 March in a leap year too */
	assert_local(&julian, 1709251199, "2024-03-01 01:59:59 IST");
	assert_local(&gaza, 1743206400, "2025-03-29 03:00:00 EEST");    /* 50 hours after Thursday began */
}

static void every_day_of_eight_centuries_comes_back(void **state)
{
	int64_t day = zone_days(1800, 1, 1);
	int32_t year;
	uint8_t month, day_of_month;

	(void)state;
	for (int64_t i = 0; i < 292194; i++, day++) {
		zone_date(day, &year, &month, &day_of_month);
		assert_true(zone_days(year, month, day_of_month) == day);
	}
	assert_int_equal(year, 2599);
	assert_int_equal(month, 12);
	assert_int_equal(day_of_month, 31);
}

static void instants_beyond_the_calendar_count_as_its_edges(void **state)
{
	struct zone utc;

	(void)state;
	zone_init_utc(&utc);
	assert_local(&utc, INT64_MAX, "9999-12-30 00:00:00 UTC");
	assert_local(&utc, INT64_MIN, "0001-01-02 00:00:00 UTC");
}

static void a_damaged_file_is_refused_with_a_sentence(void **state)
{
	static const char *const footers[] = { "", "\n", "CET-1\n", "\nCET-1", "\nCE-1\n", "\nCET\n", "\nCET-1CEST\n",
		"\nCET-25\n", "\nCET-1CEST,M3.5.0\n", "\nCET-1CEST,M13.5.0,M10.5.0\n", "\nCET-1CEST,M3.6.0,M10.5.0\n",
		"\nCET-1CEST,M3.5.7,M10.5.0\n", "\nCET-1CEST,J0,J365\n", "\nCET-1CEST,366,0\n", "\nCET-1:60\n",
		"\n<CET-1\n", "\nCET-1CEST,M3.5.0/168,M10.5.0\n", "\nCET-1CEST,M3.5.0,M10.5.0x\n" };
	struct slice file = file_with("\nCET-1\n");

	(void)state;
	for (size_t i = 0; i < sizeof footers / sizeof footers[0]; i++)
		assert_string_equal(refusal(file_with(footers[i])), "its footer is damaged");
	file = file_with("\nCET-1\n");
	for (size_t len = 0; len < file.len; len++)
		assert_non_null(refusal((struct slice){ file.data, len }));
	assert_string_equal(refusal((struct slice){ file.data, ZONE_FILE_BYTES_MAX + 1 }), "it is too long");
}

static void names_that_would_leave_the_folder_are_refused(void **state)
{
	(void)state;
	assert_true(zone_name_is_safe(SLICE("Europe/Berlin")));
	assert_true(zone_name_is_safe(SLICE("America/Argentina/ComodRivadavia")));
	assert_true(zone_name_is_safe(SLICE("Etc/GMT+12")));
	assert_false(zone_name_is_safe(SLICE("")));
	assert_false(zone_name_is_safe(SLICE("/etc/passwd")));
	assert_false(zone_name_is_safe(SLICE("../shadow")));
	assert_false(zone_name_is_safe(SLICE("Europe//Berlin")));
	assert_false(zone_name_is_safe(SLICE("Europe/")));
	assert_false(zone_name_is_safe(SLICE("Europe Berlin")));
	assert_false(zone_name_is_safe((struct slice){ "UTC\0x", 5 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_without_transitions_lives_by_its_footer),
		cmocka_unit_test(a_file_without_footer_text_lives_by_its_types),
		cmocka_unit_test(south_of_the_equator_summer_goes_over_new_year),
		cmocka_unit_test(the_odd_footers_of_the_world_are_understood),
		cmocka_unit_test(every_day_of_eight_centuries_comes_back),
		cmocka_unit_test(instants_beyond_the_calendar_count_as_its_edges),
		cmocka_unit_test(a_damaged_file_is_refused_with_a_sentence),
		cmocka_unit_test(names_that_would_leave_the_folder_are_refused),
	};

	return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
