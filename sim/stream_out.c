#include "sim/stream_out.h"

#include "base/check.h"
#include "base/clock.h"
#include "proto/base64.h"
#include "sim/phone_stream.h"
#include "sim/stream_fault.h"
#include "sim/wsconn.h"

void stream_out_text(struct stream_out *o, struct slice text)
{
	uint32_t fragment_bytes = o->call->options->fragment_bytes;

	recording_put(o->record, clock_mono_ms() - o->start_ms, text);
	if (phone_fault_on(o->call->options->faults, PHONE_FAULT_PINGS))
		wsconn_send_ping(o->conn, SLICE("still there?"));
	if (fragment_bytes)
		wsconn_send_fragments(o->conn, text, fragment_bytes);
	else
		wsconn_send_text(o->conn, text);
}

static void say(struct stream_out *o, const struct twilio_event *event)
{
	struct buf b;

	if (o->is_mute)
		return;
	buf_init_fixed(&b, o->message_bytes, sizeof o->message_bytes);
	check(twilio_write_from(&b, o->call->options->dialect, event));
	stream_out_text(o, (struct slice){ (const char *)buf_data(&b), buf_len(&b) });
}

static void prepare(struct stream_out *o, struct twilio_event *event, enum twilio_kind kind)
{
	twilio_event_init(event, kind);
	event->stream_sid = slice_of(o->call->identity.stream_sid);
	if (kind != TWILIO_CONNECTED)
		event->sequence = o->sequence++;
}

static void name_call(struct stream_out *o, struct twilio_event *event)
{
	event->account_sid = slice_of(o->call->identity.account_sid);
	event->call_sid = slice_of(o->call->identity.call_sid);
}

static void say_media(
	struct stream_out *o, enum twilio_track track, const uint8_t *frame, uint64_t timestamp_ms)
{
	char payload[(ULAW_FRAME_BYTES + 2) / 3 * 4];
	struct twilio_event event;
	bool seed = o->call->options->dialect == TWILIO_SEED;

	prepare(o, &event, TWILIO_MEDIA);
	event.track = track;
	event.chunk = seed ? (track == TWILIO_INBOUND ? 1 : 2) : o->chunk++;
	event.timestamp_is_wall = seed;
	event.timestamp_ms = seed ? clock_wall_ms() : (int64_t)timestamp_ms;
	event.payload = (struct slice){ payload, base64_encode(payload, frame, ULAW_FRAME_BYTES) };
	say(o, &event);
}

void stream_out_open(struct stream_out *o, struct wsconn *conn, struct phone_call *call)
{
	o->is_mute = false;
	o->frame_count = 0;
	o->conn = conn;
	o->call = call;
	o->record = &call->record;
	o->start_ms = clock_mono_ms();
	o->sequence = o->chunk = 1;
	buf_init_fixed(&o->outbound, o->outbound_bytes, sizeof o->outbound_bytes);
}

void stream_out_begin(struct stream_out *o, const struct stream_plan *plan)
{
	static const uint8_t silence[ULAW_FRAME_BYTES] = { [0 ... ULAW_FRAME_BYTES - 1] = ULAW_SILENCE };
	const struct phone_options *options = o->call->options;
	const uint64_t faults = options->faults;
	struct twilio_event event;

	prepare(o, &event, TWILIO_CONNECTED);
	say(o, &event);
	if (phone_fault_on(faults, PHONE_FAULT_MEDIA_FIRST))
		say_media(o, TWILIO_INBOUND, silence, 0);
	prepare(o, &event, TWILIO_START);
	name_call(o, &event);
	if (phone_fault_on(faults, PHONE_FAULT_OTHER_CALL))
		event.call_sid = SLICE("CA0ther0ther0ther0ther0ther0ther00");
	event.tracks = TWILIO_TRACKS_INBOUND;
	if (options->dialect == TWILIO_SEED)
		event.tracks |= TWILIO_TRACKS_OUTBOUND;
	check(plan->parameter_count <= TWILIO_PARAMETER_COUNT_MAX);
	event.parameter_count = plan->parameter_count;
	for (size_t i = 0; i < plan->parameter_count; i++)
		event.parameters[i] =
			(struct twilio_parameter){ plan->parameters[i].name, plan->parameters[i].value };
	o->is_mute = phone_fault_on(faults, PHONE_FAULT_NO_START);
	say(o, &event);
	if (phone_fault_on(faults, PHONE_FAULT_START_TWICE))
		say(o, &event);
}

void stream_out_frame(struct stream_out *o, const uint8_t frame[ULAW_FRAME_BYTES], uint64_t timestamp_ms)
{
	const uint64_t faults = o->call->options->faults;
	const bool is_tenth = ++o->frame_count % 10 == 0;

	stream_fault_frame(o, o->frame_count);
	if (is_tenth && phone_fault_on(faults, PHONE_FAULT_GAPS))
		o->chunk++;
	else
		say_media(o, TWILIO_INBOUND, frame, timestamp_ms);
	if (is_tenth && phone_fault_on(faults, PHONE_FAULT_DOUBLED_AUDIO))
		say_media(o, TWILIO_INBOUND, frame, timestamp_ms);
	if (buf_len(&o->outbound) < ULAW_FRAME_BYTES)
		return;
	say_media(o, TWILIO_OUTBOUND, buf_data(&o->outbound), timestamp_ms);
	buf_consume(&o->outbound, ULAW_FRAME_BYTES);
}

void stream_out_heard(struct stream_out *o, const uint8_t *audio, size_t len)
{
	/* Two seconds behind is a stopped program, not a phone line: what does not fit is dropped. */
	if (o->call->options->dialect == TWILIO_SEED && !buf_append(&o->outbound, audio, len))
		buf_clear(&o->outbound);
}

void stream_out_mark(struct stream_out *o, const char *name)
{
	struct twilio_event event;

	prepare(o, &event, TWILIO_MARK);
	event.mark_name = slice_of(name);
	say(o, &event);
}

void stream_out_digit(struct stream_out *o, char digit)
{
	struct twilio_event event;

	prepare(o, &event, TWILIO_DTMF);
	event.digit = digit;
	say(o, &event);
}

void stream_out_stop(struct stream_out *o)
{
	struct twilio_event event;

	prepare(o, &event, TWILIO_STOP);
	name_call(o, &event);
	say(o, &event);
}
