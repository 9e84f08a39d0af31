/* A message is its type, the top-level members that its kind has, by table, and at most one nested object. xAI's server
 * ends with event_id and previous_item_id on nearly every event; OpenAI's and clients begin with event_id. */
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
	[GROK_CALLER_TEXT_DELTA] = ITEM | CONTENT | DELTA,
	[GROK_CALLER_TEXT_FAILED] = ITEM | CONTENT,
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

/* What OpenAI leaves out or has beyond it. */
static unsigned shape_of(const struct grok_dialect *d, enum grok_kind kind)
{
	unsigned shape = shapes[kind];

	if (!d->nested_session || kind < GROK_SESSION_CREATED)
		return shape;
	shape &= ~(unsigned)(CHUNK | STATUS);
	if (kind == GROK_RESPONSE_DONE)
		shape &= ~(unsigned)RESPONSE;
	if (kind == GROK_ITEM_TRUNCATED && !d->truncate_tells_text)
		shape &= ~(unsigned)TRANSCRIPT;
	return kind == GROK_ARGUMENTS_DELTA ? shape | OUTPUT : shape;
}

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

static void put_token_details(struct json_writer *w, const struct grok_dialect *d, const char *key, int64_t text_tokens,
	int64_t audio_tokens)
{
	if (text_tokens < 0 && audio_tokens < 0)
		return;
	json_open(w, key, '{');
	json_put_int_optional(w, "text_tokens", text_tokens);
	json_put_int_optional(w, "audio_tokens", audio_tokens);
	if (!d->nested_session)
		json_put_int(w, "grok_tokens", 0);
	json_close(w, '}');
}

static void put_usage(struct json_writer *w, const struct grok_dialect *d, const struct grok_usage *usage)
{
	json_open(w, "usage", '{');
	json_put_int_optional(w, "input_tokens", usage->input_tokens);
	put_token_details(w, d, "input_token_details", usage->input_text_tokens, usage->input_audio_tokens);
	json_put_int_optional(w, "output_tokens", usage->output_tokens);
	put_token_details(w, d, "output_token_details", usage->output_text_tokens, usage->output_audio_tokens);
	json_put_int_optional(w, "total_tokens", usage->total_tokens);
	if (!d->nested_session) {
		grok_put_real(w, "output_audio_seconds", usage->output_audio_seconds);
		grok_put_real(w, "billable_audio_seconds", usage->billable_audio_seconds);
	}
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

static void put_status_details(struct json_writer *w, const struct grok_event *e, struct slice status)
{
	if (!e->error.type.data && !e->error.code.data && !e->error.message.data)
		return json_put_raw(w, "status_details", SLICE("null"));
	json_open(w, "status_details", '{');
	json_put(w, "type", status);
	if (e->error.type.data || e->error.message.data)
		put_error(w, e);
	else
		json_put_optional(w, "reason", e->error.code);
	json_close(w, '}');
}

static void put_response(struct json_writer *w, const struct grok_dialect *d, const struct grok_event *e)
{
	bool done = e->kind == GROK_RESPONSE_DONE, is_xai = !d->nested_session;
	struct slice status = done ? SLICE("completed") : SLICE("in_progress");

	json_open(w, "response", '{');
	json_put_optional(w, "id", e->response_id);
	json_put(w, "object", SLICE("realtime.response"));
	if (e->status.data)
		status = e->status;
	json_put(w, "status", status);
	json_open(w, "output", '[');
	for (size_t i = 0; i < e->output_count; i++)
		grok_item_put(w, NULL, &e->output[i], false);
	json_close(w, ']');
	if (is_xai)
		json_put(w, "status_details", SLICE("unimplemented"));
	else
		put_status_details(w, e, status);
	if (is_xai || !done)
		json_put_raw(w, "usage", is_xai ? SLICE("{}") : SLICE("null"));
	else
		put_usage(w, d, &e->usage);
	put_metadata(w, e);
	json_close(w, '}');
}

static void put_response_create(struct json_writer *w, const struct grok_event *e)
{
	if (!e->instructions.data && !e->tool_choice.data && e->metadata_count == 0)
		return;
	json_open(w, "response", '{');
	json_put_optional(w, "instructions", e->instructions);
	json_put_optional(w, "tool_choice", e->tool_choice);
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

static void put_client_body(struct json_writer *w, const struct grok_dialect *d, const struct grok_event *e)
{
	if (e->kind == GROK_SESSION_UPDATE)
		grok_session_put_update(w, d, &e->session);
	else if (e->kind == GROK_AUDIO_APPEND)
		json_put_plain(w, "audio", e->delta);
	else if (e->kind == GROK_RESPONSE_CREATE)
		put_response_create(w, e);
	if (e->kind != GROK_ITEM_CREATE)
		return;
	json_put_optional(w, "previous_item_id", e->previous_item_id);
	grok_item_put_new(w, "item", &e->item);
}

static void put_part(struct json_writer *w, const struct grok_event *e)
{
	json_open(w, "part", '{');
	json_put(w, "type", SLICE("audio"));
	json_put(w, "transcript", e->transcript);
	json_close(w, '}');
}

static void put_server_items(struct json_writer *w, const struct grok_dialect *d, const struct grok_event *e)
{
	if (e->kind == GROK_OUTPUT_ITEM_ADDED || e->kind == GROK_OUTPUT_ITEM_DONE)
		grok_item_put(w, "item", &e->item, d->nested_session);
	else if (e->kind == GROK_ITEM_ADDED || e->kind == GROK_ITEM_DONE)
		grok_item_put(w, "item", &e->item, true);
	else if (e->kind == GROK_TEXT_DONE)
		json_put_optional(w, "text", e->transcript);
	else if (e->kind == GROK_PART_ADDED || (e->kind == GROK_PART_DONE && d->nested_session))
		put_part(w, e);
}

/* What a server's kind has beyond the table. */
static void put_server_body(struct json_writer *w, const struct grok_dialect *d, const struct grok_event *e)
{
	if (e->kind == GROK_SESSION_CREATED)
		grok_session_put_created(w, d, &e->session);
	else if (e->kind == GROK_SESSION_UPDATED)
		grok_session_put_updated(w, d, &e->session);
	else if (e->kind == GROK_CONVERSATION_CREATED)
		put_conversation(w, e);
	else if (e->kind == GROK_PING)
		json_put_int_optional(w, "timestamp", e->timestamp_ms);
	else if (e->kind == GROK_RESPONSE_CREATED || e->kind == GROK_RESPONSE_DONE)
		put_response(w, d, e);
	else if (e->kind == GROK_RATE_LIMITS)
		json_put_raw(w, "rate_limits", SLICE("[{\"name\":\"tokens\",\"limit\":40000,"
			"\"remaining\":39000,\"reset_seconds\":1.5}]"));
	else if (e->kind == GROK_ERROR || e->kind == GROK_MCP_LIST_FAILED || e->kind == GROK_MCP_CALL_FAILED ||
		e->kind == GROK_CALLER_TEXT_FAILED)
		put_error(w, e);
	put_server_items(w, d, e);
	if (e->kind == GROK_AUDIO_DTMF) {
		json_put_optional(w, "event", e->digit);
		json_put_int_optional(w, "received_at", e->timestamp_ms < 0 ? -1 : e->timestamp_ms / 1000);
	}
	if (e->kind == GROK_RESPONSE_DONE && d->usage_toplevel)
		put_usage(w, d, &e->usage);
}

/* OpenAI says it only where it tells the order of items. */
static bool says_previous(const struct grok_dialect *d, unsigned shape, enum grok_kind kind)
{
	if (d->nested_session)
		return kind == GROK_AUDIO_COMMITTED || kind == GROK_ITEM_ADDED || kind == GROK_ITEM_DONE;
	return !(shape & NO_PREVIOUS);
}

static void put_server_end(struct json_writer *w, const struct grok_dialect *d, unsigned shape,
	const struct grok_event *e)
{
	bool says = says_previous(d, shape, e->kind);

	if (e->previous_item_id.data && (says || !d->nested_session))
		json_put(w, "previous_item_id", e->previous_item_id);
	else if (says && e->kind == GROK_PART_ADDED) /* xAI really says so */
		json_put(w, "previous_item_id", SLICE("0"));
	else if (says)
		json_put_raw(w, "previous_item_id", SLICE("null"));
	if (!d->nested_session)
		json_put_optional(w, "event_id", e->event_id);
}

bool grok_write(struct buf *out, const struct grok_dialect *dialect, const struct grok_event *event)
{
	unsigned shape = shape_of(dialect, event->kind);
	bool is_client = event->kind < GROK_SESSION_CREATED;
	struct json_writer w;

	check(event->kind != GROK_UNKNOWN);
	json_begin(&w, out);
	json_open(&w, NULL, '{');
	json_put(&w, "type", slice_of(grok_kind_name(event->kind)));
	if (is_client || dialect->nested_session)
		json_put_optional(&w, "event_id", event->event_id);
	put_fields(&w, shape, event);
	if (is_client) {
		put_client_body(&w, dialect, event);
	} else {
		put_server_body(&w, dialect, event);
		put_server_end(&w, dialect, shape, event);
	}
	json_close(&w, '}');
	return json_end(&w);
}
