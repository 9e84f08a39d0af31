/*
 * budget - how long a call may last and what it may cost: when to warn, when to say goodbye, when it is over.
 *
 * Place:    relay, pure: no clock, no peers; below call, which asks it and lets the bridge speak.
 * Usage:    budget_init(&b, &plan, now_ms)                 when the caller can be heard
 *           budget_used(&b, micro_dollars, now_ms)         whenever the provider tells its account
 *           switch (budget_next(&b, now_ms)) { BUDGET_GO_ON, BUDGET_WARN: once, BUDGET_PART: once, BUDGET_END }
 *           want a tick at budget_deadline_ms(&b)
 * Rules:    the nearest limit counts. It is warned of BUDGET_WARN_MS before, and goodbye is said BUDGET_PART_MS before,
 *           of short calls at the half and at three quarters; whoever is not gone at the limit is cut off.
 *           Between two accounts of the provider a call is taken to cost its price a minute: money has a time, too.
 *           A new account moves that time both ways; what was warned of is not warned of again.
 */
#pragma once

#include "base/end_reason.h"

#include <stdbool.h>
#include <stdint.h>

enum { BUDGET_WARN_MS = 30000, BUDGET_PART_MS = 8000 };

#define BUDGET_NO_LIMIT INT64_MAX

struct budget_plan {
	int64_t call_ms;                /* longest call: END_CALL_TOO_LONG */
	int64_t talk_ms;                /* left of the merchant's month: END_OVER_LIMIT, as the next */
	int64_t micro_dollars;
	int64_t micro_dollars_minute;   /* the price of time */
};

enum budget_act { BUDGET_GO_ON, BUDGET_WARN, BUDGET_PART, BUDGET_END };

struct budget {
	struct budget_plan plan;
	uint64_t begin_ms;
	int64_t used_micro_dollars;     /* by the provider's last account */
	uint64_t used_ms;               /* when that came */
	enum budget_act done;           /* the last that was answered */
};

void budget_init(struct budget *b, const struct budget_plan *plan, uint64_t now_ms);
void budget_used(struct budget *b, int64_t micro_dollars, uint64_t now_ms);
/* What is to be done now: each act but BUDGET_GO_ON and BUDGET_END is answered once. */
enum budget_act budget_next(struct budget *b, uint64_t now_ms);
/* Which limit is the nearest. END_NONE: there is none. */
enum end_reason budget_reason(const struct budget *b);
/* When budget_next() has something to say; UINT64_MAX: never. A zeroed struct has no limit. */
uint64_t budget_deadline_ms(const struct budget *b);
