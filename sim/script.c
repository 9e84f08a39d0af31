#include "sim/script.h"

#include <stdlib.h>
#include <string.h>

void script_init(struct script *s, uint32_t patience_ms, uint32_t answer_ms, uint32_t hangup_ms)
{
	*s = (struct script){ .patience_ms = patience_ms, .answer_ms = answer_ms, .hangup_ms = hangup_ms };
}

void script_begin_stream(struct script *s)
{
	s->line_under_way = s->waited_in_vain = false;
	s->line_end_ms = s->voiced_before_ms = 0;
	s->utterances_before = 0;
}

bool script_add(struct script *s, enum script_kind kind, const char *text, uint32_t ms)
{
	if (s->line_count == SCRIPT_LINE_COUNT_MAX)
		return false;
	s->lines[s->line_count++] = (struct script_line){ kind, text, ms };
	return true;
}

bool script_split_at(char *text, uint32_t *out_ms)
{
	char *at = strrchr(text, '@'), *end;

	if (!at || at == text || at[1] < '0' || at[1] > '9')
		return false;
	unsigned long ms = strtoul(at + 1, &end, 10);

	if (*end || ms > 3600000)
		return false;
	*at = '\0';
	*out_ms = (uint32_t)ms;
	return true;
}

static bool was_answered(const struct script *s, const struct ear *ear)
{
	return ear->voiced_ms >= s->voiced_before_ms + SCRIPT_ANSWER_MS_LEAST;
}

static uint64_t since_line_ms(const struct script *s, const struct ear *ear)
{
	return ear_now_ms(ear) - s->line_end_ms;
}

/* Whether the caller may speak after `silence_ms` of the receptionist's silence. */
static bool is_my_turn(struct script *s, const struct ear *ear, uint64_t silence_ms)
{
	if (was_answered(s, ear))
		return ear_silent_ms(ear) >= silence_ms;
	if (since_line_ms(s, ear) < s->answer_ms)
		return false;
	if (!s->waited_in_vain)
		s->unanswered_count++;
	s->waited_in_vain = true;
	return true;
}

static bool is_time_to_interrupt(struct script *s, const struct ear *ear, uint32_t ms)
{
	if (ear->utterance_count > s->utterances_before)
		return ear_now_ms(ear) >= ear->utterance_began_ms + ms;
	return !was_answered(s, ear) && is_my_turn(s, ear, 0);
}

static bool is_due(struct script *s, const struct ear *ear, const struct script_line *line)
{
	switch (line->kind) {
	case SCRIPT_INTERRUPT:
		return is_time_to_interrupt(s, ear, line->ms);
	case SCRIPT_SAY:
	case SCRIPT_WAV:
	case SCRIPT_DTMF:
	case SCRIPT_PAUSE:
		return is_my_turn(s, ear, s->patience_ms);
	}
	return false;
}

static void end_line(struct script *s, const struct ear *ear)
{
	s->line_under_way = false;
	s->waited_in_vain = false;
	s->line_end_ms = ear_now_ms(ear);
	/* After a pause of ours the receptionist owes no new answer. */
	if (s->line_next && s->lines[s->line_next - 1].kind == SCRIPT_PAUSE)
		return;
	s->voiced_before_ms = ear->voiced_ms;
}

enum script_act script_turn(struct script *s, const struct ear *ear, bool speaking, size_t *out_line)
{
	if (speaking)
		return SCRIPT_WAIT;
	if (s->line_under_way)
		end_line(s, ear);
	if (s->line_next == s->line_count)
		return is_my_turn(s, ear, s->hangup_ms) ? SCRIPT_DONE : SCRIPT_WAIT;
	if (!is_due(s, ear, &s->lines[s->line_next]))
		return SCRIPT_WAIT;
	s->utterances_before = ear->utterance_count;
	s->line_under_way = true;
	*out_line = s->line_next++;
	return SCRIPT_ACT;
}
