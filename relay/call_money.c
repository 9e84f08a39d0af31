/*
 * What a call may use and what it has used: looked at before anybody is dialled for it, kept in mind while it lasts,
 * told to the desk now and then and with its end.
 */
#include "relay/call_parts.h"

#include "db/allowance.h"

enum { USAGE_EVERY_MS = 10000 };

bool call_take_session(struct call *c)
{
	struct relay *relay = c->env->relay;

	if (!c->has_session && relay->sessions_max)
		c->has_session = relay_take(&relay->session_count, relay->sessions_max);
	return c->has_session || !relay->sessions_max;
}

void call_give_session(struct call *c)
{
	if (c->has_session)
		relay_give(&c->env->relay->session_count);
	c->has_session = false;
}

void call_admit(struct call *c, const struct desk_page *page, uint64_t now_ms)
{
	const struct allowance a = allowance_of(&page->merchant, &page->month);

	c->allowance = a;
	c->facts.merchant_id = page->merchant.id;
	if (a.over == ALLOWANCE_LEFT)
		return;
	log_warn("call over limit call=%s merchant=%lld limit=%s", c->facts.call_sid, (long long)page->merchant.id,
		allowance_word(a.over));
	bridge_end(&c->bridge, END_OVER_LIMIT, "a limit of the merchant is reached", now_ms);
}

/* --- the account ---------------------------------------------------------------------------------- */

static int64_t both_ms(const struct call *c)
{
	return (int64_t)(bridge_caller_ms(&c->bridge) + bridge_voice_ms(&c->bridge));
}

void call_heed_provider(struct call *c)
{
	if (c->account_provider == c->upstream.provider)
		return;
	c->account_provider = c->upstream.provider;
	account_move(&c->account, &c->env->relay->providers[c->account_provider].prices, both_ms(c),
		c->bridge.model.item_count);
}

static int64_t micro_dollars(const struct call *c)
{
	return account_micro_dollars(&c->account, both_ms(c), c->bridge.model.item_count);
}

struct call_usage call_usage_now(const struct call *c)
{
	const struct account *a = &c->account;
	const int64_t spoken_ms = (int64_t)bridge_voice_ms(&c->bridge);

	return (struct call_usage){
		.is_fallback = c->account_provider == PROVIDER_FALLBACK,
		.resumed_count = (int32_t)c->bridge.back_count,
		.input_audio_ms = (int64_t)bridge_caller_ms(&c->bridge),
		.output_audio_ms = a->output_ms > spoken_ms ? a->output_ms : spoken_ms,
		.micro_dollars = micro_dollars(c),
	};
}

void call_heed_usage(struct call *c, const struct grok_usage *usage, uint64_t now_ms)
{
	account_usage(&c->account, usage);
	budget_used(&c->budget, micro_dollars(c), now_ms);
	if (c->start_put && now_ms >= c->usage_at_ms && !c->usage.busy) {
		c->usage_at_ms = now_ms + USAGE_EVERY_MS;
		c->usage.usage = call_usage_now(c);
		call_put_order(c, &c->usage, DESK_USAGE);
	}
}

/* --- the budget ----------------------------------------------------------------------------------- */

static int64_t less(int64_t limit, int64_t most)
{
	return limit != MERCHANT_NO_LIMIT && limit < most ? limit : most;
}

/* When it is known how long the call has lasted in streams before this one. */
static void begin(struct call *c, uint64_t now_ms)
{
	const struct relay *relay = c->env->relay;
	struct budget_plan plan = {
		.call_ms = less(c->allowance.call_ms, relay->call_ms_max) - c->facts.before_ms,
		.talk_ms = less(c->allowance.talk_ms, BUDGET_NO_LIMIT),
		.micro_dollars = less(c->allowance.micro_dollars, BUDGET_NO_LIMIT),
		.micro_dollars_minute = relay->providers[c->upstream.provider].prices.audio_minute,
	};

	if (plan.call_ms <= 0)
		plan.call_ms = 1;
	c->budget_begun = true;
	budget_init(&c->budget, &plan, now_ms);
	budget_used(&c->budget, micro_dollars(c), now_ms);
}

static void act(struct call *c, enum budget_act act, uint64_t now_ms)
{
	struct bridge *b = &c->bridge;

	switch (act) {
	case BUDGET_GO_ON:
		break;
	case BUDGET_WARN:
		call_count(c, METRIC_LIMIT_WARNINGS);
		bridge_say(b, phrase(PHRASE_SOON_OVER, b->merchant.language), 0, now_ms);
		break;
	case BUDGET_PART:
		bridge_leave(b, budget_reason(&c->budget), (struct slice){ 0 }, 0, now_ms);
		break;
	case BUDGET_END:
		bridge_end(b, budget_reason(&c->budget), "a limit is reached, and the goodbye takes too long", now_ms);
		break;
	}
}

void call_keep_money(struct call *c, uint64_t now_ms)
{
	if (!c->budget_begun && c->start_put && !c->start.busy)
		begin(c, now_ms);
	if (c->bridge.reason == END_NONE)
		act(c, budget_next(&c->budget, now_ms), now_ms);
}

uint64_t call_money_deadline_ms(const struct call *c)
{
	return budget_deadline_ms(&c->budget);
}
