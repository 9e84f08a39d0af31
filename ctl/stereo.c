#include "ctl/stereo.h"

#include "base/limits.h"

void stereo_voice(struct stereo *s, const uint8_t *audio, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s->count == STEREO_WAITING_BYTES_MAX) {
			s->dropped_bytes += len - i;
			return;
		}
		s->waiting[(s->first + s->count++) % STEREO_WAITING_BYTES_MAX] = audio[i];
	}
}

void stereo_clear(struct stereo *s)
{
	s->count = 0;
}

void stereo_caller(struct stereo *s, const uint8_t *audio, size_t len, uint8_t *out)
{
	for (size_t i = 0; i < len; i++) {
		*out++ = audio[i];
		*out++ = s->count ? s->waiting[s->first] : ULAW_SILENCE;
		if (s->count) {
			s->first = (s->first + 1) % STEREO_WAITING_BYTES_MAX;
			s->count--;
		}
	}
}
