/*
 * listen - a call's sound as a WAV stream: mu-law, stereo, 8000 Hz.
 *
 * Place:    ctl, above stereo.
 * Usage:    listen_begin(&l, stdout); listen_hear(&l, &testimony); listen_end(&l)
 * Length:   unknown until the end: 0xffffffff stands in the header, which players take as "until it stops"; in a
 *           file the right numbers are put there at the end.
 * Fails:    false: stdout cannot be written.
 */
#pragma once

#include "ctl/stereo.h"
#include "proto/testimony.h"

#include <stdbool.h>
#include <stdio.h>

struct listen {
	FILE *out;
	uint32_t audio_bytes;
	struct stereo stereo;
};

bool listen_begin(struct listen *l, FILE *out);
bool listen_hear(struct listen *l, const struct testimony *t);
bool listen_end(struct listen *l);
