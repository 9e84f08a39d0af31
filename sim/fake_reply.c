/*
 * fake_reply - each stage has one function that does what is due and sets when the next is. A response ends in one of
 * four ways: done, cancelled, abandoned without a word, or with deltas that come too late.
 */
#include "sim/fake_reply.h"

#include "base/check.h"
#include "base/limits.h"
#include "sim/fake_audio.h"
#include "sim/fake_notice.h"

#include <stdio.h>
#include <string.h>

enum {
	ADD_DELAY_MS = 70,              /* response.created to its item */
	FIRST_AUDIO_MS_LEAST = 500,     /* response.created to the first audio */
	FIRST_AUDIO_MS_MOST = 650,
	FIRST_DELTA_MS = 245,
	DELTA_MS_LEAST = 77,
	DELTA_MS_MOST = 1254,
	PACE_LEAST = 5,
	PACE_MOST = 20,
};

void fake_reply_init(struct fake_reply *r)
{
	*r = (struct fake_reply){ 0 };
}

void fake_reply_fini(struct fake_reply *r)
{
	speech_release(&r->speech);
	spoken_fini(&r->spoken);
	fake_tools_fini(&r->tools);
}

uint64_t fake_reply_due_ms(const struct fake_reply *r)
{
	if (r->stage == REPLY_IDLE || (r->stage == REPLY_TO_SPEAK && !r->said))
		return FAKE_NEVER;
	return r->due_ms;
}

static void go_idle(struct fake_reply *r)
{
	speech_release(&r->speech);
	r->stage = REPLY_IDLE;
	r->said = false;
	r->say_number++;                        /* an answer of the mouth that is still to come is nobody's */
}

static size_t choose_delta_bytes(const struct fake_reply *r, struct fake_wire *wire)
{
	size_t left = r->speech.ulaw_bytes - r->sent_bytes, bytes;

	if (fake_wire_fault(wire, FAULT_HUGE_DELTA))
		return left;
	if (r->delta_count == 0)
		bytes = FIRST_DELTA_MS * ULAW_BYTES_PER_MS;
	else
		bytes = (size_t)fake_wire_chance(wire, DELTA_MS_LEAST, DELTA_MS_MOST) * ULAW_BYTES_PER_MS;
	return bytes < left ? bytes : left;
}

static struct fake_format output_format(struct fake_wire *wire, const struct fake_settings *settings)
{
	if (fake_wire_fault(wire, FAULT_PCM24K))
		return (struct fake_format){ FAKE_PCM, 24000 };
	return fake_settings_output(settings);
}

/* base64 lives in a buf of its own for the moment, behind the queue's pool. */
static void send_delta(struct fake_reply *r, struct fake_wire *wire, const struct fake_settings *settings)
{
	size_t bytes = choose_delta_bytes(r, wire);
	char rid[16], latency[16];
	struct grok_event e;
	struct buf base64;

	buf_init_pool(&base64, wire->queue.pool, FAKE_QUEUE_BYTES_MAX);
	if (!fake_audio_write(&base64, output_format(wire, settings), r->speech.ulaw + r->sent_bytes, bytes)) {
		buf_release(&base64);
		return;
	}
	grok_event_init(&e, GROK_AUDIO_DELTA);
	e.response_id = slice_of(r->id);
	e.item_id = slice_of(r->item_id);
	e.delta = (struct slice){ (const char *)buf_data(&base64), buf_len(&base64) };
	snprintf(rid, sizeof rid, "x%u", r->delta_count + 1);
	e.rid = slice_of(rid);
	e.audio_duration_ms = (int64_t)(bytes / ULAW_BYTES_PER_MS);
	e.timestamp_ms = fake_wire_wall_ms(wire);
	snprintf(latency, sizeof latency, "%.2f", (double)(wire->now_ms - r->begun_ms) / 1000);
	if (r->delta_count == 0)
		e.latency = slice_of(latency);
	if (r->delta_count % 3 == 1 && fake_wire_fault(wire, FAULT_MALFORMED_BASE64))
		fake_wire_send_broken(wire, &e);
	else
		fake_wire_send(wire, &e);
	buf_release(&base64);
	r->sent_bytes += bytes;
	r->spoken_ms += bytes / ULAW_BYTES_PER_MS;
	r->delta_count++;
	fake_notice_words(r, wire, e.rid);
}

static void finish(struct fake_reply *r, struct fake_wire *wire)
{
	fake_notice_finished(r, wire);
	fake_notice_calls(r, wire);
	spoken_add(&r->spoken, r->item_id, r->text, r->speech.words, r->speech.word_count,
		(uint32_t)(r->speech.ulaw_bytes / ULAW_BYTES_PER_MS));
	fake_notice_done(r, wire, "completed", NULL);
	r->answer_count += !r->forced;
	if (!r->interruptible)
		r->protected_until_ms = r->speak_ms + r->speech.ulaw_bytes / ULAW_BYTES_PER_MS;
	go_idle(r);
	if (fake_wire_fault(wire, FAULT_CLOSE_1000))
		fake_wire_push(wire, FAKE_CLOSE, 1000, (struct slice){ 0 });
}

static void break_connection_if_planned(struct fake_wire *wire)
{
	if (fake_wire_fault(wire, FAULT_DROP_MID_DELTA))
		fake_wire_push(wire, FAKE_DROP, 0, (struct slice){ 0 });
	else if (fake_wire_fault(wire, FAULT_CLOSE_1011))
		fake_wire_push(wire, FAKE_CLOSE, 1011, (struct slice){ 0 });
}

static void speak(struct fake_reply *r, struct fake_wire *wire, const struct fake_settings *settings)
{
	size_t before = r->sent_bytes;

	send_delta(r, wire, settings);
	if (r->delta_count == 2)
		break_connection_if_planned(wire);
	if (r->sent_bytes == r->speech.ulaw_bytes)
		finish(r, wire);
	else
		r->due_ms = wire->now_ms + (r->sent_bytes - before) / ULAW_BYTES_PER_MS / r->pace;
}

static void send_nonsense(struct fake_wire *wire)
{
	const struct slice broken = SLICE("{\"type\":\"response.output_audio.delta\",\"delta\":");
	const struct slice unknown = SLICE("{\"type\":\"response.mood.changed\",\"mood\":{\"a\":[1,2,{\"b\":null}]}}");

	if (fake_wire_fault(wire, FAULT_BROKEN_JSON))
		fake_wire_send_text(wire, &broken, 1);
	if (fake_wire_fault(wire, FAULT_UNKNOWN_EVENT))
		fake_wire_send_text(wire, &unknown, 1);
	if (fake_wire_fault(wire, FAULT_BINARY_FRAME))
		fake_wire_push(wire, FAKE_SEND_BINARY, 0, SLICE("\0\1\2\3"));
}

static void begin_to_speak(struct fake_reply *r, struct fake_wire *wire, const struct fake_settings *settings)
{
	send_nonsense(wire);
	r->stage = REPLY_SPEAKING;
	r->speak_ms = wire->now_ms;
	r->pace = fake_wire_fault(wire, FAULT_SLOW) && fault_value(&wire->plan->faults, FAULT_SLOW) > 0
		? (uint32_t)fault_value(&wire->plan->faults, FAULT_SLOW)
		: fake_wire_chance(wire, PACE_LEAST, PACE_MOST);
	fake_wire_note(wire, "receptionist", slice_of(r->text));
	if (r->speech.ulaw_bytes == 0)
		finish(r, wire);
	else
		speak(r, wire, settings);
}

/* --- life -------------------------------------------------------------------------------------- */

static struct slice keep_text(struct fake_reply *r, size_t *used, struct slice text)
{
	char *copy = r->metadata_text + *used;

	if (text.len)
		memcpy(copy, text.data, text.len);
	*used += text.len;
	return (struct slice){ copy, text.len };
}

static void keep_metadata(struct fake_reply *r, const struct grok_event *create)
{
	size_t used = 0;

	r->metadata_count = 0;
	for (size_t i = 0; create && i < create->metadata_count; i++) {
		const struct grok_pair *pair = &create->metadata[i];

		if (used + pair->key.len + pair->value.len > sizeof r->metadata_text)
			return;
		r->metadata[r->metadata_count].key = keep_text(r, &used, pair->key);
		r->metadata[r->metadata_count].value = keep_text(r, &used, pair->value);
		r->metadata_count++;
	}
}

void fake_reply_begin(struct fake_reply *r, struct fake_wire *wire, const char *text, const struct grok_event *create,
	uint32_t delay_ms)
{
	check(r->stage == REPLY_IDLE);
	fake_wire_id(wire, r->id);
	fake_wire_id(wire, r->item_id);
	snprintf(r->text, sizeof r->text, "%s", text);
	keep_metadata(r, create);
	r->created = r->forced = false;
	r->interruptible = true;
	r->sent_bytes = r->word_next = 0;
	r->delta_count = r->late_left = 0;
	r->begun_ms = wire->now_ms;
	r->due_ms = wire->now_ms + delay_ms;
	r->stage = REPLY_TO_CREATE;
	r->said = false;
	r->has_calls = false;
	if (r->text[0])
		fake_wire_push(wire, FAKE_SAY, ++r->say_number, slice_of(r->text));
}

void fake_reply_call(struct fake_reply *r, const char *name, const char *arguments)
{
	check(r->stage == REPLY_TO_CREATE);
	if (!r->has_calls)
		fake_tools_begin_round(&r->tools);
	r->has_calls = true;
	fake_tools_add(&r->tools, name, arguments);
}

static bool has_parallel_calls(struct fake_reply *r)
{
	size_t at = 0;

	return r->has_calls && fake_tools_each(&r->tools, &at) && fake_tools_each(&r->tools, &at);
}

void fake_reply_said(struct fake_reply *r, struct fake_wire *wire, uint32_t number, struct speech *speech)
{
	(void)wire;
	if (r->stage == REPLY_IDLE || r->said || number != r->say_number) {
		speech_release(speech);
		return;
	}
	r->speech = *speech;
	r->said = true;
	*speech = (struct speech){ 0 };
}

static void create(struct fake_reply *r, struct fake_wire *wire)
{
	fake_notice_created(r, wire);
	r->stage = REPLY_TO_ADD;
	r->due_ms += ADD_DELAY_MS;
}

static void add(struct fake_reply *r, struct fake_wire *wire)
{
	bool stalls = !r->forced && fake_wire_fault(wire, FAULT_STALL);

	if (!r->text[0] || has_parallel_calls(r))
		fake_notice_calls(r, wire);
	if (!r->text[0]) {                      /* calls and not a word */
		fake_notice_done(r, wire, "completed", NULL);
		r->answer_count++;
		go_idle(r);
		return;
	}
	fake_notice_added(r, wire);
	r->stage = REPLY_TO_SPEAK;
	r->due_ms += stalls ? (uint32_t)fault_value(&wire->plan->faults, FAULT_STALL)
		: fake_wire_chance(wire, FIRST_AUDIO_MS_LEAST, FIRST_AUDIO_MS_MOST) - ADD_DELAY_MS;
}

static void speak_late(struct fake_reply *r, struct fake_wire *wire, const struct fake_settings *settings)
{
	if (r->late_left > 0 && r->sent_bytes < r->speech.ulaw_bytes) {
		r->late_left--;
		send_delta(r, wire, settings);
		r->due_ms = wire->now_ms + 20;
	} else {
		fake_reply_cancel(r, wire);
	}
}

void fake_reply_tick(struct fake_reply *r, struct fake_wire *wire, const struct fake_settings *settings)
{
	while (!wire->ended && fake_reply_due_ms(r) <= wire->now_ms)
		switch (r->stage) {
		case REPLY_IDLE:
			break;
		case REPLY_TO_CREATE:
			create(r, wire);
			break;
		case REPLY_TO_ADD:
			add(r, wire);
			break;
		case REPLY_TO_SPEAK:
			begin_to_speak(r, wire, settings);
			break;
		case REPLY_SPEAKING:
			speak(r, wire, settings);
			break;
		case REPLY_LATE:
			speak_late(r, wire, settings);
			break;
		}
}

/* As if it had never been, or nearly. */
static void vanish(struct fake_reply *r, struct fake_wire *wire)
{
	if (r->has_calls)
		fake_tools_done(&r->tools, wire->now_ms);
	go_idle(r);
}

void fake_reply_abandon(struct fake_reply *r, struct fake_wire *wire)
{
	if (r->stage != REPLY_IDLE && fake_wire_is_openai(wire))
		fake_reply_interrupt(r, wire);
	else if (r->stage != REPLY_IDLE)
		vanish(r, wire);
}

/* OpenAI keeps the item as far as it was sent; with xAI it is gone. */
static void keep_item(struct fake_reply *r, struct fake_wire *wire)
{
	bool is_kept = fake_wire_is_openai(wire) || fault_on(&wire->plan->faults, FAULT_CUT_TRUNCATE_ACK);

	memcpy(r->cut_item_id, r->item_id, sizeof r->cut_item_id);
	if (r->sent_bytes > 0 && is_kept)
		spoken_add(&r->spoken, r->item_id, r->text, r->speech.words, r->speech.word_count,
			(uint32_t)(r->sent_bytes / ULAW_BYTES_PER_MS));
}

static void cancel(struct fake_reply *r, struct fake_wire *wire, const char *reason)
{
	if (r->stage == REPLY_IDLE)
		return;
	if (!r->created)
		fake_notice_created(r, wire);
	keep_item(r, wire);
	if (!(r->stage == REPLY_LATE && fake_wire_fault(wire, FAULT_NO_DONE)))
		fake_notice_done(r, wire, "cancelled", fake_wire_is_openai(wire) ? reason : NULL);
	vanish(r, wire);
}

void fake_reply_cancel(struct fake_reply *r, struct fake_wire *wire)
{
	cancel(r, wire, "client_cancelled");
}

void fake_reply_interrupt(struct fake_reply *r, struct fake_wire *wire)
{
	if (r->stage == REPLY_LATE || r->stage == REPLY_IDLE)
		return;
	if (r->stage == REPLY_SPEAKING && fake_wire_fault(wire, FAULT_LATE_DELTAS)) {
		r->stage = REPLY_LATE;
		r->late_left = (uint32_t)fault_value(&wire->plan->faults, FAULT_LATE_DELTAS);
		r->due_ms = wire->now_ms + 20;
	} else if (fake_wire_fault(wire, FAULT_NO_DONE)) {
		vanish(r, wire);
	} else {
		cancel(r, wire, "turn_detected");
	}
}
