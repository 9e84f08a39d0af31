/*
 * wav - a file is read whole, then its chunks are walked: "fmt " says what the samples are, "data" holds them.
 * Whatever else is in the file is stepped over; a file without these two is refused with a sentence.
 */
#include "sim/wav.h"

#include "base/check.h"
#include "base/limits.h"
#include "sim/ulaw.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	WAV_HEAD_BYTES = 12,            /* RIFF, size, WAVE */
	WAV_CHUNK_BYTES = 8,            /* name, size */
	WAV_FORMAT_BYTES = 16,          /* the part of "fmt " that every file has */
	WAV_EXTENSIBLE = 0xFFFE,        /* the real format is in the first two bytes of the sub-format, at 24 */
	WAV_EXTENSIBLE_BYTES = 26,
	WAV_WRITE_HEAD_BYTES = WAV_HEAD_BYTES + WAV_CHUNK_BYTES + WAV_FORMAT_BYTES + WAV_CHUNK_BYTES,
};

static uint32_t get_u32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint16_t get_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static bool refuse(char *why, size_t why_bytes, const char *path, const char *reason)
{
	snprintf(why, why_bytes, "%s: %s", path, reason);
	return false;
}

static bool read_format(const uint8_t *chunk, size_t bytes, struct wav *wav)
{
	uint16_t format, bits;

	if (bytes < WAV_FORMAT_BYTES)
		return false;
	format = get_u16(chunk);
	wav->channel_count = get_u16(chunk + 2);
	wav->rate_hz = get_u32(chunk + 4);
	bits = get_u16(chunk + 14);
	if (format == WAV_EXTENSIBLE && bytes >= WAV_EXTENSIBLE_BYTES)
		format = get_u16(chunk + 24);
	if (!(format == WAV_PCM16 && bits == 16) && !(format == WAV_ULAW && bits == 8))
		return false;
	wav->format = (enum wav_format)format;
	return wav->channel_count >= 1 && wav->channel_count <= 8 && wav->rate_hz >= 1;
}

/* Finds the samples in `file`; on success *out_data is where they are in it. */
static const char *walk_chunks(const uint8_t *file, size_t bytes, struct wav *wav, const uint8_t **out_data)
{
	size_t at = WAV_HEAD_BYTES;
	bool format_seen = false;

	if (bytes < WAV_HEAD_BYTES || memcmp(file, "RIFF", 4) != 0 || memcmp(file + 8, "WAVE", 4) != 0)
		return "not a WAV file";
	while (bytes - at >= WAV_CHUNK_BYTES) {
		const uint8_t *name = file + at;
		size_t len = get_u32(name + 4);

		at += WAV_CHUNK_BYTES;
		if (len > bytes - at)
			len = bytes - at;       /* a writer that was stopped leaves sizes of 0 or too much */
		if (memcmp(name, "fmt ", 4) == 0) {
			if (!read_format(file + at, len, wav))
				return "neither 16-bit PCM nor μ-law";
			format_seen = true;
		} else if (memcmp(name, "data", 4) == 0 && format_seen) {
			*out_data = file + at;
			wav->data_bytes = len;
			return NULL;
		}
		at += len + (len & 1 && len < bytes - at);
	}
	return "no samples in it";
}

static uint8_t *read_file(const char *path, size_t *out_bytes)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	long size = -1;

	if (!file)
		return NULL;
	if (fseek(file, 0, SEEK_END) == 0)
		size = ftell(file);
	if (size > WAV_BYTES_MAX)
		errno = EFBIG;
	else if (size >= 0 && (data = malloc((size_t)size + 1))) {
		rewind(file);
		*out_bytes = fread(data, 1, (size_t)size, file);
	}
	fclose(file);
	return data;
}

bool wav_read(const char *path, struct wav *out, char *why, size_t why_bytes)
{
	struct wav wav = { 0 };
	size_t bytes = 0;
	const uint8_t *samples = NULL;
	uint8_t *file = read_file(path, &bytes);
	const char *reason;

	if (!file)
		return refuse(why, why_bytes, path, strerror(errno));
	reason = walk_chunks(file, bytes, &wav, &samples);
	if (reason) {
		free(file);
		return refuse(why, why_bytes, path, reason);
	}
	memmove(file, samples, wav.data_bytes);
	wav.data = file;
	*out = wav;
	return true;
}

void wav_release(struct wav *wav)
{
	free(wav->data);
	*wav = (struct wav){ 0 };
}

enum { TAPS_PER_SIDE = 24 };            /* output samples on either side that a filter looks at */

/* A Blackman-windowed sinc that ends just under half the output rate, as long as 48 output samples. */
static void make_low_pass(double *taps, size_t tap_count, unsigned factor)
{
	const double cut = 0.46 / factor;       /* of the input rate: 3680 Hz at 8000 Hz out */
	double sum = 0;

	for (size_t i = 0; i < tap_count; i++) {
		double x = (double)i - (double)(tap_count - 1) / 2;
		double phase = 2 * M_PI * (double)i / (double)(tap_count - 1);
		double sinc = x == 0 ? 2 * cut : sin(2 * M_PI * cut * x) / (M_PI * x);

		taps[i] = sinc * (0.42 - 0.5 * cos(phase) + 0.08 * cos(2 * phase));
		sum += taps[i];
	}
	for (size_t i = 0; i < tap_count; i++)
		taps[i] /= sum;
}

static int16_t filter_at(const int16_t *samples, size_t count, size_t middle, const double *taps, size_t side)
{
	double sum = 0;

	for (size_t i = 0; i <= 2 * side; i++)
		if (middle + i >= side && middle + i - side < count)
			sum += taps[i] * samples[middle + i - side];
	return (int16_t)lrint(fmax(-32768, fmin(32767, sum)));
}

size_t wav_decimate(const int16_t *samples, size_t sample_count, unsigned factor, int16_t *out)
{
	double taps[2 * TAPS_PER_SIDE * 6 + 1];
	size_t side = TAPS_PER_SIDE * (size_t)factor, out_count = sample_count / factor;

	check(factor >= 1 && factor <= 6);
	make_low_pass(taps, 2 * side + 1, factor);
	for (size_t i = 0; i < out_count; i++)
		out[i] = factor == 1 ? samples[i] : filter_at(samples, sample_count, i * factor, taps, side);
	return out_count;
}

/* The first channel as 16-bit samples. */
static void take_channel(const struct wav *wav, int16_t *out, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t at = i * wav->channel_count;

		out[i] = wav->format == WAV_ULAW ? ulaw_decode(wav->data[at]) : (int16_t)get_u16(wav->data + 2 * at);
	}
}

bool wav_to_phone(const struct wav *wav, uint8_t **out_ulaw, size_t *out_bytes, char *why, size_t why_bytes)
{
	const unsigned phone_hz = ULAW_BYTES_PER_MS * 1000;
	unsigned factor = wav->rate_hz / phone_hz;
	size_t count = wav->data_bytes / (wav->format == WAV_ULAW ? 1 : 2) / wav->channel_count;
	int16_t *samples;
	uint8_t *ulaw;

	if (wav->rate_hz % phone_hz || factor < 1 || factor > 6) {
		snprintf(why, why_bytes, "%u samples a second: must be 8000, 16000, 24000, 32000, 40000 or 48000",
			wav->rate_hz);
		return false;
	}
	samples = calloc(count + 1, sizeof *samples);
	ulaw = malloc(count + 1);
	if (!samples || !ulaw) {
		free(samples);
		free(ulaw);
		snprintf(why, why_bytes, "out of memory");
		return false;
	}
	take_channel(wav, samples, count);
	if (wav->format == WAV_ULAW && factor == 1) {
		for (size_t i = 0; i < count; i++)      /* not decoded and encoded: 0x7f would become 0xff */
			ulaw[i] = wav->data[i * wav->channel_count];
	} else {
		count = wav_decimate(samples, count, factor, samples);
		for (size_t i = 0; i < count; i++)
			ulaw[i] = ulaw_encode(samples[i]);
	}
	free(samples);
	*out_ulaw = ulaw;
	*out_bytes = count;
	return true;
}

static void put_u32(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

static void put_u16(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
}

static void remember_error(struct wav_writer *w, bool ok)
{
	if (!ok && !w->error)
		w->error = -(errno ? errno : EIO);
}

int wav_create(struct wav_writer *w, const char *path, enum wav_format format, uint32_t rate_hz,
	uint16_t channel_count)
{
	uint8_t head[WAV_WRITE_HEAD_BYTES] = "RIFF\0\0\0\0WAVEfmt ";
	uint16_t frame_bytes = (uint16_t)(channel_count * (format == WAV_ULAW ? 1 : 2));

	*w = (struct wav_writer){ .file = fopen(path, "wbe") };
	if (!w->file)
		return -errno;
	put_u32(head + 16, WAV_FORMAT_BYTES);
	put_u16(head + 20, (uint16_t)format);
	put_u16(head + 22, channel_count);
	put_u32(head + 24, rate_hz);
	put_u32(head + 28, rate_hz * frame_bytes);
	put_u16(head + 32, frame_bytes);
	put_u16(head + 34, (uint16_t)(frame_bytes / channel_count * 8));
	memcpy(head + 36, "data", 4);
	remember_error(w, fwrite(head, sizeof head, 1, w->file) == 1);
	return w->error;
}

void wav_put(struct wav_writer *w, const void *data, size_t bytes)
{
	if (!w->file || w->error || bytes == 0)
		return;
	if (bytes > WAV_BYTES_MAX - w->data_bytes) {
		w->error = -EFBIG;
		return;
	}
	remember_error(w, fwrite(data, bytes, 1, w->file) == 1);
	w->data_bytes += (uint32_t)bytes;
}

int wav_finish(struct wav_writer *w)
{
	uint8_t size[4];
	bool pad = w->data_bytes & 1;

	if (!w->file)
		return w->error;
	if (pad)
		remember_error(w, fputc(0, w->file) != EOF);
	put_u32(size, WAV_WRITE_HEAD_BYTES - 8 + w->data_bytes + pad);
	remember_error(w, fseek(w->file, 4, SEEK_SET) == 0 && fwrite(size, sizeof size, 1, w->file) == 1);
	put_u32(size, w->data_bytes);
	remember_error(w, fseek(w->file, WAV_WRITE_HEAD_BYTES - 4, SEEK_SET) == 0
		&& fwrite(size, sizeof size, 1, w->file) == 1);
	remember_error(w, fclose(w->file) == 0);
	w->file = NULL;
	return w->error;
}
