/*
 * way - one direction of a connection on a virtual clock: messages with delay, jitter and stalls that stay in order, as
 * on TCP. And the dice for it.
 *
 * Usage:  way_put(&w, AUDIO, now_us)->number = bytes; while (way_next_us(&w) <= now_us) m = way_take(&w);
 */
#pragma once

#include "base/check.h"
#include "base/limits.h"

#include <stdbool.h>
#include <stdint.h>

enum { WAY_MAX = 4096, MS = 1000 };

/* --- chance ---------------------------------------------------------------------------------------- */

static uint64_t dice;                   /* never 0 */

static inline uint32_t draw(uint32_t below)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return below ? (uint32_t)(dice >> 33) % below : 0;
}

static inline uint32_t between(uint32_t least, uint32_t most)
{
	return least + draw(most - least + 1);
}

static inline bool chance(uint32_t per_thousand)
{
	return draw(1000) < per_thousand;
}

/* --- a way ----------------------------------------------------------------------------------------- */

enum kind { AUDIO, MARK, CLEAR, FRAME };

struct way_message {
	enum kind kind;
	int64_t arrives_us;
	int64_t number;                 /* AUDIO: bytes; FRAME: its timestamp */
	char name[MARK_NAME_BYTES_MAX + 1];
};

struct way {
	int64_t delay_us, last_us, stalled_until_us;
	unsigned jitter_chance, jitter_most;
	unsigned first, count;
	struct way_message messages[WAY_MAX];
};

static inline struct way_message *way_put(struct way *w, enum kind kind, int64_t now_us)
{
	struct way_message *m = &w->messages[(w->first + w->count++) % WAY_MAX];
	int64_t at = now_us + w->delay_us;

	check(w->count <= WAY_MAX);
	if (chance(w->jitter_chance))
		at += between(0, w->jitter_most * MS);
	if (at < w->stalled_until_us)
		at = w->stalled_until_us;
	if (at < w->last_us)
		at = w->last_us;
	w->last_us = at;
	*m = (struct way_message){ .kind = kind, .arrives_us = at };
	return m;
}

static inline int64_t way_next_us(const struct way *w)
{
	return w->count ? w->messages[w->first].arrives_us : INT64_MAX;
}

static inline struct way_message way_take(struct way *w)
{
	struct way_message m = w->messages[w->first];

	w->first = (w->first + 1) % WAY_MAX;
	w->count--;
	return m;
}
