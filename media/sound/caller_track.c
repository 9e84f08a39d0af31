#include "media/sound/caller_track.h"

void caller_track_init(struct caller_track *c, int64_t file_bytes)
{
	*c = (struct caller_track){ .chunk = -1, .stamp_ms = -1 };
	plan_init(&c->plan, file_bytes);
}

void caller_track_fini(struct caller_track *c)
{
	plan_fini(&c->plan);
}

/* Its number is not above the newest one: it is late, or was there before. */
static bool came_before(const struct caller_track *c, int64_t stamp_ms, int64_t chunk)
{
	return chunk >= 0 && c->chunk >= 0 && chunk <= c->chunk && stamp_ms >= 0 && stamp_ms <= c->stamp_ms;
}

static void put_late(struct caller_track *c, int64_t stamp_ms, int64_t chunk, int64_t at, int64_t bytes)
{
	int64_t sample = stamp_ms * ULAW_BYTES_PER_MS, behind = c->chunk - chunk;
	uint64_t bit = behind < 64 ? UINT64_C(1) << behind : 0;

	if (!bit || c->seen & bit || sample >= c->end) {
		c->duplicate_count++;
		return;
	}
	c->seen |= bit;
	c->late_count++;
	plan_put(&c->plan, sample, at, bytes < c->end - sample ? bytes : c->end - sample);
}

static void note_number(struct caller_track *c, int64_t chunk)
{
	int64_t ahead = c->chunk < 0 ? 64 : chunk - c->chunk;

	c->seen = ahead > 0 && ahead < 64 ? c->seen << ahead | 1 : 1;
	c->chunk = chunk;
}

/* Where it goes: by its stamp, or without a seam behind the audio before it. */
static int64_t place(const struct caller_track *c, int64_t stamp_ms, int64_t chunk)
{
	int64_t sample = stamp_ms * ULAW_BYTES_PER_MS, jump = sample - c->end;
	int64_t missing = chunk >= 0 && c->chunk >= 0 ? chunk - c->chunk - 1 : 0;

	if (c->stamp_ms < 0)
		return sample < 0 ? 0 : sample;
	if (stamp_ms < 0 || (stamp_ms == c->stamp_ms && chunk != c->chunk))
		return c->end;
	if (missing > 0 && jump >= CALLER_LOST_MS_LEAST * ULAW_BYTES_PER_MS)
		return sample;
	if (jump >= -CALLER_JITTER_MS * ULAW_BYTES_PER_MS && jump <= CALLER_JITTER_MS * ULAW_BYTES_PER_MS)
		return c->end;
	return sample;
}

void caller_track_put(struct caller_track *c, int64_t stamp_ms, int64_t chunk, int64_t at, int64_t bytes)
{
	if (bytes <= 0 || bytes > PLAN_SAMPLES_MAX || stamp_ms > PLAN_SAMPLES_MAX / ULAW_BYTES_PER_MS)
		return;
	if (chunk < 0)
		chunk = -1;
	if (came_before(c, stamp_ms, chunk))
		return put_late(c, stamp_ms, chunk, at, bytes);
	int64_t sample = place(c, stamp_ms, chunk);

	if (sample > c->end && c->stamp_ms >= 0) {
		c->hole_count++;
		c->hole_samples += (uint64_t)(sample - c->end);
	}
	plan_put(&c->plan, sample, at, bytes);
	if (sample + bytes > c->end && sample < PLAN_SAMPLES_MAX)
		c->end = sample + bytes < PLAN_SAMPLES_MAX ? sample + bytes : PLAN_SAMPLES_MAX;
	note_number(c, chunk);
	if (stamp_ms >= 0)
		c->stamp_ms = stamp_ms;
}
