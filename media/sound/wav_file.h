/*
 * wav_file - a WAV file that grows, and is there only when it is whole.
 *
 * Place:    media; above made and proto/wav_head.
 * Usage:    wav_file_begin(&w, folder, MADE_CALL_WAV, WAV_PCM16, 8000, 2);
 *           wav_file_put(&w, samples, bytes); …             large blocks: each is a write(2)
 *           error = wav_file_end(&w);                       sizes into the head, padding; then as made_end()
 *           wav_file_drop(&w);                              instead: nothing of it remains
 * Lifetime: end and drop are idempotent.
 * Fails:    0 or -errno. The first error is kept, so that only wav_file_end() has to be asked; it drops a file that
 *           failed. -EFBIG: more than WAV_FILE_HOURS_MAX of sound.
 * Limits:   24 hours: then the numbers of a WAV file come near their end (stereo PCM: 2.8 of 4.3 GB), and no call lasts
 *           so long.
 */
#pragma once

#include "media/made.h"
#include "proto/wav_head.h"

#include <stdbool.h>
#include <stdint.h>

enum { WAV_FILE_HOURS_MAX = 24 };

struct wav_file {
	struct made_file file;
	bool is_open;
	int error;                      /* the first -errno */
	struct wav_head head;
};

int wav_file_begin(struct wav_file *w, const char *folder, enum made made, enum wav_format format, uint32_t rate_hz,
	uint16_t channel_count);
/* Whole frames; PCM in the machine's order of bytes, which is the file's. */
void wav_file_put(struct wav_file *w, const void *frames, size_t bytes);
int wav_file_end(struct wav_file *w);
void wav_file_drop(struct wav_file *w);
