/*
 * playback - Twilio's ear piece: a queue of audio and marks, played in order at 8 bytes a millisecond.
 *
 * Place:    sim, pure. The clock is an argument.
 * Usage:    playback_init(&p, now_us);
 *           playback_put(&p, audio, len); playback_mark(&p, name); playback_clear(&p);
 *           playback_run(&p, now_us, &heard);     plays up to now, appends what was heard: audio or silence
 *           while ((name = playback_take_mark(&p))) echo(name);
 *           sleep until playback_due_us(&p);
 * Lifetime: owns its memory until playback_fini(); a zeroed struct may be fini'd.
 * Fails:    put and mark return false when a bound is reached; nothing is queued then.
 * Limits:   PLAYBACK_BYTES_MAX of audio and PLAYBACK_MARK_COUNT_MAX marks waiting.
 * Laws:     a mark comes due when all audio that was queued before it has been played, at once if there is
 *           none; a clear makes all waiting marks due, in order. Every byte put is played, cleared or waiting.
 * Source:   Twilio, Media Streams WebSocket messages ("mark", "clear").
 */
#pragma once

#include "base/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum {
	PLAYBACK_BYTES_MAX = 16 * 1024 * 1024,
	PLAYBACK_MARK_COUNT_MAX = 65536,
	PLAYBACK_MARK_NAME_BYTES_MAX = 4 * MARK_NAME_BYTES_MAX,
	PLAYBACK_GAP_MS_MAX = 400,      /* a pause up to this long inside a row of audio is an underrun */
};

struct playback_mark {
	uint64_t at_byte;               /* due when this many bytes were played or cleared */
	char name[PLAYBACK_MARK_NAME_BYTES_MAX + 1];
};

struct playback {
	uint64_t start_us;
	uint64_t heard_bytes;           /* the clock: audio and silence so far */
	uint64_t put_bytes;             /* ever queued */
	uint64_t gone_bytes;            /* ever played or cleared; gone <= put */
	uint64_t played_bytes;
	uint64_t cleared_bytes;
	uint64_t dry_at_byte;           /* heard_bytes when the queue last ran dry by playing; 0: not since a clear */
	uint64_t underrun_count;
	uint64_t underrun_bytes;        /* silence inside rows of audio */
	uint8_t *audio;                 /* what waits lies at audio_head */
	size_t audio_cap, audio_head;
	struct playback_mark *marks;    /* a ring */
	size_t mark_cap, mark_head, mark_count;
};

void playback_init(struct playback *p, uint64_t now_us);
void playback_fini(struct playback *p);
bool playback_put(struct playback *p, const uint8_t *audio, size_t len);
bool playback_mark(struct playback *p, const char *name);
/* Drops what waits; returns how many bytes that were. */
size_t playback_clear(struct playback *p);
/* Appends what was heard since the last run. false, and nothing has happened, if it does not fit `heard`. */
bool playback_run(struct playback *p, uint64_t now_us, struct buf *heard);
/* The next mark that is due, NULL if none is; valid until the next call of any playback function. */
const char *playback_take_mark(struct playback *p);
/* When the next mark comes due if nothing else happens; UINT64_MAX: no mark waits. */
uint64_t playback_due_us(const struct playback *p);

static inline size_t playback_waiting_bytes(const struct playback *p)
{
	return (size_t)(p->put_bytes - p->gone_bytes);
}
