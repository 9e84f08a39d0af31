/*
 * fake_grok - one session of the simulated Grok as a pure machine: the client's messages in, actions out.
 *
 * Place:    sim; above fake_reply, fake_load, listener, receptionist. No I/O, no clock, no chance of its own, and the
 *           ear and the mouth are outside: it asks for them by FAKE_HEAR and FAKE_SAY.
 * Usage:    fake_grok_open(g, &plan, &pool, seed, model, conversation, now_ms, wall_ms);
 *           on a message: fake_grok_text(g, text, now_ms);       at fake_grok_due_ms(g): fake_grok_tick(g, now_ms);
 *           when ear or mouth have answered: fake_grok_heard(), fake_grok_said();
 *           after each: while (fake_grok_next(g, &action)) do it;
 * Lifetime: fake_grok_close() gives everything back. The plan and the pool are borrowed.
 * Fails:    a client's fault is answered with an error event, as xAI does, and counted in client_fault_count.
 * Source:   the order, the sizes and the timing of recorded sessions of xAI's realtime API, 2026.
 */
#pragma once

#include "sim/fake_load.h"
#include "sim/fake_reply.h"
#include "sim/fake_settings.h"
#include "sim/fake_wire.h"
#include "sim/listener.h"
#include "sim/receptionist.h"

#include <stdbool.h>
#include <stdint.h>

enum { FAKE_TEXT_BYTES_MAX = 1024 };

/* A turn of the caller, from the first word to the answer. */
enum fake_turn_stage {
	TURN_NONE,
	TURN_SPEAKING,
	TURN_STOPPED,                   /* committed is due */
	TURN_COMMITTED,                 /* the completed transcript is due, and the ear must have answered */
	TURN_ANSWERED,                  /* a response is on its way but has no audio yet: the caller may go on */
};

struct fake_turn {
	enum fake_turn_stage stage;
	uint64_t due_ms;
	char item_id[FAKE_ID_BYTES];
	char previous_id[FAKE_ID_BYTES];
	bool announced;                 /* speech_started was sent for the speech under way */
	bool commit_owed;               /* a fault: committed comes after response.created */
	bool text_owed;                 /* OpenAI: the transcript comes after response.created */
	uint64_t start_ms, end_ms;      /* on the audio's clock */
	bool asked;                     /* the ear has all of the turn's audio that matters */
	uint32_t hear_number;           /* of the FAKE_HEAR that is awaited */
	bool heard;
	char text[FAKE_TEXT_BYTES_MAX];
};

struct fake_grok {
	struct fake_wire wire;
	struct grok_reader reader;
	struct fake_settings settings;
	struct fake_reply reply;
	struct fake_load load;
	struct listener listener;
	struct receptionist receptionist;
	struct receptionist receptionist_before; /* the answer under way: if the caller goes on, it was never given */
	struct fake_turn turn;
	char session_id[FAKE_ID_BYTES];
	bool resumed;                   /* the client goes on with a conversation that is known */
	uint64_t ping_due_ms, update_due_ms, idle_due_ms;
	bool ready;                     /* session.updated was sent */
	uint32_t update_count;
	bool new_input;                 /* something was said since the last response */
	char typed[FAKE_TEXT_BYTES_MAX];        /* a user item that came as text */
	char asked[FAKE_TEXT_BYTES_MAX];        /* what the caller wanted to know last */
	uint32_t answer_count_then;             /* and how many answers there had been */
	uint32_t done_count_seen;       /* responses after which the idle timer was armed */
	uint8_t *audio;                 /* scratch for decoding */
	size_t audio_bytes;
	uint32_t client_fault_count;
	uint32_t item_create_count;
	uint64_t append_count;
};

void fake_grok_open(struct fake_grok *g, const struct fake_plan *plan, struct pool *pool, uint64_t seed,
	const char *model, const char *conversation_id, uint64_t now_ms, int64_t wall_ms);
/* The session ends: what rules of function calls were left unkept is noted and counted. Before close. */
void fake_grok_judge(struct fake_grok *g, uint64_t now_ms);
void fake_grok_close(struct fake_grok *g);
/* One text message of the client. */
void fake_grok_text(struct fake_grok *g, struct slice text, uint64_t now_ms);
/* One binary message: audio as the session's input format says. */
void fake_grok_binary(struct fake_grok *g, struct slice data, uint64_t now_ms);
/* The ear's answer to a FAKE_HEAR: lower-case words, "" for nothing. */
void fake_grok_heard(struct fake_grok *g, uint32_t number, const char *text, uint64_t now_ms);
/* The mouth's answer to a FAKE_SAY; takes over *speech. */
void fake_grok_said(struct fake_grok *g, uint32_t number, struct speech *speech, uint64_t now_ms);
void fake_grok_tick(struct fake_grok *g, uint64_t now_ms);
/* When to tick; FAKE_NEVER if nothing is to come. */
uint64_t fake_grok_due_ms(const struct fake_grok *g);
bool fake_grok_next(struct fake_grok *g, struct fake_action *out);
/* In which voice a FAKE_SAY is to be spoken, and how fast. */
enum speech_voice fake_grok_voice(const struct fake_grok *g);
double fake_grok_speed(const struct fake_grok *g);
