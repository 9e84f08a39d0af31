/*
 * wav_head - writing is a row of numbers; reading walks the chunks: "fmt " says what the samples are, "data" holds
 * them. A file without these two is refused with a sentence.
 */
#include "proto/wav_head.h"

#include "base/check.h"
#include "base/limits.h"

#include <stdbool.h>
#include <string.h>

enum {
	RIFF_BYTES = 12,                /* RIFF, size, WAVE */
	CHUNK_BYTES = 8,                /* name, size */
	FORMAT_BYTES = 16,              /* the part of "fmt " that every file has */
	FORMAT_ULAW_BYTES = 18,         /* and the length of what would follow: none */
	FORMAT_AT = RIFF_BYTES + CHUNK_BYTES,
	EXTENSIBLE = 0xFFFE,            /* the real format is in the first two bytes of the sub-format, at 24 */
	EXTENSIBLE_BYTES = 26,
};

static_assert(FORMAT_AT + FORMAT_BYTES + CHUNK_BYTES == WAV_PCM16_HEAD_BYTES, "PCM: RIFF, fmt, data");
static_assert(FORMAT_AT + FORMAT_ULAW_BYTES + CHUNK_BYTES + 4 + CHUNK_BYTES == WAV_ULAW_HEAD_BYTES,
	"μ-law: RIFF, fmt, fact, data");

static uint8_t *put_u16(uint8_t *to, uint32_t value)
{
	to[0] = (uint8_t)value;
	to[1] = (uint8_t)(value >> 8);
	return to + 2;
}

static uint8_t *put_u32(uint8_t *to, uint32_t value)
{
	return put_u16(put_u16(to, value), value >> 16);
}

static uint8_t *put_chunk(uint8_t *to, const char name[4], uint32_t bytes)
{
	memcpy(to, name, 4);
	return put_u32(to + 4, bytes);
}

size_t wav_head_write(const struct wav_head *h, uint8_t out[WAV_HEAD_BYTES_MAX])
{
	const bool ulaw = h->format == WAV_ULAW, open = h->data_bytes == WAV_DATA_BYTES_OPEN;
	const uint32_t frame_bytes = wav_frame_bytes(h);
	const size_t len = ulaw ? WAV_ULAW_HEAD_BYTES : WAV_PCM16_HEAD_BYTES;
	uint8_t *to = out;

	check(open || h->data_bytes <= WAV_DATA_BYTES_MAX);
	check(h->channel_count >= 1 && h->channel_count <= WAV_CHANNEL_COUNT_MAX);
	to = put_chunk(to, "RIFF", open ? UINT32_MAX : (uint32_t)len - 8 + h->data_bytes + (h->data_bytes & 1));
	memcpy(to, "WAVE", 4);
	to = put_chunk(to + 4, "fmt ", ulaw ? FORMAT_ULAW_BYTES : FORMAT_BYTES);
	to = put_u16(to, (uint32_t)h->format);
	to = put_u16(to, h->channel_count);
	to = put_u32(to, h->rate_hz);
	to = put_u32(to, h->rate_hz * frame_bytes);
	to = put_u16(to, frame_bytes);
	to = put_u16(to, frame_bytes / h->channel_count * 8);
	if (ulaw) {
		to = put_chunk(put_u16(to, 0), "fact", 4);
		to = put_u32(to, open ? UINT32_MAX : h->data_bytes / frame_bytes);
	}
	to = put_chunk(to, "data", h->data_bytes);
	check((size_t)(to - out) == len);
	return len;
}

static uint16_t get_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t get_u32(const uint8_t *p)
{
	return get_u16(p) | (uint32_t)get_u16(p + 2) << 16;
}

static bool read_format(const uint8_t *chunk, size_t bytes, struct wav_head *h)
{
	uint16_t format, bits;

	if (bytes < FORMAT_BYTES)
		return false;
	format = get_u16(chunk);
	h->channel_count = get_u16(chunk + 2);
	h->rate_hz = get_u32(chunk + 4);
	bits = get_u16(chunk + 14);
	if (format == EXTENSIBLE && bytes >= EXTENSIBLE_BYTES)
		format = get_u16(chunk + 24);
	if (!(format == WAV_PCM16 && bits == 16) && !(format == WAV_ULAW && bits == 8))
		return false;
	h->format = (enum wav_format)format;
	return h->channel_count >= 1 && h->channel_count <= WAV_CHANNEL_COUNT_MAX && h->rate_hz >= 1;
}

const char *wav_head_find(const void *file, size_t len, struct wav_head *out_head, size_t *out_at)
{
	const uint8_t *bytes = file;
	struct wav_head head = { 0 };
	size_t at = RIFF_BYTES;

	if (len < RIFF_BYTES || memcmp(bytes, "RIFF", 4) != 0 || memcmp(bytes + 8, "WAVE", 4) != 0)
		return "not a WAV file";
	while (len - at >= CHUNK_BYTES) {
		const uint8_t *name = bytes + at;
		size_t chunk_bytes = get_u32(name + 4);

		at += CHUNK_BYTES;
		if (chunk_bytes > len - at)
			chunk_bytes = len - at;
		if (memcmp(name, "fmt ", 4) == 0) {
			if (!read_format(bytes + at, chunk_bytes, &head))
				return "neither 16-bit PCM nor μ-law";
		} else if (memcmp(name, "data", 4) == 0 && head.rate_hz) {
			head.data_bytes = (uint32_t)chunk_bytes;
			*out_head = head;
			*out_at = at;
			return NULL;
		}
		at += chunk_bytes + (chunk_bytes & 1 && chunk_bytes < len - at);
	}
	return "no samples in it";
}
