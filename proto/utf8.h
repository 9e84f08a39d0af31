/*
 * utf8 - UTF-8 checked as it arrives: a bad text is refused at the first byte that no good text could have there.
 *
 * Place:    proto, beside ws. Pure.
 * Usage:    struct utf8 u = { 0 };                      a zeroed struct is at the start of a text
 *           if (!utf8_check(&u, data, len)) refuse();   as often as bytes arrive
 *           if (!utf8_complete(&u)) refuse();           at the end of the text
 * Fails:    false, sticky until the struct is zeroed again.
 * Source:   RFC 3629 section 4 (no overlong forms, no surrogates, nothing above U+10FFFF).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct utf8 {
	uint8_t left_count;             /* continuation bytes that the present character still needs */
	uint8_t low, high;              /* what the next of them may be */
	bool failed;
};

bool utf8_check(struct utf8 *u, const void *data, size_t len);
/* Whole text in one piece. */
bool utf8_is_valid(const void *data, size_t len);

/* Whether the bytes so far end between two characters. */
static inline bool utf8_complete(const struct utf8 *u)
{
	return !u->failed && u->left_count == 0;
}
