/*
 * transcript - who said what: from the pieces that Grok sends, in whatever order, to turns for the
 * database.
 *
 * Place:    relay, pure. Above utterance; below bridge.
 * Usage:    transcript_caller_*() and transcript_voice_*() as events come; each turn leaves through sink->put().
 *           transcript_close(&t, now) at the end of the call: whatever is open leaves as final.
 * Rules:    the caller's words are cumulative snapshots, replaced by item, never appended; a
 *           snapshot that is "in progress" does not undo one that is "completed", unless speech of
 *           the same item started again. A caller's turn leaves (not final) when the answer to it begins,
 *           the receptionist's when it was played, or was cut: then with the words that were heard only, and
 *           not at all if there are none. Each leaves again when its text changed, and as final once it is over
 *           and another of the same speaker has begun: several answers may wait to be heard at the same time, and
 *           words may come late.
 * Lifetime: up to TRANSCRIPT_OPEN_MAX open utterances in pooled bufs; the oldest is made final when there are more.
 *           The sink copies what it wants to keep.
 * Fails:    text over TRANSCRIPT_BYTES_MAX is cut at a character; without pool memory a turn has
 *           less text.
 */
#pragma once

#include "relay/utterance.h"

enum { TRANSCRIPT_OPEN_MAX = 6, TRANSCRIPT_PAST_MAX = 4 };

struct turn_sink {
	void (*put)(struct turn_sink *sink, const struct turn *turn);
};

struct transcript {
	struct turn_sink *sink;
	int32_t position_next;
	struct utterance utterances[TRANSCRIPT_OPEN_MAX];
	struct voice_id past[TRANSCRIPT_PAST_MAX];      /* the caller's last items that are final */
	size_t past_next;
};

void transcript_init(struct transcript *t, struct pool *pool, struct turn_sink *sink);
/* Puts what is open as final and gives memory back. Idempotent. */
void transcript_close(struct transcript *t, uint32_t call_ms);
/* Gives memory back, puts nothing. Idempotent; a zeroed struct may be released. */
void transcript_release(struct transcript *t);

/* The turns that are still open, as they are now, whether or not they have left; *at is 0 first. false: no more. */
bool transcript_next(const struct transcript *t, size_t *at, struct turn *out);

/* Speech of that item starts (again). */
void transcript_caller_start(struct transcript *t, struct slice item, uint32_t call_ms);
void transcript_caller_stop(struct transcript *t, struct slice item, uint32_t call_ms);
void transcript_caller_text(struct transcript *t, struct slice item, struct slice text, bool completed,
	uint32_t call_ms);
/* A piece, to be joined to what the item has. */
void transcript_caller_piece(struct transcript *t, struct slice item, struct slice text, uint32_t call_ms);
/* The answer begins. */
void transcript_caller_answered(struct transcript *t);

/* The first audio of an item will be heard at call_ms. */
void transcript_voice_start(struct transcript *t, struct slice item, uint32_t call_ms);
/* A piece of what is said; start_ms of the item's audio, -1: not told. */
void transcript_voice_piece(struct transcript *t, struct slice item, struct slice text, int64_t start_ms,
	uint32_t call_ms);
/* All of what is said. */
void transcript_voice_text(struct transcript *t, struct slice item, struct slice text, uint32_t call_ms);
/* So much audio of the item was sent. */
void transcript_voice_sent(struct transcript *t, struct slice item, uint32_t sent_ms);
/* All of the item was played. */
void transcript_voice_played(struct transcript *t, struct slice item);
/* Interrupted: of sent_ms only heard_ms were heard. whole: Grok had nothing more to send. */
void transcript_voice_cut(struct transcript *t, struct slice item, uint32_t heard_ms, uint32_t sent_ms, bool whole);
/* Grok says what remains of a cut item. */
void transcript_voice_kept(struct transcript *t, struct slice item, struct slice text);
