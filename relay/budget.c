#include "relay/budget.h"

#include "base/check.h"

static uint64_t after(uint64_t at_ms, int64_t wait_ms)
{
	return wait_ms == BUDGET_NO_LIMIT || (uint64_t)wait_ms > UINT64_MAX - at_ms ? UINT64_MAX
											 : at_ms + (uint64_t)wait_ms;
}

/* When the money is gone at the price of time. */
static uint64_t money_ends_ms(const struct budget *b)
{
	const int64_t price = b->plan.micro_dollars_minute;

	if (b->plan.micro_dollars == BUDGET_NO_LIMIT || price == 0)
		return UINT64_MAX;
	const int64_t rest = b->plan.micro_dollars - b->used_micro_dollars;

	return rest <= 0 ? b->used_ms : after(b->used_ms, (int64_t)((double)rest * 60000 / (double)price));
}

static uint64_t ends_ms(const struct budget *b)
{
	if (b->plan.call_ms == 0)
		return UINT64_MAX;      /* not begun */
	const uint64_t call_ms = after(b->begin_ms, b->plan.call_ms);
	const uint64_t talk_ms = after(b->begin_ms, b->plan.talk_ms);
	const uint64_t money_ms = money_ends_ms(b);
	const uint64_t month_ms = talk_ms < money_ms ? talk_ms : money_ms;

	return call_ms < month_ms ? call_ms : month_ms;
}

enum end_reason budget_reason(const struct budget *b)
{
	const uint64_t at_ms = ends_ms(b);

	if (at_ms == UINT64_MAX)
		return END_NONE;
	return at_ms == after(b->begin_ms, b->plan.call_ms) ? END_CALL_TOO_LONG : END_OVER_LIMIT;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* When an act is due, if `ends` is the end. */
static uint64_t due_ms(const struct budget *b, enum budget_act act, uint64_t ends)
{
	const uint64_t whole = ends > b->begin_ms ? ends - b->begin_ms : 0;

	switch (act) {
	case BUDGET_GO_ON:
		return b->begin_ms;
	case BUDGET_WARN:
		return b->begin_ms + later(whole / 2, whole > BUDGET_WARN_MS ? whole - BUDGET_WARN_MS : 0);
	case BUDGET_PART:
		return b->begin_ms + later(whole / 4 * 3, whole > BUDGET_PART_MS ? whole - BUDGET_PART_MS : 0);
	case BUDGET_END:
		break;
	}
	return ends;
}

void budget_init(struct budget *b, const struct budget_plan *plan, uint64_t now_ms)
{
	check(plan->call_ms > 0 && plan->talk_ms >= 0 && plan->micro_dollars >= 0 && plan->micro_dollars_minute >= 0);
	*b = (struct budget){ .plan = *plan, .begin_ms = now_ms, .used_ms = now_ms };
}

void budget_used(struct budget *b, int64_t micro_dollars, uint64_t now_ms)
{
	b->used_micro_dollars = micro_dollars;
	b->used_ms = now_ms;
}

enum budget_act budget_next(struct budget *b, uint64_t now_ms)
{
	const uint64_t ends = ends_ms(b);

	if (ends == UINT64_MAX)
		return BUDGET_GO_ON;
	/* The latest that is due: somebody who comes late is not warned and dismissed in one breath. */
	for (enum budget_act act = BUDGET_END; act > b->done; act--)
		if (now_ms >= due_ms(b, act, ends)) {
			b->done = act == BUDGET_END ? BUDGET_PART : act;
			return act;
		}
	return BUDGET_GO_ON;
}

uint64_t budget_deadline_ms(const struct budget *b)
{
	const uint64_t ends = ends_ms(b);

	return ends == UINT64_MAX ? UINT64_MAX : due_ms(b, b->done + 1, ends);
}
