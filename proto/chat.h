/*
 * chat - xAI's (and OpenAI's) chat completions: one question whose answer is JSON of a given schema.
 *
 * Place:    proto, above json. What a call is summed up with; the transport is the asker's.
 * Usage:    chat_request_write(&out, &request);     POST it as application/json, Authorization: Bearer KEY
 *           switch (chat_answer_read(&reader, body, &answer)) { case CHAT_ANSWER: use(answer.content); … }
 * Rules:    no tools are offered, so whatever the text of the question makes a model want, it can only answer. That the
 *           answer follows the schema is promised by the other side; who asked checks it himself.
 * Lifetime: what is read belongs to the reader, until its next json_read(), rest or fini.
 * Fails:    chat_request_write() false and nothing appended: `out` is full. What is not CHAT_ANSWER has answer.why, and
 *           may have cost money all the same.
 * Source:   docs.x.ai, chat completions and structured outputs: choices[0].message.content is the JSON as a string;
 *           finish_reason stop or length; usage.cost_in_usd_ticks, 10^10 ticks a dollar.
 */
#pragma once

#include "base/buf.h"
#include "base/slice.h"
#include "proto/json.h"

struct chat_request {
	struct slice model;
	struct slice system;            /* what it shall do */
	struct slice user;              /* on what: data */
	struct slice schema_name;
	struct slice schema_json;
	int64_t tokens_max;             /* of the answer */
};

enum chat_result {
	CHAT_ANSWER,
	CHAT_REFUSED,                   /* the model does not want to: refusal is its sentence */
	CHAT_CUT,                       /* tokens_max were not enough, or a filter cut it */
	CHAT_BROKEN,                    /* not an answer of this protocol */
};

struct chat_answer {
	struct slice content;
	struct slice refusal;
	struct slice model;             /* that answered, as it calls itself; may be empty */
	int64_t micro_dollars;          /* rounded up; 0: not told */
	const char *why;                /* static */
};

bool chat_request_write(struct buf *out, const struct chat_request *request);
enum chat_result chat_answer_read(struct json_reader *reader, struct slice body, struct chat_answer *out);
/* Millionths of a dollar that so many ticks are, rounded up; 0 for less than 0. */
int64_t chat_micro_dollars(int64_t ticks);
