#include "relay/keypad.h"

#define NEVER UINT64_MAX

void keypad_init(struct keypad *k)
{
	*k = (struct keypad){.at_ms = NEVER};
}

void keypad_wipe(struct keypad *k)
{
	explicit_bzero(k->digits, sizeof k->digits);
	explicit_bzero(k->secret, sizeof k->secret);
	k->digit_count = k->secret_count = 0;
	k->at_ms = NEVER;
}

static bool is_key(char digit)
{
	return digit && strchr("0123456789*#ABCD", digit);
}

bool keypad_digit(struct keypad *k, char digit, uint64_t now_ms)
{
	bool is_off = k->mode == KEYPAD_OFF && k->menu.count == 0;

	if (is_off || !is_key(digit))
		return false;
	/* What was taken stays readable until here. */
	if (k->at_ms == NEVER)
		k->digit_count = 0;
	if (digit == '#' && k->digit_count) {
		k->at_ms = now_ms;
		return true;
	}
	if (k->digit_count < KEYPAD_DIGITS_MAX)
		k->digits[k->digit_count++] = digit;
	k->at_ms = digit == '#' ? now_ms : now_ms + KEYPAD_PAUSE_MS;
	return true;
}

uint64_t keypad_deadline_ms(const struct keypad *k)
{
	return k->at_ms;
}

static const struct merchant_key *choice(const struct keypad *k)
{
	for (size_t i = 0; k->digit_count == 1 && i < k->menu.count; i++)
		if (k->menu.keys[i].digit == k->digits[0])
			return &k->menu.keys[i];
	return NULL;
}

enum keypad_entry keypad_take(struct keypad *k, const struct merchant_key **out_key)
{
	*out_key = NULL;
	if (k->at_ms == NEVER)
		return KEYPAD_NOTHING;
	k->at_ms = NEVER;
	*out_key = choice(k);
	if (*out_key)
		return KEYPAD_CHOICE;
	if (k->mode == KEYPAD_OFF) {
		keypad_wipe(k);
		return KEYPAD_NOTHING;
	}
	if (k->mode != KEYPAD_SECRET)
		return KEYPAD_DIGITS;
	memcpy(k->secret, k->digits, k->digit_count);
	k->secret_count = k->digit_count;
	explicit_bzero(k->digits, sizeof k->digits);
	k->digit_count = 0;
	return KEYPAD_KEPT;
}
