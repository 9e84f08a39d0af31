/*
 * fake_load - a delta is three pieces: a head made once a response, base64 that exists already, a tail that changes
 * with the length only. In the real profile all responses share one text of base64, made at the first.
 */
#include "sim/fake_load.h"

#include "base/limits.h"
#include "proto/base64.h"

#include <stdio.h>

enum {
	ANSWER_BYTES = LOAD_ANSWER_MS * ULAW_BYTES_PER_MS,
	STEP_MS = 3,                    /* 24 bytes: base64 can be cut there */
	DELTA_STEPS_LEAST = 200 / STEP_MS,
	DELTA_STEPS_MOST = 500 / STEP_MS,
	PACE = 10,
};

static char pattern[(ANSWER_BYTES + 2) / 3 * 4];
static bool pattern_made;

static void make_pattern(void)
{
	static uint8_t bytes[ANSWER_BYTES];

	if (pattern_made)
		return;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i % LOAD_PATTERN_MODULUS);
	base64_encode(pattern, bytes, sizeof bytes);
	pattern_made = true;
}

static void init_event(const struct fake_load *load, struct grok_event *e, enum grok_kind kind)
{
	grok_event_init(e, kind);
	e->response_id = slice_of(load->id);
	e->item_id = slice_of(load->item_id);
	e->item.id = slice_of(load->item_id);
	e->item.type = SLICE("message");
	e->item.role = SLICE("assistant");
}

static void begin_response(struct fake_load *load, struct fake_wire *wire)
{
	struct grok_event e;

	fake_wire_id(wire, load->id);
	fake_wire_id(wire, load->item_id);
	init_event(load, &e, GROK_RESPONSE_CREATED);
	fake_wire_send(wire, &e);
	init_event(load, &e, GROK_OUTPUT_ITEM_ADDED);
	e.item.status = SLICE("in_progress");
	fake_wire_send(wire, &e);
	fake_wire_item_added(wire, &e.item);
	init_event(load, &e, GROK_PART_ADDED);
	fake_wire_send(wire, &e);
	load->head_len = (size_t)snprintf(load->head, sizeof load->head,
		"{\"type\":\"response.output_audio.delta\",\"response_id\":\"%s\",\"item_id\":\"%s\","
		"\"output_index\":0,\"content_index\":0,\"delta\":\"", load->id, load->item_id);
	load->sent_bytes = 0;
}

static void end_response(struct fake_load *load, struct fake_wire *wire)
{
	static const enum grok_kind kinds[] = {
		GROK_PART_DONE, GROK_AUDIO_DONE, GROK_OUTPUT_ITEM_DONE, GROK_RESPONSE_DONE,
	};
	struct grok_event e;

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		init_event(load, &e, kinds[i]);
		e.item.status = SLICE("completed");
		fake_wire_send(wire, &e);
	}
}

static void send_delta(struct fake_load *load, struct fake_wire *wire, struct slice base64, uint32_t ms)
{
	if (load->tail_len == 0 || ms != load->tail_ms) {
		load->tail_len = (size_t)snprintf(load->tail, sizeof load->tail,
			"\",\"rid\":\"x1\",\"audio_duration_ms\":%u,\"previous_item_id\":null}", ms);
		load->tail_ms = ms;
	}
	fake_wire_send_text(wire, (struct slice[]){ { load->head, load->head_len }, base64,
		{ load->tail, load->tail_len } }, 3);
	load->delta_count++;
}

void fake_load_start(struct fake_load *load, struct fake_wire *wire)
{
	if (load->started)
		return;
	load->started = true;
	load->due_ms = wire->now_ms + fake_wire_chance(wire, 0, LOAD_PERIOD_MS);
	if (wire->plan->mode == FAKE_ECHO)
		begin_response(load, wire);
}

void fake_load_echo(struct fake_load *load, struct fake_wire *wire, struct slice base64)
{
	send_delta(load, wire, base64, (uint32_t)(base64_decoded_len(base64) / ULAW_BYTES_PER_MS));
}

uint64_t fake_load_due_ms(const struct fake_load *load, const struct fake_wire *wire)
{
	return wire->plan->mode == FAKE_REAL && load->started ? load->due_ms : UINT64_MAX;
}

static void send_next_delta(struct fake_load *load, struct fake_wire *wire)
{
	uint32_t bytes = fake_wire_chance(wire, DELTA_STEPS_LEAST, DELTA_STEPS_MOST) * STEP_MS * ULAW_BYTES_PER_MS;
	uint32_t left = ANSWER_BYTES - load->sent_bytes, ms;

	if (bytes > left)
		bytes = left;
	ms = bytes / ULAW_BYTES_PER_MS;
	send_delta(load, wire, (struct slice){ pattern + load->sent_bytes / 3 * 4, base64_encoded_len(bytes) }, ms);
	load->sent_bytes += bytes;
	load->due_ms += ms / PACE;
}

void fake_load_tick(struct fake_load *load, struct fake_wire *wire)
{
	while (fake_load_due_ms(load, wire) <= wire->now_ms) {
		if (!load->speaking) {
			make_pattern();
			begin_response(load, wire);
			load->speaking = true;
		}
		send_next_delta(load, wire);
		if (load->sent_bytes < ANSWER_BYTES)
			continue;
		end_response(load, wire);
		load->speaking = false;
		load->due_ms += LOAD_PERIOD_MS - LOAD_ANSWER_MS / PACE;
	}
}
