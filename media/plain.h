/*
 * plain - a stranger's text made harmless: one line of valid UTF-8 that means nothing but its letters.
 *
 * Place:    media, pure. What captions are written with.
 * Usage:    struct slice clean = plain_text(turn.text, memory, sizeof memory);
 * Rules:    newlines, tabs and other controls become one blank; bytes that are no UTF-8 become U+FFFD; what turns the
 *           direction of writing around (bidi controls), invisible characters and a crowd of marks on one letter
 *           are dropped; joiners stay (emoji and Persian need them).
 * Limits:   what does not fit is left out, whole characters at a time.
 */
#pragma once

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PLAIN_MARKS_MAX = 4 };           /* on one letter */

/* At most out_bytes are written; there is no NUL behind them. */
struct slice plain_text(struct slice text, char *out, size_t out_bytes);
/* The same, no wider than width_max units of plain_width(): what is longer ends in an ellipsis. */
struct slice plain_short(struct slice text, unsigned width_max, char *out, size_t out_bytes);
/* The character at the head of valid UTF-8 and its length in bytes; text is not empty. */
uint32_t plain_character(struct slice text, size_t *out_bytes);
/* What is drawn on or joined to the character before: it does not stand at the beginning of a line. */
bool plain_is_mark(uint32_t character);
/* As wide as it is high: Chinese, Japanese, Korean, emoji. Lines may be broken before and behind it. */
bool plain_is_wide(uint32_t character);
/* About how wide the character is: an em has PLAIN_EM units. */
enum { PLAIN_EM = 8 };
unsigned plain_width(uint32_t character);
/* Whether the first letter that has a direction is of a script written from right to left. */
bool plain_is_right_to_left(struct slice text);
