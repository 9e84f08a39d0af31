/*
 * pattern - audio frames that tell who they are: every byte can be checked when they come back.
 *
 * Place:    sim, pure. The load generator sends patterns and tallies what returns.
 * Usage:    pattern_fill(call, number, frame);                    160 bytes
 *           pattern_read(call, frame, &number)                    on the way back
 *           tally_sent(&t); switch (tally_take(&t, number)) …
 * Frame:    number (4 bytes), call (4), 152 pseudo-random bytes that follow from both.
 * Laws:     in a tally, sent = good + reordered + lost (with those on their way counted as lost until they come);
 *           a number that came twice is a duplicate the second time, never a loss.
 * Limits:   numbers of a call are told apart over the last TALLY_WINDOW frames; older ones count as duplicates.
 */
#pragma once

#include "base/limits.h"

#include <stdbool.h>
#include <stdint.h>

void pattern_fill(uint32_t call, uint32_t number, uint8_t frame[ULAW_FRAME_BYTES]);
/* false: at least one byte is not as sent. */
bool pattern_read(uint32_t call, const uint8_t frame[ULAW_FRAME_BYTES], uint32_t *out_number);

enum { TALLY_WINDOW = 1024 };

enum tally_verdict {
	TALLY_GOOD,                     /* the next in order (what was left out before it counts as lost for now) */
	TALLY_REORDERED,                /* a later one had come before */
	TALLY_DUPLICATE,
	TALLY_UNSENT,                   /* a number that was never sent */
};

struct tally {
	uint32_t sent_count;            /* numbers 0 … sent_count - 1 are out */
	uint32_t next;                  /* one more than the highest number that came */
	uint64_t good_count, reordered_count, duplicate_count, unsent_count;
	uint64_t seen[TALLY_WINDOW / 64];  /* bit n % window: came */
};

void tally_sent(struct tally *t);
enum tally_verdict tally_take(struct tally *t, uint32_t number);
/* Sent and not come. */
uint64_t tally_lost(const struct tally *t);
