#include "relay/transcript.h"

#include "base/check.h"

void transcript_init(struct transcript *t, struct pool *pool, struct turn_sink *sink)
{
	*t = (struct transcript){ .sink = sink };
	for (size_t i = 0; i < TRANSCRIPT_OPEN_MAX; i++)
		utterance_init(&t->utterances[i], pool);
}

void transcript_release(struct transcript *t)
{
	for (size_t i = 0; i < TRANSCRIPT_OPEN_MAX; i++)
		utterance_close(&t->utterances[i]);
}

/* --- which are open ---------------------------------------------------------------------------------- */

static void put(struct transcript *t, struct utterance *u, bool final)
{
	if (buf_len(&u->text) && (u->changed || final)) {
		struct turn turn = utterance_turn(u, final);

		t->sink->put(t->sink, &turn);
	}
	u->changed = false;
}

bool transcript_next(const struct transcript *t, size_t *at, struct turn *out)
{
	while (*at < TRANSCRIPT_OPEN_MAX) {
		const struct utterance *u = &t->utterances[(*at)++];

		if (!u->open || buf_len(&u->text) == 0)
			continue;
		*out = utterance_turn(u, false);
		return true;
	}
	return false;
}

static void finish(struct transcript *t, struct utterance *u)
{
	put(t, u, true);
	if (u->role == TURN_CALLER)
		t->past[t->past_next++ % TRANSCRIPT_PAST_MAX] = u->item;
	utterance_close(u);
}

static struct utterance *oldest(struct transcript *t)
{
	struct utterance *found = NULL;

	for (size_t i = 0; i < TRANSCRIPT_OPEN_MAX; i++) {
		struct utterance *u = &t->utterances[i];

		if (u->open && (!found || u->position < found->position))
			found = u;
	}
	return found;
}

static struct utterance *find(struct transcript *t, enum turn_role role, struct slice item)
{
	for (size_t i = 0; i < TRANSCRIPT_OPEN_MAX; i++)
		if (utterance_is(&t->utterances[i], role, item))
			return &t->utterances[i];
	return NULL;
}

/* Whether one of the same speaker was opened later. */
static bool is_followed(const struct transcript *t, const struct utterance *u)
{
	for (size_t i = 0; i < TRANSCRIPT_OPEN_MAX; i++) {
		const struct utterance *other = &t->utterances[i];

		if (other->open && other->role == u->role && other->position > u->position)
			return true;
	}
	return false;
}

/* In the order of the conversation. */
static void finish_what_is_over(struct transcript *t)
{
	for (int32_t position = 0; position < TRANSCRIPT_OPEN_MAX; position++) {
		struct utterance *found = NULL;

		for (size_t i = 0; i < TRANSCRIPT_OPEN_MAX; i++) {
			struct utterance *u = &t->utterances[i];

			if (u->open && u->over && is_followed(t, u) && (!found || u->position < found->position))
				found = u;
		}
		if (!found)
			return;
		finish(t, found);
	}
}

static struct utterance *open(struct transcript *t, enum turn_role role, struct slice item, uint32_t call_ms)
{
	struct utterance *free = NULL;

	for (size_t i = 0; i < TRANSCRIPT_OPEN_MAX && !free; i++)
		if (!t->utterances[i].open)
			free = &t->utterances[i];
	if (!free) {
		free = oldest(t);
		finish(t, free);
	}
	utterance_open(free, role, item, t->position_next++, call_ms);
	finish_what_is_over(t);
	return free;
}

/* The one of that item; it may have to be opened. */
static struct utterance *find_or_open(struct transcript *t, enum turn_role role, struct slice item, uint32_t call_ms)
{
	struct utterance *u = find(t, role, item);

	return u ? u : open(t, role, item, call_ms);
}

void transcript_close(struct transcript *t, uint32_t call_ms)
{
	struct utterance *u;

	while ((u = oldest(t))) {
		if (u->role == TURN_CALLER && u->end_ms <= u->start_ms)
			u->end_ms = call_ms;
		if (u->role == TURN_RECEPTIONIST && u->end_ms > call_ms)
			u->end_ms = call_ms;
		finish(t, u);
	}
}

/* --- the caller -------------------------------------------------------------------------------------- */

void transcript_caller_start(struct transcript *t, struct slice item, uint32_t call_ms)
{
	find_or_open(t, TURN_CALLER, item, call_ms)->over = false;
}

void transcript_caller_stop(struct transcript *t, struct slice item, uint32_t call_ms)
{
	struct utterance *u = find(t, TURN_CALLER, item);

	if (u && call_ms > u->end_ms)
		u->end_ms = call_ms;
}

/* Words of an item that is final come too late; of one whose start nobody told they are welcome. */
static struct utterance *caller(struct transcript *t, struct slice item, uint32_t call_ms)
{
	for (size_t i = 0; i < TRANSCRIPT_PAST_MAX; i++)
		if (t->past[i].len && voice_id_is(&t->past[i], item))
			return NULL;
	return find_or_open(t, TURN_CALLER, item, call_ms);
}

void transcript_caller_text(struct transcript *t, struct slice item, struct slice text, bool completed,
	uint32_t call_ms)
{
	struct utterance *u = caller(t, item, call_ms);

	if (!u || (u->over && !completed))
		return;
	u->over = completed;
	utterance_replace(u, text);
	if (u->end_ms <= u->start_ms)
		u->end_ms = call_ms;
	finish_what_is_over(t);
}

void transcript_caller_piece(struct transcript *t, struct slice item, struct slice text, uint32_t call_ms)
{
	struct utterance *u = caller(t, item, call_ms);

	if (u && !u->over)
		utterance_append(u, text);
}

void transcript_caller_answered(struct transcript *t)
{
	for (size_t i = 0; i < TRANSCRIPT_OPEN_MAX; i++)
		if (t->utterances[i].open && t->utterances[i].role == TURN_CALLER)
			put(t, &t->utterances[i], false);
}

/* --- the receptionist -------------------------------------------------------------------------------- */

void transcript_voice_start(struct transcript *t, struct slice item, uint32_t call_ms)
{
	struct utterance *u = find_or_open(t, TURN_RECEPTIONIST, item, call_ms);

	if (!u->cut)
		u->start_ms = u->end_ms = call_ms;
}

void transcript_voice_piece(struct transcript *t, struct slice item, struct slice text, int64_t start_ms,
	uint32_t call_ms)
{
	struct utterance *u = find_or_open(t, TURN_RECEPTIONIST, item, call_ms);

	if (!u->cut)
		utterance_piece(u, text, start_ms);
}

void transcript_voice_text(struct transcript *t, struct slice item, struct slice text, uint32_t call_ms)
{
	struct utterance *u = find_or_open(t, TURN_RECEPTIONIST, item, call_ms);

	if (!u->cut)
		utterance_replace(u, text);
}

void transcript_voice_sent(struct transcript *t, struct slice item, uint32_t sent_ms)
{
	struct utterance *u = find(t, TURN_RECEPTIONIST, item);

	if (u && !u->cut)
		u->end_ms = u->start_ms + sent_ms;
}

void transcript_voice_played(struct transcript *t, struct slice item)
{
	struct utterance *u = find(t, TURN_RECEPTIONIST, item);

	if (!u || u->cut)
		return;
	u->over = true;
	put(t, u, false);
	finish_what_is_over(t);
}

void transcript_voice_cut(struct transcript *t, struct slice item, uint32_t heard_ms, uint32_t sent_ms, bool whole)
{
	struct utterance *u = find(t, TURN_RECEPTIONIST, item);

	if (!u || u->cut)
		return;
	utterance_cut(u, heard_ms, sent_ms, whole);
	put(t, u, false);
	if (heard_ms == 0)
		utterance_close(u);     /* it was never said */
}

void transcript_voice_kept(struct transcript *t, struct slice item, struct slice text)
{
	struct utterance *u = find(t, TURN_RECEPTIONIST, item);

	if (!u || !u->cut || text.len == 0)
		return;
	utterance_replace(u, text);
	put(t, u, false);
}
