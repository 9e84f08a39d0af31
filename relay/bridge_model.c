/*
 * What Grok says: its audio goes to the caller, words to the transcript, the caller's voice
 * interrupts.
 */
#include "relay/bridge_parts.h"

#include "proto/base64.h"

static uint32_t speech_ms(const struct bridge *b, int64_t audio_ms, uint64_t now_ms)
{
	return caller_moment_ms(&b->caller, audio_ms, bridge_call_ms(b, now_ms));
}

static void note_sent(struct bridge *b)
{
	const struct ledger_item *item = ledger_last(&b->ledger);

	if (item)
		transcript_voice_sent(&b->transcript, voice_id_slice(&item->id), (uint32_t)ledger_item_sent_ms(item));
}

/* A response begins, or goes on. */
static void model_responds(struct bridge *b, struct slice id, uint64_t now_ms)
{
	enum say_kind kind = say_response(&b->say, id, now_ms);

	if (kind == SAY_ANSWER)
		interrupt_answered(&b->interrupt);
	if (kind != SAY_GOES_ON)
		tools_response(&b->tools, id, kind == SAY_LINE);
}

static void model_response(struct bridge *b, struct slice id, uint64_t now_ms)
{
	if (voice_response(&b->voice, id) == VOICE_FULL)
		bridge_to_phone(b, false, now_ms);
	if (voice_id_is(&b->voice.response, id))
		model_responds(b, id, now_ms);
	note_sent(b);
	bridge_note_played(b);
}

static void model_delta(struct bridge *b, const struct grok_event *event, uint64_t now_ms)
{
	bool first, item_first;

	bridge_count(b, METRIC_VOICE_DELTAS);
	if (!b->phone_started)
		return; /* nobody asked for it yet, and nobody could hear it */
	uint32_t heard_from_ms =
		bridge_call_ms(b, now_ms) + (uint32_t)ledger_unheard_ms(&b->ledger);

	bool is_dry = b->voice.heard && voice_id_is(&b->voice.response, event->response_id) &&
		ledger_unheard_ms(&b->ledger) == 0;

	switch (voice_delta(&b->voice, event, &first, &item_first)) {
	case VOICE_OK:
		break;
	case VOICE_FENCED:
		return bridge_count(b, METRIC_VOICE_DELTAS_FENCED);
	case VOICE_BAD:
		return bridge_count(b, METRIC_VOICE_DELTAS_BAD);
	case VOICE_WRONG_AUDIO:
		return bridge_lose(b, LOSS_WRONG_AUDIO,
			"the first audio is not 8 bytes a millisecond", now_ms);
	case VOICE_FULL:
		bridge_to_phone(b, false, now_ms);
		return;
	}
	model_responds(b, voice_id_slice(&b->voice.response), now_ms);
	quality_begin(&b->quality, now_ms);
	if (is_dry && !item_first)
		quality_underrun(&b->quality);
	bridge_rate(b, now_ms);
	if (!b->was_heard)
		metrics_observe(b->metrics, METRIC_FIRST_AUDIO_SECONDS, (double)(now_ms - b->start_ms) / 1000);
	b->was_heard = true;
	leave_voice(&b->leave);
	tools_voice(&b->tools, voice_id_slice(&b->voice.response));
	if (first) {
		transcript_caller_answered(&b->transcript);
		if (b->speech_stopped_ms) {
			metrics_observe(b->metrics, METRIC_MODEL_ANSWER_SECONDS,
				(double)(now_ms - b->speech_stopped_ms) / 1000);
			quality_answer(&b->quality, now_ms - b->caller_quiet_at_ms);
		}
		b->speech_stopped_ms = 0;
	}
	if (item_first && say_is_protected(&b->say))
		voice_id_set(&b->guard, event->item_id);
	if (item_first && say_is_notice(&b->say)) {
		voice_id_set(&b->notice, event->item_id);
		b->notice_is_whole = false;
	}
	if (item_first)
		transcript_voice_start(&b->transcript, event->item_id, heard_from_ms);
	note_sent(b);
}

static void model_response_done(struct bridge *b, const struct grok_event *event, uint64_t now_ms)
{
	bool completed = slice_equal(event->status, SLICE("completed"));

	bridge_tools_done(b, event, now_ms);
	if (slice_equal(event->status, SLICE("cancelled")) && voice_id_is(&b->voice.response, event->response_id))
		ledger_gone(&b->ledger);
	if (voice_response_done(&b->voice, event->response_id) == VOICE_FULL)
		bridge_to_phone(b, false, now_ms);
	note_sent(b);
	bridge_note_played(b);
	bridge_cut_over(b, event->response_id, completed, now_ms);
	say_response_over(&b->say, event->response_id, completed);
	bridge_say_next(b, now_ms);
}

static void model_error(struct bridge *b, const struct grok_error *error, uint64_t now_ms)
{
	bridge_count(b, METRIC_MODEL_ERRORS);
	if (!b->ready)
		bridge_lose(b, LOSS_REFUSED, "Grok answered the session with an error", now_ms);
	else if (slice_equal(error->type, SLICE("max_duration")))
		bridge_lose(b, LOSS_SESSION_OVER, "Grok's longest session is over", now_ms);
	else if (slice_equal(error->type, SLICE("timeout")))
		bridge_lose(b, LOSS_CLOSED, "Grok's session timed out", now_ms);
}

void bridge_model(struct bridge *b, const struct grok_event *event, uint64_t now_ms)
{
	struct transcript *t = &b->transcript;

	/* What a connection that was given up still says is nobody's. */
	if (b->reason != END_NONE || b->loss_due || !b->model_open)
		return;
	bridge_count(b, METRIC_MODEL_FRAMES);
	if (bridge_is_replay(b, event))
		return bridge_count(b, METRIC_MODEL_REPLAYED);
	ledger_time(&b->ledger, now_ms);
	if (event->kind != GROK_AUDIO_DELTA)
		witness_tell(b->phone.witness, TESTIMONY_MODEL, slice_of(grok_kind_name(event->kind)));
	if (!b->model_spoke) {
		b->model_spoke = true;
		bridge_ask_when_possible(b, now_ms);
	}
	bridge_heed_model(b, event, now_ms);
	/* Most kinds are of no concern here. */
	switch ((int)event->kind) {
	case GROK_SESSION_UPDATED:
		return bridge_updated(b, event, now_ms);
	case GROK_SPEECH_STARTED:
		bridge_caller_speaks(b, true, now_ms);
		return transcript_caller_start(
			t, event->item_id, speech_ms(b, event->audio_start_ms, now_ms));
	case GROK_SPEECH_STOPPED:
		b->speech_stopped_ms = now_ms;
		b->caller_quiet_at_ms = now_ms - bridge_caller_quiet_ms(b, now_ms);
		bridge_caller_speaks(b, false, now_ms);
		return transcript_caller_stop(
			t, event->item_id, speech_ms(b, event->audio_end_ms, now_ms));
	case GROK_RESPONSE_CREATED:
		return model_response(b, event->response_id, now_ms);
	case GROK_AUDIO_DELTA:
		return model_delta(b, event, now_ms);
	case GROK_AUDIO_DONE:
		if (bridge_is_spoken(b, event)) {
			say_response_whole(&b->say, event->response_id);
			b->notice_is_whole = b->notice_is_whole || say_notice_is_whole(&b->say);
			bridge_to_phone(b, voice_tail(&b->voice) != VOICE_FULL, now_ms);
		}
		return;
	case GROK_RESPONSE_DONE:
		return model_response_done(b, event, now_ms);
	case GROK_ARGUMENTS_DONE:
		return bridge_tool_shown(b, event, now_ms);
	case GROK_OUTPUT_ITEM_DONE:
		if (slice_equal(event->item.type, SLICE("function_call")))
			bridge_tool_shown(b, event, now_ms);
		return;
	case GROK_CALLER_TEXT_UPDATED:
	case GROK_CALLER_TEXT_COMPLETED:
	case GROK_CALLER_TEXT_DELTA:
	case GROK_TRANSCRIPT_DELTA:
	case GROK_TRANSCRIPT_DONE:
	case GROK_ITEM_TRUNCATED:
		return bridge_words(b, event, now_ms);
	case GROK_ERROR:
		return model_error(b, &event->error, now_ms);
	case GROK_UNKNOWN:
		return bridge_count(b, METRIC_MODEL_UNKNOWN_EVENTS);
	}
}

void bridge_model_bad(struct bridge *b, uint64_t now_ms)
{
	bridge_count(b, METRIC_MODEL_BAD_MESSAGES);
	if (++b->bad_message_count > BRIDGE_BAD_MESSAGES_MAX)
		bridge_lose(b, LOSS_PROTOCOL, "too many unreadable messages", now_ms);
}
