#include "sim/track.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool create(
	struct wav_writer *w, const char *path, uint16_t channel_count, char *why, size_t why_bytes)
{
	int rc = wav_create(w, path, WAV_ULAW, 8000, channel_count);

	if (rc < 0)
		snprintf(why, why_bytes, "%s: %s", path, strerror(-rc));
	return rc == 0;
}

bool track_open(
	struct track *t, const char *heard_path, const char *stereo_path, char *why, size_t why_bytes)
{
	*t = (struct track){ 0 };
	if (heard_path && !create(&t->heard, heard_path, 1, why, why_bytes))
		return false;
	t->has_heard = heard_path;
	if (stereo_path && !create(&t->stereo, stereo_path, 2, why, why_bytes))
		return false;
	t->has_stereo = stereo_path;
	t->memory = malloc(2 * TRACK_LEAD_BYTES_MAX);
	check(t->memory);
	buf_init_fixed(&t->said_waiting, t->memory, TRACK_LEAD_BYTES_MAX);
	buf_init_fixed(&t->heard_waiting, t->memory + TRACK_LEAD_BYTES_MAX, TRACK_LEAD_BYTES_MAX);
	return true;
}

/* Writes as far as both sides reach. */
static void write_pairs(struct track *t)
{
	size_t said = buf_len(&t->said_waiting), heard = buf_len(&t->heard_waiting);
	size_t count = said < heard ? said : heard;
	uint8_t pairs[2 * 1024];

	for (size_t at = 0; at < count;) {
		size_t n = count - at < 1024 ? count - at : 1024;

		for (size_t i = 0; i < n; i++) {
			pairs[2 * i] = buf_data(&t->said_waiting)[at + i];
			pairs[2 * i + 1] = buf_data(&t->heard_waiting)[at + i];
		}
		wav_put(&t->stereo, pairs, 2 * n);
		at += n;
	}
	buf_consume(&t->said_waiting, count);
	buf_consume(&t->heard_waiting, count);
}

static void fill(struct buf *shorter, size_t len)
{
	check(buf_room(shorter, len));
	memset(buf_tail(shorter), ULAW_SILENCE, len);
	buf_commit(shorter, len);
}

void track_level(struct track *t)
{
	if (!t->has_stereo)
		return;
	size_t said = buf_len(&t->said_waiting), heard = buf_len(&t->heard_waiting);

	if (said < heard)
		fill(&t->said_waiting, heard - said);
	else
		fill(&t->heard_waiting, said - heard);
	write_pairs(t);
}

static void put(struct track *t, struct buf *side, const uint8_t *audio, size_t len)
{
	while (len) {
		size_t n = len < TRACK_LEAD_BYTES_MAX ? len : TRACK_LEAD_BYTES_MAX;

		if (!buf_append(side, audio, n)) {
			track_level(t);
			check(buf_append(side, audio, n));
		}
		write_pairs(t);
		audio += n;
		len -= n;
	}
}

void track_heard(struct track *t, const uint8_t *audio, size_t len)
{
	if (t->has_heard)
		wav_put(&t->heard, audio, len);
	if (t->has_stereo)
		put(t, &t->heard_waiting, audio, len);
}

void track_said(struct track *t, const uint8_t *audio, size_t len)
{
	if (t->has_stereo)
		put(t, &t->said_waiting, audio, len);
}

int track_close(struct track *t)
{
	track_level(t);
	int heard = wav_finish(&t->heard), stereo = wav_finish(&t->stereo);

	free(t->memory);
	t->memory = NULL;
	t->has_heard = t->has_stereo = false;
	return heard ? heard : stereo;
}
