/*
 * wav_file - a WAV file that grows, and is there only when it is whole.
 *
 * Place:    media; above part_file and proto/wav_head.
 * Usage:    wav_file_open(&w, folder_fd, "call.wav", WAV_PCM16, 8000, 2);
 *           wav_file_put(&w, samples, bytes); …
 *           error = wav_file_close(&w);                     sizes into the head, padding, sync, rename
 *           wav_file_drop(&w);                              instead: nothing of it remains
 * Lifetime: as part_file: borrows folder_fd; close and drop are idempotent, a zeroed struct may be given to them.
 * Fails:    0 or -errno, the first error is kept; -EFBIG for more than WAV_FILE_HOURS_MAX of sound.
 * Limits:   24 hours: then the numbers of a WAV file come near their end (stereo PCM: 2.8 of 4.3 GB), and no call lasts
 *           so long.
 */
#pragma once

#include "media/part_file.h"
#include "proto/wav_head.h"

#include <stdint.h>

enum { WAV_FILE_HOURS_MAX = 24 };

struct wav_file {
	struct part_file part;
	struct wav_head head;
};

int wav_file_open(struct wav_file *w, int folder_fd, const char *name, enum wav_format format, uint32_t rate_hz,
	uint16_t channel_count);
/* Whole frames; PCM in the machine's order of bytes, which is the file's. */
void wav_file_put(struct wav_file *w, const void *frames, size_t bytes);
int wav_file_close(struct wav_file *w);
void wav_file_drop(struct wav_file *w);
