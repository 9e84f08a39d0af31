/*
 * talk_world - one simulated conversation: a bridge on a virtual clock between a model of Twilio and a model of Grok,
 * which know nothing of each other nor of the bridge's own idea of things.
 *
 * talk_phone.c: a queue that plays in real time, marks, clears, two ways with delay; the caller, who speaks and coughs.
 * talk_grok.c:  ears with server_vad, responses faster than real time, interruptions with their oddities; strict.
 * talk_tools.c: function calls, and those who carry them out.
 * talk_test.c:  what must always be true, and the runs.
 *
 * Audio says whose it is: every byte of response n is talk_byte(n).
 */
#pragma once

#include "tests/unit/unit.h"

#include "base/check.h"
#include "tests/relay/kit.h"

enum {
	STEP_MS = 5,
	TALK_MS = 25000,
	TALK_DRAIN_MS = 40000,          /* the caller says nothing more, Grok calls nothing more */
	RESPONSES_MAX = 256,
	QUEUE_MAX = 4096,
	LATE_MAX = 1024,
	CALLS_MAX = 256,
	TALK_LOUD = 0x10,
	TALK_QUIET = 0xFE,
	NO_TIME = -1,
};

/* --- what the run is about -------------------------------------------------------------------------- */

struct talk_plan {
	uint32_t hold_off_ms, silence_ms;
	bool local_vad, disclosure, protect_disclosure, protect_greeting;
	bool deaf;                      /* Grok tells of no speech */
	uint32_t late_ms;               /* Grok tells of speech so much later */
	uint32_t out_ms, back_ms;       /* delay to and from the phone */
	bool jitter;
	bool tools;                     /* Grok calls functions */
};

/* --- Twilio ----------------------------------------------------------------------------------------- */

struct talk_piece {
	unsigned response;              /* 0: a mark */
	size_t bytes;
	char mark[MARK_NAME_BYTES_MAX + 1];
};

struct talk_late {
	uint64_t due_ms;
	struct twilio_event event;      /* towards the bridge: media or mark; towards the phone: by `piece` */
	struct talk_piece piece;
	bool clear;
	bool loud;
};

struct talk_way {
	unsigned first, last;
	uint64_t last_due_ms;
	struct talk_late items[LATE_MAX];
};

struct talk_mark {
	char name[MARK_NAME_BYTES_MAX + 1];
	uint64_t at_bytes;              /* of this generation in front of it */
	unsigned generation;
};

struct talk_phone {
	struct talk_way out, back;
	struct talk_piece queue[QUEUE_MAX];
	unsigned first, last;
	uint64_t heard_bytes[RESPONSES_MAX], put_bytes[RESPONSES_MAX];
	uint64_t queue_bytes;
	/* As the bridge could know it. */
	unsigned generation;
	uint64_t sent_bytes, proven_bytes;      /* in this generation */
	struct talk_mark marks[QUEUE_MAX];
	unsigned mark_next;
	/* The caller. */
	uint64_t speech_from_ms, speech_to_ms;  /* of the next or present sound */
	uint64_t frame_at_ms;
	uint64_t frame_count;
	uint32_t run_ms;                /* so long a voice has come to the bridge without a gap */
	bool run_sounds;                /* and all the while something was being heard */
	unsigned clears_at_run;
};

/* --- Grok ------------------------------------------------------------------------------------------- */

enum talk_state { R_NONE, R_DUE, R_CREATED, R_WHOLE, R_CANCELLED, R_LOST };

struct talk_response {
	enum talk_state state;
	bool forced, is_protected, is_disclosure;
	bool truncated;
	uint64_t generated_bytes, total_bytes, sent_bytes;      /* sent: to the phone, by the bridge */
	int64_t truncated_ms;
	uint64_t end_bytes;             /* where its audio ends in its generation */
	unsigned generation;
};

struct talk_grok {
	bool ready;
	struct talk_response responses[RESPONSES_MAX];
	unsigned latest;                /* the number of the last response; 0: none */
	bool active;
	bool asked;                     /* a response was asked for and has not begun */
	struct talk_response next;      /* what will begin */
	uint64_t create_at_ms, delta_at_ms;     /* 0: nothing due */
	uint32_t speed_tenths;
	bool ignores;                   /* the caller, until the response is complete: not interruptible */
	/* Ears. */
	uint32_t loud_ms, quiet_ms;
	bool speaking, told;
	uint64_t tell_at_ms;
	unsigned item;
	/* Seen. */
	unsigned asked_count, disclosure_count, greeting_count;
	unsigned truncate_count;
};

/* --- tools ------------------------------------------------------------------------------------------ */

struct talk_call {
	unsigned response;
	uint32_t serial;                /* 0: not started */
	bool told, over;
	uint64_t answers_at_ms, answered_ms;    /* 0: never */
};

struct talk {
	struct kit *k;
	struct talk_plan plan;
	uint64_t random;
	unsigned seed;
	struct talk_phone phone;
	struct talk_grok grok;
	unsigned clear_count;           /* by the bridge */
	unsigned fence;                 /* responses up to this one may not be sent any more */
	unsigned last_sent;
	bool started;
	/* The confirm window under way. */
	uint64_t window_from_ms, window_to_ms;  /* 0: none */
	unsigned clears_at_window;
	uint64_t confirm_ms;            /* who still speaks behind it has interrupted by then; 0: nothing to see */
	unsigned worst_truncate_ms;
	struct tool_sink sink;
	struct talk_call calls[CALLS_MAX];
	bool drains;
	unsigned call_count, told_count, groups_told, tools_asked;
};

_Noreturn void talk_broken(struct talk *t, const char *what);
#define must(t, fact) ((fact) ? (void)0 : talk_broken((t), #fact))

static inline uint32_t talk_draw(struct talk *t, uint32_t least, uint32_t most)
{
	t->random ^= t->random << 13;
	t->random ^= t->random >> 7;
	t->random ^= t->random << 17;
	return least + (uint32_t)(t->random >> 33) % (most - least + 1);
}

static inline bool talk_chance(struct talk *t, uint32_t percent)
{
	return talk_draw(t, 0, 99) < percent;
}

static inline uint8_t talk_byte(unsigned response)
{
	return (uint8_t)(1 + response % 250);
}

/* talk_phone.c */
void talk_phone_said(struct kit *k, const struct twilio_event *event);
void talk_phone_step(struct talk *t);
bool talk_phone_is_silent(const struct talk *t);

/* talk_grok.c */
void talk_grok_said(struct kit *k, const struct grok_event *event);
void talk_grok_step(struct talk *t);

/* talk_tools.c */
void talk_tools_open(struct talk *t);
/* A response may call functions. */
void talk_tools_in(struct talk *t, unsigned response);
void talk_tools_told(struct talk *t, const struct grok_item *item);
void talk_tools_asked(struct talk *t);
void talk_tools_step(struct talk *t);
/* Nothing is left to be told or answered. */
bool talk_tools_over(const struct talk *t);

/* talk_test.c */
/* Whether words that nobody may cut off are being made, or not proven to be heard. */
bool talk_is_protected(const struct talk *t);
void talk_speech_told(struct talk *t, unsigned clears_before, bool outstanding, bool was_protected);
void talk_frame_came(struct talk *t, bool loud);
