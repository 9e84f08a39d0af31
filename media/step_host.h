/*
 * step_host - what a running step hangs on: its lease, and whoever watches.
 *
 * Place:  media; made by work (and by tests that run a step alone), read by step.c only.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct step_host {
	uint64_t renewed_ms, renew_at_ms;       /* on the monotonic clock */
	uint64_t shown_ms;
	bool is_terminal;
	bool is_lost;                           /* the lease */
};
