/* Audio is scanned if it is plain; otherwise json-c reads the message: first the members that many kinds share, by
 * table, then the nested objects that are there, then what a kind has for itself. */
#include "proto/grok.h"

#include "proto/base64.h"
#include "proto/grok_parts.h"
#include "proto/grok_scan.h"

void grok_reader_fini(struct grok_reader *reader)
{
	json_reader_fini(&reader->json);
}

static bool bad(struct grok_reader *reader, const char *why)
{
	reader->why = why;
	return false;
}

static void read_fields(const struct json_object *root, enum grok_direction from, struct grok_event *e)
{
	const struct grok_field *field = from == FROM_GROK ? grok_server_fields : grok_client_fields;
	size_t count = from == FROM_GROK ? grok_server_field_count : grok_client_field_count;

	for (; count > 0; count--, field++) {
		const struct json_object *node = json_field(root, field->key.data);
		void *member = (char *)e + field->offset;
		int64_t number;
		double real;
		switch (field->type) {
		case GROK_TEXT:
			json_slice(node, member);
			break;
		case GROK_INT:
			if (json_int(node, &number) && number >= 0)
				*(int64_t *)member = number;
			break;
		case GROK_REAL:
			if (json_double(node, &real) && real >= 0)
				*(double *)member = real;
			break;
		}
	}
}

static bool add_metadata(void *context, struct slice key, const struct json_object *value)
{
	struct grok_event *e = context;
	struct slice text = SLICE("null");

	if (e->metadata_count == GROK_METADATA_COUNT_MAX)
		return false;
	if (!json_slice(value, &text))
		json_text(value, &text);
	e->metadata[e->metadata_count++] = (struct grok_pair){ key, text };
	return true;
}

static void prefer(struct slice *first, struct slice second)
{
	if (!first->data)
		*first = second;
}

static void read_usage(const struct json_object *usage, struct grok_usage *out)
{
	const struct json_object *input = json_field(usage, "input_token_details");
	const struct json_object *output = json_field(usage, "output_token_details");

	grok_get_int(usage, "input_tokens", &out->input_tokens);
	grok_get_int(input, "text_tokens", &out->input_text_tokens);
	grok_get_int(input, "audio_tokens", &out->input_audio_tokens);
	grok_get_int(usage, "output_tokens", &out->output_tokens);
	grok_get_int(output, "text_tokens", &out->output_text_tokens);
	grok_get_int(output, "audio_tokens", &out->output_audio_tokens);
	grok_get_int(usage, "total_tokens", &out->total_tokens);
	grok_get_real(usage, "output_audio_seconds", &out->output_audio_seconds);
	grok_get_real(usage, "billable_audio_seconds", &out->billable_audio_seconds);
}

static void read_response(const struct json_object *root, struct grok_event *e)
{
	const struct json_object *response = json_field(root, "response");
	const struct json_object *output = json_field(response, "output");
	struct slice id = { 0 }, status = { 0 };

	grok_get(response, "id", &id);
	grok_get(response, "status", &status);
	grok_get(response, "instructions", &e->instructions);
	grok_get(response, "tool_choice", &e->tool_choice);
	prefer(&e->response_id, id);
	prefer(&e->status, status);
	json_each(json_field(response, "metadata"), add_metadata, e);
	for (size_t i = 0; i < json_array_count(output) && i < GROK_OUTPUT_COUNT_MAX; i++) {
		grok_item_init(&e->output[i]);
		grok_item_read(json_array_item(output, i), &e->output[i]);
		e->output_count++;
	}
	if (e->kind != GROK_RESPONSE_DONE)      /* OpenAI meters the caller's transcripts apart */
		return;
	/* xAI puts it beside the response, OpenAI into it. */
	read_usage(json_field(response, "usage"), &e->usage);
	read_usage(json_field(root, "usage"), &e->usage);
}

static void read_item(const struct json_object *root, struct grok_event *e)
{
	grok_item_read(json_field(root, "item"), &e->item);
	prefer(&e->item_id, e->item.id);
	prefer(&e->call_id, e->item.call_id);
	prefer(&e->name, e->item.name);
	prefer(&e->arguments, e->item.arguments);
	prefer(&e->status, e->item.status);
}

static void read_error(const struct json_object *root, struct grok_error *out)
{
	const struct json_object *error = json_field(root, "error");

	json_slice(error, &out->message);
	grok_get(error, "type", &out->type);
	grok_get(error, "code", &out->code);
	grok_get(error, "message", &out->message);
	grok_get(error, "param", &out->param);
	grok_get(error, "event_id", &out->event_id);
}

/* OpenAI tells here why a response ended early; xAI says "unimplemented". */
static void read_status_details(const struct json_object *root, struct grok_error *out)
{
	const struct json_object *details = json_field(json_field(root, "response"), "status_details");

	grok_get(details, "reason", &out->code);
	read_error(details, out);
}

static bool read_audio(struct grok_reader *reader, const struct grok_event *e)
{
	if (!e->delta.data)
		return bad(reader, "audio without audio");
	return base64_valid(e->delta) || bad(reader, "the audio is not base64");
}

static void read_dtmf(const struct json_object *root, struct grok_event *e)
{
	int64_t seconds;

	grok_get(root, "event", &e->digit);
	if (json_int(json_field(root, "received_at"), &seconds) && seconds >= 0)
		e->timestamp_ms = seconds * 1000;
}

static bool read_from(struct grok_reader *reader, const struct json_object *root, struct grok_event *e)
{
	if (e->kind == GROK_AUDIO_DELTA)
		return read_audio(reader, e);
	grok_session_read(json_field(root, "session"), &e->session);
	grok_get(json_field(root, "conversation"), "id", &e->conversation_id);
	read_response(root, e);
	read_item(root, e);
	read_error(root, &e->error);
	read_status_details(root, &e->error);
	if (e->kind == GROK_PART_ADDED || e->kind == GROK_PART_DONE)
		grok_get(json_field(root, "part"), "transcript", &e->transcript);
	if (e->kind == GROK_PING)
		grok_get_int(root, "timestamp", &e->timestamp_ms);
	if (e->kind == GROK_AUDIO_DTMF)
		read_dtmf(root, e);
	if (e->kind == GROK_TEXT_DELTA && !e->delta.data)
		grok_get(root, "text", &e->delta);
	if (e->kind == GROK_TEXT_DONE && !e->transcript.data)
		grok_get(root, "text", &e->transcript);
	return true;
}

static bool read_to(struct grok_reader *reader, const struct json_object *root, struct grok_event *e)
{
	if (e->kind == GROK_AUDIO_APPEND)
		return read_audio(reader, e);
	grok_session_read(json_field(root, "session"), &e->session);
	read_response(root, e);
	read_item(root, e);
	if (e->kind == GROK_SESSION_UPDATE && !json_is_object(json_field(root, "session")))
		return bad(reader, "no session");
	if (e->kind == GROK_ITEM_CREATE && !e->item.type.data)
		return bad(reader, "no item, or one without a type");
	return true;
}

static bool parse(struct grok_reader *reader, enum grok_direction from, const char *text, size_t len,
	struct grok_event *e)
{
	const struct json_object *root = json_read(&reader->json, text, len);
	struct slice type = { 0 };

	if (!root)
		return bad(reader, reader->json.why);
	if (!json_slice(json_field(root, "type"), &type))
		return bad(reader, "no type");
	grok_event_init(e, grok_kind_of(from, type));
	e->type = type;
	read_fields(root, from, e);
	return from == FROM_GROK ? read_from(reader, root, e) : read_to(reader, root, e);
}

enum grok_result grok_read(struct grok_reader *reader, enum grok_direction from, const char *text, size_t len,
	struct grok_event *out)
{
	if (!reader->slow && grok_scan(from, text, len, out)) {
		reader->scanned_count++;
		return GROK_EVENT;
	}
	reader->parsed_count++;
	return parse(reader, from, text, len, out) ? GROK_EVENT : GROK_BAD;
}
