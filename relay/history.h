/*
 * history - what was said so far, for a model that has not heard it.
 *
 * Place:    relay, pure. Below bridge, which puts every turn of the transcript here, too.
 * Usage:    history_put(&h, &turn)      again and again for the same position: the last text counts
 *           for (at = 0; history_next(&h, &at, &line);) tell line.role and line.text
 * Lifetime: one pooled buf until history_release(); a line's text is valid until the next put.
 * Limits:   HISTORY_BYTES_MAX: the oldest lines are forgotten first. Without pool memory there is less.
 */
#pragma once

#include "base/buf.h"
#include "db/db.h"

enum { HISTORY_BYTES_MAX = 8 * 1024, HISTORY_LINE_BYTES_MAX = 2 * 1024 };

struct history {
	struct buf lines;
};

struct history_line {
	enum turn_role role;
	int32_t position;
	struct slice text;
};

void history_init(struct history *h, struct pool *pool);
/* Idempotent. */
void history_release(struct history *h);
void history_put(struct history *h, const struct turn *turn);
/* The line at *at, which moves on; false: there is none. */
bool history_next(const struct history *h, size_t *at, struct history_line *out);
