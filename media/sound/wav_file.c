#include "media/sound/wav_file.h"

#include "base/check.h"
#include "base/limits.h"
#include "media/write_all.h"

#include <errno.h>
#include <unistd.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "samples are written as they lie in memory");

static void write_bytes(struct wav_file *w, const void *data, size_t bytes)
{
	if (!w->error)
		w->error = write_all(w->file.fd, data, bytes);
}

static void write_head(struct wav_file *w)
{
	uint8_t head[WAV_HEAD_BYTES_MAX];

	write_bytes(w, head, wav_head_write(&w->head, head));
}

int wav_file_begin(struct wav_file *w, const char *folder, enum made made, enum wav_format format, uint32_t rate_hz,
	uint16_t channel_count)
{
	*w = (struct wav_file){ .head = { format, rate_hz, channel_count, 0 } };
	w->is_open = made_begin(&w->file, folder, made);
	if (w->is_open)
		write_head(w);
	else
		w->error = -errno;
	return w->error;
}

static uint64_t data_bytes_max(const struct wav_head *h)
{
	uint64_t day_bytes = (uint64_t)wav_frame_bytes(h) * h->rate_hz * 3600 * WAV_FILE_HOURS_MAX;

	return day_bytes < WAV_DATA_BYTES_MAX ? day_bytes : WAV_DATA_BYTES_MAX;
}

void wav_file_put(struct wav_file *w, const void *frames, size_t bytes)
{
	check(bytes % wav_frame_bytes(&w->head) == 0);
	if (!w->error && bytes > data_bytes_max(&w->head) - w->head.data_bytes)
		w->error = -EFBIG;
	write_bytes(w, frames, bytes);
	if (!w->error)
		w->head.data_bytes += (uint32_t)bytes;
}

int wav_file_end(struct wav_file *w)
{
	if (!w->is_open)
		return w->error;
	write_bytes(w, "", w->head.data_bytes & 1);
	if (!w->error && lseek(w->file.fd, 0, SEEK_SET) != 0)
		w->error = -errno;
	write_head(w);
	if (w->error) {
		wav_file_drop(w);
	} else {
		w->is_open = false;
		w->error = made_end(&w->file) ? 0 : -errno;
	}
	return w->error;
}

void wav_file_drop(struct wav_file *w)
{
	if (w->is_open)
		made_drop(&w->file);
	w->is_open = false;
}
