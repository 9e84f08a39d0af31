/*
 * sounds - each block of both tracks is decoded once, and what is made of it goes to each file; the blocks are so small
 * that they stay in the processor's cache between one file and the next.
 */
#include "media/sound/sounds.h"

#include "base/limits.h"
#include "media/sound/mix.h"
#include "media/sound/pcmu.h"
#include "media/write_all.h"

#include <errno.h>

enum { RATE_HZ = 1000 * ULAW_BYTES_PER_MS };

static int begin_raw(const char *folder, enum made made, struct made_file *file, bool *out_is_open)
{
	*out_is_open = made_begin(file, folder, made);
	return *out_is_open ? 0 : -errno;
}

static int first_error(const struct sounds *s)
{
	if (s->error)
		return s->error;
	if (s->call.error)
		return s->call.error;
	return s->call_ulaw.error ? s->call_ulaw.error : s->mix.error;
}

int sounds_begin(struct sounds *s, const char *folder)
{
	*s = (struct sounds){ 0 };
	wav_file_begin(&s->call, folder, MADE_CALL_WAV, WAV_PCM16, RATE_HZ, 2);
	wav_file_begin(&s->call_ulaw, folder, MADE_CALL_ULAW_WAV, WAV_ULAW, RATE_HZ, 2);
	wav_file_begin(&s->mix, folder, MADE_MIX_WAV, WAV_PCM16, RATE_HZ, 1);
	s->error = begin_raw(folder, MADE_CALLER_ULAW, &s->caller, &s->caller_is_open);
	if (!s->error)
		s->error = begin_raw(folder, MADE_VOICE_ULAW, &s->voice, &s->voice_is_open);
	return first_error(s);
}

static void put_block(struct sounds *s, const uint8_t *caller, const uint8_t *voice, size_t count)
{
	pcmu_decode(s->caller_samples, caller, count);
	pcmu_decode(s->voice_samples, voice, count);
	mix_stereo(s->mixed, s->caller_samples, s->voice_samples, count);
	wav_file_put(&s->call, s->mixed, 2 * count * sizeof *s->mixed);
	mix_mono(s->mixed, s->caller_samples, s->voice_samples, count);
	wav_file_put(&s->mix, s->mixed, count * sizeof *s->mixed);
	mix_stereo_ulaw((uint8_t *)s->mixed, caller, voice, count);
	wav_file_put(&s->call_ulaw, s->mixed, 2 * count);
	s->error = write_all(s->caller.fd, caller, count);
	if (!s->error)
		s->error = write_all(s->voice.fd, voice, count);
}

void sounds_put(struct sounds *s, const uint8_t *caller, const uint8_t *voice, size_t count)
{
	for (size_t at = 0, n; at < count && !first_error(s); at += n) {
		n = count - at < SOUNDS_BLOCK ? count - at : SOUNDS_BLOCK;
		put_block(s, caller + at, voice + at, n);
	}
}

static void end_raw(struct sounds *s, struct made_file *file, bool *is_open)
{
	*is_open = false;
	if (!made_end(file))
		s->error = -errno;
}

/* The master comes last: where it is, the others are. */
int sounds_end(struct sounds *s)
{
	if (!first_error(s) && s->caller_is_open)
		end_raw(s, &s->caller, &s->caller_is_open);
	if (!first_error(s) && s->voice_is_open)
		end_raw(s, &s->voice, &s->voice_is_open);
	if (!first_error(s))
		wav_file_end(&s->mix);
	if (!first_error(s))
		wav_file_end(&s->call_ulaw);
	if (!first_error(s))
		wav_file_end(&s->call);
	sounds_drop(s);
	return first_error(s);
}

void sounds_drop(struct sounds *s)
{
	wav_file_drop(&s->call);
	wav_file_drop(&s->call_ulaw);
	wav_file_drop(&s->mix);
	if (s->caller_is_open)
		made_drop(&s->caller);
	if (s->voice_is_open)
		made_drop(&s->voice);
	s->caller_is_open = s->voice_is_open = false;
}
