/*
 * load - the load generator: many calls at a time from one thread, every byte of every frame checked.
 *
 * Place:    sim; above load_call, webhook, histogram, pacing. Nothing on the media path allocates or parses JSON trees.
 * Usage:    exit(load_run(&options));
 * Fails:    returns 0 if all calls ran and nothing was lost, reordered, duplicated or corrupted; 1 otherwise; 2 if it
 *           could not begin.
 * Limits:   PHONE_CALL_COUNT_MAX calls; the file descriptor limit is raised to what the system allows.
 */
#pragma once

#include "sim/phone_options.h"

int load_run(const struct phone_options *options);
