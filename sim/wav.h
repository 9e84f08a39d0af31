/*
 * wav - RIFF/WAVE files with μ-law or 16-bit PCM: read whole, written as they grow.
 *
 * Place:    sim; above proto/ulaw and proto/wav_head.
 * Usage:    wav_read("caller.wav", &wav, why, sizeof why); wav_to_phone(&wav, &ulaw, &bytes); wav_release(&wav);
 *           wav_create(&w, "heard.wav", WAV_ULAW, 8000, 1); wav_put(&w, bytes, len); wav_finish(&w);
 * Lifetime: wav_read() owns its data until wav_release(); a zeroed struct may be released or finished.
 * Fails:    false with a sentence in `why` (read), or 0 / -errno (write).
 * Limits:   files of at most WAV_BYTES_MAX; WAVE_FORMAT_EXTENSIBLE with a PCM or μ-law subformat is read too.
 */
#pragma once

#include "proto/wav_head.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { WAV_BYTES_MAX = 256 * 1024 * 1024 };

struct wav {
	enum wav_format format;
	uint32_t rate_hz;
	uint16_t channel_count;
	uint8_t *data;                  /* samples as in the file, channels interleaved, PCM little-endian */
	size_t data_bytes;
};

bool wav_read(const char *path, struct wav *out, char *why, size_t why_bytes);
void wav_release(struct wav *wav);
/* As a phone would send it: μ-law, 8000 Hz, mono (the first channel). μ-law at 8000 Hz comes out byte for byte.
 * The rate must be a multiple of 8000. The caller frees *out_ulaw. */
bool wav_to_phone(const struct wav *wav, uint8_t **out_ulaw, size_t *out_bytes, char *why, size_t why_bytes);
/* 8000·factor Hz down to 8000 Hz, with a low-pass filter; returns the samples written: count / factor. */
size_t wav_decimate(const int16_t *samples, size_t sample_count, unsigned factor, int16_t *out);

struct wav_writer {
	FILE *file;
	struct wav_head head;
	int error;                      /* the first -errno */
};

int wav_create(struct wav_writer *w, const char *path, enum wav_format format, uint32_t rate_hz,
	uint16_t channel_count);
void wav_put(struct wav_writer *w, const void *data, size_t bytes);
/* Writes the sizes into the header and closes. The first error of the whole file, or 0. Idempotent. */
int wav_finish(struct wav_writer *w);
