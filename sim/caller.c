#include "sim/caller.h"

#include "base/check.h"

#include <string.h>

void caller_speak(struct caller *c, const uint8_t *audio, size_t len)
{
	check(!caller_is_busy(c));
	c->audio = audio;
	c->left_bytes = len;
}

void caller_pause(struct caller *c, uint32_t ms)
{
	check(!caller_is_busy(c));
	c->pause_frames = (ms + 19) / 20;
}

void caller_press(struct caller *c, const char *digits)
{
	check(!caller_is_busy(c));
	c->digits = digits;
}

bool caller_is_busy(const struct caller *c)
{
	return c->left_bytes || c->pause_frames || (c->digits && *c->digits);
}

bool caller_take_digit(struct caller *c, char *out)
{
	if (c->pause_frames || !c->digits || !*c->digits)
		return false;
	*out = *c->digits++;
	c->pause_frames = CALLER_KEY_FRAMES;
	return true;
}

/* Idle lines carry both codes for zero (captures show a mix of 0xFF and 0x7F). */
static void fill_idle(struct caller *c, uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = (c->frame_count * 31 + i * 7) % 5 == 0 ? 0x7F : ULAW_SILENCE;
}

void caller_next_frame(struct caller *c, uint8_t frame[ULAW_FRAME_BYTES])
{
	size_t n = c->left_bytes < ULAW_FRAME_BYTES ? c->left_bytes : ULAW_FRAME_BYTES;

	if (n)
		memcpy(frame, c->audio, n);
	fill_idle(c, frame + n, ULAW_FRAME_BYTES - n);
	c->audio += n;
	c->left_bytes -= n;
	if (c->pause_frames)
		c->pause_frames--;
	c->frame_count++;
}
