/*
 * letter - one e-mail, written so that nothing in it can be taken for anything else.
 *
 * Place:    proto, pure. What media/told/mail hands to sendmail.
 * Usage:    if (letter_address_is_good(to)) letter_write(&out, &letter);
 * Rules:    names and subjects that are not plain ASCII become encoded words, the text is base64: no line of a letter
 *           begins with what somebody said, and no header can be smuggled in. Message-ID and Date come from the
 *           event alone: a letter that is sent twice is the same letter, and mail programs show it once. Lines end
 *           with LF, as sendmail takes them.
 * Fails:    false and nothing appended: no room, or an address that is none.
 * Source:   RFC 5322, RFC 2047 (at most 75 characters an encoded word, whole characters each), RFC 2045 6.8, RFC 3834.
 */
#pragma once

#include "base/buf.h"
#include "base/slice.h"
#include "base/zone.h"

enum { LETTER_ADDRESS_BYTES_MAX = 254 };

struct letter {
	struct slice from, from_name;
	struct slice to;
	struct slice subject;           /* UTF-8; so the text */
	struct slice text;
	struct slice event_id;          /* letters, digits, - and _ */
	struct zone_time date;
};

bool letter_write(struct buf *out, const struct letter *letter);
/* local@domain in ASCII, without quotes and comments; it begins with a letter or a digit. */
bool letter_address_is_good(struct slice address);
