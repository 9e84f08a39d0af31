/*
 * The life of a conversation: it begins, time passes, it ends once. What it consists of:
 * bridge_setup.c until the first words, bridge_phone.c what Twilio says, bridge_model.c what Grok
 * says; voice, caller and transcript do the work.
 */
#include "relay/bridge_parts.h"

#include "base/check.h"

static void put_turn(struct turn_sink *sink, const struct turn *turn)
{
	struct bridge *b = container_of(sink, struct bridge, sink);

	if (b->recovers)
		history_put(&b->history, turn);
	b->turns->put(b->turns, turn);
}

void bridge_init(struct bridge *b, const struct bridge_plan *plan, uint64_t now_ms)
{
	*b = (struct bridge){
		.born_ms = now_ms,
		.ask_at_ms = BRIDGE_NEVER,
		.comfort_at_ms = BRIDGE_NEVER,
		.quiet_at_ms = BRIDGE_NEVER,
		.is_ahead = plan->is_ahead,
		.recovers = plan->recovers,
		.turns = plan->turns,
		.sink.put = put_turn,
		.metrics = plan->metrics,
	};
	phone_out_init(&b->phone, plan->phone_buf, plan->witness);
	model_out_init(&b->model, plan->model_buf, plan->random, plan->pool);
	ledger_init(&b->ledger);
	voice_init(&b->voice, &b->phone, &b->ledger, plan->metrics);
	caller_init(&b->caller, &b->model, plan->metrics, plan->pool);
	transcript_init(&b->transcript, plan->pool, &b->sink);
	say_init(&b->say, plan->pool);
	tools_init(&b->tools, plan->pool);
	b->tool_sink = plan->tools;
	keypad_init(&b->keypad);
	bridge_mind_manners(b, &(struct bridge_manners){ 0 });
	energy_init(&b->energy);
	history_init(&b->history, plan->pool);
	patience_init(&b->patience, &plan->patience);
}

void bridge_fini(struct bridge *b)
{
	caller_release(&b->caller);
	say_fini(&b->say);
	transcript_release(&b->transcript);
	tools_fini(&b->tools);
	keypad_wipe(&b->keypad);
	history_release(&b->history);
}

void bridge_count(struct bridge *b, enum metric metric)
{
	metrics_add(b->metrics, metric, 1);
}

uint32_t bridge_call_ms(const struct bridge *b, uint64_t now_ms)
{
	return b->phone_started ? (uint32_t)(now_ms - b->start_ms) : 0;
}

/* What the caller can no longer hear was not said. */
static void cut_off(struct bridge *b, bool hung_up)
{
	if (hung_up)
		ledger_hung_up(&b->ledger);
	for (size_t i = 0; i < b->ledger.item_count; i++) {
		const struct ledger_item *item = &b->ledger.items[i];
		uint64_t heard_ms = ledger_item_heard_ms(&b->ledger, item), sent_ms = ledger_item_sent_ms(item);

		if (!item->whole || heard_ms < sent_ms)
			transcript_voice_cut(&b->transcript, voice_id_slice(&item->id), (uint32_t)heard_ms,
				(uint32_t)sent_ms, item->whole);
	}
}

void bridge_end(struct bridge *b, enum end_reason reason, const char *why, uint64_t now_ms)
{
	check(reason != END_NONE);
	if (b->reason != END_NONE)
		return;
	b->reason = reason;
	b->why = why;
	ledger_time(&b->ledger, now_ms);
	bridge_rate(b, now_ms);
	quality_end(&b->quality, now_ms);
	bridge_tools_end(b, now_ms);
	b->ask_at_ms = BRIDGE_NEVER;
	patience_all_over(&b->patience);
	b->merchant = (struct bridge_merchant){ 0 };
	caller_release(&b->caller);
	say_fini(&b->say);
	cut_off(b, reason == END_CALLER_HUNG_UP);
	transcript_close(&b->transcript, bridge_call_ms(b, now_ms));
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

bool bridge_to_model(struct bridge *b, bool ok, uint64_t now_ms)
{
	return written(b, b->model.out, ok, now_ms);
}

bool bridge_to_phone(struct bridge *b, bool ok, uint64_t now_ms)
{
	return written(b, b->phone.out, ok, now_ms);
}

bool bridge_is_talking(const struct bridge *b)
{
	return b->reason == END_NONE && b->greeted && b->phone_started;
}

void bridge_tick(struct bridge *b, uint64_t now_ms)
{
	if (b->reason != END_NONE)
		return;
	ledger_time(&b->ledger, now_ms);
	if (now_ms >= b->ask_at_ms)
		bridge_ask_when_possible(b, now_ms);
	/* Keys that are pressed while nobody is there wait. */
	if (!b->away && now_ms >= keypad_deadline_ms(&b->keypad))
		bridge_pass_keys(b, now_ms);
	bridge_heed_caller(b, now_ms);
	bridge_tools_tick(b, now_ms);
	if (b->reason == END_NONE && !bridge_is_early(b))
		bridge_say_next(b, now_ms);
	if (b->reason == END_NONE && now_ms >= b->comfort_at_ms)
		bridge_comfort(b, now_ms);
	bridge_be_patient(b, now_ms);
	if (b->reason == END_NONE)
		bridge_to_model(b, caller_flow(&b->caller), now_ms);
}

uint64_t bridge_deadline_ms(const struct bridge *b)
{
	const uint64_t waits[] = {
		b->ask_at_ms,
		b->away ? BRIDGE_NEVER : keypad_deadline_ms(&b->keypad),
		bridge_tools_deadline_ms(b),
		b->ready && !bridge_is_early(b) ? say_deadline_ms(&b->say) : BRIDGE_NEVER,
		interrupt_deadline_ms(&b->interrupt),
		b->comfort_at_ms,
		b->quiet_at_ms,
		patience_deadline_ms(&b->patience),
	};
	uint64_t soonest = BRIDGE_NEVER;

	for (size_t i = 0; b->reason == END_NONE && i < ARRAY_COUNT(waits); i++)
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
