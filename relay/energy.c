#include "relay/energy.h"

enum {
	FRAME_BYTES = ENERGY_FRAME_MS * ULAW_BYTES_PER_MS,
	FLOOR_RISES = 128,              /* by a 128th a frame: doubles in less than two seconds */
	FLOOR_FALLS = 4,
	FLOOR_FIRST = 100,
};

static_assert((int)FRAME_BYTES == (int)ULAW_FRAME_BYTES, "a frame here is a frame on the wire");

/* The magnitude of each code's 16-bit sample (ITU-T G.711, table 2). */
#define M(code) (uint16_t)(((((~(code) & 15u) << 3) + 132u) << (~(code) >> 4 & 7u)) - 132u)
#define M4(c) M(c), M((c) + 1), M((c) + 2), M((c) + 3)
#define M16(c) M4(c), M4((c) + 4), M4((c) + 8), M4((c) + 12)
#define M128 M16(0), M16(16), M16(32), M16(48), M16(64), M16(80), M16(96), M16(112)

/* The sign is the highest bit: both halves are the same. */
static const uint16_t magnitudes[256] = { M128, M128 };

void energy_init(struct energy *e)
{
	*e = (struct energy){ .floor = FLOOR_FIRST, .quiet_ms = UINT32_MAX };
}

static void follow(struct energy *e, uint32_t level)
{
	if (level < e->floor)
		e->floor -= (e->floor - level + FLOOR_FALLS - 1) / FLOOR_FALLS;
	else
		e->floor += e->floor / FLOOR_RISES + 1;
	if (e->floor < ENERGY_FLOOR_LEAST)
		e->floor = ENERGY_FLOOR_LEAST;
	if (e->floor > ENERGY_FLOOR_MOST)
		e->floor = ENERGY_FLOOR_MOST;
}

static uint32_t plus_frame(uint32_t ms)
{
	return ms > UINT32_MAX - ENERGY_FRAME_MS ? UINT32_MAX : ms + ENERGY_FRAME_MS;
}

static void take_frame(struct energy *e, uint32_t level)
{
	if (level >= ENERGY_LEVEL_LEAST && level >= ENERGY_RATIO * e->floor) {
		e->voice_ms = plus_frame(e->voice_ms);
		e->lasts_ms = plus_frame(e->lasts_ms);
		e->quiet_ms = 0;
	} else {
		e->quiet_ms = plus_frame(e->quiet_ms);
		if (e->quiet_ms > ENERGY_GAP_MS)
			e->voice_ms = e->lasts_ms = 0;
		else if (e->voice_ms)
			e->lasts_ms = plus_frame(e->lasts_ms);
	}
	follow(e, level);
}

void energy_put(struct energy *e, const uint8_t *ulaw, size_t len)
{
	while (len) {
		size_t n = FRAME_BYTES - e->sum_bytes;

		n = n < len ? n : len;
		for (size_t i = 0; i < n; i++)
			e->sum += magnitudes[ulaw[i]];
		e->sum_bytes += (uint32_t)n;
		ulaw += n;
		len -= n;
		if (e->sum_bytes < FRAME_BYTES)
			return;
		take_frame(e, e->sum / FRAME_BYTES);
		e->sum = e->sum_bytes = 0;
	}
}
