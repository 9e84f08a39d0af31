/*
 * recorder - what is kept of one stream: the caller's audio, what was sent to the caller, and the log that says what
 * each stretch of it is; in memory, until somebody takes it to the disk.
 *
 * Place:    relay, pure. Above proto's spool and base64; bridge and phone_out tell it, relay/reel.h empties it.
 * Usage:    recorder_begin(&r, &pool, now_ms) at the stream's start, before it is known whether the merchant wants it;
 *           recorder_decide(&r, needs_consent) or recorder_stop(); recorder_time(&r, now_ms) in every turn;
 *           recorder_in(), _voice(), _mark(), … as these things happen; recorder_end(&r, reason)
 *           recorder_take(&r, &load) moves everything that was gathered out of it.
 * Rules:    a log line stands behind the audio that it speaks of, in the same load. Before consent, and while a
 *           secret is entered, silence of the same length is kept. NULL and a recorder that is off cost one comparison.
 * Fails:    no room (the disk takes too slowly): it stops by itself with SPOOL_DISK_SLOW, and nothing else changes.
 * Limits:   RECORDER_TRACK_BYTES_MAX of each track and RECORDER_LOG_BYTES_MAX of log between two takes.
 */
#pragma once

#include "base/buf.h"
#include "base/end_reason.h"
#include "proto/spool.h"
#include "proto/twilio.h"

enum {
	RECORDER_TRACK_BYTES_MAX = 512 * 1024,
	RECORDER_LOG_BYTES_MAX = 64 * 1024,
	RECORDER_TONE_BYTES = 400 * ULAW_BYTES_PER_MS,  /* of a key's tone, heard before the key was told */
	RECORDER_FLUSH_BYTES = 16 * 1024,       /* of one track: worth being taken at once */
};

enum recorder_track { RECORDER_CALLER, RECORDER_VOICE, RECORDER_PLAYED, RECORDER_TRACK_COUNT };

enum recorder_state {
	RECORDER_OFF,
	RECORDER_ASKED,                 /* gathers; whether it may is not known yet */
	RECORDER_ON,
	RECORDER_OVER,                  /* stopped or ended: nothing is added any more */
};

struct recorder_load {
	struct buf tracks[RECORDER_TRACK_COUNT];
	struct buf log;
};

struct recorder {
	enum recorder_state state;
	bool is_silent;                 /* the consent is missing */
	bool is_secret;
	enum spool_why why;             /* RECORDER_OVER before the end, or parts are silent */
	uint64_t begin_ms, now_ms;
	uint32_t generation;
	int64_t frame_end_ms;           /* Twilio's clock behind the last inbound message; -1: not known */
	struct recorder_load load;      /* gathered since the last take */
	uint64_t track_bytes[RECORDER_TRACK_COUNT];     /* of the whole stream */
	/* Of the caller's audio, taken already, that must be silenced where it is now; 0 bytes: nothing. */
	uint64_t hush_at, hush_bytes;
	/* Audio that was sent in this turn, told by one line. */
	uint64_t out_at, out_bytes, out_ms;
};

void recorder_begin(struct recorder *r, struct pool *pool, uint64_t now_ms);
/* It may be kept; with `needs_consent` silence until recorder_consent(). */
void recorder_decide(struct recorder *r, bool needs_consent);
/* Gives all memory back. Idempotent; a zeroed struct may be fini'd. */
void recorder_fini(struct recorder *r);
void recorder_load_release(struct recorder_load *load);

static inline bool recorder_is_on(const struct recorder *r)
{
	return r && (r->state == RECORDER_ON || r->state == RECORDER_ASKED);
}

static inline void recorder_time(struct recorder *r, uint64_t now_ms)
{
	if (r && now_ms > r->now_ms)
		r->now_ms = now_ms;
}

/* A media message of Twilio's: of the inbound track, of the outbound track. */
void recorder_in(struct recorder *r, const struct twilio_event *media, bool is_secret);
void recorder_far(struct recorder *r, const struct twilio_event *media);
/* Audio was sent to the caller. */
void recorder_voice(struct recorder *r, struct slice base64);
void recorder_voice_bytes(struct recorder *r, const uint8_t *audio, size_t len);
void recorder_mark(struct recorder *r, struct slice name);
void recorder_back(struct recorder *r, struct slice name);
void recorder_clear(struct recorder *r);
void recorder_consent(struct recorder *r);

/* Nothing more is kept, and of what was gathered the audio is forgotten. The first reason counts. */
void recorder_stop(struct recorder *r, enum spool_why why);
/* The stream is over. */
void recorder_end(struct recorder *r, enum end_reason reason);

/* Whether so much was gathered that it should be taken at once. */
bool recorder_is_heavy(const struct recorder *r);
bool recorder_is_empty(const struct recorder *r);
/* Everything gathered becomes the taker's, who releases it. */
void recorder_take(struct recorder *r, struct recorder_load *out_load);
