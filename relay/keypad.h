/*
 * keypad - the keys that the caller presses: gathered until a pause, then a choice from the merchant's menu or an
 * entry for the model or, in secret mode, for nobody but the tools that may have it.
 *
 * Place:    relay, pure. Above db's shapes; below bridge.
 * Usage:    keypad_digit(&k, '5', now_ms);
 *           if (now_ms >= keypad_deadline_ms(&k)) switch (keypad_take(&k, &entry)) ...
 * Rules:    an entry ends with '#' or KEYPAD_PAUSE_MS after the last key. An entry of one key that the menu knows,
 *           with or without '#', is a choice. '#' itself is not part of an entry, unless alone.
 * Secrets:  in KEYPAD_SECRET digits are kept here only, the last entry until the next one or the end; the choice
 *           from a menu is not secret. keypad_wipe() overwrites them. Nothing here is ever logged.
 * Limits:   KEYPAD_DIGITS_MAX keys an entry, those above are dropped.
 */
#pragma once

#include "db/merchant.h"

#include <stdbool.h>
#include <stdint.h>

enum { KEYPAD_PAUSE_MS = 1500, KEYPAD_DIGITS_MAX = 32 };

enum keypad_entry {
	KEYPAD_NOTHING,
	KEYPAD_CHOICE,                  /* *out_key */
	KEYPAD_DIGITS,                  /* k->digits, for the model */
	KEYPAD_KEPT,                    /* an entry was made and is kept */
};

struct keypad {
	enum merchant_keypad mode;
	struct merchant_keys menu;
	uint64_t at_ms;                 /* UINT64_MAX: no entry is under way */
	size_t digit_count, secret_count;
	char digits[KEYPAD_DIGITS_MAX];         /* of the entry under way, or just taken */
	char secret[KEYPAD_DIGITS_MAX];
};

void keypad_init(struct keypad *k);
void keypad_wipe(struct keypad *k);
/* false: no key of a telephone, or the keypad is off and has no menu. */
bool keypad_digit(struct keypad *k, char digit, uint64_t now_ms);
uint64_t keypad_deadline_ms(const struct keypad *k);
/* Ends the entry under way. */
enum keypad_entry keypad_take(struct keypad *k, const struct merchant_key **out_key);
static inline struct slice keypad_digits(const struct keypad *k)
{
	return (struct slice){ k->digits, k->digit_count };
}
/* What was entered in secret; empty if nothing was. */
static inline struct slice keypad_secret(const struct keypad *k)
{
	return (struct slice){ k->secret, k->secret_count };
}
/* A recorder of the call must not record the keys' tones. */
static inline bool keypad_is_secret(const struct keypad *k)
{
	return k->mode == KEYPAD_SECRET;
}
