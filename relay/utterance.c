#include "relay/utterance.h"

#include <string.h>

enum {
	SPOKEN_MS_PER_BYTE = 60,        /* about 16 letters a second */
	WORD_BYTES_MAX = 40,            /* what has no space for longer than this is not written with spaces */
};

void utterance_init(struct utterance *u, struct pool *pool)
{
	*u = (struct utterance){ 0 };
	buf_init_pool(&u->text, pool, TRANSCRIPT_BYTES_MAX);
}

void utterance_close(struct utterance *u)
{
	u->open = false;
	buf_release(&u->text);
}

void utterance_open(struct utterance *u, enum turn_role role, struct slice item, int32_t position, uint32_t call_ms)
{
	u->open = true;
	u->changed = u->over = u->cut = false;
	u->role = role;
	u->position = position;
	u->start_ms = u->end_ms = call_ms;
	u->piece_count = 0;
	voice_id_set(&u->item, item);
}

static struct slice text_of(const struct utterance *u)
{
	return (struct slice){ (const char *)buf_data(&u->text), buf_len(&u->text) };
}

struct turn utterance_turn(const struct utterance *u, bool final)
{
	return (struct turn){
		.position = u->position,
		.role = u->role,
		.text = text_of(u),
		.start_ms = u->start_ms,
		.end_ms = u->end_ms > u->start_ms ? u->end_ms : u->start_ms,
		.final = final,
		.cut = u->cut,
	};
}

/* --- words ------------------------------------------------------------------------------------------ */

/* At most `room` bytes of it, ending with a whole character (UTF-8). */
static size_t whole_characters(struct slice text, size_t room)
{
	if (text.len <= room)
		return text.len;
	while (room && ((uint8_t)text.data[room] & 0xC0) == 0x80)
		room--;
	return room;
}

void utterance_append(struct utterance *u, struct slice text)
{
	size_t len = whole_characters(text, TRANSCRIPT_BYTES_MAX - buf_len(&u->text));

	if (len && buf_append(&u->text, text.data, len))
		u->changed = true;
}

void utterance_piece(struct utterance *u, struct slice text, int64_t start_ms)
{
	if (start_ms >= 0 && u->piece_count < UTTERANCE_PIECES_MAX)
		u->pieces[u->piece_count++] =
			(struct utterance_piece){ (uint32_t)buf_len(&u->text), (uint32_t)start_ms };
	utterance_append(u, text);
}

void utterance_replace(struct utterance *u, struct slice text)
{
	struct slice old = text_of(u);
	size_t same = 0;

	while (same < old.len && same < text.len && old.data[same] == text.data[same])
		same++;
	if (same == old.len && same == text.len)
		return;
	while (u->piece_count && u->pieces[u->piece_count - 1].text_at > same)
		u->piece_count--;
	buf_clear(&u->text);
	u->changed = true;
	utterance_append(u, text);
}

/* --- what was heard of them -------------------------------------------------------------------------- */

/* Bytes of the text that were said when heard_ms of the audio had been played. */
static size_t said_bytes(const struct utterance *u, uint32_t heard_ms, uint32_t sent_ms, bool whole)
{
	size_t from = 0, to = buf_len(&u->text), i = 0;
	uint64_t from_ms = 0, to_ms;

	for (; i < u->piece_count && u->pieces[i].start_ms <= heard_ms; i++) {
		from = u->pieces[i].text_at;
		from_ms = u->pieces[i].start_ms;
	}
	to_ms = sent_ms;
	if (i < u->piece_count) {
		to = u->pieces[i].text_at;
		to_ms = u->pieces[i].start_ms;
	} else if (!whole && to_ms < from_ms + (to - from) * SPOKEN_MS_PER_BYTE) {
		to_ms = from_ms + (to - from) * SPOKEN_MS_PER_BYTE;
	}
	if (heard_ms >= to_ms || to <= from)
		return to;
	return from + (size_t)((to - from) * (heard_ms - from_ms) / (to_ms - from_ms));
}

/* Stops behind a word take no time. */
static size_t with_stops(struct slice text, size_t keep)
{
	size_t end = keep;

	while (end < text.len && memchr(".,;:!?", text.data[end], 6))
		end++;
	return end == text.len || text.data[end] == ' ' ? end : keep;
}

/* Back to the end of a word, or at least of a character. */
static size_t whole_words(struct slice text, size_t keep)
{
	size_t word = keep = with_stops(text, keep);

	if (keep < text.len) {
		while (word && text.data[word] != ' ')
			word--;
		if (keep - word > WORD_BYTES_MAX)
			word = whole_characters(text, keep);
	}
	while (word && text.data[word - 1] == ' ')
		word--;
	return word;
}

void utterance_cut(struct utterance *u, uint32_t heard_ms, uint32_t sent_ms, bool whole)
{
	struct slice text = text_of(u);
	size_t keep = heard_ms ? whole_words(text, said_bytes(u, heard_ms, sent_ms, whole)) : 0;

	u->cut = u->over = u->changed = true;
	u->end_ms = u->start_ms + heard_ms;
	u->text.tail -= text.len - keep;
}
