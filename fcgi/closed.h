/*
 * closed - what a caller is told while a merchant is closed: who was reached, and when it opens again. Pure.
 *
 * Place:    fcgi, above db's hours. Used by next where the merchant wrote no notice.
 * Usage:    struct slice sentence = closed_sentence(&merchant, &opening, before_tone, text, sizeof text);
 * Lifetime: points into the merchant or into `out`.
 * Limits:   CLOSED_BYTES_MAX.
 */
#pragma once

#include "db/hours.h"

enum { CLOSED_BYTES_MAX = MERCHANT_NAME_BYTES_MAX + 300 };

/* The merchant's notice as it stands, else one made of its name and the hours, in its language. `before_tone`: a
 * message can be left. */
struct slice closed_sentence(const struct merchant *merchant, const struct hours_answer *opening, bool before_tone,
	char out[CLOSED_BYTES_MAX]);
