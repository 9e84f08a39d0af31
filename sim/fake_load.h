/*
 * fake_load - the simulated Grok as one half of a load generator: no ear, no mouth, hardly any processor.
 *
 * Place:    sim, pure; above fake_wire. Instead of fake_reply when the plan's mode is FAKE_ECHO or FAKE_REAL.
 * Echo:     each append comes back at once as one delta of one endless response, its base64 untouched.
 * Real:     like a conversation: every LOAD_PERIOD_MS a whole response of LOAD_ANSWER_MS (40 % of the time), in deltas
 *           of 200 to 500 ms, generated at ten times real time. Byte n of each response is n modulo 251.
 * Lifetime: a zeroed struct is ready; nothing to release.
 */
#pragma once

#include "sim/fake_wire.h"

#include <stdbool.h>
#include <stdint.h>

enum { LOAD_PERIOD_MS = 10000, LOAD_ANSWER_MS = 4000, LOAD_PATTERN_MODULUS = 251 };

struct fake_load {
	bool started;
	char id[FAKE_ID_BYTES], item_id[FAKE_ID_BYTES];
	char head[320];                 /* of a delta, up to its base64 */
	size_t head_len;
	char tail[64];                  /* behind it, for deltas of tail_ms */
	size_t tail_len;
	uint32_t tail_ms;
	bool speaking;                  /* real */
	uint64_t due_ms;                /* real: the next delta or the next response */
	uint32_t sent_bytes;
	uint64_t delta_count;
};

/* The session is ready: from now on there is something to do. */
void fake_load_start(struct fake_load *load, struct fake_wire *wire);
/* Echo: one append's base64. */
void fake_load_echo(struct fake_load *load, struct fake_wire *wire, struct slice base64);
/* Real: what is due. */
void fake_load_tick(struct fake_load *load, struct fake_wire *wire);
uint64_t fake_load_due_ms(const struct fake_load *load, const struct fake_wire *wire);
