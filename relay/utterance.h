/*
 * utterance - one turn while it is still open: its words, when they are said, and how much of them counts.
 *
 * Place:    relay, pure. Above base and db.h's struct turn (a shape, no SQL); below transcript.
 * Usage:    utterance_open(&u, TURN_RECEPTIONIST, item, position, call_ms);
 *           utterance_piece(&u, text, start_ms), utterance_replace(&u, text);
 *           utterance_cut(&u, heard_ms, sent_ms, whole)
 *           utterance_turn(&u, final) to be stored; utterance_close(&u)
 * Cutting:  a piece's words are taken to be spoken evenly from its start to the next one's; what ends within a word
 *           goes back to the word before. Where the audio ends too soon for the words (they come first), a pace of
 *           speech stands in for it.
 * Lifetime: text in a pooled buf until close; a turn borrows from it.
 * Fails:    text over TRANSCRIPT_BYTES_MAX is cut at a character; without pool memory there is less text.
 * Limits:   the starts of UTTERANCE_PIECES_MAX pieces; later ones belong to the last of them.
 */
#pragma once

#include "base/buf.h"
#include "db/db.h"
#include "relay/voice_id.h"

enum { UTTERANCE_PIECES_MAX = 48 };

/* From `text_at` on, the text is heard from `start_ms` of its item's audio on. */
struct utterance_piece {
	uint32_t text_at;
	uint32_t start_ms;
};

struct utterance {
	bool open;
	bool changed;                   /* since it was put last */
	bool over;                      /* caller: words that are not in progress are there; voice: played, or cut */
	bool cut;                       /* voice: interrupted */
	enum turn_role role;
	struct voice_id item;
	int32_t position;
	uint32_t start_ms, end_ms;      /* of the call */
	struct buf text;
	size_t piece_count;
	struct utterance_piece pieces[UTTERANCE_PIECES_MAX];
};

void utterance_init(struct utterance *u, struct pool *pool);
void utterance_open(struct utterance *u, enum turn_role role, struct slice item, int32_t position, uint32_t call_ms);
/* Gives memory back. Idempotent. */
void utterance_close(struct utterance *u);
static inline bool utterance_is(const struct utterance *u, enum turn_role role, struct slice item)
{
	return u->open && u->role == role && voice_id_is(&u->item, item);
}

void utterance_append(struct utterance *u, struct slice text);
/* Appends a piece that is heard from start_ms of its audio on; -1: not told. */
void utterance_piece(struct utterance *u, struct slice text, int64_t start_ms);
/* Starts of pieces stay known as far as the text stays the same. */
void utterance_replace(struct utterance *u, struct slice text);
/* Of sent_ms only heard_ms were heard. whole: the text is that of the audio that was sent, not of more. */
void utterance_cut(struct utterance *u, uint32_t heard_ms, uint32_t sent_ms, bool whole);
struct turn utterance_turn(const struct utterance *u, bool final);
