/*
 * Setting up: session.update when Grok speaks first, session.updated makes it ready, the greeting
 * opens the talk.
 * Talking: bridge_phone() and bridge_model() say what each event means; voice, caller and
 * transcript do the work.
 */
#include "relay/bridge.h"

#include "base/check.h"
#include "proto/base64.h"

#include <string.h>

#define NEVER UINT64_MAX

void bridge_init(struct bridge *b, const struct bridge_plan *plan, uint64_t now_ms)
{
	*b = (struct bridge){
		.born_ms = now_ms,
		.ask_at_ms = NEVER,
		.ready_at_ms = NEVER,
		.greeting_at_ms = NEVER,
		.keypad_at_ms = NEVER,
		.ready_ms_max = plan->ready_ms_max,
		.metrics = plan->metrics,
	};
	phone_out_init(&b->phone, plan->phone_buf);
	model_out_init(&b->model, plan->model_buf, plan->random, plan->pool);
	ledger_init(&b->ledger);
	voice_init(&b->voice, &b->phone, &b->ledger, plan->metrics);
	caller_init(&b->caller, &b->model, plan->metrics, plan->pool);
	transcript_init(&b->transcript, plan->pool, plan->turns);
}

void bridge_fini(struct bridge *b)
{
	caller_release(&b->caller);
	buf_release(&b->transcript.caller.text);
	buf_release(&b->transcript.voice.text);
}

static void count(struct bridge *b, enum metric metric)
{
	metrics_add(b->metrics, metric, 1);
}

static uint32_t call_ms(const struct bridge *b, uint64_t now_ms)
{
	return b->phone_started ? (uint32_t)(now_ms - b->start_ms) : 0;
}

void bridge_end(struct bridge *b, enum end_reason reason, const char *why, uint64_t now_ms)
{
	check(reason != END_NONE);
	if (b->reason != END_NONE)
		return;
	b->reason = reason;
	b->why = why;
	b->ask_at_ms = b->ready_at_ms = b->greeting_at_ms = b->keypad_at_ms = NEVER;
	b->merchant = (struct bridge_merchant){ 0 };
	caller_release(&b->caller);
	transcript_close(&b->transcript, call_ms(b, now_ms));
}

/* A message could not be written: its bound is reached, or memory is. */
static bool written(struct bridge *b, const struct buf *out, bool ok, uint64_t now_ms)
{
	if (ok)
		return true;
	if (buf_len(out) > LEG_OUT_HIGH_WATER_BYTES)
		bridge_end(b, END_OVERFLOW, "a peer takes its data too slowly", now_ms);
	else
		bridge_end(b, END_POOL_EXHAUSTED, "no pooled memory for a message", now_ms);
	return false;
}

static bool to_model(struct bridge *b, bool ok, uint64_t now_ms)
{
	return written(b, b->model.out, ok, now_ms);
}

static bool to_phone(struct bridge *b, bool ok, uint64_t now_ms)
{
	return written(b, b->phone.out, ok, now_ms);
}

/* --- setting up ----------------------------------------------------------------------------------- */

static void ask(struct bridge *b, uint64_t now_ms)
{
	struct grok_session session;

	grok_session_phone(&session, b->merchant.instructions, b->merchant.voice, b->merchant.language);
	b->ask_at_ms = NEVER;
	b->ready_at_ms = now_ms + b->ready_ms_max;
	b->asked_count++;
	count(b, METRIC_MODEL_UPDATES);
	to_model(b, model_out_session(&b->model, &session), now_ms);
}

static void ask_when_possible(struct bridge *b, uint64_t now_ms)
{
	if (!b->model_open || !b->merchant_known || b->asked_count)
		return;
	if (b->model_spoke || now_ms >= b->open_ms + BRIDGE_ASK_MS)
		ask(b, now_ms);
	else
		b->ask_at_ms = b->open_ms + BRIDGE_ASK_MS;
}

void bridge_merchant(struct bridge *b, const struct bridge_merchant *merchant, uint64_t now_ms)
{
	if (b->reason != END_NONE)
		return;
	check(!b->merchant_known);
	b->merchant = *merchant;
	b->merchant_known = true;
	ask_when_possible(b, now_ms);
}

bool bridge_needs_merchant(const struct bridge *b)
{
	return b->reason == END_NONE && !b->greeted;
}

void bridge_model_open(struct bridge *b, uint64_t now_ms)
{
	if (b->reason != END_NONE)
		return;
	check(!b->model_open);
	b->model_open = true;
	b->open_ms = now_ms;
	ask_when_possible(b, now_ms);
}

static void greet(struct bridge *b, uint64_t now_ms)
{
	b->greeted = true;
	b->greeting_at_ms = now_ms + BRIDGE_GREETING_MS;
	/* A force_message is never followed by response.create. */
	if (b->merchant.greeting.len)
		to_model(b, model_out_say(&b->model, b->merchant.greeting), now_ms);
	else
		to_model(b, model_out_respond(&b->model, SLICE("greeting")), now_ms);
	b->merchant = (struct bridge_merchant){ 0 };
}

bool bridge_is_talking(const struct bridge *b)
{
	return b->reason == END_NONE && b->greeted;
}

static void talk_when_possible(struct bridge *b, uint64_t now_ms)
{
	if (b->reason == END_NONE && b->ready && b->phone_started && !b->greeted)
		greet(b, now_ms);
}

/* --- what Twilio says ----------------------------------------------------------------------------- */

static void phone_start(struct bridge *b, const struct twilio_event *start, uint64_t now_ms)
{
	if (b->phone_started)
		return bridge_end(b, END_PHONE_PROTOCOL, "a second start message", now_ms);
	if (!start->ulaw)
		return bridge_end(b, END_PHONE_PROTOCOL, "the stream is not mu-law at 8000 Hz", now_ms);
	if (!phone_out_start(&b->phone, start->stream_sid))
		return bridge_end(b, END_PHONE_PROTOCOL, "the start message names no stream", now_ms);
	b->phone_started = true;
	b->start_ms = now_ms;
	talk_when_possible(b, now_ms);
}

static void phone_mark(struct bridge *b, struct slice name)
{
	switch (ledger_mark_back(&b->ledger, name)) {
	case LEDGER_PLAYED:
		count(b, METRIC_MARKS_PLAYED);
		if (b->voice.item_over && ledger_waiting_bytes(&b->ledger) == 0)
			transcript_voice_played(&b->transcript);
		break;
	case LEDGER_STALE:
		count(b, METRIC_MARKS_STALE);
		break;
	case LEDGER_FOREIGN:
		count(b, METRIC_MARKS_FOREIGN);
		break;
	}
}

static void phone_media(struct bridge *b, const struct twilio_event *media, uint64_t now_ms)
{
	if (media->track == TWILIO_INBOUND)
		to_model(b, caller_audio(&b->caller, media->payload, call_ms(b, now_ms)), now_ms);
	else
		/* The receptionist would hear herself. */
		count(b, METRIC_PHONE_OUTBOUND_FRAMES);
}

static void phone_digit(struct bridge *b, char digit, uint64_t now_ms)
{
	caller_digit(&b->caller, digit);
	b->keypad_at_ms = digit == '#' ? now_ms : now_ms + BRIDGE_KEYPAD_MS;
}

/* Whether media, marks and digits may come now, from there. */
static bool phone_in_order(struct bridge *b, const struct twilio_event *event, uint64_t now_ms)
{
	if (!b->phone_started) {
		bridge_end(b, END_PHONE_PROTOCOL, "a message came before the start message", now_ms);
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
	count(b, METRIC_PHONE_FRAMES);
	switch (event->kind) {
	case TWILIO_START:
		return phone_start(b, event, now_ms);
	case TWILIO_MEDIA:
		if (phone_in_order(b, event, now_ms))
			phone_media(b, event, now_ms);
		return;
	case TWILIO_DTMF:
		if (phone_in_order(b, event, now_ms))
			phone_digit(b, event->digit, now_ms);
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
		count(b, METRIC_PHONE_UNKNOWN_EVENTS);
		return;
	}
}

/* --- what Grok says ------------------------------------------------------------------------------- */

static void model_updated(struct bridge *b, const struct grok_event *event, uint64_t now_ms)
{
	if (b->ready || b->asked_count == 0)
		return;
	if (!grok_session_fits_phone(&event->session, &b->misfit)) {
		bool hears_turns = slice_equal(event->session.turn_detection.type, SLICE("server_vad"));

		b->misfit_reason = hears_turns ? END_GROK_WRONG_AUDIO : END_GROK_REFUSED;
		return;
	}
	b->ready = true;
	b->ready_at_ms = NEVER;
	metrics_observe(b->metrics, METRIC_MODEL_READY_SECONDS, (double)(now_ms - b->born_ms) / 1000);
	to_model(b, caller_open(&b->caller), now_ms);
	talk_when_possible(b, now_ms);
}

static void caller_spoke(struct bridge *b, uint64_t now_ms)
{
	bool generating = b->voice.response.len > 0;
	uint64_t waiting_bytes = ledger_waiting_bytes(&b->ledger);
	uint64_t heard_ms = ledger_item_heard_ms(&b->ledger), sent_ms = ledger_item_sent_ms(&b->ledger);
	/* Only an item that Grok has whole can be truncated (its response is done). */
	bool truncate = b->voice.item_over && b->voice.item.len && heard_ms < sent_ms;

	if (!generating && waiting_bytes == 0)
		return;
	count(b, METRIC_BARGE_INS);
	voice_fence(&b->voice);
	if (sent_ms > heard_ms)
		transcript_voice_cut(&b->transcript, (uint32_t)heard_ms, (uint32_t)sent_ms);
	if (waiting_bytes) {
		ledger_clear(&b->ledger);
		count(b, METRIC_CLEARS);
		if (!to_phone(b, phone_out_clear(&b->phone), now_ms))
			return;
	}
	if (truncate) {
		count(b, METRIC_TRUNCATES);
		to_model(b, model_out_truncate(&b->model, voice_id_slice(&b->voice.item), heard_ms), now_ms);
	}
}

static uint32_t speech_ms(const struct bridge *b, int64_t audio_ms, uint64_t now_ms)
{
	return caller_moment_ms(&b->caller, audio_ms, call_ms(b, now_ms));
}

static void model_delta(struct bridge *b, const struct grok_event *event, uint64_t now_ms)
{
	bool first, item_first;

	count(b, METRIC_VOICE_DELTAS);
	if (!b->phone_started)
		return;                     /* nobody asked for it yet, and nobody could hear it */
	uint32_t heard_from_ms = call_ms(b, now_ms) +
		(uint32_t)(ledger_waiting_bytes(&b->ledger) / ULAW_BYTES_PER_MS);

	switch (voice_delta(&b->voice, event, &first, &item_first)) {
	case VOICE_OK:
		break;
	case VOICE_FENCED:
		return count(b, METRIC_VOICE_DELTAS_FENCED);
	case VOICE_BAD:
		return count(b, METRIC_VOICE_DELTAS_BAD);
	case VOICE_WRONG_AUDIO:
		return bridge_end(b, END_GROK_WRONG_AUDIO, "the first audio is not 8 bytes a millisecond", now_ms);
	case VOICE_FULL:
		to_phone(b, false, now_ms);
		return;
	}
	if (first) {
		b->greeting_at_ms = NEVER;
		transcript_caller_answered(&b->transcript);
		if (b->speech_stopped_ms)
			metrics_observe(b->metrics, METRIC_MODEL_ANSWER_SECONDS,
				(double)(now_ms - b->speech_stopped_ms) / 1000);
		b->speech_stopped_ms = 0;
	}
	if (item_first)
		transcript_voice_start(&b->transcript, event->item_id, heard_from_ms);
	transcript_voice_sent(&b->transcript, (uint32_t)ledger_item_sent_ms(&b->ledger));
}

static void model_response(struct bridge *b, const struct grok_event *event, bool done, uint64_t now_ms)
{
	enum voice_result result = done ? voice_response_done(&b->voice, event->response_id)
					: voice_response(&b->voice, event->response_id);

	b->greeting_at_ms = NEVER;
	if (result == VOICE_FULL)
		to_phone(b, false, now_ms);
	transcript_voice_sent(&b->transcript, (uint32_t)ledger_item_sent_ms(&b->ledger));
}

/* Whether words of that response may still be said. */
static bool is_spoken(const struct bridge *b, const struct grok_event *event)
{
	return event->response_id.len == 0 || voice_id_is(&b->voice.response, event->response_id);
}

static void model_error(struct bridge *b, const struct grok_error *error, uint64_t now_ms)
{
	count(b, METRIC_MODEL_ERRORS);
	if (!b->ready)
		bridge_end(b, END_GROK_REFUSED, "Grok answered the session with an error", now_ms);
	else if (slice_equal(error->type, SLICE("max_duration")))
		bridge_end(b, END_CALL_TOO_LONG, "Grok's longest session is over", now_ms);
	else if (slice_equal(error->type, SLICE("timeout")))
		bridge_end(b, END_GROK_CLOSED, "Grok's session timed out", now_ms);
}

void bridge_model(struct bridge *b, const struct grok_event *event, uint64_t now_ms)
{
	struct transcript *t = &b->transcript;

	if (b->reason != END_NONE)
		return;
	count(b, METRIC_MODEL_FRAMES);
	if (!b->model_spoke) {
		b->model_spoke = true;
		ask_when_possible(b, now_ms);
	}
	/* Most kinds are of no concern here. */
	switch ((int)event->kind) {
	case GROK_SESSION_UPDATED:
		return model_updated(b, event, now_ms);
	case GROK_SPEECH_STARTED:
		caller_spoke(b, now_ms);
		return transcript_caller_start(t, event->item_id, speech_ms(b, event->audio_start_ms, now_ms));
	case GROK_SPEECH_STOPPED:
		b->speech_stopped_ms = now_ms;
		return transcript_caller_stop(t, event->item_id, speech_ms(b, event->audio_end_ms, now_ms));
	case GROK_CALLER_TEXT_UPDATED:
		return transcript_caller_text(t, event->item_id, event->transcript, false, call_ms(b, now_ms));
	case GROK_CALLER_TEXT_COMPLETED:
		return transcript_caller_text(t, event->item_id, event->transcript,
			!slice_equal(event->status, SLICE("in_progress")), call_ms(b, now_ms));
	case GROK_RESPONSE_CREATED:
		return model_response(b, event, false, now_ms);
	case GROK_AUDIO_DELTA:
		return model_delta(b, event, now_ms);
	case GROK_AUDIO_DONE:
		if (is_spoken(b, event))
			to_phone(b, voice_tail(&b->voice) != VOICE_FULL, now_ms);
		return;
	case GROK_RESPONSE_DONE:
		return model_response(b, event, true, now_ms);
	case GROK_TRANSCRIPT_DELTA:
		if (is_spoken(b, event))
			transcript_voice_piece(t, event->item_id, event->delta,
				event->start_s > 0 ? (uint32_t)(event->start_s * 1000) : 0, call_ms(b, now_ms));
		return;
	case GROK_TRANSCRIPT_DONE:
		if (is_spoken(b, event))
			transcript_voice_text(t, event->item_id, event->transcript, call_ms(b, now_ms));
		return;
	case GROK_ITEM_TRUNCATED:
		return transcript_voice_kept(t, event->item_id, event->transcript);
	case GROK_ERROR:
		return model_error(b, &event->error, now_ms);
	case GROK_UNKNOWN:
		return count(b, METRIC_MODEL_UNKNOWN_EVENTS);
	}
}

void bridge_model_bad(struct bridge *b, uint64_t now_ms)
{
	count(b, METRIC_MODEL_BAD_MESSAGES);
	if (++b->bad_message_count > BRIDGE_BAD_MESSAGES_MAX)
		bridge_end(b, END_GROK_PROTOCOL, "too many unreadable messages", now_ms);
}

/* --- time ----------------------------------------------------------------------------------------- */

static void pass_digits(struct bridge *b, uint64_t now_ms)
{
	b->keypad_at_ms = NEVER;
	if (!bridge_is_talking(b) || !to_model(b, caller_digits(&b->caller), now_ms))
		return;
	/* An answer under way would be cut off by another. */
	if (b->voice.response.len == 0)
		to_model(b, model_out_respond(&b->model, SLICE("keypad")), now_ms);
}

static void not_ready_in_time(struct bridge *b, uint64_t now_ms)
{
	b->ready_at_ms = NEVER;
	if (b->asked_count < 2)
		return ask(b, now_ms);
	bridge_end(b, b->misfit ? b->misfit_reason : END_GROK_STALLED,
		b->misfit ? b->misfit : "no session.updated in time, asked twice", now_ms);
}

void bridge_tick(struct bridge *b, uint64_t now_ms)
{
	if (b->reason != END_NONE)
		return;
	if (now_ms >= b->ask_at_ms)
		ask_when_possible(b, now_ms);
	if (now_ms >= b->ready_at_ms)
		not_ready_in_time(b, now_ms);
	if (now_ms >= b->greeting_at_ms) {
		b->greeting_at_ms = NEVER;
		to_model(b, model_out_say(&b->model, SLICE("Hello! How can I help you?")), now_ms);
	}
	if (now_ms >= b->keypad_at_ms)
		pass_digits(b, now_ms);
	if (b->reason == END_NONE)
		to_model(b, caller_flow(&b->caller), now_ms);
}

uint64_t bridge_deadline_ms(const struct bridge *b)
{
	const uint64_t waits[] = { b->ask_at_ms, b->ready_at_ms, b->greeting_at_ms, b->keypad_at_ms };
	uint64_t soonest = NEVER;

	for (size_t i = 0; i < ARRAY_COUNT(waits); i++)
		if (waits[i] < soonest)
			soonest = waits[i];
	return soonest;
}

uint64_t bridge_caller_ms(const struct bridge *b)
{
	return b->caller.audio_bytes / ULAW_BYTES_PER_MS;
}

uint64_t bridge_voice_ms(const struct bridge *b)
{
	return ledger_sent_ms(&b->ledger);
}
