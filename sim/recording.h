/*
 * recording - a stream as it was once sent: each message word by word, and when. From a file, and into one.
 *
 * Place:    sim; above proto/twilio. receptionai-sim-phone's --replay and --record.
 * File:     a line for each message: milliseconds since the stream's handshake, a blank, the message. Lines that begin
 *           with '#' are for people. Times do not go back. A message need not be one that Twilio would send.
 * Usage:    if (!recording_read(&r, path, why, sizeof why)) …
 *           for (i = 0; i < r.frame_count; i++) use(&r.frames[i]);  recording_release(&r);
 *           recording_begin(&w, path); recording_put(&w, ms, text); error = recording_end(&w);
 * Lifetime: frames point into memory that recording_release() frees; a zeroed struct may be released or ended.
 * Fails:    a sentence in `why`, with the line's number; writing: 0 or the first -errno.
 * Limits:   RECORDING_BYTES_MAX a file, RECORDING_FRAMES_MAX messages, STREAM_OUT_BYTES_MAX a message.
 */
#pragma once

#include "base/limits.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { RECORDING_BYTES_MAX = 256 * 1024 * 1024, RECORDING_FRAMES_MAX = 1024 * 1024, RECORDING_MS_MAX = 86400 * 1000 };

struct recorded_frame {
	uint64_t ms;
	struct slice text;
};

struct recording {
	char *memory;
	struct recorded_frame *frames;
	size_t frame_count;
	/* as the first start message that can be read says; "" without one */
	char call_sid[SID_BYTES_MAX + 1], stream_sid[SID_BYTES_MAX + 1];
};

bool recording_read(struct recording *out, const char *path, char *why, size_t why_bytes);
void recording_release(struct recording *r);

struct recording_writer {
	FILE *file;
	int error;
};

int recording_begin(struct recording_writer *w, const char *path);
/* A text with a newline in it stays one message: JSON takes a blank there as well. */
void recording_put(struct recording_writer *w, uint64_t ms, struct slice text);
int recording_end(struct recording_writer *w);
