/* One period of each note, stepped through by whole samples: 8000 Hz is 20 times 400 and 16 times
 * 500. */
#include "relay/comfort.h"

#include "base/limits.h"
#include "relay/transcode.h"

static const int16_t low[20] = {0, 618, 1176, 1618, 1902, 2000, 1902, 1618, 1176, 618, 0, -618,
	-1176, -1618, -1902, -2000, -1902, -1618, -1176, -618};
static const int16_t high[16] = {0, 765, 1414, 1848, 2000, 1848, 1414, 765, 0, -765, -1414, -1848,
	-2000, -1848, -1414, -765};

static int fade(unsigned at)
{
	unsigned left = COMFORT_NOTE_BYTES - at, edge = at < left ? at : left;

	return edge < COMFORT_FADE_BYTES ? (int)edge : COMFORT_FADE_BYTES;
}

static uint8_t sample(unsigned at)
{
	unsigned in_note = at % COMFORT_NOTE_BYTES;

	if (at >= 2 * COMFORT_NOTE_BYTES)
		return ULAW_SILENCE;
	int value = at < COMFORT_NOTE_BYTES ? low[in_note % 20] : high[in_note % 16];

	return transcode_ulaw_encode((int16_t)(value * fade(in_note) / COMFORT_FADE_BYTES));
}

void comfort_write(struct comfort *c, uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		out[i] = sample(c->at);
		c->at = c->at + 1 == COMFORT_PERIOD_BYTES ? 0 : c->at + 1;
	}
}
