/*
 * The caller's voice interrupts: interrupt.h decides when, here is what happens then. Twilio throws
 * away what it has not played, late audio of the answer is fenced, and Grok is told where the caller
 * stopped hearing: at once for what it has whole, behind its response.done for what it was still
 * generating, unless that was cancelled: then the item is gone.
 */
#include "relay/bridge_parts.h"

#include "base/check.h"
#include "proto/base64.h"

enum { LISTEN_CHARS = 4 * ULAW_FRAME_BYTES };

void bridge_mind_manners(struct bridge *b, const struct bridge_manners *m)
{
	struct interrupt_plan plan = {
		.hold_off_ms = m->hold_off_ms,
		.silence_ms = m->vad_silence_ms ? m->vad_silence_ms : BRIDGE_SILENCE_MS,
		.listens = m->local_vad,
	};

	interrupt_init(&b->interrupt, &plan);
}

static const struct ledger_item *guarded_item(const struct bridge *b)
{
	for (size_t i = 0; b->guard.len && i < b->ledger.item_count; i++)
		if (voice_id_is(&b->guard, voice_id_slice(&b->ledger.items[i].id)))
			return &b->ledger.items[i];
	return NULL;
}

/*
 * Whether the caller hears, or will hear next, what nobody may cut off. Here the best guess is not enough:
 * a mark has to prove its end, unless it is long overdue.
 */
static bool is_protected(const struct bridge *b)
{
	const struct ledger_item *item = guarded_item(b);

	if (say_is_protected(&b->say))
		return true;
	return item && !ledger_item_is_played(&b->ledger, item);
}

static void truncate(struct bridge *b, const struct voice_id *item, uint64_t heard_ms, uint64_t now_ms)
{
	bridge_count(b, METRIC_TRUNCATES);
	bridge_to_model(b, model_out_truncate(&b->model, voice_id_slice(item), heard_ms), now_ms);
}

/* What of an item was not heard is taken back: in the transcript, and with Grok. */
static void cut_item(struct bridge *b, const struct ledger_item *item, const struct voice_id *response, uint64_t now_ms)
{
	uint64_t heard_ms = ledger_item_heard_ms(&b->ledger, item), sent_ms = ledger_item_sent_ms(item);

	if (voice_is_sound(item) || (item->whole && heard_ms >= sent_ms))
		return;
	transcript_voice_cut(&b->transcript, voice_id_slice(&item->id), (uint32_t)heard_ms, (uint32_t)sent_ms,
		item->whole);
	if (item->id.len == 0 || item->gone)
		return;
	if (item->whole)
		truncate(b, &item->id, heard_ms, now_ms);
	else
		b->cut = (struct bridge_cut){ .response = *response, .item = item->id, .heard_ms = heard_ms };
}

static void stop_voice(struct bridge *b, uint64_t now_ms)
{
	struct voice_id response = b->voice.response;

	bridge_stay(b, now_ms);
	bridge_count(b, METRIC_BARGE_INS);
	if (b->interrupt.by_ear)
		bridge_count(b, METRIC_BARGE_INS_BY_EAR);
	voice_fence(&b->voice);
	if (ledger_waiting_bytes(&b->ledger)) {
		bridge_count(b, METRIC_CLEARS);
		bridge_to_phone(b, phone_out_clear(&b->phone), now_ms);
	}
	for (size_t i = 0; i < b->ledger.item_count && b->reason == END_NONE; i++)
		cut_item(b, &b->ledger.items[i], &response, now_ms);
	ledger_clear(&b->ledger);
}

void bridge_heed_caller(struct bridge *b, uint64_t now_ms)
{
	struct interrupt_view view = {
		.now_ms = now_ms,
		.outstanding = !b->away && (b->voice.response.len || ledger_waiting_bytes(&b->ledger)),
		.sounding = ledger_unheard_ms(&b->ledger) > 0,
		.is_protected = is_protected(b),
		.line_lives = now_ms < b->line_ms + BRIDGE_LINE_MS,
		.line_voice_ms = energy_voice_ms(&b->energy),
		.line_lasts_ms = energy_lasts_ms(&b->energy),
		.line_quiet_ms = energy_quiet_ms(&b->energy),
	};

	if (b->reason == END_NONE && interrupt_now(&b->interrupt, &view))
		stop_voice(b, now_ms);
}

void bridge_listen(struct bridge *b, struct slice base64, uint64_t now_ms)
{
	uint8_t audio[LISTEN_CHARS / 4 * 3];

	if (!b->interrupt.plan.listens)
		return;
	while (base64.len) {
		struct slice piece = { base64.data, base64.len < LISTEN_CHARS ? base64.len : LISTEN_CHARS };
		ptrdiff_t bytes = base64_decode(audio, piece);

		check(bytes >= 0);      /* the reader has seen to it */
		energy_put(&b->energy, audio, (size_t)bytes);
		base64.data += piece.len;
		base64.len -= piece.len;
	}
	b->line_ms = now_ms;
	bridge_heed_caller(b, now_ms);
}

static bool hears(const struct bridge *b, uint64_t now_ms)
{
	return b->interrupt.plan.listens && now_ms < b->line_ms + BRIDGE_LINE_MS;
}

/* Grok tells of the end of speech when its silence_ms are over; our own ear, if it listens, knows better. */
uint64_t bridge_caller_quiet_ms(const struct bridge *b, uint64_t now_ms)
{
	uint32_t silence_ms = b->interrupt.plan.silence_ms, quiet_ms = energy_quiet_ms(&b->energy);

	return hears(b, now_ms) && quiet_ms < 2 * silence_ms ? quiet_ms : silence_ms;
}

void bridge_rate(struct bridge *b, uint64_t now_ms)
{
	const struct ledger_item *item = ledger_last(&b->ledger);
	bool voice = ledger_unheard_ms(&b->ledger) > 0 && !(item && voice_is_sound(item));

	quality_look(&b->quality, voice, b->quality.caller, now_ms);
}

static void rate_caller(struct bridge *b, bool speaks, uint64_t now_ms)
{
	uint64_t lasts_ms = hears(b, now_ms) ? energy_lasts_ms(&b->energy) : 0;

	quality_caller(&b->quality, speaks, speaks ? lasts_ms : bridge_caller_quiet_ms(b, now_ms), now_ms);
}

void bridge_caller_speaks(struct bridge *b, bool speaks, uint64_t now_ms)
{
	rate_caller(b, speaks, now_ms);
	say_caller(&b->say, speaks, now_ms);
	interrupt_speech(&b->interrupt, speaks, now_ms);
	bridge_heed_caller(b, now_ms);
}

void bridge_cut_over(struct bridge *b, struct slice response_id, bool completed, uint64_t now_ms)
{
	if (b->cut.response.len == 0 || !voice_id_is(&b->cut.response, response_id))
		return;
	if (completed)
		truncate(b, &b->cut.item, b->cut.heard_ms, now_ms);
	b->cut.response.len = 0;
}
