/*
 * transcript - who said what: from the pieces that Grok sends, in whatever order, to turns for the
 * database.
 *
 * Place:    relay, pure. Above base and db.h's struct turn (a shape, no SQL); below bridge.
 * Usage:    transcript_caller_*() and transcript_voice_*() as events come; each turn leaves through sink->put().
 *           transcript_close(&t, now) at the end of the call: whatever is open leaves as final.
 * Rules:    the caller's words are cumulative snapshots, replaced by item, never appended; a
 *           snapshot that is "in progress" does not undo one that is "completed", unless speech of
 *           the same item started again. A turn leaves (not final) when the answer to it begins,
 *           again whenever its text changed, and as final when its successor begins. The
 *           receptionist's turn, once cut, has only the words that were surely heard.
 * Lifetime: two open utterances in pooled bufs; the sink copies what it wants to keep.
 * Fails:    text over TRANSCRIPT_BYTES_MAX is cut at a character; without pool memory a turn has
 *           less text.
 */
#pragma once

#include "db/db.h"
#include "relay/voice.h"

enum { TRANSCRIPT_PIECES_MAX = 64 };

struct turn_sink {
	void (*put)(struct turn_sink *sink, const struct turn *turn);
};

/* From `text_at` on, the text is heard from `start_ms` of its item's audio on. */
struct transcript_piece {
	uint32_t text_at;
	uint32_t start_ms;
};

struct utterance {
	bool open;
	bool changed;                   /* since it was put last */
	bool completed;                 /* caller: a snapshot that was not in progress is stored */
	bool cut;                       /* receptionist: interrupted */
	enum turn_role role;
	struct voice_id item;
	int32_t position;
	uint32_t start_ms, end_ms;      /* of the call */
	struct buf text;
};

struct transcript {
	struct turn_sink *sink;
	int32_t position_next;
	struct utterance caller, voice;
	size_t piece_count;             /* of the receptionist's utterance */
	struct transcript_piece pieces[TRANSCRIPT_PIECES_MAX];
};

void transcript_init(struct transcript *t, struct pool *pool, struct turn_sink *sink);
/* Puts what is open as final and gives memory back. Idempotent. */
void transcript_close(struct transcript *t, uint32_t call_ms);

/* Speech of that item starts (again). */
void transcript_caller_start(struct transcript *t, struct slice item, uint32_t call_ms);
void transcript_caller_stop(struct transcript *t, struct slice item, uint32_t call_ms);
void transcript_caller_text(struct transcript *t, struct slice item, struct slice text, bool completed,
	uint32_t call_ms);
/* The answer begins. */
void transcript_caller_answered(struct transcript *t);

/* The first audio of an item will be heard at call_ms. */
void transcript_voice_start(struct transcript *t, struct slice item, uint32_t call_ms);
/* A piece of what is said; start_ms of the item's audio. */
void transcript_voice_piece(struct transcript *t, struct slice item, struct slice text, uint32_t start_ms,
	uint32_t call_ms);
/* All of what is said. */
void transcript_voice_text(struct transcript *t, struct slice item, struct slice text, uint32_t call_ms);
/* Interrupted: of sent_ms only heard_ms were heard. */
void transcript_voice_cut(struct transcript *t, uint32_t heard_ms, uint32_t sent_ms);
/* Grok says what remains of a cut item. */
void transcript_voice_kept(struct transcript *t, struct slice item, struct slice text);
/* So much audio of the item was sent. */
void transcript_voice_sent(struct transcript *t, uint32_t sent_ms);
/* All of it was played. */
void transcript_voice_played(struct transcript *t);
