#include "sim/load_message.h"

#include "base/buf.h"
#include "base/check.h"
#include "proto/base64.h"
#include "proto/twilio.h"

static size_t write_event(char *out, size_t out_bytes, const struct twilio_event *event)
{
	struct buf b;

	buf_init_fixed(&b, out, out_bytes);
	check(twilio_write_from(&b, TWILIO_REAL, event));
	return buf_len(&b);
}

size_t load_message_start(char *out, size_t out_bytes, const struct identity *id,
	const struct phone_pair *parameters, size_t parameter_count)
{
	struct twilio_event event;

	twilio_event_init(&event, TWILIO_START);
	event.sequence = 1;
	event.stream_sid = slice_of(id->stream_sid);
	event.account_sid = slice_of(id->account_sid);
	event.call_sid = slice_of(id->call_sid);
	event.tracks = TWILIO_TRACKS_INBOUND;
	event.parameter_count = parameter_count;
	for (size_t i = 0; i < parameter_count; i++)
		event.parameters[i] = (struct twilio_parameter){ parameters[i].name, parameters[i].value };
	return write_event(out, out_bytes, &event);
}

size_t load_message_mark(
	char out[LOAD_MESSAGE_MARK_BYTES_MAX], const char *stream_sid, int64_t sequence, const char *name)
{
	struct twilio_event event;

	twilio_event_init(&event, TWILIO_MARK);
	event.sequence = sequence;
	event.stream_sid = slice_of(stream_sid);
	event.mark_name = slice_of(name);
	return write_event(out, LOAD_MESSAGE_MARK_BYTES_MAX, &event);
}

size_t load_message_stop(char out[LOAD_MESSAGE_STOP_BYTES_MAX], const struct identity *id, int64_t sequence)
{
	struct twilio_event event;

	twilio_event_init(&event, TWILIO_STOP);
	event.sequence = sequence;
	event.stream_sid = slice_of(id->stream_sid);
	event.account_sid = slice_of(id->account_sid);
	event.call_sid = slice_of(id->call_sid);
	return write_event(out, LOAD_MESSAGE_STOP_BYTES_MAX, &event);
}

static char *put(char *at, const char *text, size_t len)
{
	memcpy(at, text, len);
	return at + len;
}

static char *put_number(char *at, uint64_t number)
{
	char digits[20];
	size_t i = sizeof digits;

	do {
		digits[--i] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	return put(at, digits + i, sizeof digits - i);
}

#define PUT(at, literal) put(at, literal, sizeof(literal) - 1)

size_t load_message_media(char out[LOAD_MESSAGE_MEDIA_BYTES_MAX], const char *stream_sid, int64_t sequence,
	uint32_t chunk, uint64_t timestamp_ms, const uint8_t frame[ULAW_FRAME_BYTES])
{
	char *at = out;

	static_assert(LOAD_MESSAGE_MEDIA_BYTES_MAX >
			      130 + 3 * 20 + SID_BYTES_MAX + (ULAW_FRAME_BYTES + 2) / 3 * 4,
		"a media message fits");
	at = PUT(at, "{\"event\":\"media\",\"sequenceNumber\":\"");
	at = put_number(at, (uint64_t)sequence);
	at = PUT(at, "\",\"media\":{\"track\":\"inbound\",\"chunk\":\"");
	at = put_number(at, chunk);
	at = PUT(at, "\",\"timestamp\":\"");
	at = put_number(at, timestamp_ms);
	at = PUT(at, "\",\"payload\":\"");
	at += base64_encode(at, frame, ULAW_FRAME_BYTES);
	at = PUT(at, "\"},\"streamSid\":\"");
	at = put(at, stream_sid, strlen(stream_sid));
	at = PUT(at, "\"}");
	return (size_t)(at - out);
}
