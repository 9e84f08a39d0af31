/*
 * Reads the transcript, asks, keeps what is of the schema. Every way in which it fails ends here:
 * no other step waits for a summary, and a call is complete without one.
 *
 * A summary costs less than a cent: unlike a video it is asked for again when the worker died
 * between question and answer. What every attempt cost is added up in the job and in the call's
 * row.
 */
#include "base/check.h"
#include "base/clock.h"
#include "db/summary.h"
#include "media/http.h"
#include "media/remember.h"
#include "media/step.h"
#include "media/told/summary.h"
#include "proto/chat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEADLINE_MS = 120000, ANSWER_BYTES_MAX = 256 * 1024, AUTH_BYTES = 1100 };

/* What one attempt needs. */
struct attempt {
	char *document_memory, *request_memory;
	struct buf document, request;
	struct http_client *client;
	struct http_answer answer;
	struct json_reader body, content;
};

static bool attempt_open(struct attempt *a)
{
	*a = (struct attempt){
		.document_memory = malloc(SUMMARY_DOCUMENT_BYTES),
		.request_memory = malloc(SUMMARY_REQUEST_BYTES),
		.client = http_open(),
	};
	if (!a->document_memory || !a->request_memory || !a->client)
		return false;
	buf_init_fixed(&a->document, a->document_memory, SUMMARY_DOCUMENT_BYTES);
	buf_init_fixed(&a->request, a->request_memory, SUMMARY_REQUEST_BYTES);
	return true;
}

static void attempt_close(struct attempt *a)
{
	json_reader_fini(&a->body);
	json_reader_fini(&a->content);
	http_answer_fini(&a->answer);
	if (a->client)
		http_close(a->client);
	free(a->document_memory);
	free(a->request_memory);
}

/* --- the question
 * ----------------------------------------------------------------------------------- */

static enum step_result read_database(struct step *s, enum db_result result)
{
	return step_fail(s, result == DB_BUSY ? STEP_AGAIN : STEP_NEVER,
		"the transcript cannot be read: %s", db_why(s->db));
}

static enum db_result tell_turns(struct step *s, struct summary_writer *w)
{
	struct turn_memory *memory = malloc(sizeof *memory);
	struct turn turn = {.position = -1};
	enum db_result result;

	check(memory);
	while ((result = db_turn_after(
			s->db, slice_of(s->job.call_sid), turn.position, memory, &turn)) == DB_OK)
		if (turn.text.len)
			summary_turn(w, turn.role == TURN_CALLER, turn.text);
	free(memory);
	return result == DB_NONE ? DB_OK : result;
}

static enum step_result write_question(struct step *s, struct attempt *a)
{
	struct summary_about about = {
		.business = slice_of(s->merchant.name),
		.language = slice_of(s->merchant.language),
	};
	struct summary_writer w;
	int64_t bytes = 0;
	enum db_result result = db_turns_bytes(s->db, slice_of(s->job.call_sid), &bytes);

	if (result != DB_OK)
		return read_database(s, result);
	if (bytes == 0)
		return step_fail(s, STEP_NOTHING, "nothing was said");
	about.bytes_total = (size_t)bytes;
	summary_begin(&w, &a->document, &about);
	result = tell_turns(s, &w);
	if (result != DB_OK)
		return read_database(s, result);
	const bool fits = summary_end(&w);

	if (!fits || !summary_ask(&a->request, slice_of(conf_text(s->conf, SUMMARY_MODEL)),
			     (struct slice){
				     (const char *)buf_data(&a->document), buf_len(&a->document)}))
		return step_fail(s, STEP_NEVER, "the transcript does not fit into a request");
	return STEP_DONE;
}

/* --- the answer
 * -------------------------------------------------------------------------------------- */

static bool is_alive(void *user, uint64_t sent_bytes, uint64_t received_bytes)
{
	(void)sent_bytes;
	(void)received_bytes;
	return step_alive(user);
}

/* xAI answers 400 as well as 401 to a key that is none, and 403 to an account without money as well as to a transcript
 * that breaks its rules: the one concerns every call, the other this one. */
static bool speaks_of_the_account(const struct http_answer *answer)
{
	static const char *const words[] = {"api key", "credits", "spending limit"};

	for (size_t i = 0; i < ARRAY_COUNT(words); i++)
		if (answer->body && strcasestr(answer->body, words[i]))
			return true;
	return false;
}

static enum step_result judge_status(struct step *s, const struct http_answer *answer)
{
	const long status = answer->status;

	if (status >= 200 && status <= 299)
		return STEP_DONE;
	if (status == 401 || status == 402 || status == 404 || speaks_of_the_account(answer))
		return step_fail(s, STEP_CONFIG,
			"summaries: SUMMARY_URL answers %ld; XAI_API_KEY, SUMMARY_MODEL, the "
			"account?",
			status);
	s->retry_after_ms = (int64_t)http_retry_after_ms(answer, clock_wall_ms());
	if (status == 408 || status == 409 || status == 425 || status == 429 || status >= 500)
		return step_fail(s, STEP_AGAIN, "SUMMARY_URL answers %ld", status);
	return step_fail(s, STEP_NEVER, "SUMMARY_URL refuses the request: %ld", status);
}

static enum step_result ask(struct step *s, struct attempt *a)
{
	char auth[AUTH_BYTES];
	const char *const headers[] = {
		"Content-Type: application/json", "Accept: application/json", auth, NULL};
	const struct http_request request = {
		.method = "POST",
		.url = conf_text(s->conf, SUMMARY_URL),
		.headers = headers,
		.body = buf_data(&a->request),
		.body_len = buf_len(&a->request),
		.answer_bytes_max = ANSWER_BYTES_MAX,
		.deadline_ms = DEADLINE_MS,
		.stall_ms = DEADLINE_MS,
		.alive = is_alive,
		.user = s,
	};

	(void)snprintf(
		auth, sizeof auth, "Authorization: Bearer %s", conf_text(s->conf, XAI_API_KEY));
	const enum http_outcome outcome = http_ask(a->client, &request, &a->answer);

	explicit_bzero(auth, sizeof auth);
	switch (outcome) {
	case HTTP_ANSWERED:
		return judge_status(s, &a->answer);
	case HTTP_NOT_SENT:
	case HTTP_UNKNOWN:
		return step_fail(s, STEP_AGAIN, "SUMMARY_URL: %s", a->answer.why);
	case HTTP_STOPPED:
		return STEP_STOPPED;
	}
	return STEP_STOPPED;
}

/* What the answer costs is known before it is known whether it is any good. */
static bool keep_cost(struct step *s, int64_t micro_dollars)
{
	const struct job_ext ext = s->job.ext;

	return micro_dollars == 0 || db_job_ext_put(s->db, &s->job, &ext,
					     s->job.cost_micro_dollars + micro_dollars) == DB_OK;
}

static enum step_result keep(struct step *s, const struct summary *summary, struct slice model)
{
	char memory[SUMMARY_ROW_ITEMS_BYTES_MAX];
	struct buf items;

	buf_init_fixed(&items, memory, sizeof memory);
	if (!summary_items_write(&items, summary))
		buf_append_string(&items, "[]");
	const struct summary_row row = {
		.call_sid = slice_of(s->job.call_sid),
		.text = slice_of(summary->text),
		.intent = slice_of(summary_intent_word(summary->intent)),
		.caller_name = slice_of(summary->caller_name),
		.callback_needed = summary->callback_needed,
		.items_json = {memory, buf_len(&items)},
		.model = model.len && model.len <= 100
				 ? model
				 : slice_of(conf_text(s->conf, SUMMARY_MODEL)),
		.micro_dollars = s->job.cost_micro_dollars,
		.now_ms = clock_wall_ms(),
	};
	const enum db_result result = db_summary_put(s->db, &row);

	if (result == DB_OK)
		return STEP_DONE;
	return step_fail(s, result == DB_BUSY ? STEP_AGAIN : STEP_NEVER,
		"the summary cannot be kept: %s", db_why(s->db));
}

static enum step_result understand(struct step *s, struct attempt *a)
{
	struct chat_answer chat;
	struct summary summary;
	const char *why = NULL;
	const enum chat_result result = chat_answer_read(
		&a->body, (struct slice){a->answer.body, a->answer.body_len}, &chat);

	if (!keep_cost(s, chat.micro_dollars))
		return STEP_STOPPED;
	switch (result) {
	case CHAT_ANSWER:
		break;
	case CHAT_REFUSED:
		return step_fail(s, STEP_NEVER, "summaries: %s", chat.why);
	case CHAT_CUT:
	case CHAT_BROKEN:
		return step_fail(s, STEP_AGAIN, "summaries: %s", chat.why);
	}
	if (!summary_read(&a->content, chat.content, &summary, &why))
		return step_fail(s, STEP_AGAIN, "summaries: %s", why);
	return keep(s, &summary, chat.model);
}

/* --- the step
 * ---------------------------------------------------------------------------------------- */

/* false: *out_result is the step's, nobody is asked. */
static bool is_wanted(struct step *s, enum step_result *out_result)
{
	struct summary_kept *kept = malloc(sizeof *kept);

	check(kept);
	const enum db_result result = db_summary_by_sid(s->db, slice_of(s->job.call_sid), kept);

	free(kept);
	if (result == DB_OK)
		*out_result = STEP_DONE;
	else if (result != DB_NONE)
		*out_result = read_database(s, result);
	else if (!s->merchant.summary)
		*out_result = step_fail(s, STEP_NOTHING, "the merchant wants no summaries");
	else if (!conf_text(s->conf, SUMMARY_URL)[0] || !conf_text(s->conf, XAI_API_KEY)[0])
		*out_result = step_fail(s, STEP_NOTHING, "no XAI_API_KEY, no summaries");
	else
		return true;
	return false;
}

static enum step_result sum_up(struct step *s)
{
	struct attempt a;
	enum step_result result;

	if (!is_wanted(s, &result))
		return result;
	if (!attempt_open(&a))
		result = step_fail(s, STEP_AGAIN, "no memory for a summary");
	else
		result = write_question(s, &a);
	if (result == STEP_DONE)
		result = ask(s, &a);
	if (result == STEP_DONE)
		result = understand(s, &a);
	attempt_close(&a);
	return result;
}

/* A caller may call again before there is a summary, or without there ever being one. */
enum step_result step_summary(struct step *s)
{
	enum step_result result = remember_words(s);

	if (result == STEP_DONE)
		result = sum_up(s);
	return result == STEP_DONE ? remember_summary(s) : result;
}
