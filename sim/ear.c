#include "sim/ear.h"

#include "base/limits.h"
#include "proto/ulaw.h"

#include <stdlib.h>

enum { PIECE_BYTES = EAR_PIECE_MS * ULAW_BYTES_PER_MS };

void ear_init(struct ear *ear, uint64_t pause_ms)
{
	*ear = (struct ear){ .pause_ms = pause_ms };
}

uint64_t ear_now_ms(const struct ear *ear)
{
	return ear->heard_bytes / ULAW_BYTES_PER_MS;
}

uint64_t ear_silent_ms(const struct ear *ear)
{
	return ear_now_ms(ear) - ear->last_voice_ms;
}

bool ear_hears_voice(const struct ear *ear)
{
	return ear->utterance_count && ear_silent_ms(ear) < ear->pause_ms;
}

static void end_piece(struct ear *ear)
{
	bool loud = ear->piece_sum >= (uint64_t)EAR_LOUDNESS_LEAST * PIECE_BYTES;

	ear->piece_sum = 0;
	if (!loud)
		return;
	if (!ear->utterance_count || ear_silent_ms(ear) - EAR_PIECE_MS >= ear->pause_ms) {
		ear->utterance_count++;
		ear->utterance_began_ms = ear_now_ms(ear) - EAR_PIECE_MS;
	}
	ear->voiced_ms += EAR_PIECE_MS;
	ear->last_voice_ms = ear_now_ms(ear);
}

void ear_hear(struct ear *ear, const uint8_t *ulaw, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		ear->piece_sum += (uint64_t)abs(ulaw_decode(ulaw[i]));
		if (++ear->heard_bytes % PIECE_BYTES == 0)
			end_piece(ear);
	}
}
