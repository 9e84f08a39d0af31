#include "sim/stream_in.h"

#include "base/check.h"
#include "base/clock.h"
#include "proto/base64.h"

void stream_in_begin(struct stream_in *in, struct phone_call *call, struct playback *playback)
{
	in->call = call;
	in->playback = playback;
	check(twilio_reader_expect(&in->reader, slice_of(call->identity.stream_sid)));
}

void stream_in_fini(struct stream_in *in)
{
	twilio_reader_fini(&in->reader);
}

static void take_media(struct stream_in *in, const struct twilio_event *event)
{
	struct call_facts *facts = &in->call->facts;
	ssize_t len = base64_decode(in->audio, event->payload);

	check(len >= 0);
	facts->audio_messages++;
	facts->audio_bytes += (uint64_t)len;
	if (len % ULAW_FRAME_BYTES)
		facts->ragged_messages++;
	if (facts->first_audio_ms < 0 && len > 0) {
		facts->first_audio_ms = (int64_t)call_now_ms(in->call);
		timeline_tell(&in->call->timeline, clock_mono_ms(), "stream", "the first audio arrives");
	}
	if (!playback_put(in->playback, in->audio, (size_t)len))
		call_violation(in->call, VERDICT_31951, "more than %d bytes of audio are queued",
			PLAYBACK_BYTES_MAX);
}

static void take_mark(struct stream_in *in, const struct twilio_event *event)
{
	char name[PLAYBACK_MARK_NAME_BYTES_MAX + 1];

	in->call->facts.marks++;
	if (!slice_copy(event->mark_name, name, sizeof name) || !playback_mark(in->playback, name))
		call_violation(in->call, VERDICT_31951, "a mark whose name is too long, or too many marks");
}

static void take_clear(struct stream_in *in)
{
	size_t dropped = playback_clear(in->playback);

	in->call->facts.clears++;
	in->call->facts.cleared_bytes += dropped;
	timeline_tell(&in->call->timeline, clock_mono_ms(), "stream", "clear: %zu ms of audio dropped",
		dropped / ULAW_BYTES_PER_MS);
}

void stream_in_text(struct stream_in *in, struct slice text)
{
	struct twilio_event event;

	in->call->facts.messages++;
	if (twilio_read(&in->reader, TO_TWILIO, text.data, text.len, &event) == TWILIO_BAD) {
		call_violation(in->call, VERDICT_31951, "%s", in->reader.why);
		return;
	}
	switch (event.kind) {
	case TWILIO_MEDIA:
		return take_media(in, &event);
	case TWILIO_MARK:
		return take_mark(in, &event);
	case TWILIO_CLEAR:
		return take_clear(in);
	case TWILIO_UNKNOWN:
	case TWILIO_CONNECTED:
	case TWILIO_START:
	case TWILIO_DTMF:
	case TWILIO_STOP:
	case TWILIO_KIND_COUNT:
		break;
	}
	call_violation(in->call, VERDICT_31951, "the event \"%.*s\" is not for Twilio",
		event.name.len < 40 ? (int)event.name.len : 40, event.name.data);
}

void stream_in_binary(struct stream_in *in, size_t len)
{
	in->call->facts.messages++;
	call_violation(in->call, VERDICT_31950, "a binary frame of %zu bytes", len);
}
