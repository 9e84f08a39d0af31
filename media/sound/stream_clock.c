#include "media/sound/stream_clock.h"

#include "base/check.h"
#include "base/limits.h"

#include <stdlib.h>

enum { NEIGHBOURS = 1 };                /* windows to each side; clocks drift by nothing in that time */

void stream_clock_init(struct stream_clock *c)
{
	*c = (struct stream_clock){ 0 };
}

void stream_clock_fini(struct stream_clock *c)
{
	free(c->windows);
	free(c->settled);
	*c = (struct stream_clock){ 0 };
}

/* --- what comes in ------------------------------------------------------------------------------- */

static size_t window_of(int64_t ms)
{
	return (size_t)((ms < 0 ? 0 : ms > STREAM_MS_MAX ? STREAM_MS_MAX : ms) / STREAM_WINDOW_MS);
}

static void note(struct stream_clock *c, int64_t ms, int64_t behind_ms)
{
	size_t window = window_of(ms);

	if (window >= c->window_room) {
		c->window_room = window * 2 + 64;
		c->windows = realloc(c->windows, c->window_room * sizeof *c->windows);
		check(c->windows);
	}
	while (c->window_count <= window)
		c->windows[c->window_count++] = INT64_MAX;
	if (behind_ms < c->windows[window])
		c->windows[window] = behind_ms;
	if (!c->begun || behind_ms < c->least_ms)
		c->least_ms = behind_ms;
}

/* No clock that runs does this. */
static bool is_leap(const struct stream_clock *c, int64_t stamp_ms, int64_t ms)
{
	if (!c->begun)
		return stamp_ms > ms + STREAM_FIRST_MS_MAX;
	return ms - stamp_ms < c->least_ms - STREAM_LEAP_MS || stamp_ms < c->stamp_ms - STREAM_LEAP_MS;
}

int64_t stream_clock_stamp(struct stream_clock *c, int64_t ts, int64_t ms)
{
	if (ts < 0)
		return -1;
	int64_t stamp_ms = ts > INT64_MAX / 2 ? ts : ts + c->base_ms;

	if (is_leap(c, stamp_ms, ms)) {
		stamp_ms = c->begun ? ms - c->least_ms : ms;
		if (c->begun && stamp_ms < c->stamp_ms)
			stamp_ms = c->stamp_ms;
		c->base_ms = stamp_ms - ts;
	}
	note(c, ms, ms - stamp_ms);
	c->begun = true;
	c->stamp_ms = stamp_ms;
	return stamp_ms;
}

/* --- what is known in the end ---------------------------------------------------------------------- */

/* The least of the window and its neighbours; INT64_MAX: nothing is known. */
static int64_t least_near(const struct stream_clock *c, size_t window)
{
	size_t from = window > NEIGHBOURS ? window - NEIGHBOURS : 0;
	int64_t least = INT64_MAX;

	for (size_t i = from; i <= window + NEIGHBOURS && i < c->window_count; i++)
		if (c->windows[i] < least)
			least = c->windows[i];
	return least == INT64_MAX ? least : least * ULAW_BYTES_PER_MS;
}

/* Where nothing is known it is as before; in front of all, as it will be. */
void stream_clock_settle(struct stream_clock *c)
{
	int64_t known = 0;

	c->settled = malloc((c->window_count + 1) * sizeof *c->settled);
	check(c->settled);
	for (size_t i = c->window_count; i-- > 0;)
		if (least_near(c, i) != INT64_MAX)
			known = least_near(c, i);
	for (size_t i = 0; i < c->window_count; i++) {
		if (least_near(c, i) != INT64_MAX)
			known = least_near(c, i);
		c->settled[i] = known;
	}
	c->settled[c->window_count] = known;
}

int64_t stream_clock_sample(const struct stream_clock *c, int64_t ms)
{
	size_t window = window_of(ms);

	check(c->settled);
	return ms * ULAW_BYTES_PER_MS - c->settled[window < c->window_count ? window : c->window_count];
}
