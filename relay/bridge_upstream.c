/*
 * The model is lost in the midst of the talk: what was sent plays on, then the caller hears a tone;
 * the caller's audio is held; a new session is set up as the first one was, is told what was said
 * unless it knows, and says that it is back. Whether there is a new session, and whose, is the
 * call's affair.
 */
#include "relay/bridge_parts.h"

enum {
	COMFORT_AFTER_MS = 400, /* a quick change is not heard at all */
	COMFORT_PIECE_BYTES = 200 * ULAW_BYTES_PER_MS,
	COMFORT_AHEAD_MS = 250, /* what may wait at Twilio: so much later is the voice back */
};

void bridge_lose(struct bridge *b, enum upstream_loss loss, const char *why, uint64_t now_ms)
{
	if (b->reason != END_NONE || b->loss_due)
		return;
	if (!b->recovers)
		return bridge_end(b, upstream_loss_reason(loss), why, now_ms);
	b->loss_due = true;
	b->loss = loss;
	b->loss_why = why;
}

void bridge_model_lost(struct bridge *b, const struct grok_dialect *next, uint64_t now_ms)
{
	if (b->reason != END_NONE)
		return;
	b->loss_due = b->model_open = b->model_spoke = b->ready = b->knows = false;
	b->asked_count = b->bad_message_count = 0;
	b->misfit = NULL;
	b->ask_at_ms = BRIDGE_NEVER;
	b->model.gone = true;
	b->model.dialect = next;
	b->caller.open = b->caller.has_start = false;
	b->caller.linear = b->voice.linear = false;
	b->caller.backlog_bytes = 0;
	b->caller_speaks = b->parting = b->fill_due = false;
	b->stalled.len = b->filler.len = 0;
	b->cut.response.len = 0;
	patience_all_over(&b->patience);
	say_lost(&b->say);
	tools_lost(&b->tools);
	interrupt_speech(&b->interrupt, false, now_ms);
	quality_caller(&b->quality, false, 0, now_ms);
	interrupt_answered(&b->interrupt);
	voice_fence(&b->voice);
	ledger_gone(&b->ledger); /* what was not finished is not kept */
	if (bridge_voice_ms(b) == 0)
		b->greeted = false; /* nothing was heard yet: the next one begins anew */
	if (!b->greeted || b->away)
		return;
	b->away = true;
	b->comforted = false;
	b->comfort = (struct comfort){0};
	b->comfort_at_ms = now_ms + COMFORT_AFTER_MS;
}

void bridge_comfort(struct bridge *b, uint64_t now_ms)
{
	uint8_t audio[COMFORT_PIECE_BYTES];
	uint64_t unheard_ms = ledger_unheard_ms(&b->ledger);

	if (!b->phone_started) {
		b->comfort_at_ms = now_ms + COMFORT_AFTER_MS;
		return;
	}
	if (unheard_ms > COMFORT_AHEAD_MS) {
		b->comfort_at_ms = now_ms + unheard_ms - COMFORT_AHEAD_MS;
		return;
	}
	b->comfort_at_ms = now_ms + COMFORT_PIECE_BYTES / ULAW_BYTES_PER_MS;
	b->comforted = true;
	comfort_write(&b->comfort, audio, sizeof audio);
	bridge_count(b, METRIC_COMFORT_MESSAGES);
	bridge_to_phone(b, voice_sound(&b->voice, audio, sizeof audio) != VOICE_FULL, now_ms);
}

void bridge_model_knows(struct bridge *b)
{
	b->knows = true;
}

bool bridge_is_replay(const struct bridge *b, const struct grok_event *event)
{
	return (b->away && !b->ready && event->kind == GROK_ITEM_ADDED) ||
	       event->item.replayed == GROK_YES;
}

/* What has not left the transcript yet was said, too. */
static void complete_history(struct bridge *b)
{
	struct turn turn;
	size_t at = 0;

	while (transcript_next(&b->transcript, &at, &turn))
		history_put(&b->history, &turn);
}

/* Every line as the item that it was. */
static void retell(struct bridge *b, uint64_t now_ms)
{
	struct history_line line;
	size_t at = 0;

	complete_history(b);
	ledger_all_gone(&b->ledger);
	while (b->reason == END_NONE && history_next(&b->history, &at, &line)) {
		struct slice role = line.role == TURN_CALLER ? SLICE("user") : SLICE("assistant");

		bridge_count(b, METRIC_MODEL_RETOLD);
		bridge_to_model(b, model_out_line(&b->model, role, line.text), now_ms);
	}
}

void bridge_back(struct bridge *b, uint64_t now_ms)
{
	bool owes = b->speech_stopped_ms != 0;

	b->away = false;
	b->comfort_at_ms = BRIDGE_NEVER;
	bridge_count(b, METRIC_MODEL_BACK);
	b->back_count++;
	if (!b->knows)
		retell(b, now_ms);
	if (b->comforted)
		bridge_say(b, phrase(PHRASE_BACK, b->merchant.language), SAY_AT_ONCE, now_ms);
	else if (owes)
		bridge_respond(b, SLICE("resume"), now_ms);
	bridge_say_next(b, now_ms);
}
