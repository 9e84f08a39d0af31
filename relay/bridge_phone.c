/*
 * What Twilio says: audio goes to Grok at once, marks to the ledger, digits wait for a pause.
 */
#include "relay/bridge_parts.h"

static void phone_start(struct bridge *b, const struct twilio_event *start, uint64_t now_ms)
{
	if (b->phone_started)
		return bridge_end(b, END_PHONE_PROTOCOL, "a second start message", now_ms);
	if (!start->ulaw)
		return bridge_end(
			b, END_PHONE_PROTOCOL, "the stream is not mu-law at 8000 Hz", now_ms);
	if (!phone_out_start(&b->phone, start->stream_sid))
		return bridge_end(
			b, END_PHONE_PROTOCOL, "the start message names no stream", now_ms);
	b->phone_started = true;
	slice_copy(twilio_parameter(start, SLICE("opening")), b->opening, sizeof b->opening);
	b->nobody_answered = slice_equal(twilio_parameter(start, SLICE("resume")), SLICE("no-answer"));
	b->start_ms = now_ms;
	say_asked_since(&b->say, now_ms);
	bridge_talk_when_possible(b, now_ms);
}

/* The disclosure was heard to its end: from here on the call may be kept. */
static void note_notice(struct bridge *b, const struct ledger_item *item)
{
	if (b->notice_is_whole && !item->gone && voice_id_is(&b->notice, voice_id_slice(&item->id)))
		recorder_consent(b->phone.recorder);
}

void bridge_note_played(struct bridge *b)
{
	for (size_t i = 0; i < b->ledger.item_count; i++) {
		const struct ledger_item *item = &b->ledger.items[i];

		if (!ledger_item_is_played(&b->ledger, item))
			continue;
		transcript_voice_played(&b->transcript, voice_id_slice(&item->id));
		note_notice(b, item);
	}
}

static void phone_mark(struct bridge *b, struct slice name)
{
	witness_tell(b->phone.witness, TESTIMONY_MARK_BACK, name);
	recorder_back(b->phone.recorder, name);
	switch (ledger_mark_back(&b->ledger, name)) {
	case LEDGER_PLAYED:
		bridge_count(b, METRIC_MARKS_PLAYED);
		bridge_note_played(b);
		break;
	case LEDGER_STALE:
		bridge_count(b, METRIC_MARKS_STALE);
		break;
	case LEDGER_FOREIGN:
		bridge_count(b, METRIC_MARKS_FOREIGN);
		break;
	}
}

static void phone_media(struct bridge *b, const struct twilio_event *media, uint64_t now_ms)
{
	/* On the outbound track the receptionist would hear herself. */
	if (media->track != TWILIO_INBOUND) {
		if (media->track == TWILIO_OUTBOUND)
			recorder_far(b->phone.recorder, media);
		return bridge_count(b, METRIC_PHONE_OUTBOUND_FRAMES);
	}
	recorder_in(b->phone.recorder, media, bridge_hides(b));
	struct slice audio = bridge_shield(b, media->payload);

	if (media->timestamp_ms >= 0 && !media->timestamp_is_wall)
		ledger_frame(&b->ledger, media->timestamp_ms);
	bridge_rate(b, now_ms);
	witness_hear(b->phone.witness, TESTIMONY_CALLER_AUDIO, audio);
	if (bridge_to_model(b, caller_audio(&b->caller, audio, bridge_call_ms(b, now_ms)), now_ms))
		bridge_listen(b, audio, now_ms);
}

/* Whether media, marks and digits may come now, from there. */
static bool phone_in_order(struct bridge *b, const struct twilio_event *event, uint64_t now_ms)
{
	if (!b->phone_started) {
		bridge_end(
			b, END_PHONE_PROTOCOL, "a message came before the start message", now_ms);
		return false;
	}
	if (!slice_equal(event->stream_sid, slice_of(b->phone.stream_sid))) {
		bridge_end(b, END_PHONE_PROTOCOL, "a message of another stream", now_ms);
		return false;
	}
	return true;
}

void bridge_phone(struct bridge *b, const struct twilio_event *event, uint64_t now_ms)
{
	if (b->reason != END_NONE)
		return;
	bridge_count(b, METRIC_PHONE_FRAMES);
	ledger_time(&b->ledger, now_ms);
	switch (event->kind) {
	case TWILIO_START:
		return phone_start(b, event, now_ms);
	case TWILIO_MEDIA:
		if (phone_in_order(b, event, now_ms))
			phone_media(b, event, now_ms);
		return;
	case TWILIO_DTMF:
		if (phone_in_order(b, event, now_ms))
			bridge_key(b, event->digit, now_ms);
		return;
	case TWILIO_MARK:
		if (phone_in_order(b, event, now_ms))
			phone_mark(b, event->mark_name);
		return;
	case TWILIO_STOP:
		return bridge_end(b, END_CALLER_HUNG_UP, "stop message", now_ms);
	case TWILIO_CONNECTED:
		return;
	case TWILIO_UNKNOWN:
	case TWILIO_CLEAR:
	case TWILIO_KIND_COUNT:
		bridge_count(b, METRIC_PHONE_UNKNOWN_EVENTS);
		return;
	}
}
