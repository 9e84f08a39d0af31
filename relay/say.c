#include "relay/say.h"

#include "base/check.h"

#define NEVER UINT64_MAX

void say_init(struct say *s, struct pool *pool)
{
	*s = (struct say){ .asked_ms = NEVER };
	for (size_t i = 0; i < SAY_LINES_MAX; i++)
		buf_init_pool(&s->lines[i].words, pool, SAY_BYTES_MAX);
}

void say_fini(struct say *s)
{
	for (size_t i = 0; i < SAY_LINES_MAX; i++)
		buf_release(&s->lines[i].words);
	s->line_count = 0;
}

bool say_put(struct say *s, struct slice words, unsigned flags)
{
	if (s->line_count == SAY_LINES_MAX)
		return false;
	struct say_line line = {
		.flags = flags,
		.finds_own = words.len == 0,
		.words = s->lines[s->line_count].words,
	};
	size_t at = s->line_count;

	if (!buf_append(&line.words, words.data, words.len))
		return false;
	for (; flags & SAY_AT_ONCE && at && s->lines[at - 1].state == SAY_WAITING; at--)
		s->lines[at] = s->lines[at - 1];
	s->lines[at] = line;
	s->line_count++;
	return true;
}

/* The first line is over: the next one moves up. */
static void drop(struct say *s)
{
	struct say_line first = s->lines[0];

	check(s->line_count);
	buf_release(&first.words);
	s->line_count--;
	for (size_t i = 0; i < s->line_count; i++)
		s->lines[i] = s->lines[i + 1];
	first = (struct say_line){ .words = first.words };
	s->lines[s->line_count] = first;
}

static struct say_line *first_in(struct say *s, enum say_state state)
{
	return s->line_count && s->lines[0].state == state ? &s->lines[0] : NULL;
}

/* It did not come to its end: once more, or never. */
static void again(struct say *s)
{
	if (s->lines[0].tries < SAY_TRIES_MAX)
		s->lines[0].state = SAY_WAITING;
	else
		drop(s);
}

static void over(struct say *s, bool completed)
{
	struct say_line *line = first_in(s, SAY_BEGUN);

	s->active = false;
	if (!line)
		return;
	if (completed || line->complete || !(line->flags & SAY_PROTECTED))
		drop(s);
	else
		again(s);
}

/* --- whose turn it is ------------------------------------------------------------------------------ */

/* Until when Grok must not be asked for anything; 0: it may be. */
static uint64_t model_busy_until_ms(const struct say *s)
{
	if (s->asked_ms != NEVER)
		return s->asked_ms + SAY_ASKED_MS;
	return s->active ? s->active_ms + SAY_RESPONSE_MS : 0;
}

static uint64_t caller_busy_until_ms(const struct say *s)
{
	if (s->caller_speaks)
		return s->caller_ms + SAY_CALLER_MS;
	return s->answer_due ? s->caller_ms + SAY_ANSWER_MS : 0;
}

static uint64_t busy_until_ms(const struct say *s, unsigned flags)
{
	uint64_t model_ms = model_busy_until_ms(s), caller_ms = caller_busy_until_ms(s);

	if (flags & SAY_AT_ONCE)
		return 0;
	return model_ms > caller_ms || flags & SAY_PROTECTED ? model_ms : caller_ms;
}

bool say_is_free(const struct say *s, uint64_t now_ms)
{
	return now_ms >= busy_until_ms(s, 0);
}

/* What was waited for too long will not come. */
static void expire(struct say *s, uint64_t now_ms)
{
	if (s->asked_ms != NEVER && now_ms >= s->asked_ms + SAY_ASKED_MS) {
		s->asked_ms = NEVER;
		s->others_asked = false;
		if (first_in(s, SAY_ASKED))
			again(s);
	}
	if (s->active && now_ms >= s->active_ms + SAY_RESPONSE_MS)
		over(s, false);
}

struct say_line *say_next(struct say *s, uint64_t now_ms)
{
	expire(s, now_ms);
	struct say_line *line = first_in(s, SAY_WAITING);

	return line && now_ms >= busy_until_ms(s, line->flags) ? line : NULL;
}

void say_asked(struct say *s, uint64_t now_ms)
{
	struct say_line *line = first_in(s, SAY_WAITING);

	check(line);
	line->state = SAY_ASKED;
	line->tries++;
	s->asked_ms = now_ms;
	s->others_asked = false;
}

void say_asked_since(struct say *s, uint64_t now_ms)
{
	if (s->asked_ms != NEVER)
		s->asked_ms = now_ms;
}

void say_others_asked(struct say *s, uint64_t now_ms)
{
	s->asked_ms = now_ms;
	s->others_asked = true;
	s->answer_due = false;
}

uint64_t say_deadline_ms(const struct say *s)
{
	uint64_t at_ms = NEVER;

	if (s->line_count == 0)
		return NEVER;
	if (s->lines[0].state == SAY_WAITING)
		at_ms = busy_until_ms(s, s->lines[0].flags);
	else if (s->lines[0].state == SAY_ASKED && s->asked_ms != NEVER)
		at_ms = s->asked_ms + SAY_ASKED_MS;
	else if (s->active)
		at_ms = s->active_ms + SAY_RESPONSE_MS;
	return at_ms;
}

/* --- what happens ---------------------------------------------------------------------------------- */

void say_caller(struct say *s, bool speaks, uint64_t now_ms)
{
	if (!speaks)
		s->answer_due = true;
	s->caller_speaks = speaks;
	s->caller_ms = now_ms;
}

static enum say_kind begin(struct say *s)
{
	bool others = s->others_asked;

	s->asked_ms = NEVER;
	s->others_asked = false;
	if (first_in(s, SAY_ASKED)) {
		s->lines[0].state = SAY_BEGUN;
		return SAY_LINE;
	}
	if (!others)
		s->caller_speaks = false;
	s->answer_due = false;
	if (first_in(s, SAY_WAITING) && s->lines[0].flags & SAY_YIELDS)
		drop(s);
	return SAY_ANSWER;
}

enum say_kind say_response(struct say *s, struct slice id, uint64_t now_ms)
{
	s->active_ms = now_ms;
	if (s->active && voice_id_is(&s->response, id))
		return SAY_GOES_ON;
	if (s->active)
		over(s, false);
	s->active = true;
	voice_id_set(&s->response, id);
	return begin(s);
}

static bool is_active(const struct say *s, struct slice id)
{
	return s->active && (id.len == 0 || voice_id_is(&s->response, id));
}

void say_response_whole(struct say *s, struct slice id)
{
	if (is_active(s, id) && first_in(s, SAY_BEGUN))
		s->lines[0].complete = true;
}

void say_response_over(struct say *s, struct slice id, bool completed)
{
	if (is_active(s, id))
		over(s, completed);
}

bool say_is_protected(const struct say *s)
{
	return s->line_count && s->lines[0].state == SAY_BEGUN && s->lines[0].flags & SAY_PROTECTED;
}

bool say_is_notice(const struct say *s)
{
	return s->line_count && s->lines[0].state == SAY_BEGUN && s->lines[0].flags & SAY_NOTICE;
}

bool say_notice_is_whole(const struct say *s)
{
	return say_is_notice(s) && s->lines[0].complete;
}

void say_lost(struct say *s)
{
	if (s->active)
		over(s, false);
	else if (first_in(s, SAY_ASKED))
		s->lines[0].state = SAY_WAITING;
	s->asked_ms = NEVER;
	s->others_asked = s->caller_speaks = s->answer_due = false;
}

bool say_wants_quiet(const struct say *s)
{
	return s->line_count && s->lines[0].state != SAY_WAITING && !s->lines[0].complete &&
		s->lines[0].flags & SAY_PROTECTED;
}
