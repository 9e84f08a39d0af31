#include "ctl/listen.h"

#include "base/check.h"

#include <string.h>

enum { WAV_HEAD_BYTES = 58, WAV_MULAW = 7, CHANNELS = 2, RATE_HZ = 8000 };

static void put(uint8_t *at, uint32_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

/* RIFF with the fact chunk that every format but PCM needs. */
static bool write_head(FILE *out, bool known, uint32_t audio_bytes)
{
	uint8_t head[WAV_HEAD_BYTES] = { 0 };

	memcpy(head, "RIFF", 4);
	put(head + 4, known ? WAV_HEAD_BYTES - 8 + audio_bytes : UINT32_MAX, 4);
	memcpy(head + 8, "WAVEfmt ", 8);
	put(head + 16, 18, 4);
	put(head + 20, WAV_MULAW, 2);
	put(head + 22, CHANNELS, 2);
	put(head + 24, RATE_HZ, 4);
	put(head + 28, RATE_HZ * CHANNELS, 4);
	put(head + 32, CHANNELS, 2);
	put(head + 34, 8, 2);
	memcpy(head + 38, "fact", 4);
	put(head + 42, 4, 4);
	put(head + 46, known ? audio_bytes / CHANNELS : UINT32_MAX, 4);
	memcpy(head + 50, "data", 4);
	put(head + 54, known ? audio_bytes : UINT32_MAX, 4);
	return fwrite(head, 1, sizeof head, out) == sizeof head;
}

bool listen_begin(struct listen *l, FILE *out)
{
	l->out = out;
	l->audio_bytes = 0;
	return write_head(out, false, 0) && fflush(out) == 0;
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
	if (fseek(l->out, 0, SEEK_SET) == 0 && !write_head(l->out, true, l->audio_bytes))
		return false;
	return fflush(l->out) == 0;
}
