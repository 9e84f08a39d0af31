/*
 * track - the two sides of the call on one clock, into WAV files: what was heard, and both in stereo.
 *
 * Place:    sim; above wav.
 * Usage:    track_open(&t, heard_path, stereo_path, why, sizeof why);
 *           track_heard(&t, audio, len); track_said(&t, audio, len);     each side as it comes
 *           track_level(&t);         fills the shorter side with silence: at a break between two parts of the call
 *           track_close(&t)          0 or the first -errno
 * Limits:   one side may run ahead of the other by TRACK_LEAD_BYTES_MAX; then the other is filled with silence.
 */
#pragma once

#include "base/buf.h"
#include "base/limits.h"
#include "sim/wav.h"

enum { TRACK_LEAD_BYTES_MAX = 60 * 1000 * ULAW_BYTES_PER_MS };

struct track {
	bool has_heard, has_stereo;
	struct wav_writer heard, stereo;
	struct buf said_waiting, heard_waiting;
	uint8_t *memory;
};

bool track_open(struct track *t, const char *heard_path, const char *stereo_path, char *why, size_t why_bytes);
void track_heard(struct track *t, const uint8_t *audio, size_t len);
void track_said(struct track *t, const uint8_t *audio, size_t len);
void track_level(struct track *t);
int track_close(struct track *t);
