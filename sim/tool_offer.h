/*
 * tool_offer - the tools of a session as the client offers them: whether they are such that the service takes them,
 * who is among them, what to call them with, and what their outputs come to in words.
 *
 * Place:    sim, pure; above proto/json. Below fake_command and fake_turn.
 * Usage:    tool_offer_fault(tools_json, why…)              NULL: the service takes them
 *           tool_offer_has(tools_json, "end_call")          flat and nested functions alike
 *           tool_offer_arguments(tools_json, "take_message", &facts, &out)    fills in what the schema asks for
 *           tool_offer_words(output, out, sizeof out)       "…": what the receptionist makes of an output
 */
#pragma once

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

/* What the receptionist knows from the conversation; NULL or "": nothing. */
struct tool_facts {
	const char *caller_name, *message, *heard;
};

enum { TOOL_ARGUMENTS_BYTES_MAX = 2048 };

/* Why the service refuses the tools (static); NULL: it takes them. */
const char *tool_offer_fault(struct slice tools_json);
bool tool_offer_has(struct slice tools_json, const char *name);
bool tool_offer_has_mcp(struct slice tools_json);
/* Any that xAI runs by itself, MCP apart. */
bool tool_offer_has_server_tools(struct slice tools_json);
/* Members are filled by their names and types: names, messages, reasons; a member that is not required and means
 * nothing is left out. */
void tool_offer_arguments(struct slice tools_json, const char *name, const struct tool_facts *facts, char *out,
	size_t out_bytes);
/* false: the output tells of a failure, `out` of why, if it says so. */
bool tool_offer_words(const char *output, char *out, size_t out_bytes);
