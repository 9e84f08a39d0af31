#include "ctl/listen.h"

#include "base/check.h"
#include "base/limits.h"
#include "proto/wav_head.h"

enum { CHANNELS = 2, RATE_HZ = 1000 * ULAW_BYTES_PER_MS };

static bool write_head(FILE *out, uint32_t audio_bytes)
{
	const struct wav_head head = { WAV_ULAW, RATE_HZ, CHANNELS, audio_bytes };
	uint8_t bytes[WAV_HEAD_BYTES_MAX];
	size_t len = wav_head_write(&head, bytes);

	return fwrite(bytes, 1, len, out) == len;
}

bool listen_begin(struct listen *l, FILE *out)
{
	l->out = out;
	l->audio_bytes = 0;
	return write_head(out, WAV_DATA_BYTES_OPEN) && fflush(out) == 0;
}

static bool write_caller(struct listen *l, struct slice audio)
{
	uint8_t pairs[2 * TESTIMONY_DATA_BYTES_MAX];

	check(audio.len <= TESTIMONY_DATA_BYTES_MAX);
	stereo_caller(&l->stereo, (const uint8_t *)audio.data, audio.len, pairs);
	l->audio_bytes += (uint32_t)(2 * audio.len);
	return fwrite(pairs, 1, 2 * audio.len, l->out) == 2 * audio.len && fflush(l->out) == 0;
}

bool listen_hear(struct listen *l, const struct testimony *t)
{
	switch ((int)t->kind) {
	case TESTIMONY_CALLER_AUDIO:
		return write_caller(l, t->data);
	case TESTIMONY_VOICE_AUDIO:
		stereo_voice(&l->stereo, (const uint8_t *)t->data.data, t->data.len);
		return true;
	case TESTIMONY_CLEAR:
		stereo_clear(&l->stereo);
		return true;
	case TESTIMONY_LEFT_OUT:
		fprintf(stderr, "receptionai-ctl: %.*s pieces were left out: the output is taken too slowly\n",
			(int)t->data.len, t->data.data);
		return true;
	}
	return true;
}

bool listen_end(struct listen *l)
{
	/* A pipe keeps the open end. */
	if (fseek(l->out, 0, SEEK_SET) == 0 && !write_head(l->out, l->audio_bytes))
		return false;
	return fflush(l->out) == 0;
}
