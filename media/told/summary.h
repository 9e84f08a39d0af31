/*
 * summary - what a call was about: how a model is asked, and what of its answer is believed.
 *
 * Place:    media, pure, above proto/chat. step_summary sends it.
 * Usage:    summary_begin(&w, &document, &about); summary_turn(&w, &turn) …; summary_end(&w)
 *           summary_ask(&request, model, document);         the body to POST
 *           if (summary_read(&reader, answer.content, &summary, &why)) keep(&summary);
 * Data:     what was said stands in the question as strings of a JSON document, and the model is told that none of it
 *           is addressed to it. A caller who says "ignore your instructions" can at worst spoil the texts of his own
 *           call's summary: the form of the answer is checked here against the schema that was asked for, member by
 *           member; texts are made plain (media/plain.h) and cut at their bounds; nothing in them is acted on.
 * Bounds:   of a long call its beginning and its end are told, SUMMARY_HEAD_BYTES and SUMMARY_TAIL_BYTES.
 * Fails:    summary_end() and summary_ask() false: no room. summary_read() false, with a static sentence: what came is
 *           not of the schema.
 */
#pragma once

#include "base/buf.h"
#include "proto/json.h"
#include "proto/json_write.h"

enum {
	SUMMARY_HEAD_BYTES = 16 * 1024,
	SUMMARY_TAIL_BYTES = 48 * 1024,
	/* Room for the document and for the request around it, whatever the texts are. */
	SUMMARY_DOCUMENT_BYTES = 6 * (SUMMARY_HEAD_BYTES + SUMMARY_TAIL_BYTES) + 64 * 1024,
	SUMMARY_REQUEST_BYTES = 2 * SUMMARY_DOCUMENT_BYTES + 16 * 1024,
	SUMMARY_TOKENS_MAX = 2000,
	SUMMARY_TEXT_BYTES_MAX = 2000,
	SUMMARY_NAME_BYTES_MAX = 200,
	SUMMARY_ITEM_BYTES_MAX = 400,
	SUMMARY_ITEMS_MAX = 10,
};

#define SUMMARY_INTENTS(X) \
	X(BOOKING, "booking") X(QUESTION, "question") X(COMPLAINT, "complaint") X(SPAM, "spam") X(OTHER, "other")

enum summary_intent {
#define X(name, word) SUMMARY_##name,
	SUMMARY_INTENTS(X)
#undef X
	SUMMARY_INTENT_COUNT
};

struct summary {
	char text[SUMMARY_TEXT_BYTES_MAX + 1];
	enum summary_intent intent;
	char caller_name[SUMMARY_NAME_BYTES_MAX + 1];   /* "": not told */
	bool callback_needed;
	unsigned item_count;
	char items[SUMMARY_ITEMS_MAX][SUMMARY_ITEM_BYTES_MAX + 1];
};

struct summary_about {
	struct slice business;
	struct slice language;          /* that the merchant reads; "": the caller's */
	size_t bytes_total;             /* of all turns' texts */
};

struct summary_writer {
	struct json_writer json;
	size_t bytes_total, bytes_seen;
	unsigned omitted_count;
};

void summary_begin(struct summary_writer *w, struct buf *document, const struct summary_about *about);
void summary_turn(struct summary_writer *w, bool is_caller, struct slice text);
bool summary_end(struct summary_writer *w);

/* The body of a POST to a chat completions endpoint. */
bool summary_ask(struct buf *out, struct slice model, struct slice document);
bool summary_read(struct json_reader *reader, struct slice content, struct summary *out, const char **out_why);
const char *summary_intent_word(enum summary_intent intent);
/* ["…","…"] */
bool summary_items_write(struct buf *out, const struct summary *summary);
