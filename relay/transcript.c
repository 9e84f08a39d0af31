#include "relay/transcript.h"

#include "base/check.h"

#include <string.h>

void transcript_init(struct transcript *t, struct pool *pool, struct turn_sink *sink)
{
	*t = (struct transcript){ .sink = sink };
	t->caller.role = TURN_CALLER;
	t->voice.role = TURN_RECEPTIONIST;
	buf_init_pool(&t->caller.text, pool, TRANSCRIPT_BYTES_MAX);
	buf_init_pool(&t->voice.text, pool, TRANSCRIPT_BYTES_MAX);
}

static void put(struct transcript *t, struct utterance *u, bool final)
{
	if (buf_len(&u->text) && (u->changed || final)) {
		struct turn turn = {
			.position = u->position,
			.role = u->role,
			.text = { (const char *)buf_data(&u->text), buf_len(&u->text) },
			.start_ms = u->start_ms,
			.end_ms = u->end_ms > u->start_ms ? u->end_ms : u->start_ms,
			.final = final,
			.cut = u->cut,
		};
		t->sink->put(t->sink, &turn);
	}
	u->changed = false;
}

static void close_utterance(struct transcript *t, struct utterance *u)
{
	if (u->open)
		put(t, u, true);
	u->open = false;
	buf_release(&u->text);
}

static void open_utterance(struct transcript *t, struct utterance *u, struct slice item, uint32_t call_ms)
{
	close_utterance(t, u);
	u->open = true;
	u->changed = u->completed = u->cut = false;
	u->position = t->position_next++;
	u->start_ms = u->end_ms = call_ms;
	voice_id_set(&u->item, item);
}

static bool is_open(const struct utterance *u, struct slice item)
{
	return u->open && voice_id_is(&u->item, item);
}

/* At most `room` bytes of it, ending with a whole character (UTF-8). */
static size_t whole_characters(struct slice text, size_t room)
{
	if (text.len <= room)
		return text.len;
	while (room && ((uint8_t)text.data[room] & 0xC0) == 0x80)
		room--;
	return room;
}

static void append_text(struct utterance *u, struct slice text)
{
	size_t len = whole_characters(text, TRANSCRIPT_BYTES_MAX - buf_len(&u->text));

	if (len && buf_append(&u->text, text.data, len))
		u->changed = true;
}

static void replace_text(struct utterance *u, struct slice text)
{
	if (buf_len(&u->text) == text.len && (text.len == 0 || memcmp(buf_data(&u->text), text.data, text.len) == 0))
		return;
	buf_clear(&u->text);
	append_text(u, text);
}

void transcript_close(struct transcript *t, uint32_t call_ms)
{
	if (t->caller.open && t->caller.end_ms <= t->caller.start_ms)
		t->caller.end_ms = call_ms;
	if (t->voice.open && t->voice.end_ms > call_ms)
		t->voice.end_ms = call_ms;
	/* In the order of the conversation. */
	if (t->voice.position < t->caller.position) {
		close_utterance(t, &t->voice);
		close_utterance(t, &t->caller);
	} else {
		close_utterance(t, &t->caller);
		close_utterance(t, &t->voice);
	}
}

/* --- the caller ----------------------------------------------------------------------------------- */

void transcript_caller_start(struct transcript *t, struct slice item, uint32_t call_ms)
{
	if (is_open(&t->caller, item))
		t->caller.completed = false;
	else
		open_utterance(t, &t->caller, item, call_ms);
}

void transcript_caller_stop(struct transcript *t, struct slice item, uint32_t call_ms)
{
	if (is_open(&t->caller, item) && call_ms > t->caller.end_ms)
		t->caller.end_ms = call_ms;
}

void transcript_caller_text(struct transcript *t, struct slice item, struct slice text, bool completed,
	uint32_t call_ms)
{
	if (!is_open(&t->caller, item)) {
		/* Words of an earlier item come too late; of one whose start nobody told they are welcome. */
		if (t->caller.open)
			return;
		open_utterance(t, &t->caller, item, call_ms);
	}
	if (t->caller.completed && !completed)
		return;
	t->caller.completed = completed;
	replace_text(&t->caller, text);
	if (t->caller.end_ms <= t->caller.start_ms)
		t->caller.end_ms = call_ms;
}

void transcript_caller_answered(struct transcript *t)
{
	if (t->caller.open && t->caller.changed)
		put(t, &t->caller, false);
}

/* --- the receptionist ----------------------------------------------------------------------------- */

static void open_voice(struct transcript *t, struct slice item, uint32_t call_ms)
{
	t->piece_count = 0;
	open_utterance(t, &t->voice, item, call_ms);
}

void transcript_voice_start(struct transcript *t, struct slice item, uint32_t call_ms)
{
	if (!is_open(&t->voice, item))
		open_voice(t, item, call_ms);
	t->voice.start_ms = call_ms;
}

void transcript_voice_piece(struct transcript *t, struct slice item, struct slice text, uint32_t start_ms,
	uint32_t call_ms)
{
	if (!is_open(&t->voice, item))
		open_voice(t, item, call_ms);
	if (t->voice.cut)
		return;
	if (t->piece_count < TRANSCRIPT_PIECES_MAX)
		t->pieces[t->piece_count++] =
			(struct transcript_piece){ (uint32_t)buf_len(&t->voice.text), start_ms };
	append_text(&t->voice, text);
}

void transcript_voice_text(struct transcript *t, struct slice item, struct slice text, uint32_t call_ms)
{
	if (!is_open(&t->voice, item))
		open_voice(t, item, call_ms);
	if (t->voice.cut)
		return;
	if (buf_len(&t->voice.text) != text.len)
		t->piece_count = 0;
	replace_text(&t->voice, text);
}

/* How many bytes of the text are heard after heard_ms: in proportion within the piece that was being heard. */
static size_t heard_bytes(const struct transcript *t, uint32_t heard_ms, uint32_t sent_ms)
{
	size_t from = 0, to = buf_len(&t->voice.text);
	uint32_t from_ms = 0, to_ms = sent_ms;

	for (size_t i = 0; i < t->piece_count; i++) {
		if (t->pieces[i].start_ms > heard_ms) {
			to = t->pieces[i].text_at;
			to_ms = t->pieces[i].start_ms;
			break;
		}
		from = t->pieces[i].text_at;
		from_ms = t->pieces[i].start_ms;
	}
	if (to_ms <= from_ms || heard_ms >= to_ms)
		return heard_ms >= to_ms ? to : from;
	return from + (size_t)((uint64_t)(to - from) * (heard_ms - from_ms) / (to_ms - from_ms));
}

void transcript_voice_cut(struct transcript *t, uint32_t heard_ms, uint32_t sent_ms)
{
	struct utterance *u = &t->voice;

	if (!u->open || u->cut)
		return;
	u->cut = true;
	u->end_ms = u->start_ms + heard_ms;
	const char *text = (const char *)buf_data(&u->text);
	size_t len = buf_len(&u->text), keep = heard_bytes(t, heard_ms, sent_ms);

	/* Back to the end of a word. */
	while (keep && keep < len && text[keep] != ' ')
		keep--;
	u->text.tail -= len - keep;
	u->changed = true;
	put(t, u, false);
}

void transcript_voice_kept(struct transcript *t, struct slice item, struct slice text)
{
	if (!is_open(&t->voice, item) || !t->voice.cut || !text.data)
		return;
	replace_text(&t->voice, text);
	put(t, &t->voice, false);
}

void transcript_voice_sent(struct transcript *t, uint32_t sent_ms)
{
	if (t->voice.open && !t->voice.cut)
		t->voice.end_ms = t->voice.start_ms + sent_ms;
}

void transcript_voice_played(struct transcript *t)
{
	if (t->voice.open && !t->voice.cut)
		put(t, &t->voice, false);
}
