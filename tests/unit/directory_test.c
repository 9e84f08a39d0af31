/* Whom a caller can be connected with: those who are there now, and nobody's number is told. */
#include "tests/unit/unit.h"

#include "base/check.h"
#include "proto/json.h"
#include "relay/directory.h"

/* Friday noon. */
static const struct zone_time noon = { .year = 2026, .month = 11, .day = 20, .hour = 12, .weekday = 4 };
static struct merchant_staff staff;
static char memory[64 * 1024];

static struct merchant_person *add(const char *name, const char *role)
{
	struct merchant_person *person = &staff.people[staff.count++];

	*person = (struct merchant_person){ .id = staff.count };
	snprintf(person->name, sizeof person->name, "%s", name);
	snprintf(person->role, sizeof person->role, "%s", role);
	snprintf(person->number, sizeof person->number, "+155501%02u", staff.count);
	return person;
}

static void on_duty(struct merchant_person *person, uint8_t weekday, uint16_t opens_min, uint16_t closes_min)
{
	person->openings[person->opening_count++] = (struct merchant_opening){ weekday, opens_min, closes_min };
}

static int set_up(void **state)
{
	(void)state;
	memset(&staff, 0, sizeof staff);
	return 0;
}

static enum directory_choice choose(const char *who, const char **out_name)
{
	const struct merchant_person *person = NULL;
	const enum directory_choice choice = directory_choose(&staff, &noon, slice_of(who), &person);

	assert_int_equal(choice == DIRECTORY_FOUND, person != NULL);
	*out_name = person ? person->name : "";
	return choice;
}

static void who_has_no_times_is_always_there(void **state)
{
	(void)state;
	add("Anna", "");
	assert_int_equal(directory_count_on_duty(&staff, &noon), 1);
	on_duty(&staff.people[0], 3, 0, 1440);
	assert_int_equal(directory_count_on_duty(&staff, &noon), 0);
	on_duty(&staff.people[0], 4, 720, 721);
	assert_int_equal(directory_count_on_duty(&staff, &noon), 1);
}

static void a_night_shift_lasts_into_the_morning(void **state)
{
	struct merchant_person *person = add("Night", "");
	struct zone_time t = { .weekday = 0, .hour = 5, .minute = 59 };

	(void)state;
	on_duty(person, 6, 22 * 60, 1440 + 6 * 60);
	assert_true(hours_person_is_on_duty(person, &t));
	t.hour = 6, t.minute = 0;
	assert_false(hours_person_is_on_duty(person, &t));
	t.weekday = 6, t.hour = 21, t.minute = 59;
	assert_false(hours_person_is_on_duty(person, &t));
	t.hour = 22, t.minute = 0;
	assert_true(hours_person_is_on_duty(person, &t));
}

static void a_name_is_found_whatever_its_case(void **state)
{
	const char *name;

	(void)state;
	add("Anna Smith", "orders");
	add("Zoe", "");
	assert_int_equal(choose("ANNA smith", &name), DIRECTORY_FOUND);
	assert_string_equal(name, "Anna Smith");
	assert_int_equal(choose("Anna", &name), DIRECTORY_UNKNOWN);
}

static void who_is_away_is_not_rung(void **state)
{
	const char *name;

	(void)state;
	on_duty(add("Anna", ""), 0, 0, 1440);
	assert_int_equal(choose("Anna", &name), DIRECTORY_AWAY);
	assert_int_equal(choose("", &name), DIRECTORY_ANYBODY);
}

static void without_a_name_it_is_the_only_one(void **state)
{
	const char *name;

	(void)state;
	on_duty(add("Anna", ""), 0, 0, 1440);
	add("Zoe", "");
	assert_int_equal(choose("", &name), DIRECTORY_FOUND);
	assert_string_equal(name, "Zoe");
	add("Max", "");
	assert_int_equal(choose("", &name), DIRECTORY_ANYBODY);
}

static const char *parameters(bool is_required)
{
	const char *why = "";
	struct buf out;

	buf_init_fixed(&out, memory, sizeof memory - 1);
	assert_true(directory_write_parameters(&out, &staff, &noon, is_required));
	memory[buf_len(&out)] = '\0';
	assert_true(json_valid(memory, buf_len(&out), &why));
	return memory;
}

static void those_on_duty_are_offered_without_their_numbers(void **state)
{
	(void)state;
	add("Anna", "orders, \"invoices\"");
	on_duty(add("Max", "the boss"), 0, 0, 1440);
	add("Zoe", "");
	assert_string_equal(parameters(true), "{\"type\":\"object\",\"properties\":{\"who\":{\"type\":\"string\","
		"\"description\":\"Whom to connect the caller with. There now: Anna (orders, \\\"invoices\\\"), Zoe\","
		"\"enum\":[\"Anna\",\"Zoe\"]},\"reason\":{\"type\":\"string\",\"description\":\"What it is about, in a "
		"few words.\"}},\"required\":[\"who\"]}");
	assert_null(strstr(memory, "+1555"));
	assert_null(strstr(parameters(false), "required"));
	assert_non_null(strstr(memory, "leave it out when anybody will do"));
}

static void all_that_the_schema_allows_fits(void **state)
{
	char names[1500];
	struct buf out;

	(void)state;
	for (int i = 0; i < MERCHANT_STAFF_MAX; i++) {
		struct merchant_person *person = add("", "");

		memset(person->name, '"', MERCHANT_STAFF_NAME_BYTES_MAX);
		memset(person->role, '\\', MERCHANT_STAFF_ROLE_BYTES_MAX);
	}
	assert_true(strlen(parameters(true)) < 48 * 1024);
	directory_names(&staff, &noon, names, sizeof names);
	assert_in_range(strlen(names), sizeof names - 2 * MERCHANT_STAFF_NAME_BYTES_MAX, sizeof names - 1);
	buf_init_fixed(&out, memory, 100);
	assert_false(directory_write_parameters(&out, &staff, &noon, true));
	assert_int_equal(buf_len(&out), 0);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_has_no_times_is_always_there),
		TEST(a_night_shift_lasts_into_the_morning),
		TEST(a_name_is_found_whatever_its_case),
		TEST(who_is_away_is_not_rung),
		TEST(without_a_name_it_is_the_only_one),
		TEST(those_on_duty_are_offered_without_their_numbers),
		TEST(all_that_the_schema_allows_fits),
	};

	return cmocka_run_group_tests_name("directory", tests, NULL, NULL);
}
