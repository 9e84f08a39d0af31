/*
 * What does not come in time has its consequence. Waits begin and end with what Grok says; the
 * caller's silence counts only while nobody is heard or about to be.
 *
 * A filler never outranks the answer that it covers: said while that stalls, it goes first; as soon
 * as the answer speaks, the rest of the filler is dropped. An answer that ended because of the
 * filler is asked for again.
 */
#include "relay/bridge_parts.h"

static void say(struct bridge *b, enum phrase_name name, unsigned flags, uint64_t now_ms)
{
	bridge_say(b, phrase(name, b->merchant.language), flags, now_ms);
}

static void retry(struct bridge *b, uint64_t now_ms)
{
	bridge_count(b, METRIC_RETRIES);
	b->stalled.len = b->filler.len = 0;
	b->fill_due = false;
	bridge_respond(b, SLICE("retry"), now_ms);
}

/* Once a turn: it may cancel the answer, which would never come. OpenAI has no words beside a response under way. */
static void fill(struct bridge *b, uint64_t now_ms)
{
	if (!b->model.dialect->force_message || b->filled)
		return;
	b->filled = true;
	bridge_count(b, METRIC_FILLERS);
	b->fill_due = true;
	b->stalled = b->voice.response;
	say(b, PHRASE_MOMENT, SAY_AT_ONCE, now_ms);
}

static void part(struct bridge *b, uint64_t now_ms)
{
	b->parting = true;
	b->part_heard = false;
	say(b, PHRASE_PART, SAY_YIELDS, now_ms);
	patience_begin(&b->patience, WAIT_GOODBYE, now_ms);
}

static void act(struct bridge *b, enum patience_act act, uint64_t now_ms)
{
	switch (act) {
	case PATIENCE_ASK_AGAIN:
		return bridge_ask_again(b, now_ms);
	case PATIENCE_RETRY:
		return retry(b, now_ms);
	case PATIENCE_FILL:
		return fill(b, now_ms);
	case PATIENCE_PROMPT:
		bridge_count(b, METRIC_PROMPTS);
		return say(b, PHRASE_THERE, SAY_YIELDS, now_ms);
	case PATIENCE_PART:
		return part(b, now_ms);
	case PATIENCE_END:
		return bridge_end(b, END_CALLER_SILENT, "nobody spoke", now_ms);
	case PATIENCE_LOSE:
		return bridge_lose(b, b->misfit ? b->misfit_loss : LOSS_STALLED,
			b->misfit ? b->misfit : "it did not answer in time, asked twice", now_ms);
	case PATIENCE_NOTHING:
	case PATIENCE_ACT_COUNT:
		return;
	}
}

/* --- what is heard of Grok
 * ------------------------------------------------------------------------ */

static void forget_answer(struct bridge *b)
{
	patience_over(&b->patience, WAIT_ANSWER);
	patience_over(&b->patience, WAIT_AUDIO);
	b->stalled.len = b->filler.len = 0;
	b->fill_due = false;
}

static void caller_is_there(struct bridge *b)
{
	patience_over(&b->patience, WAIT_SILENCE);
	patience_over(&b->patience, WAIT_GOODBYE);
	b->parting = false;
}

static void response_began(struct bridge *b, struct slice id, uint64_t now_ms)
{
	if (b->fill_due) {
		b->fill_due = false;
		voice_id_set(&b->filler, id);
		return;
	}
	patience_over(&b->patience, WAIT_ANSWER);
	patience_rest(&b->patience, WAIT_AUDIO); /* asked for once more: no second filler */
	b->stalled.len = b->filler.len = 0;
	patience_begin(&b->patience, WAIT_AUDIO, now_ms);
}

static void audio_came(struct bridge *b, struct slice id, uint64_t now_ms)
{
	b->part_heard = b->parting;
	if (b->filler.len && voice_id_is(&b->filler, id))
		return;
	if (b->stalled.len && voice_id_is(&b->stalled, id))
		bridge_to_phone(b, voice_recall(&b->voice, id) != VOICE_FULL, now_ms);
	b->filled = false;
	forget_answer(b);
}

static void response_ended(struct bridge *b, struct slice id, uint64_t now_ms)
{
	if (b->filler.len && voice_id_is(&b->filler, id)) {
		b->filler.len = 0;
		if (b->stalled.len == 0)
			retry(b, now_ms);
	} else if (b->stalled.len && voice_id_is(&b->stalled, id)) {
		b->stalled.len = 0;
		if (b->filler.len == 0 && !b->fill_due)
			retry(b, now_ms);
	} else if (voice_id_is(&b->voice.response, id)) {
		patience_over(&b->patience, WAIT_AUDIO);
	}
}

void bridge_heed_model(struct bridge *b, const struct grok_event *event, uint64_t now_ms)
{
	switch ((int)event->kind) {
	case GROK_SPEECH_STARTED:
		b->caller_speaks = true;
		b->filled = false;
		caller_is_there(b);
		return forget_answer(b);
	case GROK_SPEECH_STOPPED:
		b->caller_speaks = false;
		return;
	case GROK_AUDIO_COMMITTED:
		/* Its response may have begun already. */
		if (b->voice.response.len == 0)
			patience_begin(&b->patience, WAIT_ANSWER, now_ms);
		return;
	case GROK_RESPONSE_CREATED:
		return response_began(b, event->response_id, now_ms);
	case GROK_AUDIO_DELTA:
		return audio_came(b, event->response_id, now_ms);
	case GROK_RESPONSE_DONE:
		return response_ended(b, event->response_id, now_ms);
	}
}

void bridge_heed_digit(struct bridge *b)
{
	caller_is_there(b);
}

/* --- time
 * ----------------------------------------------------------------------------------------- */

bool bridge_is_quiet(const struct bridge *b)
{
	return bridge_is_talking(b) && b->phone_started && !b->away && !b->caller_speaks &&
	       b->voice.response.len == 0 && b->say.line_count == 0 &&
	       !tools_busy(&b->tools) && !leave_is_on(&b->leave) &&
	       !patience_waits(&b->patience, WAIT_ANSWER) && ledger_unheard_ms(&b->ledger) == 0;
}

/* The goodbye may still be on its way: only what was heard counts. */
static void watch_silence(struct bridge *b, uint64_t now_ms)
{
	uint64_t unheard_ms = ledger_unheard_ms(&b->ledger);

	b->quiet_at_ms = BRIDGE_NEVER;
	if (!bridge_is_quiet(b)) {
		patience_rest(&b->patience, WAIT_SILENCE);
		b->quiet_at_ms = unheard_ms ? now_ms + unheard_ms : BRIDGE_NEVER;
	} else if (!b->parting) {
		patience_begin(&b->patience, WAIT_SILENCE, now_ms);
	} else if (b->part_heard) {
		bridge_end(b, END_CALLER_SILENT, "nobody spoke", now_ms);
	}
}

void bridge_be_patient(struct bridge *b, uint64_t now_ms)
{
	enum patience_wait wait;
	enum patience_act next;

	ledger_time(&b->ledger, now_ms);
	watch_silence(b, now_ms);
	while (b->reason == END_NONE &&
		(next = patience_next(&b->patience, now_ms, &wait)) != PATIENCE_NOTHING) {
		bridge_count(b, METRIC_PATIENCE_ENDS);
		act(b, next, now_ms);
	}
}
