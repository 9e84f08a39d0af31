/* A message is its type, the top-level members that its kind has, by table, and at most one nested object. Servers
 * end with event_id and previous_item_id, as xAI does on nearly every event; clients begin with event_id. */
#include "proto/grok.h"

#include "base/check.h"
#include "proto/grok_parts.h"

enum {
	RESPONSE = 1 << 0, ITEM = 1 << 1, OUTPUT = 1 << 2, CONTENT = 1 << 3, CALL = 1 << 4, NAME = 1 << 5,
	ARGUMENTS = 1 << 6, DELTA = 1 << 7, TRANSCRIPT = 1 << 8, STATUS = 1 << 9, CHUNK = 1 << 10, TIMES = 1 << 11,
	NO_PREVIOUS = 1 << 12, PLACE = RESPONSE | ITEM | OUTPUT | CONTENT,
};

static const unsigned shapes[GROK_KIND_COUNT] = {
	[GROK_ITEM_DELETE] = ITEM,
	[GROK_ITEM_TRUNCATE] = ITEM | CONTENT | TIMES,
	[GROK_RESPONSE_CANCEL] = RESPONSE,
	[GROK_SESSION_CREATED] = NO_PREVIOUS,
	[GROK_SPEECH_STARTED] = ITEM | TIMES,
	[GROK_SPEECH_STOPPED] = ITEM | TIMES,
	[GROK_AUDIO_COMMITTED] = ITEM,
	[GROK_AUDIO_TIMEOUT] = ITEM | TIMES,
	[GROK_CALLER_TEXT_UPDATED] = ITEM | CONTENT | TRANSCRIPT,
	[GROK_CALLER_TEXT_COMPLETED] = ITEM | CONTENT | TRANSCRIPT | STATUS,
	[GROK_ITEM_TRUNCATED] = ITEM | CONTENT | TIMES | TRANSCRIPT,
	[GROK_ITEM_DELETED] = ITEM,
	[GROK_RESPONSE_DONE] = RESPONSE,
	[GROK_OUTPUT_ITEM_ADDED] = RESPONSE | OUTPUT,
	[GROK_OUTPUT_ITEM_DONE] = RESPONSE | OUTPUT,
	[GROK_PART_ADDED] = PLACE,
	[GROK_PART_DONE] = PLACE,
	[GROK_AUDIO_DELTA] = PLACE | DELTA | CHUNK,
	[GROK_AUDIO_DONE] = PLACE,
	[GROK_TRANSCRIPT_DELTA] = PLACE | DELTA | CHUNK,
	[GROK_TRANSCRIPT_DONE] = PLACE | TRANSCRIPT,
	[GROK_TEXT_DELTA] = PLACE | DELTA,
	[GROK_TEXT_DONE] = PLACE,
	[GROK_ARGUMENTS_DELTA] = RESPONSE | ITEM | CALL | DELTA,
	[GROK_ARGUMENTS_DONE] = RESPONSE | ITEM | OUTPUT | CALL | NAME | ARGUMENTS,
	[GROK_MCP_LIST_IN_PROGRESS] = ITEM | NO_PREVIOUS,
	[GROK_MCP_LIST_COMPLETED] = ITEM | NO_PREVIOUS,
	[GROK_MCP_LIST_FAILED] = ITEM | NO_PREVIOUS,
	[GROK_MCP_ARGUMENTS_DELTA] = RESPONSE | ITEM | CALL | DELTA | NO_PREVIOUS,
	[GROK_MCP_ARGUMENTS_DONE] = RESPONSE | ITEM | CALL | NAME | ARGUMENTS | NO_PREVIOUS,
	[GROK_MCP_CALL_IN_PROGRESS] = ITEM | OUTPUT | NO_PREVIOUS,
	[GROK_MCP_CALL_COMPLETED] = ITEM | OUTPUT | NO_PREVIOUS,
	[GROK_MCP_CALL_FAILED] = ITEM | OUTPUT | NO_PREVIOUS,
	[GROK_ERROR] = NO_PREVIOUS,
};

static void put_fields(struct json_writer *w, unsigned shape, const struct grok_event *e)
{
	if (shape & RESPONSE)
		json_put_optional(w, "response_id", e->response_id);
	if (shape & ITEM)
		json_put_optional(w, "item_id", e->item_id);
	if (shape & OUTPUT) /* xAI says 0 for every item */
		json_put_int(w, "output_index", e->output_index < 0 ? 0 : e->output_index);
	if (shape & CONTENT)
		json_put_int(w, "content_index", e->content_index < 0 ? 0 : e->content_index);
	if (shape & CALL)
		json_put_optional(w, "call_id", e->call_id);
	if (shape & NAME)
		json_put_optional(w, "name", e->name);
	if (shape & ARGUMENTS)
		json_put_optional(w, "arguments", e->arguments);
	if (shape & DELTA && e->kind == GROK_AUDIO_DELTA)
		json_put_plain(w, "delta", e->delta);
	else if (shape & DELTA)
		json_put(w, "delta", e->delta);
	if (shape & TIMES) {
		json_put_int_optional(w, "audio_start_ms", e->audio_start_ms);
		json_put_int_optional(w, "audio_end_ms", e->audio_end_ms);
	}
	if (shape & TRANSCRIPT)
		json_put_optional(w, "transcript", e->transcript);
	if (shape & STATUS)
		json_put_optional(w, "status", e->status);
	if (shape & CHUNK) {
		json_put_optional(w, "rid", e->rid);
		json_put_optional(w, "latency", e->latency);
		json_put_int_optional(w, "audio_duration_ms", e->audio_duration_ms);
		grok_put_real(w, "start_time", e->start_s);
		json_put_int_optional(w, "ts", e->timestamp_ms);
	}
}

static void put_metadata(struct json_writer *w, const struct grok_event *e)
{
	if (e->metadata_count == 0)
		return;
	json_open(w, "metadata", '{');
	for (size_t i = 0; i < e->metadata_count; i++)
		json_put_pair(w, e->metadata[i].key, e->metadata[i].value);
	json_close(w, '}');
}

static void put_response(struct json_writer *w, const struct grok_event *e)
{
	bool done = e->kind == GROK_RESPONSE_DONE;
	struct slice status = done ? SLICE("completed") : SLICE("in_progress");

	json_open(w, "response", '{');
	json_put_optional(w, "id", e->response_id);
	json_put(w, "object", SLICE("realtime.response"));
	json_put(w, "status", e->status.data ? e->status : status);
	json_open(w, "output", '[');
	for (size_t i = 0; i < e->output_count; i++)
		grok_item_put(w, NULL, &e->output[i], false);
	json_close(w, ']');
	json_put(w, "status_details", SLICE("unimplemented"));
	json_put_raw(w, "usage", SLICE("{}"));
	put_metadata(w, e);
	json_close(w, '}');
}

static void put_token_details(struct json_writer *w, const char *key, int64_t text_tokens, int64_t audio_tokens)
{
	if (text_tokens < 0 && audio_tokens < 0)
		return;
	json_open(w, key, '{');
	json_put_int_optional(w, "text_tokens", text_tokens);
	json_put_int_optional(w, "audio_tokens", audio_tokens);
	json_put_int(w, "grok_tokens", 0);
	json_close(w, '}');
}

static void put_usage(struct json_writer *w, const struct grok_usage *usage)
{
	json_open(w, "usage", '{');
	json_put_int_optional(w, "input_tokens", usage->input_tokens);
	put_token_details(w, "input_token_details", usage->input_text_tokens, usage->input_audio_tokens);
	json_put_int_optional(w, "output_tokens", usage->output_tokens);
	put_token_details(w, "output_token_details", usage->output_text_tokens, usage->output_audio_tokens);
	json_put_int_optional(w, "total_tokens", usage->total_tokens);
	grok_put_real(w, "output_audio_seconds", usage->output_audio_seconds);
	grok_put_real(w, "billable_audio_seconds", usage->billable_audio_seconds);
	json_close(w, '}');
}

static void put_error(struct json_writer *w, const struct grok_event *e)
{
	json_open(w, "error", '{');
	json_put_optional(w, "type", e->error.type);
	json_put_optional(w, "code", e->error.code);
	json_put(w, "message", e->error.message);
	if (e->error.param.data)
		json_put(w, "param", e->error.param);
	else if (e->kind == GROK_ERROR)
		json_put_raw(w, "param", SLICE("null"));
	json_put_optional(w, "event_id", e->error.event_id);
	json_close(w, '}');
}

static void put_response_create(struct json_writer *w, const struct grok_event *e)
{
	if (!e->instructions.data && e->metadata_count == 0)
		return;
	json_open(w, "response", '{');
	json_put_optional(w, "instructions", e->instructions);
	put_metadata(w, e);
	json_close(w, '}');
}

static void put_conversation(struct json_writer *w, const struct grok_event *e)
{
	json_open(w, "conversation", '{');
	json_put_optional(w, "id", e->conversation_id);
	json_put(w, "object", SLICE("realtime.conversation"));
	json_close(w, '}');
}

static void put_client_body(struct json_writer *w, const struct grok_event *e)
{
	if (e->kind == GROK_SESSION_UPDATE)
		grok_session_put_update(w, &e->session);
	else if (e->kind == GROK_AUDIO_APPEND)
		json_put_plain(w, "audio", e->delta);
	else if (e->kind == GROK_RESPONSE_CREATE)
		put_response_create(w, e);
	if (e->kind != GROK_ITEM_CREATE)
		return;
	json_put_optional(w, "previous_item_id", e->previous_item_id);
	grok_item_put_new(w, "item", &e->item);
}

/* What a server's kind has beyond the table. */
static void put_server_body(struct json_writer *w, const struct grok_event *e)
{
	if (e->kind == GROK_SESSION_CREATED)
		grok_session_put_created(w, &e->session);
	else if (e->kind == GROK_SESSION_UPDATED)
		grok_session_put_updated(w, &e->session);
	else if (e->kind == GROK_CONVERSATION_CREATED)
		put_conversation(w, e);
	else if (e->kind == GROK_PING)
		json_put_int_optional(w, "timestamp", e->timestamp_ms);
	else if (e->kind == GROK_RESPONSE_CREATED || e->kind == GROK_RESPONSE_DONE)
		put_response(w, e);
	else if (e->kind == GROK_OUTPUT_ITEM_ADDED || e->kind == GROK_OUTPUT_ITEM_DONE)
		grok_item_put(w, "item", &e->item, false);
	else if (e->kind == GROK_ITEM_ADDED)
		grok_item_put(w, "item", &e->item, true);
	else if (e->kind == GROK_TEXT_DONE)
		json_put_optional(w, "text", e->transcript);
	else if (e->kind == GROK_PART_ADDED)
		json_put_raw(w, "part", SLICE("{\"type\":\"audio\",\"transcript\":\"\"}"));
	else if (e->kind == GROK_ERROR || e->kind == GROK_MCP_LIST_FAILED || e->kind == GROK_MCP_CALL_FAILED)
		put_error(w, e);
	if (e->kind == GROK_AUDIO_DTMF) {
		json_put_optional(w, "event", e->digit);
		json_put_int_optional(w, "received_at", e->timestamp_ms < 0 ? -1 : e->timestamp_ms / 1000);
	}
	if (e->kind == GROK_RESPONSE_DONE)
		put_usage(w, &e->usage);
}

static void put_server_end(struct json_writer *w, unsigned shape, const struct grok_event *e)
{
	if (e->previous_item_id.data)
		json_put(w, "previous_item_id", e->previous_item_id);
	else if (e->kind == GROK_PART_ADDED) /* xAI really says so */
		json_put(w, "previous_item_id", SLICE("0"));
	else if (!(shape & NO_PREVIOUS))
		json_put_raw(w, "previous_item_id", SLICE("null"));
	json_put_optional(w, "event_id", e->event_id);
}

bool grok_write(struct buf *out, const struct grok_event *event)
{
	unsigned shape = shapes[event->kind];
	bool is_client = event->kind < GROK_SESSION_CREATED;
	struct json_writer w;

	check(event->kind != GROK_UNKNOWN);
	json_begin(&w, out);
	json_open(&w, NULL, '{');
	json_put(&w, "type", slice_of(grok_kind_name(event->kind)));
	if (is_client)
		json_put_optional(&w, "event_id", event->event_id);
	put_fields(&w, shape, event);
	if (is_client) {
		put_client_body(&w, event);
	} else {
		put_server_body(&w, event);
		put_server_end(&w, shape, event);
	}
	json_close(&w, '}');
	return json_end(&w);
}

/* --- the client's messages that need no event ------------------------------------------------------ */

bool grok_write_session_update(struct buf *out, const struct grok_session *session)
{
	struct grok_event e;

	grok_event_init(&e, GROK_SESSION_UPDATE);
	e.session = *session;
	return grok_write(out, &e);
}

bool grok_write_text_item(struct buf *out, struct slice role, struct slice text)
{
	struct grok_event e;

	grok_event_init(&e, GROK_ITEM_CREATE);
	e.item.type = SLICE("message");
	e.item.role = role;
	e.item.content_type = slice_equal(role, SLICE("assistant")) ? SLICE("output_text") : SLICE("input_text");
	e.item.text = text;
	return grok_write(out, &e);
}

bool grok_write_force_message(struct buf *out, struct slice text, bool interruptible)
{
	struct grok_event e;

	grok_event_init(&e, GROK_ITEM_CREATE);
	e.item.type = SLICE("force_message");
	e.item.role = SLICE("assistant");
	e.item.interruptible = interruptible ? GROK_YES : GROK_NO;
	e.item.content_type = SLICE("output_text");
	e.item.text = text;
	return grok_write(out, &e);
}

bool grok_write_function_output(struct buf *out, struct slice call_id, struct slice output)
{
	struct grok_event e;

	grok_event_init(&e, GROK_ITEM_CREATE);
	e.item.type = SLICE("function_call_output");
	e.item.call_id = call_id;
	e.item.output = output;
	return grok_write(out, &e);
}

bool grok_write_response_create(struct buf *out, struct slice instructions, struct slice source)
{
	struct grok_event e;

	grok_event_init(&e, GROK_RESPONSE_CREATE);
	if (instructions.len)
		e.instructions = instructions;
	if (source.len)
		e.metadata[e.metadata_count++] = (struct grok_pair){ SLICE("src"), source };
	return grok_write(out, &e);
}

bool grok_write_truncate(struct buf *out, struct slice item_id, int64_t audio_end_ms)
{
	struct grok_event e;

	grok_event_init(&e, GROK_ITEM_TRUNCATE);
	e.item_id = item_id;
	e.content_index = 0;
	e.audio_end_ms = audio_end_ms;
	return grok_write(out, &e);
}

bool grok_write_cancel(struct buf *out, struct slice response_id)
{
	struct grok_event e;

	grok_event_init(&e, GROK_RESPONSE_CANCEL);
	if (response_id.len)
		e.response_id = response_id;
	return grok_write(out, &e);
}
