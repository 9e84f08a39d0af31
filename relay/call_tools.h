/*
 * call_tools - carries out what Grok calls in one call: the built-in tools here, a merchant's own by errand.
 *
 * Place:    relay, inside call: between the bridge's tool sink, the desk (messages, the record) and errands.
 * Usage:    call_tools_init(&t) once; call_tools_offer(c, &merchant) when the merchant is known;
 *           call_tools_turn(c, now_ms) in each turn; call_tools_end(c) when the call is over, and the slot waits while
 *           call_tools_busy(c).
 * Lifetime: embedded in the call. Pages at the desk are waited for; errands under way are abandoned.
 */
#pragma once

#include "relay/bridge.h"
#include "relay/desk.h"
#include "relay/errand.h"

struct call;

/* One call of a tool that takes time; serial 0: none. */
struct tool_job {
	uint32_t serial;
	struct errand *errand;
	struct desk_page *page;
};

struct call_tools {
	struct tool_sink sink;
	struct buf list, functions;             /* what Grok is told of the tools; what another service is */
	bool only_messages;                     /* the business is closed, and nothing else is done then */
	struct tool_job jobs[TOOLS_CALLS_MAX];
};

void call_tools_init(struct call_tools *t);
/* Fills in what the bridge needs to know of the merchant's tools, keys, farewell. */
void call_tools_offer(struct call *call, struct bridge_merchant *merchant);
void call_tools_turn(struct call *call, uint64_t now_ms);
void call_tools_end(struct call *call);
bool call_tools_busy(const struct call *call);
/* Before the end of a call that ends with END_TRANSFERRED: to whom. */
void call_tools_transfer(struct call *call);
