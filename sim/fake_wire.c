/*
 * fake_wire - a record in the queue is its head and its bytes. Events are written straight into the queue behind a
 * head whose length is filled in afterwards.
 */
#include "sim/fake_wire.h"

#include "base/check.h"
#include "proto/json_write.h"
#include "sim/fake_store.h"

#include <stdio.h>
#include <string.h>

struct record {
	uint32_t kind;
	uint32_t number;
	uint32_t bytes;
};

void fake_wire_open(struct fake_wire *wire, const struct fake_plan *plan, struct pool *pool, uint64_t seed,
	uint64_t now_ms, int64_t wall_ms)
{
	*wire = (struct fake_wire){ .plan = plan, .opened_ms = now_ms, .now_ms = now_ms, .wall_ms = wall_ms };
	wire->chance = seed * 0x9E3779B97F4A7C15u + 0xD1B54A32D192ED03u;
	buf_init_pool(&wire->queue, pool, FAKE_QUEUE_BYTES_MAX);
}

void fake_wire_close(struct fake_wire *wire)
{
	buf_release(&wire->queue);
}

int64_t fake_wire_wall_ms(const struct fake_wire *wire)
{
	return wire->wall_ms + (int64_t)(wire->now_ms - wire->opened_ms);
}

bool fake_wire_fault_now(struct fake_wire *wire, enum fault fault)
{
	bool on = fault_on(&wire->plan->faults, fault);

	if (on)
		wire->committed.mask |= (uint64_t)1 << fault;
	return on;
}

bool fake_wire_fault(struct fake_wire *wire, enum fault fault)
{
	return wire->now_ms >= wire->opened_ms + wire->plan->fault_after_ms && fake_wire_fault_now(wire, fault);
}

/* xorshift64*. */
static uint64_t next_chance(struct fake_wire *wire)
{
	wire->chance ^= wire->chance >> 12;
	wire->chance ^= wire->chance << 25;
	wire->chance ^= wire->chance >> 27;
	return wire->chance * 0x2545F4914F6CDD1Du;
}

uint32_t fake_wire_chance(struct fake_wire *wire, uint32_t least, uint32_t most)
{
	check(least <= most);
	return least + (uint32_t)((next_chance(wire) >> 33) % ((uint64_t)most - least + 1));
}

void fake_wire_id(struct fake_wire *wire, char out[FAKE_ID_BYTES])
{
	uint64_t a = next_chance(wire), b = next_chance(wire);

	snprintf(out, FAKE_ID_BYTES, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(a >> 32), (unsigned)(a >> 16 & 0xffff),
		(unsigned)(a & 0xfff), (unsigned)(b >> 48 & 0x3fff) | 0x8000,
		(unsigned long long)(b & 0xffffffffffffu));
}

/* --- the queue --------------------------------------------------------------------------------- */

/* Forgets what was not sent and says close instead. */
static void overflow(struct fake_wire *wire)
{
	struct record record = { FAKE_CLOSE, 1008, 0 };

	buf_clear(&wire->queue);
	wire->taken_bytes = 0;
	wire->ended = true;
	buf_append(&wire->queue, &record, sizeof record);
}

static bool is_closed_to(const struct fake_wire *wire, enum fake_action_kind kind)
{
	return wire->ended || (wire->muted && kind <= FAKE_SEND_BINARY);
}

/* The record's head; *out_start is where it stands behind the queue's head. */
static bool begin_record(struct fake_wire *wire, enum fake_action_kind kind, uint32_t number, size_t *out_start)
{
	struct record record = { (uint32_t)kind, number, 0 };

	if (is_closed_to(wire, kind))
		return false;
	*out_start = buf_len(&wire->queue);
	if (buf_append(&wire->queue, &record, sizeof record))
		return true;
	overflow(wire);
	return false;
}

static void end_record(struct fake_wire *wire, size_t start, bool written)
{
	uint8_t *head = buf_data(&wire->queue) + start;
	struct record record;

	if (!written) {
		overflow(wire);
		return;
	}
	memcpy(&record, head, sizeof record);
	record.bytes = (uint32_t)(buf_len(&wire->queue) - start - sizeof record);
	memcpy(head, &record, sizeof record);
	wire->ended = record.kind == FAKE_CLOSE || record.kind == FAKE_DROP;
}

bool fake_wire_next(struct fake_wire *wire, struct fake_action *out)
{
	struct record record;

	buf_consume(&wire->queue, wire->taken_bytes);
	wire->taken_bytes = 0;
	if (buf_len(&wire->queue) == 0) {
		buf_rest(&wire->queue);
		return false;
	}
	memcpy(&record, buf_data(&wire->queue), sizeof record);
	wire->taken_bytes = sizeof record + record.bytes;
	out->kind = (enum fake_action_kind)record.kind;
	out->number = record.number;
	out->data = (struct slice){ (const char *)buf_data(&wire->queue) + sizeof record, record.bytes };
	return true;
}

void fake_wire_push(struct fake_wire *wire, enum fake_action_kind kind, uint32_t number, struct slice data)
{
	size_t start;

	if (begin_record(wire, kind, number, &start))
		end_record(wire, start, data.len == 0 || buf_append(&wire->queue, data.data, data.len));
}

/* --- messages ---------------------------------------------------------------------------------- */

static bool begin_message(struct fake_wire *wire, size_t *out_start)
{
	bool fragments = fake_wire_fault(wire, FAULT_FRAGMENTED);
	int32_t bytes = fragments ? fault_value(&wire->plan->faults, FAULT_FRAGMENTED) : 0;

	return begin_record(wire, fragments ? FAKE_SEND_FRAGMENTS : FAKE_SEND, bytes > 0 ? (uint32_t)bytes : 1,
		out_start);
}

/* The name that older services had for the event; NULL: the same. */
static const char *old_name(enum grok_kind kind)
{
	static const struct {
		enum grok_kind kind;
		const char *type;
	} aliases[] = {
#define ALIAS(kind, type) { GROK_##kind, type },
		GROK_ALIASES(ALIAS)
#undef ALIAS
	};

	for (size_t i = 0; i < ARRAY_COUNT(aliases); i++)
		if (aliases[i].kind == kind)
			return aliases[i].type;
	return NULL;
}

/* Every message begins with its type. */
static void send_renamed(struct fake_wire *wire, const struct grok_event *event, const char *old)
{
	const size_t head_len = sizeof "{\"type\":\"" - 1 + strlen(grok_kind_name(event->kind));
	struct buf text;
	size_t start;

	buf_init_pool(&text, wire->queue.pool, FAKE_QUEUE_BYTES_MAX);
	if (grok_write(&text, fake_wire_dialect(wire), event) && begin_message(wire, &start)) {
		bool written = buf_printf(&wire->queue, "{\"type\":\"%s", old) &&
			buf_append(&wire->queue, buf_data(&text) + head_len, buf_len(&text) - head_len);

		end_record(wire, start, written);
	}
	buf_release(&text);
}

void fake_wire_send(struct fake_wire *wire, struct grok_event *event)
{
	const char *old = old_name(event->kind);
	char id[FAKE_ID_BYTES];
	size_t start;

	if (!event->event_id.data) {
		fake_wire_id(wire, id);
		event->event_id = slice_of(id);
	}
	if (old && fake_wire_fault(wire, FAULT_OLD_NAMES))
		send_renamed(wire, event, old);
	else if (begin_message(wire, &start))
		end_record(wire, start, grok_write(&wire->queue, fake_wire_dialect(wire), event));
	event->event_id = (struct slice){ 0 };
}

void fake_wire_send_broken(struct fake_wire *wire, struct grok_event *event)
{
	static const char key[] = "\"delta\":\"";
	size_t start = buf_len(&wire->queue);
	uint8_t *delta;

	fake_wire_send(wire, event);
	if (buf_len(&wire->queue) <= start)
		return;
	delta = memmem(buf_data(&wire->queue) + start, buf_len(&wire->queue) - start, key, sizeof key - 1);
	if (delta)
		delta[sizeof key + 1] = '*';
}

void fake_wire_send_text(struct fake_wire *wire, const struct slice *pieces, size_t piece_count)
{
	size_t start;
	bool written = true;

	if (!begin_message(wire, &start))
		return;
	for (size_t i = 0; i < piece_count; i++)
		written = written && buf_append(&wire->queue, pieces[i].data, pieces[i].len);
	end_record(wire, start, written);
}

void fake_wire_error(struct fake_wire *wire, const char *type, const char *code, const char *message,
	struct slice client_event_id)
{
	struct grok_event e;

	grok_event_init(&e, GROK_ERROR);
	e.error.type = slice_of(type);
	e.error.code = slice_of(code);
	e.error.message = slice_of(message);
	e.error.event_id = client_event_id;
	fake_wire_send(wire, &e);
}

static void send_item(struct fake_wire *wire, enum grok_kind kind, const struct grok_item *item,
	enum grok_flag replayed)
{
	bool is_last = slice_equal(item->id, slice_of(wire->last_item_id));
	struct grok_event e;

	grok_event_init(&e, kind);
	e.item = *item;
	e.item.replayed = fake_wire_is_openai(wire) ? GROK_UNSAID : replayed;
	if (wire->last_item_id[0] && !is_last)
		e.previous_item_id = slice_of(wire->last_item_id);
	fake_wire_send(wire, &e);
	slice_copy(item->id, wire->last_item_id, sizeof wire->last_item_id);
}

void fake_wire_item_added(struct fake_wire *wire, const struct grok_item *item)
{
	send_item(wire, GROK_ITEM_ADDED, item, GROK_NO);
}

void fake_wire_item_done(struct fake_wire *wire, const struct grok_item *item)
{
	if (fake_wire_is_openai(wire))
		send_item(wire, GROK_ITEM_DONE, item, GROK_UNSAID);
}

void fake_wire_item_replayed(struct fake_wire *wire, const struct grok_item *item)
{
	send_item(wire, GROK_ITEM_ADDED, item, GROK_YES);
}

void fake_wire_remember(struct fake_wire *wire, const struct grok_item *item)
{
	fake_store_add(wire->plan->store, wire->conversation_id, item, wire->now_ms);
}

void fake_wire_note(struct fake_wire *wire, const char *who, struct slice text)
{
	struct json_writer w;
	size_t start;

	if (!begin_record(wire, FAKE_NOTE, 0, &start))
		return;
	json_begin(&w, &wire->queue);
	json_open(&w, NULL, '{');
	json_put(&w, "who", slice_of(who));
	json_put_int(&w, "at_ms", (int64_t)(wire->now_ms - wire->opened_ms));
	json_put(&w, "text", text);
	json_close(&w, '}');
	end_record(wire, start, json_end(&w));
}
