#include "tests/unit/unit.h"

#include "relay/keypad.h"

static struct keypad k;
static const struct merchant_key *key;

static int begin(void **state)
{
	(void)state;
	keypad_init(&k);
	k.menu.count = 2;
	k.menu.keys[0] = (struct merchant_key){.digit = '0', .action = KEY_TRANSFER};
	k.menu.keys[1] = (struct merchant_key){.digit = '#', .action = KEY_END};
	return 0;
}

static void press(const char *digits, uint64_t now_ms)
{
	for (; *digits; digits++)
		assert_true(keypad_digit(&k, *digits, now_ms));
}

static void an_entry_ends_with_a_pause(void **state)
{
	(void)state;
	assert_true(keypad_deadline_ms(&k) == UINT64_MAX);
	press("12", 100);
	press("3", 900);
	assert_int_equal(keypad_deadline_ms(&k), 900 + KEYPAD_PAUSE_MS);
	assert_int_equal(keypad_take(&k, &key), KEYPAD_DIGITS);
	assert_true(slice_equal(keypad_digits(&k), SLICE("123")));
	assert_true(keypad_deadline_ms(&k) == UINT64_MAX);
	assert_int_equal(keypad_take(&k, &key), KEYPAD_NOTHING);
	press("4", 5000);
	assert_int_equal(keypad_take(&k, &key), KEYPAD_DIGITS);
	assert_true(slice_equal(keypad_digits(&k), SLICE("4")));
}

static void a_hash_ends_an_entry_at_once(void **state)
{
	(void)state;
	press("12#", 100);
	assert_int_equal(keypad_deadline_ms(&k), 100);
	assert_int_equal(keypad_take(&k, &key), KEYPAD_DIGITS);
	assert_true(slice_equal(keypad_digits(&k), SLICE("12")));
}

static void one_key_of_the_menu_is_a_choice(void **state)
{
	(void)state;
	press("0", 100);
	assert_int_equal(keypad_take(&k, &key), KEYPAD_CHOICE);
	assert_int_equal(key->action, KEY_TRANSFER);
	press("0#", 200);
	assert_int_equal(keypad_take(&k, &key), KEYPAD_CHOICE);
	press("#", 300);
	assert_int_equal(keypad_deadline_ms(&k), 300);
	assert_int_equal(keypad_take(&k, &key), KEYPAD_CHOICE);
	assert_int_equal(key->action, KEY_END);
}

static void a_number_with_that_key_in_it_is_not(void **state)
{
	(void)state;
	press("00", 100);
	assert_int_equal(keypad_take(&k, &key), KEYPAD_DIGITS);
	press("5", 200);
	assert_int_equal(keypad_take(&k, &key), KEYPAD_DIGITS);
	assert_null(key);
}

static void secret_digits_stay_here(void **state)
{
	(void)state;
	k.mode = KEYPAD_SECRET;
	assert_true(keypad_is_secret(&k));
	press("4929#", 100);
	assert_int_equal(keypad_take(&k, &key), KEYPAD_KEPT);
	assert_int_equal(keypad_digits(&k).len, 0);
	assert_true(slice_equal(keypad_secret(&k), SLICE("4929")));
	press("0", 200);
	assert_int_equal(keypad_take(&k, &key), KEYPAD_CHOICE);
	assert_true(slice_equal(keypad_secret(&k), SLICE("4929")));
	press("17#", 300);
	assert_int_equal(keypad_take(&k, &key), KEYPAD_KEPT);
	assert_true(slice_equal(keypad_secret(&k), SLICE("17")));
	keypad_wipe(&k);
	for (size_t i = 0; i < sizeof k.secret; i++)
		assert_true(k.secret[i] == '\0' && k.digits[i] == '\0');
}

static void a_keypad_that_is_off_takes_nothing(void **state)
{
	(void)state;
	k.mode = KEYPAD_OFF;
	k.menu.count = 0;
	assert_false(keypad_digit(&k, '1', 100));
	assert_int_equal(keypad_take(&k, &key), KEYPAD_NOTHING);
}

static void a_keypad_that_is_off_still_has_its_menu(void **state)
{
	(void)state;
	k.mode = KEYPAD_OFF;
	k.menu.count = 1;
	k.menu.keys[0] = (struct merchant_key){ .digit = '0', .action = KEY_TRANSFER };
	press("0", 100);
	assert_int_equal(keypad_take(&k, &key), KEYPAD_CHOICE);
	assert_int_equal(key->action, KEY_TRANSFER);
	press("7", 100);
	assert_int_equal(keypad_take(&k, &key), KEYPAD_NOTHING);
	assert_int_equal(keypad_digits(&k).len, 0);
}

static void only_keys_of_a_telephone_count_and_not_too_many(void **state)
{
	(void)state;
	assert_false(keypad_digit(&k, 'x', 100));
	assert_false(keypad_digit(&k, '\0', 100));
	for (int i = 0; i < 100; i++)
		press("7", 100);
	press("*AD", 100);
	assert_int_equal(keypad_take(&k, &key), KEYPAD_DIGITS);
	assert_int_equal(keypad_digits(&k).len, KEYPAD_DIGITS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_entry_ends_with_a_pause, begin),
		cmocka_unit_test_setup(a_hash_ends_an_entry_at_once, begin),
		cmocka_unit_test_setup(one_key_of_the_menu_is_a_choice, begin),
		cmocka_unit_test_setup(a_number_with_that_key_in_it_is_not, begin),
		cmocka_unit_test_setup(secret_digits_stay_here, begin),
		cmocka_unit_test_setup(a_keypad_that_is_off_takes_nothing, begin),
		cmocka_unit_test_setup(a_keypad_that_is_off_still_has_its_menu, begin),
		cmocka_unit_test_setup(only_keys_of_a_telephone_count_and_not_too_many, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
