/*
 * fake_wire - the outgoing side of the simulated Grok: messages and wishes in a queue, identifiers, dice.
 *
 * Place:    sim, pure; above proto/grok and fault. fake_reply, fake_load and fake_grok push into it, the server pulls.
 * Usage:    fake_wire_event(&e, GROK_PING); fake_wire_send(wire, &e);
 *           while (fake_wire_next(wire, &action)) do what it says;
 * Lifetime: action.data is lent until the next call on the wire. The plan is borrowed for life.
 * Fails:    a full queue (FAKE_QUEUE_BYTES_MAX) turns into FAKE_CLOSE 1008: the peer does not keep up.
 * Chance:   a generator of its own, from the seed given at open: the same seed plays the same session.
 */
#pragma once

#include "base/buf.h"
#include "proto/grok.h"
#include "sim/fault.h"

#include <stdbool.h>
#include <stdint.h>

enum { FAKE_ID_BYTES = 40, FAKE_QUEUE_BYTES_MAX = 4 * 1024 * 1024 };

enum fake_mode { FAKE_TALK, FAKE_ECHO, FAKE_REAL };

enum { FAKE_SCRIPT_COUNT_MAX = 16 };

/* A function call that certain words bring about: "*" is any. Several of the same words are made in parallel. */
struct fake_script {
	const char *words, *name, *arguments;
};

/* What the operator wants of a session. */
struct fake_plan {
	const struct grok_dialect *dialect;     /* NULL: xAI's */
	struct fake_store *store;               /* conversations to be gone on with; NULL: none are kept. Borrowed */
	uint32_t session_s_max;                 /* 0: the dialect's */
	struct fake_script scripts[FAKE_SCRIPT_COUNT_MAX];
	size_t script_count;
	enum fake_mode mode;
	struct faults faults;
	uint32_t fault_after_ms;        /* faults that befall a running session wait so long after its beginning */
	const char *voice;              /* speaks whatever the client asks for; "": the client chooses */
};

enum fake_action_kind {
	FAKE_SEND,                      /* data: a text message */
	FAKE_SEND_FRAGMENTS,            /* the same, in frames of at most `number` bytes */
	FAKE_SEND_BINARY,
	FAKE_HEAR,                      /* recognise data (μ-law), then call fake_grok_heard() with `number` */
	FAKE_SAY,                       /* speak data (text), then call fake_grok_said() with `number` */
	FAKE_NOTE,                      /* data: a line of JSON for whoever watches the conversation */
	FAKE_CLOSE,                     /* with code `number` */
	FAKE_DROP,                      /* reset the connection */
};

struct fake_action {
	enum fake_action_kind kind;
	uint32_t number;
	struct slice data;
};

struct fake_wire {
	const struct fake_plan *plan;
	struct buf queue;
	size_t taken_bytes;             /* of the record that the caller has */
	uint64_t chance;
	uint64_t opened_ms, now_ms;
	int64_t wall_ms;                /* what the wall clock said when opened_ms was now */
	bool muted;                     /* half open: nothing is sent any more */
	bool ended;                     /* closed or dropped: nothing follows */
	struct faults committed;        /* those that were, so far: mask alone */
	char last_item_id[FAKE_ID_BYTES];
	char conversation_id[FAKE_ID_BYTES];
};

static inline const struct grok_dialect *fake_wire_dialect(const struct fake_wire *wire)
{
	return wire->plan->dialect ? wire->plan->dialect : &grok_xai;
}

static inline bool fake_wire_is_openai(const struct fake_wire *wire)
{
	return fake_wire_dialect(wire)->nested_session;
}

void fake_wire_open(struct fake_wire *wire, const struct fake_plan *plan, struct pool *pool, uint64_t seed,
	uint64_t now_ms, int64_t wall_ms);
void fake_wire_close(struct fake_wire *wire);
bool fake_wire_next(struct fake_wire *wire, struct fake_action *out);

/* Whether the fault is planned and its time has come: ask only where it would then be committed. */
bool fake_wire_fault(struct fake_wire *wire, enum fault fault);
/* The same for what befalls a session's beginning, whatever the time. */
bool fake_wire_fault_now(struct fake_wire *wire, enum fault fault);
/* A number from least to most, both possible. */
uint32_t fake_wire_chance(struct fake_wire *wire, uint32_t least, uint32_t most);
/* A fresh UUID. */
void fake_wire_id(struct fake_wire *wire, char out[FAKE_ID_BYTES]);
int64_t fake_wire_wall_ms(const struct fake_wire *wire);

/* Gives the event an id unless it has one, and queues it, in the dialect. */
void fake_wire_send(struct fake_wire *wire, struct grok_event *event);
/* An audio delta whose base64 is then broken. */
void fake_wire_send_broken(struct fake_wire *wire, struct grok_event *event);
/* Text as it stands, made of pieces. */
void fake_wire_send_text(struct fake_wire *wire, const struct slice *pieces, size_t piece_count);
/* client_event_id may be absent. */
void fake_wire_error(struct fake_wire *wire, const char *type, const char *code, const char *message,
	struct slice client_event_id);
/* conversation.item.added, after the item that was added last; OpenAI says .done of what is complete. */
void fake_wire_item_added(struct fake_wire *wire, const struct grok_item *item);
void fake_wire_item_done(struct fake_wire *wire, const struct grok_item *item);
/* Of a conversation that is gone on with. */
void fake_wire_item_replayed(struct fake_wire *wire, const struct grok_item *item);
/* Keeps an item for whoever goes on with the conversation. */
void fake_wire_remember(struct fake_wire *wire, const struct grok_item *item);
/* An action that is no message. */
void fake_wire_push(struct fake_wire *wire, enum fake_action_kind kind, uint32_t number, struct slice data);
/* {"who":"caller","at_ms":1234,"text":"…"} */
void fake_wire_note(struct fake_wire *wire, const char *who, struct slice text);
