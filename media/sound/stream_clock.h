/*
 * stream_clock - Twilio's clock, as far as the relay's tells: which moment of the stream it was when something came.
 *
 * Place:    media, pure. timeline feeds it with every stamped message, voice_track asks.
 * Usage:    stamp_ms = stream_clock_stamp(&c, ts, ms);       for each inbound message, in the order of the log
 *           stream_clock_settle(&c);                         when all were told
 *           stream_clock_sample(&c, ms)                      the stream's sample at which something left Twilio that
 *                                                            came here at `ms`, had it come without delay
 * Model:    a message comes at its stamp, plus what the two clocks differ by, plus delay. The least of that sum over
 *           STREAM_WINDOW_MS is the difference with the least delay; it is kept for each window, because the clocks
 *           drift and ways change. Neighbouring windows help one in which everything was late.
 * Rules:    stamps are not trusted: one that leaps ahead of our clock or back by STREAM_LEAP_MS is a clock that was
 *           set, and goes on from where our clock says.
 * Lifetime: owns its memory until stream_clock_fini().
 * Limits:   STREAM_MS_MAX; what is later is as if it came then.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	STREAM_MS_MAX = 24 * 3600 * 1000,
	STREAM_WINDOW_MS = 1000,
	STREAM_LEAP_MS = 10000,
	STREAM_FIRST_MS_MAX = 600 * 1000,       /* the first stamp, against our clock */
};

struct stream_clock {
	bool begun;
	int64_t base_ms;                /* what is added to stamps */
	int64_t stamp_ms;               /* the last one, with that */
	int64_t least_ms;               /* of our clock less the stamps */
	int64_t *windows;               /* the same, of each window; INT64_MAX: none */
	size_t window_count, window_room;
	int64_t *settled;               /* in samples, for each window and one more */
};

void stream_clock_init(struct stream_clock *c);
void stream_clock_fini(struct stream_clock *c);
/* The stamp, made sane; -1 if there is none (ts < 0). */
int64_t stream_clock_stamp(struct stream_clock *c, int64_t ts, int64_t ms);
void stream_clock_settle(struct stream_clock *c);
int64_t stream_clock_sample(const struct stream_clock *c, int64_t ms);
