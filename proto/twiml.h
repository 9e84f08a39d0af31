/*
 * twiml - writes TwiML: well-formed XML whatever the texts hold.
 *
 * Place:    proto, above buf. The webhook writes it; reading is the phone simulator's.
 * Usage:    twiml_begin(&t, &out);
 *           twiml_open(&t, "Connect"); twiml_attribute(&t, "action", url); … twiml_close(&t);
 *           if (!twiml_end(&t)) it did not fit;
 * Lifetime: borrows `out` until twiml_end(); element and attribute names are literals.
 * Fails:    sticky: when `out` has no room, nothing more is written and twiml_end() returns false. A document
 *           that would not be well-formed (attribute behind text, one close too few, the same attribute twice)
 *           is our bug: check().
 * Laws:     & < > " and, in attributes, TAB LF CR are escaped; other C0 controls, U+FFFE and U+FFFF are dropped;
 *           each malformed UTF-8 sequence becomes one U+FFFD.
 * Limits:   TWIML_DEPTH_MAX open elements, TWIML_ATTRIBUTE_COUNT_MAX attributes each.
 * Source:   XML 1.0, 2.2 and 2.4; Unicode 15, table 3-7.
 */
#pragma once

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

struct buf;

enum { TWIML_DEPTH_MAX = 8, TWIML_ATTRIBUTE_COUNT_MAX = 12 };

struct twiml {
	struct buf *out;
	const char *open_names[TWIML_DEPTH_MAX];
	size_t depth;
	const char *attribute_names[TWIML_ATTRIBUTE_COUNT_MAX];  /* of the start tag being written */
	size_t attribute_count;
	bool in_start_tag;              /* attributes may still come */
	bool is_full;                   /* sticky: out had no room */
};

/* The XML declaration and <Response>. */
void twiml_begin(struct twiml *t, struct buf *out);
void twiml_open(struct twiml *t, const char *name);
void twiml_attribute(struct twiml *t, const char *name, struct slice value);
void twiml_text(struct twiml *t, struct slice text);
void twiml_close(struct twiml *t);
/* An element without attributes that holds only text; empty text gives an empty element. */
void twiml_element(struct twiml *t, const char *name, struct slice text);
/* </Response>. true if the whole document is in `out`. */
bool twiml_end(struct twiml *t);
