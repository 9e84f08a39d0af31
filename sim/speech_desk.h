/*
 * speech_desk - ear and mouth on a thread of their own, so that recognising and speaking (tens of milliseconds each)
 * never holds up other connections.
 *
 * Place:    sim; above speech_hear and speech_say. One thread works; one other thread asks and fetches.
 * Usage:    desk = speech_desk_open(receptionist_grammar, why, sizeof why);
 *           speech_desk_hear(desk, owner, number, ulaw); speech_desk_say(desk, owner, number, voice, speed, text);
 *           poll speech_desk_fd(); while (speech_desk_fetch(desk, &answer)) …
 * Lifetime: what is asked is copied; an answer's speech belongs to whoever fetched it.
 * Fails:    with DESK_JOB_COUNT_MAX questions waiting, a new one is answered at once: "" or silence, counted.
 */
#pragma once

#include "base/slice.h"
#include "sim/speech_hear.h"
#include "sim/speech_say.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DESK_JOB_COUNT_MAX = 256 };

enum desk_kind { DESK_HEARD, DESK_SAID };

struct desk_answer {
	enum desk_kind kind;
	uint64_t owner;
	uint32_t number;
	char text[SPEECH_HEARD_BYTES_MAX];
	struct speech speech;
};

struct speech_desk;

struct speech_desk *speech_desk_open(const char *grammar, char *why, size_t why_bytes);
/* Waits for the question under way, forgets the others. */
void speech_desk_close(struct speech_desk *desk);
void speech_desk_hear(struct speech_desk *desk, uint64_t owner, uint32_t number, struct slice ulaw);
void speech_desk_say(struct speech_desk *desk, uint64_t owner, uint32_t number, enum speech_voice voice, double speed,
	struct slice text);
/* Readable while answers wait. */
int speech_desk_fd(const struct speech_desk *desk);
bool speech_desk_fetch(struct speech_desk *desk, struct desk_answer *out);
