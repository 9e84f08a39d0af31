/*
 * fake_tools - the function calls of a session: which were made, which have an output, and whether the client keeps
 * the rules.
 *
 * Place:    sim, pure; above proto/grok. Below fake_reply, which announces the calls, and fake_command, which takes
 *           the outputs.
 * Usage:    fake_tools_begin_round(&t); call = fake_tools_add(&t, name, arguments);          for each call
 *           fake_tools_done(&t);                                                    response.done was sent
 *           fake_tools_output(&t, call_id, output, now_ms)                          the client answers one
 *           fake_tools_create(&t, bare, now_ms)                                     the client sends response.create
 * Rules:    An output names a call that was made and whose response is done, once. After all outputs of a round there
 *           is exactly one response.create, unless the caller's next turn was answered meanwhile; none before.
 * Fails:    a rule that is broken is counted, and violation() is called with a sentence.
 * Limits:   FAKE_CALL_COUNT_MAX calls are remembered, the oldest are forgotten.
 * Source:   docs.x.ai, Voice: function calling.
 */
#pragma once

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FAKE_CALL_COUNT_MAX = 16, FAKE_CALL_ID_BYTES = 80, FAKE_CALL_NAME_BYTES = 64 };

enum fake_call_stage { CALL_NONE, CALL_PLANNED, CALL_ANNOUNCED, CALL_DONE, CALL_ANSWERED };

struct fake_call {
	enum fake_call_stage stage;
	char id[FAKE_CALL_ID_BYTES];
	char item_id[FAKE_CALL_ID_BYTES];
	char name[FAKE_CALL_NAME_BYTES];
	char *arguments, *output;       /* owned */
	uint32_t round;                 /* the response that made it; 0: the client brought it along */
	uint64_t done_ms;
};

struct fake_tools {
	struct fake_call calls[FAKE_CALL_COUNT_MAX];
	size_t next;
	uint32_t round;                 /* of the last response with calls */
	uint64_t answered_ms;           /* when the last output of the round came; 0: some are awaited */
	uint64_t overtaken_ms;          /* when the server answered another turn since the round; 0: it has not */
	bool asked;                     /* response.create has come for the round */
	uint32_t violation_count;
	void (*violation)(void *context, const char *sentence);
	void *context;
};

enum fake_output { OUTPUT_TAKEN, OUTPUT_UNKNOWN, OUTPUT_TOO_EARLY };

void fake_tools_fini(struct fake_tools *t);
void fake_tools_begin_round(struct fake_tools *t);
struct fake_call *fake_tools_add(struct fake_tools *t, const char *name, const char *arguments);
/* A call that the client tells of, made in another session. */
void fake_tools_seed(struct fake_tools *t, struct slice call_id, struct slice name);
/* Calls of the round, oldest first: *at starts at 0. NULL at the end. */
struct fake_call *fake_tools_each(struct fake_tools *t, size_t *at);
bool fake_tools_planned(struct fake_tools *t);
/* The response has ended: announced calls can be answered, others never were. */
void fake_tools_done(struct fake_tools *t, uint64_t now_ms);
/* The server has begun to answer a turn of the caller. */
void fake_tools_overtake(struct fake_tools *t, uint64_t now_ms);
enum fake_output fake_tools_output(struct fake_tools *t, struct slice call_id, struct slice output, uint64_t now_ms);
/* `bare`: it asks for the answer, not for words of its own. true: it asks for the answer to the round's outputs. */
bool fake_tools_create(struct fake_tools *t, bool bare, uint64_t now_ms);
/* The session is over: what is still owed? */
void fake_tools_judge(struct fake_tools *t, uint64_t now_ms);
