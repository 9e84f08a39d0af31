/* Blocks of samples slide through one window: the last VOICE16_TAPS - 1 of a block are the first of the next. */
#include "media/sound/voice16.h"

#include "base/limits.h"
#include "media/made.h"
#include "media/sound/pcmu.h"
#include "media/sound/wav_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 4096, KEEP = VOICE16_PAST + VOICE16_AHEAD };

/* A sinc under a Hamming window, from the middle outwards; in 32768ths, one side adds up to a half. */
static const int32_t taps[VOICE16_AHEAD] = { 20763, -6495, 3420, -1991, 1157, -637, 322, -155 };

static int16_t saturate(int32_t value)
{
	return (int16_t)(value > INT16_MAX ? INT16_MAX : value < INT16_MIN ? INT16_MIN : value);
}

void voice16_double(int16_t *out, const int16_t *samples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const int16_t *at = samples + VOICE16_PAST + i;
		int32_t between = 16384;

		for (int k = 0; k < VOICE16_AHEAD; k++)
			between += taps[k] * (at[-k] + at[1 + k]);
		out[2 * i] = *at;
		out[2 * i + 1] = saturate(between >> 15);
	}
}

static ssize_t read_block(int fd, uint8_t *codes)
{
	size_t len = 0;

	while (len < BLOCK) {
		const ssize_t got = read(fd, codes + len, BLOCK - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		len += (size_t)got;
	}
	return (ssize_t)len;
}

static int convert(int fd, struct wav_file *wav)
{
	int16_t window[KEEP + BLOCK] = { 0 }, doubled[2 * BLOCK];
	uint8_t codes[BLOCK];
	ssize_t len;

	/* The first output is the first sample: VOICE16_AHEAD of them have to be there before. */
	size_t held = VOICE16_PAST;

	while ((len = read_block(fd, codes)) > 0) {
		pcmu_decode(window + held, codes, (size_t)len);
		held += (size_t)len;
		const size_t ready = held > KEEP ? held - KEEP : 0;

		voice16_double(doubled, window, ready);
		wav_file_put(wav, doubled, 2 * ready * sizeof *doubled);
		memmove(window, window + ready, (held - ready) * sizeof *window);
		held -= ready;
	}
	memset(window + held, 0, VOICE16_AHEAD * sizeof *window);
	voice16_double(doubled, window, held - VOICE16_PAST);
	wav_file_put(wav, doubled, 2 * (held - VOICE16_PAST) * sizeof *doubled);
	return (int)len;
}

int voice16_make(const char *made_folder)
{
	char path[PATH_MAX];
	struct wav_file wav = { 0 };

	if (!made_path(path, sizeof path, made_folder, MADE_VOICE_ULAW))
		return -ENAMETOOLONG;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	int error = wav_file_begin(&wav, made_folder, MADE_VOICE16_WAV, WAV_PCM16, 2000 * ULAW_BYTES_PER_MS, 1);

	if (!error)
		error = convert(fd, &wav);
	(void)close(fd);
	if (!error)
		return wav_file_end(&wav);
	wav_file_drop(&wav);
	return error;
}
