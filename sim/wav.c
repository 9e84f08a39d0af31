/*
 * wav - a file is read whole, then its samples are moved to the front; a file is written with a head that says
 * nothing yet, which is written again when the length is known.
 */
#include "sim/wav.h"

#include "base/check.h"
#include "base/limits.h"
#include "proto/ulaw.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool refuse(char *why, size_t why_bytes, const char *path, const char *reason)
{
	snprintf(why, why_bytes, "%s: %s", path, reason);
	return false;
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
	struct wav_head head;
	size_t bytes = 0, at;
	uint8_t *file = read_file(path, &bytes);
	const char *reason;

	if (!file)
		return refuse(why, why_bytes, path, strerror(errno));
	reason = wav_head_find(file, bytes, &head, &at);
	if (reason) {
		free(file);
		return refuse(why, why_bytes, path, reason);
	}
	memmove(file, file + at, head.data_bytes);
	*out = (struct wav){ head.format, head.rate_hz, head.channel_count, file, head.data_bytes };
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

static int16_t sample_at(const uint8_t *p)
{
	return (int16_t)(p[0] | p[1] << 8);
}

/* The first channel as 16-bit samples. */
static void take_channel(const struct wav *wav, int16_t *out, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t at = i * wav->channel_count;

		out[i] = wav->format == WAV_ULAW ? ulaw_decode(wav->data[at]) : sample_at(wav->data + 2 * at);
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

static void remember_error(struct wav_writer *w, bool ok)
{
	if (!ok && !w->error)
		w->error = -(errno ? errno : EIO);
}

static void write_head(struct wav_writer *w)
{
	uint8_t head[WAV_HEAD_BYTES_MAX];
	size_t len = wav_head_write(&w->head, head);

	remember_error(w, fseek(w->file, 0, SEEK_SET) == 0 && fwrite(head, len, 1, w->file) == 1);
}

int wav_create(struct wav_writer *w, const char *path, enum wav_format format, uint32_t rate_hz,
	uint16_t channel_count)
{
	*w = (struct wav_writer){ .file = fopen(path, "wbe"), .head = { format, rate_hz, channel_count, 0 } };
	if (!w->file)
		return -errno;
	write_head(w);
	return w->error;
}

void wav_put(struct wav_writer *w, const void *data, size_t bytes)
{
	if (!w->file || w->error || bytes == 0)
		return;
	if (bytes > WAV_BYTES_MAX - w->head.data_bytes) {
		w->error = -EFBIG;
		return;
	}
	remember_error(w, fwrite(data, bytes, 1, w->file) == 1);
	w->head.data_bytes += (uint32_t)bytes;
}

int wav_finish(struct wav_writer *w)
{
	if (!w->file)
		return w->error;
	if (w->head.data_bytes & 1)
		remember_error(w, fputc(0, w->file) != EOF);
	write_head(w);
	remember_error(w, fclose(w->file) == 0);
	w->file = NULL;
	return w->error;
}
