/*
 * form - application/x-www-form-urlencoded: what Twilio posts, what stands behind a URL's question mark.
 *
 * Place:    proto, above buf and slice. The webhook reads forms, the phone simulator writes them.
 * Usage:    form_init(&form); if (form_read(&form, body, len) != FORM_OK) refuse;
 *           form_value(&form, "CallSid")
 *           form_add(&form, SLICE("To"), slice_of(number)); form_write(&form, &out);
 * Lifetime: fields borrow: after form_read() they point into `bytes`, which it decodes in place; after
 *           form_add() into what was given. Several reads may fill one form (query, then body).
 * Fails:    form_read() names what is wrong; the form then holds the fields before the fault.
 *           form_write() returns false if `out` has no room, and writes nothing.
 * Limits:   FORM_FIELD_COUNT_MAX fields, FORM_BODY_BYTES_MAX bytes a read.
 * Laws:     order and duplicates are kept, values are bytes (NUL and invalid UTF-8 included); what
 *           form_write() writes, form_read() reads back.
 * Source:   WHATWG URL, section 5, except that a broken percent-encoding is refused.
 */
#pragma once

#include "base/limits.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

struct buf;

enum form_result { FORM_OK, FORM_TOO_LONG, FORM_TOO_MANY, FORM_BROKEN };

struct form_field {
	struct slice name;
	struct slice value;
};

struct form {
	struct form_field fields[FORM_FIELD_COUNT_MAX];
	size_t field_count;
};

void form_init(struct form *form);
/* Adds the fields found in `bytes`, decoding them where they lie. */
enum form_result form_read(struct form *form, char *bytes, size_t len);
/* A word for the log: "ok", "too long", ... */
const char *form_result_name(enum form_result result);
/* The first field of that name; data is NULL if there is none (an empty value has data). */
struct slice form_value(const struct form *form, const char *name);
/* false if the form is full. */
bool form_add(struct form *form, struct slice name, struct slice value);
/* Appends the encoded form. */
bool form_write(const struct form *form, struct buf *out);
/* Appends one encoded name or value. */
bool form_encode(struct buf *out, struct slice text);
