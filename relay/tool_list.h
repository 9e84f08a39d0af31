/*
 * tool_list - what Grok is told about the tools of a call: the JSON array of session.update.
 *
 * Place:    relay, pure. Above db's shapes and proto's JSON writer; below call_tools.
 * Usage:    tool_list_write(&out, &plan)
 * Content:  the built-in tools that make sense for the merchant at that time, then the merchant's own: functions of
 *           ours to call (http), and what Grok runs by itself (mcp, web_search, x_search), whose options are passed on
 *           as they are.
 * Rules:    parameters and options are JSON that the database has checked; what is no object all the same, or too
 *           deep, is left out: options alone, parameters with their tool. A secret leaves only for mcp, as its
 *           authorization.
 * Fails:    false and nothing appended when `out` is full.
 */
#pragma once

#include "base/buf.h"
#include "db/merchant.h"

enum { TOOL_LIST_BYTES_MAX = 96 * 1024 };

/* X(name for the code, name for the model) */
#define TOOL_BUILT_INS(X) \
	X(END_CALL, "end_call") \
	X(TRANSFER_CALL, "transfer_call") \
	X(TAKE_MESSAGE, "take_message") \
	X(BUSINESS_HOURS, "business_hours") \
	X(STOP_RECORDING, "stop_recording")

enum tool_built_in {
#define X(name, word) TOOL_##name,
	TOOL_BUILT_INS(X)
#undef X
	TOOL_BUILT_IN_COUNT             /* none of them */
};

struct tool_list_plan {
	bool can_transfer;              /* there is a number, or somebody on duty */
	struct slice transfer_parameters;       /* of transfer_call; empty: the usual ones */
	bool has_hours;
	bool has_farewell;              /* said word by word by the relay */
	bool is_recorded;
	bool only_messages;             /* neither transfers nor the merchant's own tools */
	bool server_tools;              /* web_search and x_search are known where it goes (grok_dialect.h) */
	const struct merchant_tools *tools;     /* NULL: none */
};

bool tool_list_write(struct buf *out, const struct tool_list_plan *plan);
enum tool_built_in tool_built_in(struct slice name);
/* The merchant's tool that we call ourselves; NULL: none of that name. */
const struct merchant_tool *tool_list_find(const struct merchant_tools *tools, struct slice name);
