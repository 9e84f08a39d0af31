/*
 * wav_head - what stands in front of the samples of a WAV file: written, and found again.
 *
 * Place:    proto; below whoever writes or reads WAV files (media/sound/wav_file, sim/wav, ctl/listen).
 * Usage:    struct wav_head h = { WAV_ULAW, 8000, 2, data_bytes };
 *           n = wav_head_write(&h, bytes);                 then the samples, then one zero byte if their number is odd
 *           reason = wav_head_find(file, len, &h, &at);    NULL: h.data_bytes samples' bytes stand at `at`
 * Rules:    PCM has a "fmt " of 16 bytes and no more; μ-law, as every format but PCM, has one of 18 bytes and "fact",
 *           the number of samples a channel has. The size behind "RIFF" counts the padding, that of "data" does not.
 * Fails:    wav_head_find() returns a sentence. A data chunk that is cut, or that claims more than there is, as a
 *           writer that was stopped leaves it, ends where the file ends. Other chunks are stepped over.
 * Limits:   WAV_DATA_BYTES_MAX; WAVE_FORMAT_EXTENSIBLE with a PCM or μ-law subformat is read, never written.
 * Source:   Microsoft/IBM, Multimedia Programming Interface 1.0 (1991); New Multimedia Data Types (1994), "fact".
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum wav_format { WAV_PCM16 = 1, WAV_ULAW = 7 };

enum { WAV_HEAD_BYTES_MAX = 58, WAV_PCM16_HEAD_BYTES = 44, WAV_ULAW_HEAD_BYTES = 58, WAV_CHANNEL_COUNT_MAX = 8 };

#define WAV_DATA_BYTES_MAX ((uint32_t)(UINT32_MAX - WAV_HEAD_BYTES_MAX))
/* For a pipe: the length is not known and never will be. Readers take what comes. */
#define WAV_DATA_BYTES_OPEN UINT32_MAX

struct wav_head {
	enum wav_format format;
	uint32_t rate_hz;
	uint16_t channel_count;
	uint32_t data_bytes;            /* without the padding */
};

/* Bytes that one sample of every channel takes. */
static inline uint32_t wav_frame_bytes(const struct wav_head *h)
{
	return h->channel_count * (h->format == WAV_PCM16 ? 2U : 1U);
}

/* Number of bytes written: WAV_PCM16_HEAD_BYTES or WAV_ULAW_HEAD_BYTES, whatever data_bytes is. */
size_t wav_head_write(const struct wav_head *h, uint8_t out[WAV_HEAD_BYTES_MAX]);
const char *wav_head_find(const void *file, size_t len, struct wav_head *out_head, size_t *out_at);
