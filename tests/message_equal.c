#include "tests/message_equal.h"

bool twilio_event_equal(const struct twilio_event *a, const struct twilio_event *b)
{
	bool equal = a->kind == b->kind && a->track == b->track && slice_equal(a->name, b->name) &&
		slice_equal(a->stream_sid, b->stream_sid) && slice_equal(a->payload, b->payload) &&
		a->sequence == b->sequence && a->chunk == b->chunk && a->timestamp_ms == b->timestamp_ms &&
		a->timestamp_is_wall == b->timestamp_is_wall && a->digit == b->digit &&
		slice_equal(a->mark_name, b->mark_name) && slice_equal(a->call_sid, b->call_sid) &&
		slice_equal(a->account_sid, b->account_sid) && slice_equal(a->protocol, b->protocol) &&
		slice_equal(a->version, b->version) && a->tracks == b->tracks && a->ulaw == b->ulaw &&
		slice_equal(a->encoding, b->encoding) && a->rate_hz == b->rate_hz &&
		a->channel_count == b->channel_count && a->parameter_count == b->parameter_count;

	for (size_t i = 0; equal && i < a->parameter_count; i++)
		equal = slice_equal(a->parameters[i].name, b->parameters[i].name) &&
			slice_equal(a->parameters[i].value, b->parameters[i].value);
	return equal;
}

static bool same(struct slice a, struct slice b)
{
	return !a.data == !b.data && slice_equal(a, b);
}

static bool same_item(const struct grok_item *a, const struct grok_item *b)
{
	return same(a->id, b->id) && same(a->type, b->type) && same(a->role, b->role) && same(a->status, b->status) &&
		same(a->call_id, b->call_id) && same(a->name, b->name) && same(a->arguments, b->arguments) &&
		same(a->output, b->output) && same(a->content_type, b->content_type) && same(a->text, b->text) &&
		a->interruptible == b->interruptible && a->replayed == b->replayed;
}

static bool same_turn_detection(const struct grok_turn_detection *a, const struct grok_turn_detection *b)
{
	return a->on == b->on && same(a->type, b->type) && a->threshold == b->threshold &&
		a->silence_duration_ms == b->silence_duration_ms && a->prefix_padding_ms == b->prefix_padding_ms &&
		a->idle_timeout_ms == b->idle_timeout_ms && a->create_response == b->create_response &&
		a->interrupt_response == b->interrupt_response;
}

bool grok_session_equal(const struct grok_session *a, const struct grok_session *b)
{
	return same(a->type, b->type) && same(a->id, b->id) && same(a->model, b->model) &&
		same(a->instructions, b->instructions) &&
		same(a->voice, b->voice) && same(a->reasoning_effort, b->reasoning_effort) &&
		same(a->input.type, b->input.type) && a->input.rate_hz == b->input.rate_hz &&
		same(a->output.type, b->output.type) && a->output.rate_hz == b->output.rate_hz &&
		same(a->input_transport, b->input_transport) && same(a->output_transport, b->output_transport) &&
		a->speed == b->speed && same_turn_detection(&a->turn_detection, &b->turn_detection) &&
		same(a->transcription_model, b->transcription_model) && same(a->language_hint, b->language_hint) &&
		same(a->keyterms_json, b->keyterms_json) && same(a->tools_json, b->tools_json) &&
		same(a->tool_choice, b->tool_choice) && same(a->replace_json, b->replace_json) &&
		a->resumption == b->resumption && same(a->flat_input_format, b->flat_input_format) &&
		same(a->flat_output_format, b->flat_output_format);
}

static bool same_usage(const struct grok_usage *a, const struct grok_usage *b)
{
	return a->input_tokens == b->input_tokens && a->input_text_tokens == b->input_text_tokens &&
		a->input_audio_tokens == b->input_audio_tokens && a->output_tokens == b->output_tokens &&
		a->output_text_tokens == b->output_text_tokens && a->output_audio_tokens == b->output_audio_tokens &&
		a->total_tokens == b->total_tokens && a->output_audio_seconds == b->output_audio_seconds &&
		a->billable_audio_seconds == b->billable_audio_seconds;
}

static bool same_error(const struct grok_error *a, const struct grok_error *b)
{
	return same(a->type, b->type) && same(a->code, b->code) && same(a->message, b->message) &&
		same(a->param, b->param) && same(a->event_id, b->event_id);
}

static bool same_lists(const struct grok_event *a, const struct grok_event *b)
{
	bool equal = a->metadata_count == b->metadata_count && a->output_count == b->output_count;

	for (size_t i = 0; equal && i < a->metadata_count; i++)
		equal = same(a->metadata[i].key, b->metadata[i].key) &&
			same(a->metadata[i].value, b->metadata[i].value);
	for (size_t i = 0; equal && i < a->output_count; i++)
		equal = same_item(&a->output[i], &b->output[i]);
	return equal;
}

bool grok_event_equal(const struct grok_event *a, const struct grok_event *b)
{
	return a->kind == b->kind && same(a->type, b->type) && same(a->event_id, b->event_id) &&
		same(a->previous_item_id, b->previous_item_id) && same(a->response_id, b->response_id) &&
		same(a->item_id, b->item_id) && same(a->call_id, b->call_id) && same(a->name, b->name) &&
		same(a->arguments, b->arguments) && same(a->delta, b->delta) && same(a->rid, b->rid) &&
		same(a->latency, b->latency) && same(a->transcript, b->transcript) && same(a->status, b->status) &&
		same(a->conversation_id, b->conversation_id) && same(a->digit, b->digit) &&
		a->output_index == b->output_index && a->content_index == b->content_index &&
		a->audio_duration_ms == b->audio_duration_ms && a->audio_start_ms == b->audio_start_ms &&
		a->audio_end_ms == b->audio_end_ms && a->timestamp_ms == b->timestamp_ms && a->start_s == b->start_s &&
		same(a->instructions, b->instructions) &&
		same(a->tool_choice, b->tool_choice) && same_item(&a->item, &b->item) &&
		same_error(&a->error, &b->error) && same_usage(&a->usage, &b->usage) &&
		grok_session_equal(&a->session, &b->session) && same_lists(a, b);
}
