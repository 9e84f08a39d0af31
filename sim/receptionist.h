/*
 * receptionist - what the simulated receptionist understands and says: a small script, no intelligence.
 *
 * Place:    sim, pure. Hears the words of the ear, answers with a sentence for the voice.
 * Usage:    receptionist_init(&r, instructions); receptionist_greeting(&r, text, sizeof text);
 *           receptionist_answer(&r, "what time do you open", text, sizeof text);
 * Knows:    opening hours, address, prices, booking a table (day, time, people; asks for what is missing, then
 *           confirms), taking a message, being put through, saying it again, goodbye; with the tools for it. Facts
 *           come from the sentence of the merchant's instructions that holds them; without one it makes them up.
 * Lifetime: `instructions` are borrowed for the life of the receptionist; may be NULL.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { RECEPTIONIST_TEXT_BYTES_MAX = 1024, RECEPTIONIST_SLOT_BYTES_MAX = 32 };

/* Functions that the receptionist knows how to use, if the client offers them. */
#define RECEPTIONIST_TOOLS(TOOL) \
	TOOL(TRANSFER, "transfer_call") \
	TOOL(TAKE, "take_message") \
	TOOL(HOURS, "business_hours") \
	TOOL(END, "end_call")

enum receptionist_tool {
#define TOOL_ENUM(id, name) TOOL_##id,
	RECEPTIONIST_TOOLS(TOOL_ENUM)
#undef TOOL_ENUM
	TOOL_COUNT
};

enum receptionist_topic { TOPIC_NONE, TOPIC_BOOKING, TOPIC_CONFIRM, TOPIC_MESSAGE, TOPIC_NAME };

struct receptionist {
	const char *instructions;
	enum receptionist_topic topic;
	char people[RECEPTIONIST_SLOT_BYTES_MAX];
	char day[RECEPTIONIST_SLOT_BYTES_MAX];
	char time[RECEPTIONIST_SLOT_BYTES_MAX];
	bool said_goodbye;
	bool offered[TOOL_COUNT];                       /* told from outside */
	int wanted;                                     /* the tool that the last answer goes with; -1: none */
	char caller[RECEPTIONIST_TEXT_BYTES_MAX / 8];   /* a name */
	char note[RECEPTIONIST_TEXT_BYTES_MAX / 2];     /* what is to be passed on */
	char last[RECEPTIONIST_TEXT_BYTES_MAX];         /* for "say that again" */
};

/* All that can be understood. */
extern const char receptionist_grammar[];

void receptionist_init(struct receptionist *r, const char *instructions);
void receptionist_greeting(struct receptionist *r, char *out, size_t out_bytes);
/* `heard`: lower-case words; "" if nothing was understood. */
void receptionist_answer(struct receptionist *r, const char *heard, char *out, size_t out_bytes);
const char *receptionist_tool_name(enum receptionist_tool tool);
/* What is to be said when a tool has answered, in words; `good`: it did what was wanted. "" for nothing. */
void receptionist_report(struct receptionist *r, const char *tool_name, bool good, const char *words, char *out,
	size_t out_bytes);
/* After a long silence of the caller. */
void receptionist_check_in(struct receptionist *r, char *out, size_t out_bytes);
/* As a transcript shows it: "what time do you open" becomes "What time do you open?". */
void receptionist_write_out(const char *heard, char *out, size_t out_bytes);
