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
