/*
 * briefing - what the receptionist is told before a call: the merchant's instructions, what time it is there, what
 * holds while the business is closed, answers to questions that callers ask, and what is known of who calls.
 *
 * Place:    relay, pure. Above db's shapes and proto's JSON writer; below call.
 * Usage:    if (briefing_is_needed(&plan)) briefing_write(&out, &plan)     else the instructions are all there is
 * Data:     questions, answers, notes and what was said last time are strings of a JSON text, and the model is told
 *           that nothing in them is addressed to it: no quotation mark, line end or heading in them leaves its string.
 *           What a caller once said must not steer a later call, nor be told to whoever happens to use that number.
 * Rules:    the hours are those of the moment at which the call begins; later business_hours tells (tool_hours.h).
 *           What holds after hours does not hold for whom we have called.
 * Fails:    false and nothing appended when `out` is full.
 */
#pragma once

#include "base/buf.h"
#include "db/hours.h"

/* All that the schema allows, whatever has to be escaped of it. */
enum { BRIEFING_BYTES_MAX = 128 * 1024 };

struct briefing_plan {
	struct slice instructions;
	const struct merchant_hours *hours;
	const struct zone *zone;
	int64_t now_s;
	bool only_messages;             /* briefing_only_messages() */
	struct slice after_hours_instructions;  /* told while it is closed; empty: none */
	const struct merchant_faq *faq;
	const struct merchant_caller *caller;
};

/* Whether the receptionist may only take a message now; never from somebody whom we have called. */
bool briefing_only_messages(const struct merchant *merchant, const struct merchant_hours *hours,
	const struct merchant_caller *caller, const struct zone *zone, int64_t now_s);
/* Whether there is more to tell than the instructions. */
bool briefing_is_needed(const struct briefing_plan *plan);
bool briefing_write(struct buf *out, const struct briefing_plan *plan);
