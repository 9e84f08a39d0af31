#include "media/wav_file.h"

#include "base/check.h"
#include "base/limits.h"

#include <errno.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "samples are written as they lie in memory");

static void put_head(struct wav_file *w)
{
	uint8_t head[WAV_HEAD_BYTES_MAX];
	size_t len = wav_head_write(&w->head, head);

	part_file_put_head(&w->part, head, len);
}

int wav_file_open(struct wav_file *w, int folder_fd, const char *name, enum wav_format format, uint32_t rate_hz,
	uint16_t channel_count)
{
	*w = (struct wav_file){ .head = { format, rate_hz, channel_count, 0 } };
	part_file_open(&w->part, folder_fd, name);
	put_head(w);
	return w->part.error;
}

void wav_file_put(struct wav_file *w, const void *frames, size_t bytes)
{
	uint64_t frame_bytes = wav_frame_bytes(&w->head);
	uint64_t bytes_max = frame_bytes * w->head.rate_hz * 3600 * WAV_FILE_HOURS_MAX;

	check(bytes % frame_bytes == 0);
	if (bytes_max > WAV_DATA_BYTES_MAX)
		bytes_max = WAV_DATA_BYTES_MAX;
	if (!w->part.error && bytes > bytes_max - w->head.data_bytes)
		w->part.error = -EFBIG;
	if (w->part.error)
		return;
	part_file_put(&w->part, frames, bytes);
	w->head.data_bytes += (uint32_t)bytes;
}

int wav_file_close(struct wav_file *w)
{
	if (!w->part.file)
		return w->part.error;
	part_file_put(&w->part, "", w->head.data_bytes & 1);
	put_head(w);
	return part_file_close(&w->part);
}

void wav_file_drop(struct wav_file *w)
{
	part_file_drop(&w->part);
}
