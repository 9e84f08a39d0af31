/*
 * script - what the caller does, line by line, and when: a well-mannered caller waits for an answer and a pause.
 *
 * Place:    sim, pure; above ear. Times are milliseconds on the ear's clock.
 * Usage:    script_add(&s, SCRIPT_SAY, "When are you open?", 0); ...
 *           switch (script_turn(&s, &ear, speaking, &line)) {
 *           case SCRIPT_WAIT: break;
 *           case SCRIPT_ACT: begin what s.lines[line] says; break;
 *           case SCRIPT_DONE: hang up;
 *           }
 * Rules:    It is the caller's turn when the receptionist has said something (ANSWER_MS_LEAST of voice) since the
 *           caller's last line and has been silent for patience_ms, or when answer_ms passed without a word.
 *           SAY, WAV, DTMF, PAUSE wait for the turn. INTERRUPT waits until the receptionist has been speaking for
 *           `ms` in an utterance that began after the last line; it does not wait for a pause.
 *           DONE: all lines are over, the turn would be the caller's, and the silence has lasted hangup_ms.
 * Limits:   SCRIPT_LINE_COUNT_MAX lines. Texts are borrowed.
 */
#pragma once

#include "sim/ear.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SCRIPT_LINE_COUNT_MAX = 64, SCRIPT_ANSWER_MS_LEAST = 200 };

enum script_kind { SCRIPT_SAY, SCRIPT_WAV, SCRIPT_INTERRUPT, SCRIPT_DTMF, SCRIPT_PAUSE };
enum script_act { SCRIPT_WAIT, SCRIPT_ACT, SCRIPT_DONE };

struct script_line {
	enum script_kind kind;
	const char *text;               /* words, file or digits */
	uint32_t ms;                    /* INTERRUPT: into the utterance; PAUSE: how long */
};

struct script {
	uint32_t patience_ms, answer_ms, hangup_ms;
	struct script_line lines[SCRIPT_LINE_COUNT_MAX];
	size_t line_count, line_next;
	bool line_under_way;
	uint64_t line_end_ms;           /* when the last line was over */
	uint64_t voiced_before_ms;      /* the ear's voiced_ms then */
	uint32_t utterances_before;     /* and its utterance_count when the last line began */
	uint32_t unanswered_count;      /* lines after which nothing was heard for answer_ms */
	bool waited_in_vain;            /* for an answer to the last line: already counted */
};

void script_init(struct script *s, uint32_t patience_ms, uint32_t answer_ms, uint32_t hangup_ms);
/* A new stream with a new ear begins: its clock starts at 0 again. */
void script_begin_stream(struct script *s);
bool script_add(struct script *s, enum script_kind kind, const char *text, uint32_t ms);
/* "text@1500" into text and ms; false if there is no number after the last @. */
bool script_split_at(char *text, uint32_t *out_ms);
/* `speaking`: the line that was begun last is not over yet. */
enum script_act script_turn(struct script *s, const struct ear *ear, bool speaking, size_t *out_line);
