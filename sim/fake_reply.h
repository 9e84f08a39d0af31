/*
 * fake_reply - one response of the simulated Grok after the other: its life from response.created to response.done.
 *
 * Place:    sim, pure; above fake_wire, fake_settings, spoken. Below fake_grok.
 * Usage:    fake_reply_begin(&r, wire, text, create_event, delay_ms);         asks the mouth by FAKE_SAY
 *           fake_reply_said(&r, wire, number, &speech);                       the mouth's answer
 *           fake_reply_tick(&r, wire, settings);                              whenever fake_reply_due_ms() has come
 * Order:    see fake_notice.
 * Timing:   first audio 0.5 to 0.65 s after created; the first delta is 245 ms long, further ones 77
 *           to 1254 ms, generated at 5 to 20 times real time.
 * Lifetime: owns the speech that it is handed, until the response ends.
 */
#pragma once

#include "sim/fake_settings.h"
#include "sim/fake_tools.h"
#include "sim/fake_wire.h"
#include "sim/speech_say.h"
#include "sim/spoken.h"

#include <stdbool.h>
#include <stdint.h>

enum { FAKE_REPLY_METADATA_BYTES = 1024};

#define FAKE_NEVER UINT64_MAX

enum fake_reply_stage {
	REPLY_IDLE,
	REPLY_TO_CREATE,                /* response.created is due */
	REPLY_TO_ADD,                   /* its item is due */
	REPLY_TO_SPEAK,                 /* the first audio is due, and the mouth must have answered */
	REPLY_SPEAKING,                 /* the next delta is due */
	REPLY_LATE,                     /* interrupted, but deltas still come (a fault) */
};

struct fake_reply {
	enum fake_reply_stage stage;
	uint64_t begun_ms, due_ms;
	bool created;
	bool forced;                    /* the words were dictated: no model has to think */
	bool interruptible;
	char id[FAKE_ID_BYTES], item_id[FAKE_ID_BYTES];
	char text[SPEECH_TEXT_BYTES_MAX];
	char metadata_text[FAKE_REPLY_METADATA_BYTES];
	struct grok_pair metadata[GROK_METADATA_COUNT_MAX];
	size_t metadata_count;
	uint32_t say_number;            /* of the FAKE_SAY that is awaited */
	bool said;
	struct speech speech;
	size_t sent_bytes;              /* of speech.ulaw */
	size_t word_next;
	uint32_t delta_count;
	uint32_t pace;                  /* times real time */
	uint32_t late_left;
	char cut_item_id[FAKE_ID_BYTES];        /* of the last response that was broken off */
	uint64_t speak_ms;              /* when the first delta went out */
	uint64_t protected_until_ms;    /* not interruptible: until its audio has been played */
	uint32_t done_count;
	uint32_t answer_count;          /* responses that were neither dictated nor broken off */
	/* Meters of the whole conversation. */
	uint64_t caller_ms, caller_counted_ms, spoken_ms;
	struct spoken spoken;
	struct fake_tools tools;
	bool has_calls;                 /* the response under way makes the calls of the tools' round */
};

void fake_reply_init(struct fake_reply *r);
void fake_reply_fini(struct fake_reply *r);
/* A text "" makes a response of function calls alone.
 * `create` is the client's event (its metadata is echoed), or NULL when the server itself begins. delay_ms: until
 * response.created. Whatever was under way must have ended. */
void fake_reply_begin(struct fake_reply *r, struct fake_wire *wire, const char *text, const struct grok_event *create,
	uint32_t delay_ms);
/* The response just begun will call the function. */
void fake_reply_call(struct fake_reply *r, const char *name, const char *arguments);
/* Takes over *speech (zeroed; all zero: the mouth failed). A number that is not awaited is thrown away. */
void fake_reply_said(struct fake_reply *r, struct fake_wire *wire, uint32_t number, struct speech *speech);
void fake_reply_tick(struct fake_reply *r, struct fake_wire *wire, const struct fake_settings *settings);
/* FAKE_NEVER: nothing is due. */
uint64_t fake_reply_due_ms(const struct fake_reply *r);

static inline bool fake_reply_is_active(const struct fake_reply *r)
{
	return r->stage != REPLY_IDLE;
}

/* Whether the client has audio of it: the caller who speaks now interrupts instead of going on. */
static inline bool fake_reply_is_speaking(const struct fake_reply *r)
{
	return r->stage == REPLY_SPEAKING || r->stage == REPLY_LATE;
}

/* Ends without a word, as xAI does when the caller goes on. */
void fake_reply_abandon(struct fake_reply *r, struct fake_wire *wire);
/* The caller talks over it: ends as cancelled, or as the faults want it. */
void fake_reply_interrupt(struct fake_reply *r, struct fake_wire *wire);
/* Ends as cancelled; its item is gone. */
void fake_reply_cancel(struct fake_reply *r, struct fake_wire *wire);
