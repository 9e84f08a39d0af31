/*
 * The keypad: what was pressed is a choice of the merchant's menu, or told to Grok, or kept from it
 * (keypad.h).
 */
#include "relay/bridge_parts.h"

#include <stdio.h>

#define ENTERED "(The caller pressed %.*s on the keypad.)"
#define KEPT                                                                                       \
	"(The caller has made an entry on the keypad. It is secret: you cannot know it, but "      \
	"tools that may use it get it.)"
#define MESSAGE                                                                                    \
	"(The caller pressed a key to leave a message for the business. Ask for it, then use "     \
	"take_message.)"

void bridge_key(struct bridge *b, char digit, uint64_t now_ms)
{
	bridge_count(b, METRIC_CALLER_DIGITS);
	bridge_heed_digit(b);
	witness_tell(b->phone.witness, TESTIMONY_KEY, (struct slice){0});
	keypad_digit(&b->keypad, digit, now_ms);
}

/* ULAW_FRAME_BYTES of ULAW_SILENCE. */
#define SILENCE_16 "////////////////"
#define SILENCE_64 SILENCE_16 SILENCE_16 SILENCE_16 SILENCE_16
#define SILENCE	   SILENCE_64 SILENCE_64 SILENCE_64 SILENCE_16 "/////w=="

bool bridge_hides(const struct bridge *b)
{
	return keypad_is_secret(&b->keypad) && keypad_deadline_ms(&b->keypad) != BRIDGE_NEVER;
}

struct slice bridge_shield(const struct bridge *b, struct slice base64)
{
	return bridge_hides(b) ? SLICE(SILENCE) : base64;
}

static void tell(struct bridge *b, struct slice text, uint64_t now_ms)
{
	if (!bridge_to_model(b, model_out_tell(&b->model, text), now_ms))
		return;
	/* An answer under way would be cut off by another. */
	if (b->voice.response.len == 0)
		bridge_respond(b, SLICE("keypad"), now_ms);
}

static void choose(struct bridge *b, const struct merchant_key *key, uint64_t now_ms)
{
	struct slice number = slice_of(key->number[0] ? key->number : NULL);

	switch (key->action) {
	case KEY_TRANSFER:
		if (number.len == 0)
			number = b->merchant.transfer_number;
		if (number.len)
			return bridge_leave(b, END_TRANSFERRED, number, 0, now_ms);
		return tell(b,
			SLICE("(The caller asks for a person, but there is nobody to connect them "
			      "with.)"),
			now_ms);
	case KEY_MESSAGE:
		return tell(b, SLICE(MESSAGE), now_ms);
	case KEY_END:
		return bridge_leave(b, END_RECEPTIONIST_HUNG_UP, (struct slice){0}, 0, now_ms);
	}
}

void bridge_pass_keys(struct bridge *b, uint64_t now_ms)
{
	const struct merchant_key *key;
	char text[64 + KEYPAD_DIGITS_MAX];
	enum keypad_entry entry = keypad_take(&b->keypad, &key);
	struct slice digits = keypad_digits(&b->keypad);

	if (!bridge_is_talking(b) || leave_is_on(&b->leave))
		return;
	switch (entry) {
	case KEYPAD_NOTHING:
		return;
	case KEYPAD_CHOICE:
		return choose(b, key, now_ms);
	case KEYPAD_DIGITS:
		snprintf(text, sizeof text, ENTERED, (int)digits.len, digits.data);
		return tell(b, slice_of(text), now_ms);
	case KEYPAD_KEPT:
		return tell(b, SLICE(KEPT), now_ms);
	}
}
