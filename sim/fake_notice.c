/* fake_notice - each message of the assistant's or call of a function has its row of events. */
#include "sim/fake_notice.h"

#include "base/check.h"
#include "base/limits.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_TOKENS_PER_WORD = 1, AUDIO_TOKEN_MS = 20 };

static void init_event(const struct fake_reply *r, struct grok_event *e, enum grok_kind kind)
{
	grok_event_init(e, kind);
	e->response_id = slice_of(r->id);
	e->item_id = slice_of(r->item_id);
}

static void init_item(const struct fake_reply *r, struct grok_item *item, const char *status)
{
	grok_item_init(item);
	item->id = slice_of(r->item_id);
	item->type = SLICE("message");
	item->role = SLICE("assistant");
	item->status = slice_of(status);
}

/* With the words, as OpenAI tells it in every event and xAI only at the end. */
static void fill_content(const struct fake_reply *r, const struct fake_wire *wire, struct grok_item *item)
{
	item->content_type = fake_wire_is_openai(wire) ? SLICE("output_audio") : SLICE("audio");
	item->text = slice_of(r->text);
}

static void add_metadata(const struct fake_reply *r, struct grok_event *e)
{
	for (size_t i = 0; i < r->metadata_count; i++)
		e->metadata[i] = r->metadata[i];
	e->metadata_count = r->metadata_count;
}

void fake_notice_created(struct fake_reply *r, struct fake_wire *wire)
{
	struct grok_event e;

	init_event(r, &e, GROK_RESPONSE_CREATED);
	e.status = SLICE("in_progress");
	add_metadata(r, &e);
	fake_wire_send(wire, &e);
	r->created = true;
}

void fake_notice_added(struct fake_reply *r, struct fake_wire *wire)
{
	struct grok_event e;

	init_event(r, &e, GROK_OUTPUT_ITEM_ADDED);
	init_item(r, &e.item, "in_progress");
	fake_wire_send(wire, &e);
	fake_wire_item_added(wire, &e.item);
	init_event(r, &e, GROK_PART_ADDED);
	fake_wire_send(wire, &e);
}

static int64_t word_count(const char *text)
{
	int64_t count = 0;

	for (; *text; text++)
		count += *text == ' ';
	return count + 1;
}

static void fill_usage(struct fake_reply *r, struct grok_usage *usage)
{
	int64_t in_ms = (int64_t)(r->caller_ms - r->caller_counted_ms);
	int64_t out_ms = (int64_t)(r->sent_bytes / ULAW_BYTES_PER_MS);

	usage->input_audio_tokens = in_ms / AUDIO_TOKEN_MS;
	usage->input_text_tokens = 10;
	usage->input_tokens = usage->input_audio_tokens + usage->input_text_tokens;
	usage->output_audio_tokens = out_ms / AUDIO_TOKEN_MS;
	usage->output_text_tokens = word_count(r->text) * TEXT_TOKENS_PER_WORD;
	usage->output_tokens = usage->output_audio_tokens + usage->output_text_tokens;
	usage->total_tokens = usage->input_tokens + usage->output_tokens;
	usage->output_audio_seconds = (double)(out_ms / 10) / 100;
	usage->billable_audio_seconds = ceil((double)(r->caller_ms + r->spoken_ms) / 1000);
	r->caller_counted_ms = r->caller_ms;
}

/* --- function calls ----------------------------------------------------------------------------- */

static void init_call(const struct fake_call *call, struct grok_item *item, bool complete, const char *role)
{
	grok_item_init(item);
	item->id = slice_of(call->item_id);
	item->type = SLICE("function_call");
	item->status = complete ? SLICE("completed") : SLICE("in_progress");
	item->role = slice_of(role);
	item->call_id = slice_of(call->id);
	item->name = slice_of(call->name);
	item->arguments = complete ? slice_of(call->arguments) : SLICE("");
}

static void init_call_event(const struct fake_reply *r, struct grok_event *e, enum grok_kind kind,
	const struct fake_call *call, int64_t index)
{
	grok_event_init(e, kind);
	e->response_id = slice_of(r->id);
	e->item_id = slice_of(call->item_id);
	e->call_id = slice_of(call->id);
	e->output_index = index;
}

static void send_arguments(const struct fake_reply *r, struct fake_wire *wire, const struct fake_call *call,
	int64_t index)
{
	size_t len = strlen(call->arguments), cut = fake_wire_is_openai(wire) ? len / 2 : len, at = 0;
	struct grok_event e;

	for (; at < len; at += cut, cut = len - at) { /* xAI sends all at once */
		init_call_event(r, &e, GROK_ARGUMENTS_DELTA, call, index);
		e.delta = (struct slice){ call->arguments + at, cut };
		fake_wire_send(wire, &e);
	}
}

static void send_call_done(const struct fake_reply *r, struct fake_wire *wire, const struct fake_call *call,
	const char *role, int64_t index)
{
	struct grok_event e;

	init_call_event(r, &e, GROK_ARGUMENTS_DONE, call, index);
	e.name = slice_of(call->name);
	e.arguments = slice_of(call->arguments);
	fake_wire_send(wire, &e);
	init_call_event(r, &e, GROK_OUTPUT_ITEM_DONE, call, index);
	init_call(call, &e.item, true, role);
	fake_wire_send(wire, &e);
}

static void name_call(struct fake_wire *wire, struct fake_call *call, int number)
{
	char uuid[FAKE_ID_BYTES];

	fake_wire_id(wire, call->item_id);
	fake_wire_id(wire, uuid);
	if (fake_wire_is_openai(wire))
		snprintf(call->id, sizeof call->id, "call_%.8s%.4s", uuid, uuid + 9);
	else
		snprintf(call->id, sizeof call->id, "call-%s-%d", uuid, number);
	if (fake_wire_fault(wire, FAULT_CALL_UNKNOWN))
		snprintf(call->name, sizeof call->name, "open_the_pod_bay_doors");
	if (fake_wire_fault(wire, FAULT_CALL_BROKEN))
		call->arguments[strlen(call->arguments) / 2] = '\0';
}

/* Whose "role" it is xAI makes up as it goes; OpenAI says none. */
static void send_call(struct fake_reply *r, struct fake_wire *wire, struct fake_call *call, int64_t index)
{
	const char *user = fake_wire_is_openai(wire) ? NULL : "user", *tool = user ? "tool" : NULL;
	struct grok_event e;
	struct grok_item item;

	init_call_event(r, &e, GROK_OUTPUT_ITEM_ADDED, call, index);
	init_call(call, &e.item, false, user);
	fake_wire_send(wire, &e);
	init_call(call, &item, false, tool);
	fake_wire_item_added(wire, &item);
	send_arguments(r, wire, call, index);
	send_call_done(r, wire, call, user, index);
	if (fake_wire_fault(wire, FAULT_CALL_TWICE))
		send_call_done(r, wire, call, user, index);
	init_call(call, &item, true, tool);
	fake_wire_item_done(wire, &item);
	fake_wire_remember(wire, &item);
	call->stage = CALL_ANNOUNCED;
}

void fake_notice_calls(struct fake_reply *r, struct fake_wire *wire)
{
	size_t at = 0;
	int number = 0;

	for (struct fake_call *call; (call = fake_tools_each(&r->tools, &at)); number++) {
		char note[FAKE_CALL_NAME_BYTES + 512];

		if (call->stage != CALL_PLANNED)
			continue;
		name_call(wire, call, number);
		/* xAI counts from 0 for every item. */
		send_call(r, wire, call, fake_wire_is_openai(wire) ? number + (r->text[0] != '\0') : 0);
		snprintf(note, sizeof note, "%s %.500s", call->name, call->arguments);
		fake_wire_note(wire, "call", slice_of(note));
	}
}

/* --- the end ------------------------------------------------------------------------------------ */

static void list_output(struct fake_reply *r, struct fake_wire *wire, struct grok_event *e, const char *status)
{
	const char *user = fake_wire_is_openai(wire) ? NULL : "user";
	size_t at = 0;

	if (r->text[0] && r->stage >= REPLY_TO_SPEAK) {
		init_item(r, &e->output[0], status);
		fill_content(r, wire, &e->output[0]);
		e->output_count = 1;
	}
	for (struct fake_call *call; r->has_calls && (call = fake_tools_each(&r->tools, &at));)
		if (call->stage == CALL_ANNOUNCED && e->output_count < GROK_OUTPUT_COUNT_MAX)
			init_call(call, &e->output[e->output_count++], true, user);
}

void fake_notice_done(struct fake_reply *r, struct fake_wire *wire, const char *status, const char *reason)
{
	struct grok_event e;

	r->done_count++;
	if (!fake_wire_fault(wire, FAULT_DONE_LOST)) {
		init_event(r, &e, GROK_RESPONSE_DONE);
		e.status = slice_of(status);
		e.error.code = slice_of(reason);
		add_metadata(r, &e);
		fill_usage(r, &e.usage);
		list_output(r, wire, &e, status);
		fake_wire_send(wire, &e);
		grok_event_init(&e, GROK_RATE_LIMITS);
		if (fake_wire_is_openai(wire))
			fake_wire_send(wire, &e);
	}
	if (r->has_calls)
		fake_tools_done(&r->tools, wire->now_ms);
}

void fake_notice_finished(struct fake_reply *r, struct fake_wire *wire)
{
	static const enum grok_kind xai[] = { GROK_TRANSCRIPT_DONE, GROK_PART_DONE, GROK_AUDIO_DONE };
	static const enum grok_kind openai[] = { GROK_AUDIO_DONE, GROK_TRANSCRIPT_DONE, GROK_PART_DONE };
	bool is_openai = fake_wire_is_openai(wire);
	struct grok_event e;

	for (size_t i = 0; i < ARRAY_COUNT(xai); i++) {
		init_event(r, &e, is_openai ? openai[i] : xai[i]);
		if (e.kind == GROK_TRANSCRIPT_DONE || (e.kind == GROK_PART_DONE && is_openai))
			e.transcript = slice_of(r->text);
		fake_wire_send(wire, &e);
	}
	init_event(r, &e, GROK_OUTPUT_ITEM_DONE);
	init_item(r, &e.item, "completed");
	if (is_openai)
		fill_content(r, wire, &e.item);
	fake_wire_send(wire, &e);
	fake_wire_item_done(wire, &e.item);
	fill_content(r, wire, &e.item);
	e.item.content_type = SLICE("text");    /* so it is played back */
	fake_wire_remember(wire, &e.item);
}

/* The words that begin within what has been sent by now. */
void fake_notice_words(struct fake_reply *r, struct fake_wire *wire, struct slice rid)
{
	uint32_t sent_ms = (uint32_t)(r->sent_bytes / ULAW_BYTES_PER_MS);
	size_t first = r->word_next, end = strlen(r->text);
	bool all = r->sent_bytes == r->speech.ulaw_bytes;
	struct grok_event e;

	while (r->word_next < r->speech.word_count && (all || r->speech.words[r->word_next].start_ms < sent_ms))
		r->word_next++;
	if (first == r->word_next)
		return;
	if (r->word_next < r->speech.word_count)
		end = r->speech.words[r->word_next].text_at;
	init_event(r, &e, GROK_TRANSCRIPT_DELTA);
	e.delta = (struct slice){ r->text + r->speech.words[first].text_at, end - r->speech.words[first].text_at };
	e.start_s = r->speech.words[first].start_ms / 1000.0;
	e.rid = rid;
	fake_wire_send(wire, &e);
}
