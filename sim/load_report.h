/*
 * load_report - what a load run found: for people, or with --json as one object.
 *
 * Place:    sim; above load_call.
 * Usage:    load_sum(&sum, &load, calls, now_us); good = load_report(&sum, &load, stdout);
 * Notes:    a corrupted frame cannot say which one it was, so it also counts as lost. "steady" is what was sent while
 *           all calls were talking, the last of them for LOAD_SETTLE_US: a call's first frames wait for Grok's
 *           session. The generator judges itself: when its own sends were late (p99 above LOAD_LATE_US), the
 *           round-trip times are not the relay's alone.
 */
#pragma once

#include "sim/load_call.h"

#include <stdio.h>

enum { LOAD_LATE_US = 5000 };

struct load_sum {
	uint64_t lost_count, reordered_count, duplicate_count, unsent_count;
	double wall_s, cpu_s;           /* of the generator */
	bool good, late;
};

void load_sum(struct load_sum *sum, const struct load *load, const struct load_call *calls, uint64_t now_us);
/* Returns sum->good. */
bool load_report(const struct load_sum *sum, const struct load *load, FILE *out);
