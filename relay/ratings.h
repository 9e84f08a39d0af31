/*
 * ratings - the quality of calls as histograms, a set for each of a bounded number of merchants.
 *
 * Place:    relay, above quality; shared by all ring threads, shown by the admin page.
 * Usage:    ratings_open(&r, 20);  ratings_put(&r, merchant_id, &quality);  ratings_write(&r, &out);
 * Rules:    the first merchants whose calls end have a set each, by their number in the database, until the program
 *           ends; all others, and those that come when the sets are taken, share the one with merchant="other". No
 *           call is lost, none is counted twice, and no set changes its merchant: what grows never falls.
 * Threads:  any may put and write at any time; nothing waits. A page holds numbers that each are right.
 * Limits:   RATINGS_MERCHANTS_MAX sets, RATINGS_BYTES_EACH of the page each.
 */
#pragma once

#include "base/buf.h"
#include "relay/quality.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* RATING(enum, name behind "receptionai_relay_", help, bounds...) */
#define RATINGS(RATING) \
	RATING(DEAD_AIR, "call_dead_air_seconds", \
		"Silence of both sides in a call, in stretches longer than two seconds", \
		0, 2.5, 5, 10, 20, 30, 60, 120) \
	RATING(TALK_OVER, "call_talk_over_seconds", "Time in a call in which both sides spoke", \
		0, 0.25, 0.5, 1, 2, 4, 8, 16, 32) \
	RATING(GAP, "response_gap_seconds", \
		"From the caller's last sound to the first audio of the answer, each answer", \
		0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 5, 10) \
	RATING(UNDERRUNS, "call_underruns", "Times in a call that the receptionist's voice ran dry in the midst", \
		0, 1, 2, 3, 5, 10, 20, 50) \
	RATING(LAG, "call_loop_lag_seconds", "Longest that a call was kept waiting by its ring thread", \
		0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128)

enum rating {
#define RATING_ENUM(name, ...) RATING_##name,
	RATINGS(RATING_ENUM)
#undef RATING_ENUM
	RATING_COUNT,
};

enum { RATING_BUCKETS_MAX = 11, RATINGS_MERCHANTS_MAX = 100, RATINGS_BYTES_EACH = 6 * 1024, RATINGS_BYTES_HEAD = 2048 };

struct rating_set {
	_Atomic int64_t merchant_id;    /* 0: nobody's yet */
	struct {
		_Atomic uint64_t buckets[RATING_BUCKETS_MAX];
		_Atomic uint64_t sum_us;
	} histograms[RATING_COUNT];
};

struct ratings {
	uint32_t count;                 /* of sets that may be a merchant's */
	struct rating_set *sets;        /* one more: the others' */
};

/* false: no memory. */
bool ratings_open(struct ratings *r, uint32_t merchant_count);
/* Idempotent; a zeroed struct may be closed. */
void ratings_close(struct ratings *r);
/* A call is over. One in which the receptionist was never heard has no quality. */
void ratings_put(struct ratings *r, int64_t merchant_id, const struct quality *quality);
/* Appends the histograms in the text exposition format; false: no room. */
bool ratings_write(const struct ratings *r, struct buf *out);
